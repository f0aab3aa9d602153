"""The yardstick of the bench: every image of a folder read and decoded, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from lvp_workstation.io.quiet import collected_warnings


def decode_all(paths: Sequence[Path]) -> int:
    """Read and decode every DICOM image below the paths with plain pydicom; return the bytes of pixels.

    Nothing is sorted, checked or shown: it is the least that any program has to do.
    """
    total = 0
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                with collected_warnings():
                    data = dcmread(file)
            except InvalidDicomError:
                continue
            if "PixelData" in data:
                total += data.pixel_array.nbytes
    return total
