"""The foramina: fat around the root, its loss by growth, and the grade of Lee that follows."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom import limits
from lvp_workstation.phantom.anatomy import Anatomy
from lvp_workstation.phantom.build import draw_anatomy
from lvp_workstation.phantom.canvas import Canvas
from lvp_workstation.phantom.generate import label_volume
from lvp_workstation.phantom.grid import SampleGrid
from lvp_workstation.phantom.noise import Noise
from lvp_workstation.phantom.presets import plan_of
from lvp_workstation.phantom.spine import paint_spine
from lvp_workstation.phantom.tissues import TISSUES, signals
from lvp_workstation.phantom.truth import truth_of
from tests.phantom.conftest import truth

SHARES = {0: 0.1, 1: 0.38, 2: 0.63, 3: 0.9}


@lru_cache(maxsize=8)
def closed(seed: int, share: float, vertical: bool = False) -> Anatomy:
    """Return a healthy spine whose left foramen at L3-L4 is closed by a share."""
    plan = plan_of("normal", seed)
    level = replace(plan.level(2), foramen_left=share, foramen_vertical=vertical)
    return draw_anatomy(seed, replace(plan, levels={**plan.levels, 2: level}))


@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize("grade", SHARES)
def test_each_quarter_of_encroachment_is_a_grade_of_lee(grade: int, vertical: bool) -> None:
    found = truth_of(closed(3, SHARES[grade], vertical))["levels"]["L3-L4"]["grades"]
    assert found["lee_foramen_left"]["grade"] == grade
    assert found["foramen_left"]["grade"] == limits.SEVERITY[grade]
    assert found["lee_foramen_right"]["grade"] == 0


def test_fat_is_lost_in_front_and_behind_or_above_and_below_first() -> None:
    for vertical, lost in ((False, ("anterior", "posterior")), (True, ("superior", "inferior"))):
        shapes = truth_of(closed(3, SHARES[1], vertical))["generator"]["shapes"]
        fat = shapes["L3-L4"]["foraminal_roots"]["left"]["fat_mm"]
        thin = {side for side, gap in fat.items() if gap < limits.FORAMEN_FAT_MM}
        assert thin == set(lost)


@pytest.mark.parametrize("seed", range(4))
def test_most_foramina_of_healthy_spines_have_fat_on_all_sides(seed: int) -> None:
    levels = truth("normal", seed)["levels"].values()
    grades = [
        level["grades"][f"lee_foramen_{side}"]["grade"] for level in levels for side in ("left", "right")
    ]
    assert grades.count(0) >= 10
    assert max(grades) <= 1


@pytest.mark.parametrize(
    ("gaps", "kept", "wanted"),
    [
        ((1.0, 1.0, 1.0, 1.0), 1.0, 0),
        ((0.2, 1.0, 0.2, 1.0), 1.0, 0),
        ((0.2, 0.2, 1.0, 1.0), 1.0, 1),
        ((1.0, 1.0, 0.2, 0.2), 1.0, 1),
        ((0.2, 0.2, 0.2, 0.2), 1.0, 2),
        ((1.0, 1.0, 1.0, 1.0), 0.8, 3),
    ],
)
def test_grades_of_lee(gaps: tuple[float, ...], kept: float, wanted: int) -> None:
    sides = ("anterior", "posterior", "superior", "inferior")
    assert limits.lee_foramen(dict(zip(sides, gaps, strict=True)), kept) == wanted


def sagittal_image(anatomy: Anatomy, sign: float) -> tuple[np.ndarray, VolumeGeometry, dict[str, float]]:
    """Return a thin noiseless T1 image through a foramen at L3-L4, centred on the root."""
    root = anatomy.root("L3-L4", sign)
    frame = root.vertebra.frame
    axes = (frame.axes[0], -frame.axes[2], frame.axes[1])
    start = np.add(root.centre, (0.0, -15.0, 15.0))
    geometry = VolumeGeometry.from_axes(frame.to_world(start), axes, (1.0, 0.3, 0.3), (1, 101, 101))
    contrast = signals(TISSUES, 560, 11, 0, 1.5)
    canvas = Canvas(SampleGrid.of_slices(geometry), [contrast])
    paint_spine(canvas, anatomy, Noise.make(np.random.default_rng(1)))
    return canvas.images[0][0], geometry, contrast


def test_the_root_is_grey_inside_bright_fat_on_t1() -> None:
    image, _, contrast = sagittal_image(closed(3, 0.0), 1.0)
    root = closed(3, 0.0).root("L3-L4", 1.0)
    assert image[50, 50] == pytest.approx(contrast["root"], rel=0.1)
    behind = round((root.radii[0] + 0.7) / 0.3)
    for column in (50 - behind, 50 + behind):
        assert image[50, column] > (contrast["root"] + contrast["fat"]) / 2


def test_a_closed_foramen_shows_less_fat_than_an_open_one() -> None:
    bright = []
    for share in (0.0, SHARES[1], SHARES[2], SHARES[3]):
        image, _, contrast = sagittal_image(closed(3, share), 1.0)
        around = image[30:70, 30:70]
        bright.append(int((around > 0.9 * contrast["fat"]).sum()))
    assert bright[0] > bright[1] > bright[2] > bright[3]


def test_growth_is_bone_of_the_neighbours_and_stays_on_its_side() -> None:
    open_, shut = closed(3, 0.0), closed(3, 0.9)
    root = shut.root("L3-L4", 1.0)
    for sign, changes in ((1.0, True), (-1.0, False)):
        x, v, w = root.centre
        corner = root.vertebra.frame.to_world((sign * x - 4.0, v - 6.0, w - 10.0))
        axes = tuple(root.vertebra.frame.axes)
        box = VolumeGeometry.from_axes(corner, (axes[0], axes[1], axes[2]), (1.0,) * 3, (9, 13, 16))
        before, after = label_volume(open_, box), label_volume(shut, box)
        grown = (before == 0) & np.isin(after, (43, 44))
        assert bool(grown.sum() > 30) is changes


def test_a_foramen_that_disc_and_facet_close_has_no_height() -> None:
    shares = {share: truth_of(closed(3, share))["levels"]["L3-L4"]["measurements"] for share in (0.1, 1.0)}
    widths = {share: found["foramen_width_left"]["value"] for share, found in shares.items()}
    assert widths[0.1] > 0.0 == widths[1.0]
    assert shares[0.1]["foramen_height_left"]["value"] > 5.0
    assert "foramen_height_left" not in shares[1.0]
