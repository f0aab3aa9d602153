"""Proof of side: findings on the left only are said to be left, however the images were written.

Proved are side and zone. The contour type is not: without axial images the model weighs bulge against
herniation, and how it decides on a phantom says nothing about patients.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray
from pypdf import PdfReader
from pytestqt.qtbot import QtBot

from lvp_workstation.app import cli, headless
from lvp_workstation.app.context import make_analyser
from lvp_workstation.app.panels.findings_grid import FindingsGrid
from lvp_workstation.app.panels.findings_model import describe
from lvp_workstation.domain.findings import GRID_SCALES
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.domain.reading_view import level_rows
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.measure.boxes import middle_slice
from lvp_workstation.phantom import presets
from lvp_workstation.phantom.generate import make_phantom
from lvp_workstation.phantom.pathology import LevelPathology, Plan
from lvp_workstation.render.offscreen import LINE_COLOUR, KeyImage, render_key_image
from lvp_workstation.render.raster import draw_text
from lvp_workstation.render.stack import acquired_stack
from lvp_workstation.services import results
from lvp_workstation.services.analyse import Analyser
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.key_images import (
    CLOSE_EXTENT_MM,
    SAGITTAL_SIZE,
    SIDE_COLOUR,
    sagittal_frame,
)
from lvp_workstation.services.report_out import ai_reading
from tests.app.cli_samples import image_of, write_dicom

Array = NDArray[Any]

LEVEL = "L4-L5"
WAYS = ("HFS", "HFP", "HFDR", "HFDL", "FFS", "nifti", "nifti_flipped")
ROWS, COLUMNS = slice(60, 340), slice(80, 320)
"""The part of the phantom's slices that holds the lumbar spine: smaller images, a quicker test."""


def left_only(_: np.random.Generator) -> Plan:
    """Return a healthy patient with a left herniation and a closed left foramen at L4-L5."""
    ill = LevelPathology(
        pfirrmann=4, herniation="extrusion", side=0.5, displacement=8.0, base=14.0, foramen_left=0.95
    )
    return Plan(age=35.0, levels={n: LevelPathology(pfirrmann=1) for n in range(9)} | {1: ill})


@pytest.fixture(scope="module")
def spine() -> Volume:
    """Return the sagittal T2 images of that patient."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(presets.PRESETS, "left only", left_only)
        whole = make_phantom(12, "left only", ("sag_t2",), planes_per_slice=2).series[0].volume
    affine = whole.geometry.affine.copy()
    affine[:3, 3] = whole.geometry.index_to_world((0, ROWS.start, COLUMNS.start))
    part = np.ascontiguousarray(whole.array[:, ROWS, COLUMNS])
    geometry = VolumeGeometry(affine, (part.shape[0], part.shape[1], part.shape[2]))
    return Volume(part, geometry, window=whole.window, synthetic=True)


class Recording(Analyser):
    """The shipped analyser, which keeps what it found last."""

    last: Analysis | None = None

    def analyse(self, *args: Any, **named: Any) -> Analysis:
        """Analyse as ever."""
        self.last = super().analyse(*args, **named)
        return self.last


@dataclass(frozen=True)
class Written:
    """What ``lvp analyze`` wrote for one way of writing the same patient, and the analysis behind it."""

    level: dict[str, Any]
    pdf: str
    overlay: Array
    analysis: Analysis


@pytest.fixture(scope="module")
def found(spine: Volume, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Written]]:
    """Run ``lvp analyze`` with the shipped model on every way of writing the patient."""
    model = make_analyser()
    recording = Recording(model._segmenter, model._clock)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LVP_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setattr(headless, "_stop_when_terminated", lambda: None)
        patch.setattr(headless, "make_analyser", lambda _: recording)
        yield {way: _analysed(way, spine, tmp_path_factory.mktemp(way), recording) for way in WAYS}
    for handler in [h for h in root.handlers if h not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


def _analysed(way: str, spine: Volume, folder: Path, recording: Recording) -> Written:
    source, out = folder / "in", folder / "out"
    if way.startswith("nifti"):
        image = image_of(spine)
        source = source.with_suffix(".nii.gz")
        sitk.WriteImage(
            sitk.Flip(image, [False, False, True]) if way == "nifti_flipped" else image, str(source)
        )
    else:
        write_dicom(source, spine, position=way)
    assert cli.main(["analyze", str(source), "--out", str(out), "--role", "sag_t2"]) == 0
    assert recording.last is not None
    document = json.loads((out / results.ANALYSIS).read_text())
    pdf = " ".join(page.extract_text() for page in PdfReader(out / results.DRAFT_REPORT).pages)
    overlay = sitk.GetArrayFromImage(sitk.ReadImage(str(out / results.OVERLAY)))
    return Written(document["levels"][LEVEL], pdf, overlay, recording.last)


@pytest.mark.parametrize("way", WAYS)
def test_the_left_is_left_in_json(way: str, found: dict[str, Written]) -> None:
    level = found[way].level
    grades, measured = level["grades"], level["measurements"]
    assert grades["foramen_left"]["grade"] in ("moderate", "severe")
    assert grades["foramen_right"]["grade"] in ("normal", "mild")
    assert grades["foramen_left"]["validated_on_patients"] is False
    middle = level["centroid_lps"][0]
    for name, measurement in measured.items():
        if name.startswith("foramen"):
            sign = 1.0 if name.endswith("left") else -1.0
            assert all(sign * (point[0] - middle) > 6.0 for point in measurement["points_lps"])
    assert "left of the midline" in measured["disc_bulge_depth"]["source"]
    assert measured["disc_bulge_depth"]["points_lps"][0][0] > middle + 2.0


@pytest.mark.parametrize("way", WAYS)
def test_the_left_is_left_in_the_report(way: str, found: dict[str, Written]) -> None:
    pdf = " ".join(found[way].pdf.split())
    assert "left foramen" in pdf
    assert "left of the midline" in pdf
    assert "Foramen left Foramen right" in pdf
    row = re.search(rf"{LEVEL}\?? ([IV]+ .*?) L5-S1", pdf)
    assert row is not None
    left, right = re.findall(r"\b(normal|mild|moderate|severe)\b", row.group(1))[-2:]
    assert left in ("moderate", "severe")
    assert right in ("normal", "mild")


@pytest.mark.parametrize("way", WAYS)
def test_the_left_is_left_in_the_findings_grid(way: str, found: dict[str, Written], qtbot: QtBot) -> None:
    grid = FindingsGrid()
    qtbot.addWidget(grid)
    grid.resize(900, 300)
    reading = replace(ai_reading(found[way].analysis), mode=ReadingMode.CONCURRENT)
    rows = level_rows(reading)
    grid.set_rows(rows)
    row = next(n for n, one in enumerate(rows) if one.name.startswith(LEVEL))
    words = {}
    for scale in ("foramen_left", "foramen_right"):
        column = next(n for n, one in enumerate(GRID_SCALES) if one.key == scale)
        grid.setCurrentIndex(grid.model().index(row, column))
        cell = grid.focused_cell()
        assert cell is not None
        words[scale] = describe(cell)
    assert "AI moderate" in words["foramen_left"] or "AI severe" in words["foramen_left"]
    assert "AI normal" in words["foramen_right"] or "AI mild" in words["foramen_right"]


Frame = tuple[Array | None, float | None]


def slices_in(spine: Volume, frame: Frame) -> dict[float, Array]:
    """Return the patient's slices without marks by their place, LPS x in mm, each pixel as wide as five."""
    centre, extent = frame
    width, height = SAGITTAL_SIZE
    images = {}
    for index in range(spine.shape[0]):
        x = float(spine.geometry.index_to_world((index, 0, 0))[0])
        size = (width // 5, height // 5)
        request = KeyImage(index, size, annotate=False, centre=centre, extent_mm=extent)
        images[x] = render_key_image(spine, request).astype(np.float64)
    return images


def place_of(panel: Array, spine: Volume, frame: Frame) -> float:
    """Return the place of the slice that a panel shows, told by its unmarked, grey pixels."""
    slices = slices_in(spine, frame)
    small = panel[2::5, 2::5].astype(np.float64)
    grey = np.ptp(small, axis=2) == 0
    grey &= small[..., 0] > 0

    def likeness(x: float) -> float:
        return float(np.corrcoef(small[grey][:, 0], slices[x][grey][:, 0])[0, 1])

    best = max(slices, key=likeness)
    assert likeness(best) > 0.95
    return best


def word_share(panel: Array, words: str) -> float:
    """Return the agreement of what a panel has in the colour of sides with drawn words, 0-1."""
    drawn = np.zeros_like(panel)
    draw_text(drawn, words, (400.0, 100.0), SIDE_COLOUR, 25, (0.5, 0.0), bold=True)
    found, wanted = _trimmed(panel), _trimmed(drawn)
    if abs(found.shape[1] - wanted.shape[1]) > 2:
        return 0.0
    height, width = (min(a, b) for a, b in zip(found.shape, wanted.shape, strict=True))
    both = found[:height, :width], wanted[:height, :width]
    return float((both[0] & both[1]).sum() / (both[0] | both[1]).sum())


def _trimmed(panel: Array) -> Array:
    mask = (panel == np.array(SIDE_COLOUR)).all(axis=2)
    rows, columns = np.nonzero(mask)
    return mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


@pytest.mark.parametrize("way", WAYS)
def test_the_overlay_shows_the_foramina_of_both_sides(
    way: str, found: dict[str, Written], spine: Volume
) -> None:
    written = found[way]
    middle, left, right = np.split(written.overlay, 3, axis=1)
    centre = written.level["centroid_lps"][0]
    levels = written.analysis.levels
    name = levels.shown_name(levels.instance_named(LEVEL) or "")
    labels = written.analysis.labels
    whole = sagittal_frame(labels, acquired_stack(labels.geometry), middle_slice(labels))
    assert abs(place_of(middle, spine, whole) - centre) < 5.0
    for panel, side, other in ((left, "left", "right"), (right, "right", "left")):
        assert (
            word_share(panel, f"{side.upper()}  {name}") > 0.6 > word_share(panel, f"{other.upper()}  {name}")
        )
        measured = written.level["measurements"]
        lines = [m for key, m in measured.items() if key.endswith(f"_{side}")]
        assert lines
        first = next(n for n in (f"foramen_width_{side}", f"foramen_height_{side}") if n in measured)
        point = np.array(measured[first]["points_lps"][0])
        x = place_of(panel, spine, (point, CLOSE_EXTENT_MM))
        assert (x - centre) * (1 if side == "left" else -1) > 6.0
        assert all(point[0] == pytest.approx(x, abs=0.1) for m in lines for point in m["points_lps"])
        assert (panel == np.array(LINE_COLOUR)).all(axis=2).any()


@pytest.mark.parametrize("way", WAYS)
def test_the_disc_is_displaced_on_the_left_in_words(way: str, found: dict[str, Written]) -> None:
    disc = found[way].level["grades"]["herniation"]
    assert disc["probabilities"]["none"] < 0.2
    assert "left of the middle of the canal (left" in disc["text"]
    assert "right" not in disc["text"]
