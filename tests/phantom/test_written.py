"""Phantoms as files: labelled as different makers would, read back with the right roles, marked synthetic."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pydicom
import pytest

from lvp_workstation.phantom.generate import PhantomStudy, make_phantom
from lvp_workstation.services.make_phantom import write_phantom
from lvp_workstation.services.open_study import open_paths
from lvp_workstation.services.phantom_flavours import FLAVOURS, flavour_of

SERIES = ("sag_t2", "sag_t1", "sag_stir", "ax_t2", "loc")
FIRST = 900_000


@lru_cache(maxsize=1)
def study() -> PhantomStudy:
    return make_phantom(FIRST, "random", SERIES, planes_per_slice=1)


def test_makers_take_turns_in_varied_presets_only() -> None:
    found = [flavour_of("random", seed) for seed in range(8)]
    assert None in found
    assert {one.manufacturer for one in found if one is not None} == {
        one.manufacturer for one in FLAVOURS.values()
    }
    assert flavour_of("normal", 0) is None


@pytest.mark.parametrize("number", range(len(FLAVOURS) + 1))
def test_every_flavour_is_read_with_its_roles(number: int, tmp_path: Path) -> None:
    written = replace(study(), seed=FIRST + number)
    write_phantom(tmp_path, written)
    opened = open_paths([tmp_path])
    roles = sorted(series.role.value for one in opened.studies for series in one.series)
    assert {"sag_t2", "sag_t1", "sag_stir", "ax_t2", "loc"} <= set(roles)
    assert "other" not in roles
    flavour = flavour_of("random", FIRST + number)
    image = pydicom.dcmread(next(tmp_path.glob("01_*/IM0001.dcm")), stop_before_pixels=True)
    assert image.Manufacturer == (flavour.manufacturer if flavour else "lvp_workstation")
    assert image.SyntheticData == "YES"
    assert str(image.PatientName).startswith("PHANTOM")


def test_contrast_is_written_and_withheld(tmp_path: Path) -> None:
    write_phantom(tmp_path, make_phantom(1, "contrast", ("sag_t1",), planes_per_slice=1))
    image = pydicom.dcmread(next(tmp_path.glob("01_*/IM0001.dcm")), stop_before_pixels=True)
    assert image.ContrastBolusAgent
    scope = json.loads((tmp_path / "truth.json").read_text())["scope"]
    assert scope["decision"] == "withhold"
    assert [reason["code"] for reason in scope["reasons"]] == ["contrast"]


def test_every_block_of_a_disc_angled_series_is_written(tmp_path: Path) -> None:
    blocks = [series for series in study().series if series.role == "ax_t2"]
    assert len(blocks) == 3
    write_phantom(tmp_path, study())
    images = [pydicom.dcmread(path, stop_before_pixels=True) for path in tmp_path.glob("*_ax_t2/*.dcm")]
    assert len(images) == sum(block.volume.shape[0] for block in blocks)
    assert len({tuple(image.ImageOrientationPatient) for image in images}) == len(blocks)
    assert len({image.SOPInstanceUID for image in images}) == len(images)
    assert len({image.SeriesInstanceUID for image in images}) == 1
