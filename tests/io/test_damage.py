"""Random damage to real encodings never ends in anything but a study or a sentence."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from pydicom import uid

from lvp_workstation.domain.errors import EnvironmentProblem
from lvp_workstation.services.open_study import load_volume, open_paths
from tests import dicom_factory as factory

ROUNDS = 60
SYNTAXES = {
    "explicit": None,
    "rle": uid.RLELossless,
    "jpeg_2000": uid.JPEG2000Lossless,
    "jpeg_ls": uid.JPEGLSLossless,
    "deflated": uid.DeflatedExplicitVRLittleEndian,
}


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Return bytes changed, removed, added or cut in a few places."""
    result = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        place = rng.randrange(max(1, min(len(result), rng.choice((400, 2000, len(result))))))
        kind = rng.random()
        if kind < 0.5:
            result[place : place + 1] = bytes((rng.randrange(256),))
        elif kind < 0.7:
            result[place : place + 4] = b"\xff" * 4
        elif kind < 0.8:
            del result[place : place + rng.randrange(1, 50)]
        elif kind < 0.9:
            result[place:place] = rng.randbytes(rng.randrange(1, 20))
        else:
            del result[place + 1 :]
    return bytes(result)


def open_everything(path: Path) -> None:
    """Open a path and all its pixels; only a sentence for the user may be raised."""
    with suppress(EnvironmentProblem):
        opened = open_paths([path])
        for study in opened.studies:
            for series in study.series:
                load_volume(series)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_damaged_dicom(tmp_path: Path, syntax: str) -> None:
    rng = random.Random(syntax)
    whole = factory.save(factory.image(), tmp_path / "whole", SYNTAXES[syntax]).read_bytes()
    for _ in range(ROUNDS):
        path = tmp_path / "damaged.dcm"
        path.write_bytes(damaged(whole, rng))
        open_everything(path)


def test_damaged_multi_frame(tmp_path: Path) -> None:
    rng = random.Random(7)
    data = factory.enhanced([(-4.0 * n, 0, 0) for n in range(5)])
    whole = factory.save(data, tmp_path / "whole").read_bytes()
    for _ in range(ROUNDS):
        path = tmp_path / "damaged.dcm"
        path.write_bytes(damaged(whole, rng))
        open_everything(path)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".mha", ".nrrd"])
def test_damaged_research_files(tmp_path: Path, suffix: str) -> None:
    rng = random.Random(suffix)
    image = sitk.GetImageFromArray(np.arange(600, dtype=np.uint16).reshape(6, 10, 10))
    sitk.WriteImage(image, str(tmp_path / f"whole{suffix}"))
    whole = (tmp_path / f"whole{suffix}").read_bytes()
    for _ in range(ROUNDS):
        path = tmp_path / f"damaged{suffix}"
        path.write_bytes(damaged(whole, rng))
        open_everything(path)
