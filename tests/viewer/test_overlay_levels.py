"""Names of levels never cover each other, the identity or the borders."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.geometry import vector
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer.label_layer import LabelLayer, LevelAnchor
from lvp_workstation.viewer.overlay_levels import PlacedName, placed_names
from lvp_workstation.viewer.overlay_marks import LETTER, SCALE_BAR_ROOM, reference_label_box, scale_bar_bottom
from lvp_workstation.viewer.overlay_text import MARGIN
from tests.render.samples import geometry

SPACING_MM = 18.0


def column(count: int = 7) -> LabelLayer:
    """A straight column: discs between vertebrae, from z = 0 upwards, front at y = 0."""
    anchors = []
    for n in range(count):
        for kind, shift in (("V", 0.0), ("D", -SPACING_MM / 2)):
            z = n * SPACING_MM + shift
            anchors.append(LevelAnchor(f"{kind}{n + 1}", vector((0, 15, z)), vector((0, 0, z))))
    anchors.sort(key=lambda a: float(a.middle[2]))
    levels = LevelMap(count)
    names = {a.instance: levels.shown_name(a.instance) for a in anchors}
    grid = geometry()
    return LabelLayer(LabelMap(np.zeros(grid.shape, np.uint8), grid), names, tuple(anchors))


def view(mm_per_pixel: float, centre_z: float = 60.0, width: int = 400, height: int = 400) -> ViewTransform:
    return ViewTransform(
        vector((0, 15, centre_z)), vector((0, 1, 0)), vector((0, 0, -1)), mm_per_pixel, width, height
    )


def names_in(shown: ViewTransform, *taken: QRectF) -> list[PlacedName]:
    return placed_names(shown, ImagePlane.SAGITTAL, column(), lambda text, _disc: 7.0 * len(text), taken)


@pytest.mark.parametrize("mm_per_pixel", [0.15, 0.3, 0.5, 0.7, 0.9, 1.4, 3.0])
@pytest.mark.parametrize("centre_z", [10.0, 60.0, 118.0])
def test_no_name_covers_another_or_leaves_the_view(mm_per_pixel: float, centre_z: float) -> None:
    shown = view(mm_per_pixel, centre_z)
    identity = QRectF(8, 6, 180, 45)
    names = names_in(shown, identity)
    whole = QRectF(0, 0, 400, 400)
    for first, second in itertools.combinations(names, 2):
        assert not first.box.intersects(second.box), (first.text, second.text)
    for name in names:
        assert whole.contains(name.box)
        assert not name.box.intersects(identity)


def test_vertebrae_at_the_upper_edge_keep_their_names_and_discs_give_way() -> None:
    top = 7 * SPACING_MM - SPACING_MM / 2
    names = {name.text for name in names_in(view(0.9, centre_z=top - 200 * 0.9 + 5))}
    assert "T11?" in names
    assert len(names) > 5


def test_what_lies_outside_the_view_has_no_name() -> None:
    names = names_in(view(0.2, centre_z=0.0))
    assert {name.text for name in names} == {"L5-S1?", "L5?", "L4-L5?", "L4?", "L3-L4?", "L3?"}
    for name in names:
        assert abs(name.box.center().y() - name.at.y()) <= 8


def test_names_stay_inside_when_the_spine_is_at_the_left_border() -> None:
    shown = ViewTransform(vector((0, 95, 60)), vector((0, 1, 0)), vector((0, 0, -1)), 0.5, 400, 400)
    names = names_in(shown)
    assert names
    assert min(name.box.left() for name in names) >= 8


def test_no_tick_runs_through_a_name_at_the_left_border() -> None:
    middle = names_in(view(0.5))
    assert middle
    assert all(name.tick is not None for name in middle)
    at_border = ViewTransform(vector((0, 99, 60)), vector((0, 1, 0)), vector((0, 0, -1)), 0.5, 400, 400)
    names = names_in(at_border)
    assert names
    assert all(name.tick is None for name in names)


@pytest.mark.parametrize("height", [260, 320, 600])
def test_the_scale_bar_finds_a_place_between_names(height: int) -> None:
    shown = view(0.5, height=height)
    pixels = 40.0
    names = [QRectF(MARGIN, y, 60, 16) for y in (height / 2, height / 2 + 60, height - 60)]
    bottom = scale_bar_bottom(shown, MARGIN, pixels, names)
    bar = QRectF(MARGIN, bottom - pixels, SCALE_BAR_ROOM, pixels)
    assert bar.top() >= 0
    assert bar.bottom() <= height
    assert not any(bar.intersects(name) for name in names)


@pytest.mark.parametrize("y", [190.0, 200.0, 212.0])
def test_the_number_of_a_slice_does_not_cover_the_letter_of_the_border(y: float) -> None:
    shown = view(0.5)
    letter = QRectF(shown.width - LETTER, (shown.height - LETTER) / 2, LETTER, LETTER)
    box = reference_label_box(shown, QPointF(398.0, y), 24.0)
    assert not box.intersects(letter)
    assert box.left() > shown.width / 2


def test_where_the_scale_bar_has_no_place_its_length_can_still_be_read() -> None:
    shown = view(0.5, height=300)
    names = [QRectF(MARGIN, y, 60, 16) for y in range(20, 290, 32)]
    bottom = scale_bar_bottom(shown, MARGIN, 60.0, names)
    words = QRectF(MARGIN, bottom - 12, SCALE_BAR_ROOM, 12)
    assert not any(words.intersects(name) for name in names)
