"""A plan as DICOM objects: the validator has no complaint, and the planes come back."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.geometry import unit
from lvp_workstation.domain.study import Patient
from lvp_workstation.domain.volume import COLUMN, ROW, Volume, VolumeGeometry
from lvp_workstation.io.plan_fiducials import PlanContext, plan_fiducials, read_planes
from lvp_workstation.io.presentation import planes_presentation
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, write_series
from lvp_workstation.planning.stack import AXIAL, PlannedStack, axial_axes, slice_places
from lvp_workstation.services.open_study import open_paths
from lvp_workstation.services.plan import load_plan_protocol

CONTEXT = PlanContext(
    Patient("P1", name="PHANTOM^A"), "2.25.1", "2.25.2", datetime(2026, 1, 2, 3, 4, 5), "0.1"
)


def stack(level: str = "L4-L5", tilt: float = 0.3) -> PlannedStack:
    """Return an angled stack near the origin."""
    row, column = axial_axes(unit((0.05, tilt, 1.0)), unit((1.0, 0.02, 0.0)))
    centre = np.array([1.25, -3.5, 12.0])
    return PlannedStack(AXIAL, centre, row, column, load_plan_protocol().axial, 5, 0.9, "", level, "D2")


def complaints(path: Path) -> list[str]:
    """Return the errors that dciodvfy finds."""
    ended = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    return [line for line in (ended.stdout + ended.stderr).splitlines() if line.startswith("Error")]


needs_validator = pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy is not installed")


def test_planes_come_back_from_the_fiducials() -> None:
    first, second = stack(), stack("L3-L4", 0.1)
    declined = replace(first, declined="not sure", level="L1-L2")
    found = read_planes(plan_fiducials((first, declined, second), CONTEXT))
    assert [one.name for one in found] == ["axial_L4-L5", "axial_L3-L4"]
    for one, asked in zip(found, (first, second), strict=True):
        np.testing.assert_allclose(one.centres, slice_places(asked), atol=1e-3)
        np.testing.assert_allclose(one.row, asked.row, atol=1e-5)
        np.testing.assert_allclose(one.column, asked.column, atol=1e-5)
        assert one.fov_mm == pytest.approx(asked.template.fov_mm, abs=1e-3)
        assert one.thickness_mm == asked.template.thickness_mm
    with pytest.raises(UnreadableInput):
        read_planes(pydicom.Dataset())


@needs_validator
def test_the_validator_accepts_the_fiducials(tmp_path: Path) -> None:
    path = tmp_path / "plan.dcm"
    plan_fiducials((stack(),), CONTEXT).save_as(path, enforce_file_format=True)
    assert complaints(path) == []


@pytest.fixture
def sagittal(tmp_path: Path) -> Path:
    """Return a folder with a small sagittal series about the origin."""
    axes = ((-1, 0, 0), (0, 0, -1), (0, 1, 0))
    geometry = VolumeGeometry.from_axes((8.0, -60.0, 60.0), axes, (4.0, 1.0, 1.0), (5, 120, 120), "2.25.2")
    volume = Volume(np.full(geometry.shape, 100, np.uint16), geometry, window=(100.0, 200.0), synthetic=True)
    who = StudyToWrite("plan objects", Patient("P1", name="PHANTOM^A"), synthetic=True)
    write_series(tmp_path / "series", who, MrProtocol("SAG T2"), volume)
    return tmp_path / "series"


def test_the_presentation_draws_lines_where_the_slices_cut_the_image(sagittal: Path) -> None:
    series = open_paths([sagittal]).studies[0].series[0]
    planned = stack()
    state = planes_presentation(series, 2, (planned,), ("lvp_workstation", "0.1"), "now")
    graphics = state.GraphicAnnotationSequence[0].GraphicObjectSequence
    assert len(graphics) == planned.count
    geometry = series.geometry
    assert geometry is not None
    for one, centre in zip(graphics, slice_places(planned), strict=True):
        line = np.array(one.GraphicData, dtype=float).reshape(-1, 2) - 0.5
        index = np.zeros((len(line), 3))
        index[:, 0], index[:, COLUMN], index[:, ROW] = 2, line[:, 0], line[:, 1]
        points = geometry.index_to_world(index)
        np.testing.assert_allclose((points - centre) @ planned.normal, 0.0, atol=0.01)
    text = state.GraphicAnnotationSequence[0].TextObjectSequence[0].UnformattedTextValue
    assert text == "L4-L5"
    assert state.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedSOPInstanceUID == (
        series.frames[2].sop_instance_uid
    )


@pytest.mark.parametrize("tilt", np.linspace(-0.9, 0.9, 37))
def test_lines_that_leave_the_image_are_cut_at_its_border(sagittal: Path, tilt: float) -> None:
    series = open_paths([sagittal]).studies[0].series[0]
    state = planes_presentation(series, 2, (stack(tilt=tilt),), ("lvp_workstation", "0.1"), "now")
    for one in state.GraphicAnnotationSequence[0].GraphicObjectSequence:
        places = np.array(one.GraphicData, dtype=float)
        assert places.min() >= 0.0
        assert places.max() <= 120.0


@needs_validator
def test_the_validator_accepts_the_presentation(sagittal: Path, tmp_path: Path) -> None:
    series = open_paths([sagittal]).studies[0].series[0]
    state = planes_presentation(series, 2, (stack(),), ("lvp_workstation", "0.1"), "now")
    path = tmp_path / "state.dcm"
    state.save_as(path, enforce_file_format=True)
    assert complaints(path) == []
