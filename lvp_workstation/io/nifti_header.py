"""The orientation fields of a NIfTI-1 or -2 header (nifti1.h, nifti2.h), read without any library."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 20
HALF_TURN = 1e-7
"""Below this the first quaternion component counts as zero, as in nifti1_io.c."""

AGREE_MM = 0.01
"""sform and qform that place no voxel further apart than this agree (our choice)."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class _Layout:
    """Where the fields lie and how they are stored (struct format letters)."""

    size: int
    dim: str
    dim_at: int
    real: str
    pixdim_at: int
    code: str
    codes_at: int
    quatern_at: int
    srow_at: int
    bitpix_at: int
    offset: str
    offset_at: int


NIFTI1 = _Layout(348, "h", 40, "f", 76, "h", 252, 256, 280, 72, "f", 108)
NIFTI2 = _Layout(540, "q", 16, "d", 104, "i", 344, 352, 400, 14, "q", 168)


@dataclass(frozen=True, eq=False)
class NiftiHeader:
    """Size and both orientations of a file: index (i, j, k, 1) to RAS mm, None where the code is 0."""

    shape: tuple[int, ...]
    sform_code: int
    qform_code: int
    qfac: float
    sform_ras: Matrix | None
    qform_ras: Matrix | None
    byte_count: int = 0
    """Bytes of the whole unpacked file: header and voxels."""

    @property
    def affine_ras(self) -> Matrix | None:
        """The sform, else the qform."""
        return self.qform_ras if self.sform_ras is None else self.sform_ras

    @property
    def forms_disagree(self) -> bool:
        """Whether sform and qform place a corner of the image at different points."""
        if self.sform_ras is None or self.qform_ras is None:
            return False
        if not (np.isfinite(self.sform_ras).all() and np.isfinite(self.qform_ras).all()):
            return True
        size = np.array([*self.shape[:3], 1, 1, 1][:3]) - 1
        corners = np.array([(*(c * size), 1) for c in np.ndindex(2, 2, 2)], dtype=np.float64)
        return float(np.abs((self.sform_ras - self.qform_ras) @ corners.T).max()) > AGREE_MM


def _unpacked(path: str) -> BinaryIO:
    """Open a file for reading what is inside its gzip, if it is one."""
    with Path(path).open("rb") as stream:
        packed = stream.read(2) == GZIP_MAGIC
    return cast(BinaryIO, gzip.open(path)) if packed else Path(path).open("rb")


def holds_all_voxels(path: str) -> bool:
    """Return whether a NIfTI file is as long as its header declares; true for other formats."""
    header = read_nifti_header(path)
    if header is None:
        return True
    left = header.byte_count
    try:
        with _unpacked(path) as stream:
            while left > 0 and (chunk := stream.read(min(left, CHUNK))):
                left -= len(chunk)
    except (OSError, EOFError, zlib.error):
        return False
    return left <= 0


def read_nifti_header(path: str) -> NiftiHeader | None:
    """Return the header of a .nii or .nii.gz, None when the file is no NIfTI."""
    if not path.lower().endswith((".nii", ".nii.gz")):
        return None
    try:
        with _unpacked(path) as stream:
            raw = stream.read(NIFTI2.size)
    except (OSError, EOFError, zlib.error):
        return None
    for order in "<>":
        for layout in (NIFTI1, NIFTI2):
            if len(raw) >= layout.size and struct.unpack_from(f"{order}i", raw)[0] == layout.size:
                return _parse(raw, order, layout)
    return None


def _parse(raw: bytes, order: str, layout: _Layout) -> NiftiHeader:
    def reals(offset: int, count: int) -> list[float]:
        return list(struct.unpack_from(f"{order}{count}{layout.real}", raw, offset))

    dim = struct.unpack_from(f"{order}8{layout.dim}", raw, layout.dim_at)
    qcode, scode = struct.unpack_from(f"{order}2{layout.code}", raw, layout.codes_at)
    pixdim = reals(layout.pixdim_at, 8)
    qfac = -1.0 if pixdim[0] < 0 else 1.0
    step = struct.calcsize(layout.real)
    rows = np.array(reals(layout.srow_at, 12), dtype=np.float64).reshape(3, 4)
    quatern = reals(layout.quatern_at, 3)
    offset = reals(layout.quatern_at + 3 * step, 3)
    shape = tuple(dim[1 : 1 + max(0, min(dim[0], 7))])
    (bits,) = struct.unpack_from(f"{order}h", raw, layout.bitpix_at)
    (start,) = struct.unpack_from(f"{order}{layout.offset}", raw, layout.offset_at)
    return NiftiHeader(
        shape=shape,
        sform_code=scode,
        qform_code=qcode,
        qfac=qfac,
        sform_ras=np.vstack([rows, (0, 0, 0, 1)]) if scode > 0 else None,
        qform_ras=_quaternion_affine(quatern, offset, pixdim[1:4], qfac) if qcode > 0 else None,
        byte_count=int(start) + math.prod(shape) * bits // 8,
    )


def _quaternion_affine(quatern: list[float], offset: list[float], pixdim: list[float], qfac: float) -> Matrix:
    """Return the affine of a qform (nifti1.h, method 2)."""
    b, c, d = quatern
    rest = 1.0 - b * b - c * c - d * d
    if rest < HALF_TURN:
        b, c, d = np.array(quatern) / np.linalg.norm(quatern)
    a = math.sqrt(rest) if rest >= HALF_TURN else 0.0
    rotation = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    affine = np.eye(4)
    affine[:3, :3] = rotation * np.array([pixdim[0], pixdim[1], pixdim[2] * qfac])
    affine[:3, 3] = offset
    return affine
