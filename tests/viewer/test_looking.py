"""Slabs, cine, windows of structures, and slices that were paged over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lvp_workstation.domain.anatomy import Structure
from lvp_workstation.domain.labelmap import DISC_BASE, LabelMap
from lvp_workstation.domain.volume import ImagePlane, Volume
from lvp_workstation.render.resample import SlabMode
from lvp_workstation.render.slab import Slab
from lvp_workstation.viewer import slab_surface
from lvp_workstation.viewer.captions import fidelity_badge, plane_badge
from lvp_workstation.viewer.cine import RATES, Cine
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.viewport import Viewport
from lvp_workstation.viewer.window_presets import structure_window
from tests.render.samples import geometry
from tests.viewer.conftest import constant_slices, shown_series, turn_wheel

MakeGrid = Callable[..., ViewportGrid]
GRID = geometry("sagittal", shape=(9, 60, 50))


@pytest.fixture
def viewport(make_grid: MakeGrid, scheduler: RenderScheduler) -> Iterator[Viewport]:
    """A viewport on slices of 10, 20 … 90."""
    viewport = make_grid().viewports[0]
    viewport.set_series(shown_series(volume=constant_slices(GRID)))
    yield viewport
    scheduler.close()


def pixel_in_the_middle(viewport: Viewport) -> int:
    image = viewport.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2).red()


def badge_of(viewport: Viewport) -> str:
    stack = viewport.stack
    assert stack is not None
    return f"{fidelity_badge(stack, 4.0)} | {plane_badge(stack, viewport.slab)}"


# -- slab -------------------------------------------------------------------------------------


def test_a_slab_of_acquired_slices_says_that_it_is_computed_and_goes_away_again(viewport: Viewport) -> None:
    viewport.go_to_slice(4)
    alone = pixel_in_the_middle(viewport)
    viewport.set_slab(Slab(SlabMode.MAXIMUM, 12.0))
    assert not viewport.acquired
    assert badge_of(viewport) == "COMPUTED from 4.0 mm slices | on the acquired slices, MIP slab 12 mm"
    assert pixel_in_the_middle(viewport) > alone
    viewport.set_slab(None)
    assert viewport.acquired
    assert viewport.slice_index == 4
    assert pixel_in_the_middle(viewport) == alone


def test_the_wheel_with_alt_changes_the_thickness(viewport: Viewport) -> None:
    viewport.set_slab(Slab(SlabMode.MEAN, 12.0))
    turn_wheel(viewport, 1, Qt.KeyboardModifier.AltModifier)
    assert viewport.slab == Slab(SlabMode.MEAN, 15.0)
    turn_wheel(viewport, -2, Qt.KeyboardModifier.AltModifier)
    assert viewport.slab == Slab(SlabMode.MEAN, 10.0)
    index = viewport.slice_index
    turn_wheel(viewport, 1)
    assert viewport.slice_index != index


def test_one_key_goes_through_the_kinds_and_back_to_single_slices(viewport: Viewport) -> None:
    seen = []
    for _ in range(4):
        viewport.next_slab_mode()
        seen.append(viewport.slab.mode if viewport.slab else None)
    assert seen == [SlabMode.MAXIMUM, SlabMode.MEAN, SlabMode.MINIMUM, None]
    assert viewport.acquired


def test_a_slab_stays_with_a_computed_plane_and_not_with_another_series(viewport: Viewport) -> None:
    viewport.set_reformat(ImagePlane.AXIAL)
    viewport.set_slab(Slab(SlabMode.MEAN, 8.0))
    assert badge_of(viewport).endswith("axial, mean slab 8 mm")
    viewport.set_reformat(ImagePlane.CORONAL)
    assert viewport.slab is not None
    viewport.set_series(shown_series(volume=constant_slices(GRID)))
    assert viewport.slab is None
    assert viewport.acquired


def test_much_work_is_shown_coarsely_first_and_in_full_when_the_worker_is_done(
    viewport: Viewport, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(slab_surface, "AT_ONCE", 10**9)
    viewport.set_reformat(ImagePlane.AXIAL)
    viewport.set_slab(Slab(SlabMode.MEAN, 8.0))
    whole = viewport.grab().toImage()
    monkeypatch.setattr(slab_surface, "AT_ONCE", 20_000)
    viewport.set_slab(Slab(SlabMode.MEAN, 10.0))
    viewport.set_slab(Slab(SlabMode.MEAN, 8.0))
    viewport.grab()
    assert viewport._image is not None
    assert viewport._image.width() < whole.width()
    qtbot.waitUntil(lambda: viewport._image is not None and viewport._image.width() == viewport.width())
    assert viewport.grab().toImage() == whole


def test_only_the_newest_request_of_a_view_is_answered(scheduler: RenderScheduler, qtbot: QtBot) -> None:
    answers: list[int] = []
    for n in range(20):
        scheduler.worker.request(answers, lambda n=n: n, answers.append)  # type: ignore[misc]
    qtbot.waitUntil(lambda: bool(answers))
    scheduler.close()
    assert answers == [19]


# -- cine -------------------------------------------------------------------------------------


def test_cine_paints_every_slice_and_begins_again(viewport: Viewport, qtbot: QtBot) -> None:
    cine = Cine()
    painted: list[int] = []
    viewport.slice_painted.connect(lambda _key, index: painted.append(index))
    for _ in RATES:
        cine.change_rate(1)
    viewport.first_slice()
    first = viewport.slice_index
    viewport.grab()
    cine.start(viewport)
    assert viewport.content.cine == max(RATES)
    qtbot.waitUntil(lambda: painted.count(first) > 1 and len(set(painted)) == 9, timeout=20_000)
    assert cine.stop()
    assert not cine.stop()
    assert viewport.content.cine == 0
    assert viewport.series is not None
    assert not viewport.series.skipped


def test_a_series_of_one_slice_does_not_run(make_grid: MakeGrid) -> None:
    viewport = make_grid().viewports[0]
    viewport.set_series(shown_series(volume=constant_slices(geometry("sagittal", shape=(1, 20, 20)))))
    cine = Cine()
    cine.start(viewport)
    assert not cine.running


# -- slices that were paged over -----------------------------------------------------------------


def test_a_slice_that_was_asked_for_and_never_painted_is_marked(viewport: Viewport, qtbot: QtBot) -> None:
    series = viewport.series
    assert series is not None
    viewport.go_to_slice(0)
    viewport.grab()
    for _ in range(3):
        viewport.go_to_slice(viewport.slice_index + 1)
    viewport.grab()
    assert series.skipped == {1, 2}
    viewport.go_to_slice(2)
    viewport.grab()
    assert series.skipped == {1}
    assert series.viewed >= {0, 2, 3}


# -- windows ----------------------------------------------------------------------------------


def test_the_window_of_the_discs_spans_their_values_alone() -> None:
    values = np.full(GRID.shape, 2000, dtype=np.int16)
    values[:, 20:40, 10:30] = np.arange(100, 500, 20, dtype=np.int16)[None, :, None]
    codes = np.zeros(GRID.shape, dtype=np.uint8)
    codes[:, 20:40, 10:30] = DISC_BASE + 1
    window = structure_window(LabelMap(codes, GRID), Structure.DISC, values, GRID)
    assert window is not None
    assert 0 <= window.low < 110
    assert 480 < window.high < 620
    assert structure_window(LabelMap(codes, GRID), Structure.CANAL, values, GRID) is None


def test_the_window_of_a_structure_is_found_in_another_series(viewport: Viewport) -> None:
    other = geometry("axial", shape=(30, 40, 40), spacing=(3.0, 1.0, 1.0))
    codes = np.zeros(GRID.shape, dtype=np.uint8)
    codes[2:7, 20:40, 10:30] = DISC_BASE + 1
    volume = Volume(np.full(other.shape, 77, dtype=np.uint8), other)
    window = structure_window(LabelMap(codes, GRID), Structure.DISC, volume.array, other)
    assert window is not None
    assert window.low < 77 < window.high


def test_a_preset_leaves_inverted_greys_inverted(viewport: Viewport) -> None:
    viewport.invert()
    for number in (4, 2, 1):
        viewport.apply_window_preset(number)
        assert viewport.grey_window.inverted
    viewport.invert()
    assert not viewport.grey_window.inverted
