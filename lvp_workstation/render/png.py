"""Write RGB arrays as PNG."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkIOImage import vtkPNGWriter


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Return an RGB array of shape (rows, columns, 3) as the bytes of a PNG file."""
    rows, columns, channels = pixels.shape
    flipped = np.ascontiguousarray(pixels[::-1]).reshape(-1, channels)  # VTK counts rows from below
    image = vtkImageData()
    image.SetDimensions(columns, rows, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(flipped, deep=True))
    writer = vtkPNGWriter()
    writer.SetInputData(image)
    writer.SetWriteToMemory(True)
    writer.Write()
    return bytes(vtk_to_numpy(writer.GetResult()).tobytes())
