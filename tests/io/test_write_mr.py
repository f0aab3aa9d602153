"""Written MR images read back as the same volume, and the validator has no complaint."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import numpy as np
import pydicom
import pytest

from lvp_workstation.domain.errors import OutputProblem, UsageProblem
from lvp_workstation.domain.study import Patient, SeriesRole
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.io.pixels import load_volume
from lvp_workstation.io.scan import scan_paths
from lvp_workstation.io.studies import build_studies
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, decimal, uid_of, write_series

UNKNOWN_TO_VALIDATOR = "(0x0008,0x001c)"
"""SyntheticData is younger than the validator that Debian ships."""


def volume() -> Volume:
    axes = ((-1, 0.05, 0), (0.01, 0.2, -1), (0.05, 1, 0.2))
    across, down = np.array(axes[2]) / np.linalg.norm(axes[2]), np.array(axes[1])
    down = down - (down @ across) * across
    down = down / np.linalg.norm(down)
    normal = np.cross(across, down)
    directions, spacing = (normal, down, across), (4.4, 0.7, 0.8)
    geometry = VolumeGeometry.from_axes((31.25, -100.123456, 90), directions, spacing, (4, 9, 7))
    array = np.random.default_rng(2).integers(0, 900, (4, 9, 7)).astype(np.uint16)
    return Volume(array, geometry, window=(300.0, 600.0))


def study(**changes: object) -> StudyToWrite:
    patient = Patient("P1", "SITE", "Phantom^Öne", "19600101", "O")
    return StudyToWrite(**{"seed": "s1", "patient": patient, "synthetic": True, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("position", ["HFS", "HFP", "HFDR", "HFDL", "FFS"])
def test_what_is_written_reads_back(tmp_path: Path, position: str) -> None:
    written = volume()
    write_series(tmp_path, study(patient_position=position), MrProtocol("SAG T2", 3), written)
    (found,) = build_studies(scan_paths([tmp_path]).headers)
    assert found.patient == Patient("P1", "SITE", "Phantom^Öne", "19600101", "O")
    (series,) = found.series
    assert series.role is SeriesRole.SAG_T2
    assert series.synthetic
    assert series.attributes["PatientPosition"] == position
    loaded = load_volume(series).volume
    assert np.array_equal(loaded.array, written.array)
    assert loaded.geometry.same_grid(written.geometry, 1e-3)
    assert loaded.window == (300, 600)


def test_a_left_handed_volume_keeps_each_voxel_in_place(tmp_path: Path) -> None:
    written = volume().flipped(0)
    write_series(tmp_path, study(), MrProtocol("x"), written)
    loaded = load_volume(build_studies(scan_paths([tmp_path]).headers)[0].series[0]).volume
    assert loaded.flipped(0).geometry.same_grid(written.geometry, 1e-3)
    assert np.array_equal(loaded.flipped(0).array, written.array)


def test_uids_follow_from_the_seed(tmp_path: Path) -> None:
    first = write_series(tmp_path / "a", study(), MrProtocol("x"), volume())
    again = write_series(tmp_path / "b", study(), MrProtocol("x"), volume())
    other = write_series(tmp_path / "c", study(seed="s2"), MrProtocol("x"), volume())
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]
    uids = [pydicom.dcmread(p[0]).SOPInstanceUID for p in (first, other)]
    assert uids[0] != uids[1]
    assert len(uid_of("x")) <= 64


@pytest.mark.parametrize("dtype", [np.uint8, np.int16])
def test_other_integers_are_written(tmp_path: Path, dtype: type) -> None:
    written = volume().with_array(volume().array.astype(dtype))
    write_series(tmp_path, study(), MrProtocol("x"), written)
    loaded = load_volume(build_studies(scan_paths([tmp_path]).headers)[0].series[0]).volume
    assert loaded.array.dtype == dtype
    assert np.array_equal(loaded.array, written.array)


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="float64"):
        write_series(tmp_path, study(), MrProtocol("x"), volume().with_array(volume().array * 1.5))
    with pytest.raises(UsageProblem, match="upside down"):
        write_series(tmp_path, study(patient_position="upside down"), MrProtocol("x"), volume())
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputProblem):
        write_series(tmp_path / "file" / "x", study(), MrProtocol("x"), volume())


@pytest.mark.parametrize("value", [0, 1 / 3, -1 / 3, 123456.789012345678, -1e-17, 1e22, 98765432.123456789])
def test_decimal_strings_fit_and_are_near(value: float) -> None:
    text = decimal(value)
    assert len(text) <= 16
    assert float(text) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("synthetic", [True, False])
def test_the_validator_reports_no_error(tmp_path: Path, synthetic: bool) -> None:
    if which("dciodvfy") is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    protocol = MrProtocol("SAG STIR", inversion_time=160, scanning_sequence=("SE", "IR"), contrast_agent="x")
    path = write_series(tmp_path, study(synthetic=synthetic), protocol, volume())[0]
    lines = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False).stderr
    errors = [line for line in lines.splitlines() if line.startswith("Error")]
    assert [line for line in errors if UNKNOWN_TO_VALIDATOR not in line] == []
    assert bool(errors) == synthetic
