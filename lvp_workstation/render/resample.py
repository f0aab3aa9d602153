"""One volume cut along the plane of a view."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkImagingCore import vtkImageReslice

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, VolumeGeometry
from lvp_workstation.render.convert import display_array, index_image
from lvp_workstation.render.view_transform import ViewTransform

_SNAP = 1e-7
_XYZ = [COLUMN, ROW, SLICE]


class Interpolation(IntEnum):
    """How values between voxel centres are found (values are those of VTK)."""

    NEAREST = 0
    LINEAR = 1
    CUBIC = 3


class Resampler:
    """Cuts one voxel array along views; the last cut is kept.

    The array is shared, not copied, when it already has a display type: after voxels were
    written into it, call `touch`.
    """

    def __init__(
        self,
        array: NDArray[Any],
        geometry: VolumeGeometry,
        interpolation: Interpolation,
        threads: int = 2,
    ) -> None:
        self._array = display_array(array)
        self._to_index = np.linalg.inv(geometry.affine)
        self._image = index_image(self._array)
        self._matrix = vtkMatrix4x4()
        self._threads = threads
        self._reslice = self._make_reslice(interpolation)
        self._key: tuple[object, ...] | None = None
        self._result: NDArray[Any] | None = None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values that `cut` returns."""
        return self._array.dtype

    def touch(self) -> None:
        """Take note that voxels of the shared array changed."""
        self._image.GetPointData().GetScalars().Modified()
        self._image.Modified()
        self._key = None

    def set_interpolation(self, interpolation: Interpolation) -> None:
        """Choose how values between voxels are found."""
        if self._reslice.GetInterpolationMode() != int(interpolation):
            self._reslice.SetInterpolationMode(int(interpolation))
            self._key = None

    def cut(self, view: ViewTransform) -> NDArray[Any]:
        """Return the values on the view, shape (height, width); valid until the next call."""
        if self._key == view.key and self._result is not None:
            return self._result
        matrix = self._index_matrix(view)
        self._matrix.DeepCopy(matrix.reshape(-1).tolist())
        self._reslice.SetNumberOfThreads(1 if _along_axes(matrix) else self._threads)
        self._reslice.SetOutputExtent(0, view.width - 1, 0, view.height - 1, 0, 0)
        self._reslice.Update()
        scalars = self._reslice.GetOutput().GetPointData().GetScalars()
        self._result = vtk_to_numpy(scalars).reshape(view.height, view.width)
        self._key = view.key
        return self._result

    def close(self) -> None:
        """Let go of the voxels."""
        self._reslice.SetInputData(None)
        self._key = self._result = None

    def _index_matrix(self, view: ViewTransform) -> Array:
        """Return the map from view pixels to (column, row, slice) indices, snapped to whole slices."""
        matrix = (self._to_index @ view.pixel_matrix())[[*_XYZ, 3]]
        rounded = np.round(matrix)
        return np.where(np.abs(matrix - rounded) < _SNAP, rounded, matrix)

    def _make_reslice(self, interpolation: Interpolation) -> Any:
        reslice = vtkImageReslice()
        reslice.SetInputData(self._image)
        reslice.SetOutputDimensionality(2)
        reslice.SetInterpolationMode(int(interpolation))
        reslice.SetBorder(True)
        reslice.SetBackgroundLevel(_darkest(self._array))
        reslice.SetOutputOrigin(0, 0, 0)
        reslice.SetOutputSpacing(1, 1, 1)
        reslice.SetResliceAxes(self._matrix)
        return reslice


def _along_axes(matrix: Array) -> bool:
    """Return whether rows and columns of the view run along voxel axes.

    Such a cut takes a third of the time of an oblique one; waiting for a second thread costs more
    than it saves while other work keeps the processors busy.
    """
    return bool((np.count_nonzero(matrix[:3, :2], axis=0) == 1).all())


def _darkest(array: NDArray[Any]) -> float:
    """Return the value that stands for "outside the volume": black under every window."""
    if array.dtype.kind in "iu":
        return float(np.iinfo(array.dtype).min)
    finite = array[np.isfinite(array)]
    return float(finite.min()) if finite.size else 0.0
