"""Surfaces and curved reformats over a viewport: what they follow and what they do not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.canal_curve import canal_curve
from lvp_workstation.viewer.curved_cover import CurvedCover
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.surface_cover import SurfaceCover
from lvp_workstation.viewer.viewport import Viewport
from tests.render.samples import geometry, ramp_volume
from tests.viewer.conftest import shown_series

GRID = geometry("sagittal", shape=(9, 100, 100), spacing=(4.0, 1.0, 1.0))


def column() -> LabelMap:
    """Three vertebrae and two discs before a canal."""
    codes = np.zeros(GRID.shape, dtype=np.uint8)
    kinds = (VERTEBRA_BASE + 3, DISC_BASE + 3, VERTEBRA_BASE + 2, DISC_BASE + 2, VERTEBRA_BASE + 1)
    for n, code in enumerate(kinds):
        codes[2:7, 20 + 12 * n : 30 + 12 * n, 20:52] = code
    codes[3:6, 20:80, 56:68] = CANAL_CODE
    return LabelMap(codes, GRID)


LAYER = LabelLayer.build(column(), LevelMap(5))
HIDDEN = replace(LAYER, label_map=column().with_array(np.zeros(GRID.shape, dtype=np.uint8)))


@pytest.fixture
def viewport(make_grid: Callable[..., ViewportGrid], scheduler: RenderScheduler) -> Iterator[Viewport]:
    """A viewport on a series with labels."""
    viewport = make_grid().viewports[0]
    viewport.set_series(shown_series(volume=ramp_volume(GRID)))
    viewport.set_labels(LAYER)
    yield viewport
    scheduler.close()


def test_the_curve_follows_the_canal_where_it_may_be_seen() -> None:
    found = canal_curve(LAYER)
    assert found is not None
    curve, own = found
    assert own
    middle = GRID.index_to_world((4, 50, 61.5))
    assert np.allclose(curve[len(curve) // 2][:2], middle[:2], atol=1.5)
    assert (np.diff(curve[:, 2]) < 0).all()


def test_a_hidden_canal_is_not_followed() -> None:
    """The line is the same for any outline of the canal: it knows the places of the level names only."""
    found = canal_curve(HIDDEN)
    assert found is not None
    curve, own = found
    assert not own
    front = GRID.index_to_world((4, 50, 20))[1]
    assert curve[:, 1] == pytest.approx(front + 42.0, abs=1.5)


def test_a_curved_picture_covers_the_slices_and_puts_the_cursor_where_it_is_clicked(
    viewport: Viewport, scheduler: RenderScheduler, qtbot: QtBot
) -> None:
    assert viewport.series is not None
    cover = CurvedCover(viewport.series, ImagePlane.CORONAL, scheduler, viewport)
    asked: list[np.ndarray] = []
    cover.cursor_asked.connect(asked.append)
    viewport.set_cover(cover)
    qtbot.waitUntil(lambda: cover._pixels is not None)
    assert cover.badge_words() == ("COMPUTED curved coronal from 4.0 mm slices", "along the canal")
    picture = cover.grab().toImage()
    assert picture.pixelColor(cover.width() // 2, cover.height() // 2).red() > 0
    QTest.mouseClick(cover, Qt.MouseButton.LeftButton, pos=QPoint(cover.width() // 2, cover.height() // 2))
    assert np.allclose(asked[0][:2], GRID.index_to_world((4, 50, 61.5))[:2], atol=2.0)
    seen = viewport.series.viewed
    viewport.go_to_slice(1)
    viewport.grab()
    assert viewport.series.viewed == seen
    viewport.set_cover(None)
    viewport.grab()
    assert 1 in viewport.series.viewed


def test_surfaces_show_what_is_revealed_and_nothing_before(
    viewport: Viewport, scheduler: RenderScheduler, qtbot: QtBot
) -> None:
    assert viewport.series is not None
    viewport.set_labels(HIDDEN)
    cover = SurfaceCover(viewport.series, scheduler, viewport)
    viewport.set_cover(cover)
    assert "locked" in cover.message()
    assert cover._pixels is None
    blind = cover.grab().toImage()
    corner = [blind.pixelColor(x, y).lightness() for x in range(6, 120) for y in range(6, 40)]
    assert max(corner) > 200, "the patient's identity stays"
    viewport.set_labels(LAYER)
    assert cover.message() == ""
    qtbot.waitUntil(lambda: cover._pixels is not None, timeout=20_000)
    whole = cover._pixels
    assert whole is not None
    assert (whole & 0xFFFFFF).any()
    viewport.set_overlay_visible(False)
    assert cover._pixels is None
    viewport.set_overlay_visible(True)
    qtbot.waitUntil(lambda: cover._pixels is not None, timeout=20_000)


def test_surfaces_turn_and_are_cut(viewport: Viewport, scheduler: RenderScheduler) -> None:
    assert viewport.series is not None
    cover = SurfaceCover(viewport.series, scheduler, viewport)
    viewport.set_cover(cover)
    before = cover.turn.around
    cover.dragged(40, 0, Qt.MouseButton.LeftButton)
    assert cover.turn.around != before
    assert len(cover.badge_words()) == 1
    cover.next_clip()
    assert cover.clip is ImagePlane.SAGITTAL
    assert cover.badge_words()[1] == "cut sagittal, +0 mm"
    for _ in range(3):
        cover.next_clip()
    assert cover.clip is None


def test_another_series_takes_the_cover_away(viewport: Viewport, scheduler: RenderScheduler) -> None:
    assert viewport.series is not None
    viewport.set_cover(SurfaceCover(viewport.series, scheduler, viewport))
    viewport.set_series(shown_series(volume=ramp_volume(GRID)))
    assert viewport.cover is None
    assert not viewport.covered
