"""Voxel arrays as VTK images, sharing memory wherever the layout allows it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData

from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, VolumeGeometry

_SHARED = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.int16), np.dtype(np.float32))


def display_array(array: NDArray[Any]) -> NDArray[Any]:
    """Return the voxels as a contiguous uint8, uint16, int16 or float32 array.

    The array itself is returned when it already is one, so that slices written into it later
    are seen.
    """
    if array.dtype == np.bool_ or array.dtype == np.int8:
        array = array.astype(np.uint8 if array.dtype == np.bool_ else np.int16)
    native = array.dtype.newbyteorder("=")
    if native not in _SHARED:
        native = _fitting_dtype(array)
    return np.ascontiguousarray(array, dtype=native)


def _fitting_dtype(array: NDArray[Any]) -> np.dtype[Any]:
    """Return the 16-bit type that holds every value of an integer array, else float32."""
    if array.dtype.kind in "iu" and array.size:
        low, high = int(array.min()), int(array.max())
        for dtype in (np.dtype(np.uint16), np.dtype(np.int16)):
            info = np.iinfo(dtype)
            if info.min <= low and high <= info.max:
                return dtype
    return np.dtype(np.float32)


def index_image(array: NDArray[Any]) -> vtkImageData:
    """Return a VTK image in index space (origin 0, spacing 1; x = column) that shares ``array``."""
    if not array.flags.c_contiguous:
        raise ValueError("only a contiguous array can be shared with VTK")
    image = vtkImageData()
    image.SetDimensions(array.shape[COLUMN], array.shape[ROW], array.shape[SLICE])
    image.GetPointData().SetScalars(numpy_to_vtk(array.reshape(-1), deep=False))
    return image


def world_image(array: NDArray[Any], geometry: VolumeGeometry) -> vtkImageData:
    """Return a VTK image with origin, spacing and direction matrix in LPS mm that shares ``array``."""
    image = index_image(array)
    columns = geometry.directions[:, [COLUMN, ROW, SLICE]]
    spacing = geometry.spacing
    image.SetSpacing(spacing[COLUMN], spacing[ROW], spacing[SLICE])
    image.SetOrigin(*geometry.origin.tolist())
    image.SetDirectionMatrix(*columns.reshape(-1).tolist())
    return image
