"""Write label maps and volumes as NIfTI-1, on exactly the voxel grid asked for.

The header is written here, field by field (nifti1.h), because the general libraries cannot write
grids whose slices are shifted against each other, and round-trip rules differ between them.
"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import ExportedLabel, LabelMap
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, VolumeGeometry
from lvp_workstation.io.atomic import write_with
from lvp_workstation.io.nifti_header import NiftiHeader, read_nifti_header

AXIS_ORDERS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
SAME_GRID_MM = 0.01
"""Voxels nearer than this are the same voxel; 32-bit headers hold positions to 1e-5 mm."""

DATA_TYPES = {"uint8": 2, "int16": 4, "int32": 8, "float32": 16, "uint16": 512}
"""datatype codes of nifti1.h."""

HEADER_BYTES, VOXELS_AT = 348, 352
SCANNER_CODE = 1
"""NIFTI_XFORM_SCANNER_ANAT: the matrices lead to scanner coordinates."""

ALIGNED_CODE = 2
"""NIFTI_XFORM_ALIGNED_ANAT: coordinates aligned to another image, here to those of the sform."""

MILLIMETRES = 2
SHEAR_EPSILON = 1e-5
"""Axes are orthogonal when no cosine between them is larger (32-bit precision)."""


def onto_grid(array: NDArray[Any], geometry: VolumeGeometry, target: VolumeGeometry) -> NDArray[Any]:
    """Return voxels with axes permuted and flipped so that they lie on ``target``.

    Raises
    ------
    ValueError
        When the grids do not hold the same voxels.
    """
    for order in AXIS_ORDERS:
        grid, values = geometry.permuted(order), array.transpose(order)
        for axis in (SLICE, ROW, COLUMN):
            if float(grid.directions[:, axis] @ target.directions[:, axis]) < 0:
                grid, values = grid.flipped(axis), np.flip(values, axis)
        if grid.same_grid(target, SAME_GRID_MM):
            return values
    raise ValueError("the label map does not lie on the grid of the series")


def write_label_map(
    path: Path, label_map: LabelMap, levels: LevelMap, target: VolumeGeometry
) -> tuple[ExportedLabel, ...]:
    """Write exported level ids as uint8 NIfTI on the ``target`` grid, and read it back.

    Parameters
    ----------
    target
        The grid of the analysed series: `io.nifti.file_geometry`.

    Returns
    -------
    rows
        What each id in the file means.

    Raises
    ------
    OutputProblem
        When it cannot be written, or does not read back as written.
    """
    exported, rows = label_map.exported(levels)
    write_volume(path, onto_grid(exported, label_map.geometry, target), target)
    return rows


def write_volume(path: Path, array: NDArray[Any], geometry: VolumeGeometry) -> None:
    """Write voxels of shape (slices, rows, columns) as .nii.gz in this order, atomically, and read back.

    sform and qform both have code 1. Where slices are shifted against each other no quaternion can say
    so: the sform does, and a qform of code 2 turns the slice axis upright, as ITK reads such a series;
    without it ITK refuses the file.

    Raises
    ------
    OutputProblem
        When it cannot be written, or does not read back as written.
    """
    data = nifti_bytes(array, geometry)

    def write(temporary: Path) -> None:
        temporary.write_bytes(gzip.compress(data, compresslevel=6, mtime=0))
        _verify(temporary, path.name, data, geometry)

    write_with(path, write)


def nifti_bytes(array: NDArray[Any], geometry: VolumeGeometry) -> bytes:
    """Return a NIfTI-1 file of voxels of shape (slices, rows, columns), file axes (column, row, slice)."""
    if array.shape != geometry.shape:
        raise ValueError(f"array {array.shape} does not fit the grid {geometry.shape}")
    code = DATA_TYPES[array.dtype.name]
    affine = geometry.affine_nifti_ras
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    quatern, qfac = quaternion(_upright(affine[:3, :3] / sizes))
    header = bytearray(VOXELS_AT)
    struct.pack_into("<i", header, 0, HEADER_BYTES)
    struct.pack_into("<8h", header, 40, 3, *array.shape[::-1], 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, code, array.dtype.itemsize * 8)
    struct.pack_into("<8f", header, 76, qfac, *sizes, 1, 1, 1, 1)
    struct.pack_into("<3f", header, 108, VOXELS_AT, 1, 0)
    struct.pack_into("<B", header, 123, MILLIMETRES)
    struct.pack_into("<2h", header, 252, ALIGNED_CODE if sheared(geometry) else SCANNER_CODE, SCANNER_CODE)
    struct.pack_into("<6f", header, 256, *quatern, *affine[:3, 3])
    struct.pack_into("<12f", header, 280, *affine[:3].ravel())
    header[344:348] = b"n+1\0"
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return bytes(header) + little.tobytes()


def sheared(geometry: VolumeGeometry) -> bool:
    """Return whether the axes of a grid are not at right angles."""
    cosines = geometry.directions.T @ geometry.directions - np.eye(3)
    return bool(np.abs(cosines).max() > SHEAR_EPSILON)


def _upright(directions: Array) -> Array:
    """Return unit axes (column, row, slice) with the slice axis along the normal of the other two."""
    normal = np.cross(directions[:, 0], directions[:, 1])
    normal *= np.sign(normal @ directions[:, 2]) / np.linalg.norm(normal)
    return np.column_stack([directions[:, :2], normal])


def quaternion(directions: Array) -> tuple[tuple[float, float, float], float]:
    """Return (b, c, d) and qfac of unit axes, as nifti1_io.c does; qfac is -1 when left-handed."""
    left, _, right = np.linalg.svd(directions)
    rotation = left @ right
    qfac = 1.0 if np.linalg.det(rotation) > 0 else -1.0
    rotation[:, 2] *= qfac
    squares = np.array(
        [1 + rotation[0, 0] + rotation[1, 1] + rotation[2, 2]]
        + [1 + 2 * rotation[n, n] - np.trace(rotation) for n in range(3)]
    )
    symmetric, skew = rotation + rotation.T, rotation - rotation.T
    turn = (skew[2, 1], skew[0, 2], skew[1, 0])
    largest = int(np.argmax(squares))
    if largest == 0:
        parts = np.array([squares[0], *turn])
    else:
        n = largest - 1
        vector = [squares[largest] if m == n else symmetric[n, m] for m in range(3)]
        parts = np.array([turn[n], *vector])
    parts = parts / np.linalg.norm(parts)
    _, b, c, d = parts if parts[0] >= 0 else -parts
    return (float(b), float(c), float(d)), qfac


def _verify(written: Path, name: str, data: bytes, geometry: VolumeGeometry) -> None:
    """Raise unless the file holds what was to be written, and both forms lead to the same voxels."""
    header = read_nifti_header(str(written))
    if header is None or not _forms_hold(header, geometry):
        raise OutputProblem(f"{name} did not read back with its orientation; it was not kept.")
    if gzip.decompress(written.read_bytes()) != data:
        raise OutputProblem(f"{name} did not read back as written; it was not kept.")


def _forms_hold(header: NiftiHeader, geometry: VolumeGeometry) -> bool:
    forms = [header.sform_ras] if sheared(geometry) else [header.sform_ras, header.qform_ras]
    wanted = geometry.affine_nifti_ras
    size = np.array(geometry.shape[::-1]) - 1
    corners = np.array([(*(np.array(c) * size), 1) for c in np.ndindex(2, 2, 2)], dtype=np.float64).T
    return all(
        form is not None and bool(np.abs((form - wanted) @ corners).max() <= SAME_GRID_MM) for form in forms
    )
