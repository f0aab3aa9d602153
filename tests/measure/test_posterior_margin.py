"""The posterior margin of a disc from mask and image, on a spine of boxes with fat around the discs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import CANAL_CODE
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.measure.posterior_margin import LINING_AT, LINING_MM, capped
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.shapes import Endplate
from lvp_workstation.measure.spine import measure_spine
from tests.measure.model_spine import CSF, PROVENANCE, ModelSpine

SPINE = ModelSpine(disc_signal=80.0, outside=600.0, canal_gap=7.0)
GRID = (4.0, 0.6, 7)


def mask_ends_at_corners(
    spine: ModelSpine, weighting: Weighting = Weighting.T2, canal: float | None = None
) -> SpineMeasures:
    """Return the measures where the image shows a bulge and the mask stops at the bodies."""
    shown, levels, image = spine.case(*GRID)
    if canal is not None:
        image = image.with_array(np.where(shown.array == CANAL_CODE, canal, image.array))
    masks = replace(spine, bulge=0.0).labels(image.geometry)
    return measure_spine(masks, levels, Volume(image.array, image.geometry), weighting, PROVENANCE)


def depth_of(margin: float) -> float:
    """Return the displacement that is stated for a margin behind the corner line."""
    return margin - float(np.interp(margin, LINING_AT, LINING_MM))


@pytest.mark.parametrize("bulge", [0.0, 2.5, 5.0])
def test_the_margin_is_where_the_annulus_ends_in_the_image(bulge: float) -> None:
    measures = mask_ends_at_corners(replace(SPINE, bulge=bulge))
    assert measures.features["D2", "displacement"] == pytest.approx(depth_of(bulge), abs=0.45)
    assert measures.features["D3", "displacement"] < 0.3


def test_the_points_end_on_the_visible_margin() -> None:
    spine = replace(SPINE, bulge=4.0)
    found = mask_ends_at_corners(spine).measurements["D2", "disc_bulge_depth"]
    tip = np.array(found.points_lps[1])
    assert tip[1] == pytest.approx(spine.depth / 2 + 4.0, abs=0.4)
    assert 26.0 + 9.0 < tip[2] < 26.0 + 2 * 9.0


def test_without_t2_the_mask_decides() -> None:
    measures = mask_ends_at_corners(replace(SPINE, bulge=4.0), Weighting.T1)
    assert measures.features["D2", "displacement"] < 0.5


def test_a_canal_without_fluid_ends_the_disc_at_its_mask() -> None:
    spine = replace(SPINE, canal_gap=2.0, bulge=1.9)
    measures = mask_ends_at_corners(spine, canal=60.0)
    assert measures.features["D2", "displacement"] < 3.0


@pytest.mark.parametrize("weighting", [Weighting.T1, Weighting.T2])
@pytest.mark.parametrize("slip", [8.0, -6.0])
def test_the_disc_that_a_slip_uncovers_is_no_bulge(weighting: Weighting, slip: float) -> None:
    measures = mask_ends_at_corners(replace(SPINE, slip=slip, canal_gap=9.0), weighting)
    assert abs(measures.value("D2", "slip") or 0.0) == pytest.approx(abs(slip), abs=0.6)
    assert measures.features["D2", "displacement"] <= 1.2


def test_a_dark_nucleus_outside_the_disc_belongs_to_it() -> None:
    """Tissue of a third of the signal of fluid behind the annulus is disc, not fat."""
    spine = replace(SPINE, bulge=6.0)
    labels, levels, image = spine.case(*GRID)
    _, back, up = spine._local(labels.geometry)
    behind = (labels.array > 0) & (back > spine.depth / 2 + 2.0) & (back < spine.depth / 2 + 6.0)
    nucleus = behind & (up > 35.0) & (up < 44.0) & (labels.array != CANAL_CODE)
    shown = image.with_array(np.where(nucleus, CSF / 3, image.array))
    masks = replace(spine, bulge=0.0).labels(image.geometry)
    found = measure_spine(masks, levels, shown, Weighting.T2, PROVENANCE)
    assert found.features["D2", "displacement"] > 4.5


def test_a_corner_beside_the_midline_is_moved_along_its_endplate_at_most_to_the_midline_corner() -> None:
    middle = Endplate(np.array((-15.0, 0.0)), np.array((0.0, 0.0)), np.array((15.0, 0.0)))
    beside = Endplate(np.array((-15.0, 1.0)), np.array((0.0, 2.0)), np.array((19.0, 3.0)))
    moved = capped(beside, middle)
    assert np.dot(moved.posterior - middle.posterior, beside.forward) == pytest.approx(0.0, abs=1e-9)
    assert np.allclose(moved.normal, beside.normal)
    assert np.allclose(capped(middle, beside).posterior, middle.posterior)
