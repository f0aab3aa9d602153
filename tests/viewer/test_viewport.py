"""A viewport: the right slice, the right pixels, the right intents."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.volume import ImagePlane, Volume
from lvp_workstation.render.label_lut import OverlayStyle, instance_colour
from lvp_workstation.render.window import Window
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.marks import ReferenceLine, WorldMark
from lvp_workstation.viewer.viewport import Viewport
from tests.render.samples import blocks, geometry
from tests.viewer.conftest import constant_slices, make_series, shown_series, turn_wheel

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
MakeGrid = Callable[..., ViewportGrid]


@pytest.fixture
def viewport(make_grid: MakeGrid) -> Viewport:
    """One viewport that shows a sagittal series whose slice n has the value 10 (n + 1)."""
    viewport = make_grid().viewports[0]
    viewport.set_series(shown_series(volume=constant_slices(geometry("sagittal"))))
    viewport.set_window(Window(128, 256))
    viewport.set_annotations_visible(False)
    return viewport


def drag(
    qtbot: QtBot, viewport: Viewport, button: Qt.MouseButton, start: QPoint, end: QPoint, held: object = NONE
) -> None:
    """Drag with a button from one pixel to another."""
    qtbot.mousePress(viewport, button, held, start)
    for n in range(1, 5):
        at = start + (end - start) * n / 4
        qtbot.mouseMove(viewport, at)
        send_move(viewport, at, button, held)
    qtbot.mouseRelease(viewport, button, held, end)


def send_move(viewport: Viewport, at: QPoint, button: Qt.MouseButton, held: object = NONE) -> None:
    """Send one mouse move with buttons and modifiers."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        viewport.mapToGlobal(QPointF(at)),
        Qt.MouseButton.NoButton,
        button,
        held,
    )
    QApplication.sendEvent(viewport, event)


def colour_at(viewport: Viewport, point: np.ndarray) -> QColor:
    """Return the painted colour of the pixel in which an LPS point lies."""
    view = viewport.view()
    assert view is not None
    x, y = view.world_to_pixel(point)
    return viewport.grab().toImage().pixelColor(int(x), int(y))


def off_centre(viewport: Viewport) -> np.ndarray:
    """Return an LPS point on the slice where nothing is written."""
    assert viewport.stack is not None
    return viewport.stack.geometry.index_to_world((viewport.slice_index, 8, 6))


def test_scrolling_shows_the_pixels_of_each_slice(viewport: Viewport) -> None:
    viewport.first_slice()
    assert viewport.stack is not None
    for number in range(1, viewport.stack.count + 1):
        index = viewport.stack.index(number)
        assert viewport.slice_index == index
        level = round((10 * (index + 1) - 127.5) / 255 * 255 + 127.5)
        assert abs(colour_at(viewport, off_centre(viewport)).red() - level) <= 1
        turn_wheel(viewport, -1)
    assert viewport.slice_index == viewport.stack.index(viewport.stack.count)


def test_only_painted_slices_count_as_seen(viewport: Viewport, qtbot: QtBot) -> None:
    viewport.grab()
    assert viewport.series is not None
    assert viewport.series.viewed == {3}
    with qtbot.waitSignal(viewport.slice_painted):
        viewport.scroll_by(2)
        viewport.grab()
    assert len(viewport.series.viewed) == 2
    viewport.set_reformat(ImagePlane.AXIAL)
    viewport.grab()
    assert len(viewport.series.viewed) == 2


def test_a_computed_slice_says_so_and_has_no_seen_strip(viewport: Viewport) -> None:
    viewport.grab()
    assert viewport.content.texts.badges[0].text.startswith("ACQUIRED")
    viewport.set_reformat(ImagePlane.CORONAL)
    viewport.grab()
    assert viewport.content.texts.badges[0].text == "COMPUTED from 4.0 mm slices"
    assert viewport.content.strip is None


def test_labels_are_painted_on_their_voxels(viewport: Viewport) -> None:
    label_map = blocks(geometry("sagittal"))
    viewport.set_overlay_style(OverlayStyle(fill=1.0, outline=0.0))
    viewport.set_labels(LabelLayer.build(label_map, LevelMap(2)))
    for instance, row in (("V2", 4), ("D2", 9), ("V1", 13)):
        point = label_map.geometry.index_to_world((viewport.slice_index, row, 6))
        assert colour_at(viewport, point).getRgb()[:3] == instance_colour(instance)
    viewport.set_overlay_visible(False)
    colour = colour_at(viewport, label_map.geometry.index_to_world((viewport.slice_index, 4, 6)))
    assert colour.red() == colour.green() == colour.blue()
    viewport.set_overlay_visible(True)
    viewport.set_segmentation_visible(False)
    assert (
        colour_at(viewport, label_map.geometry.index_to_world((viewport.slice_index, 4, 6))).saturation() == 0
    )


def test_left_drag_changes_the_window(viewport: Viewport, qtbot: QtBot) -> None:
    before = viewport.grey_window
    drag(qtbot, viewport, LEFT, QPoint(200, 200), QPoint(260, 160))
    assert viewport.grey_window.width > before.width
    assert viewport.grey_window.centre < before.centre
    assert viewport.series is not None
    assert viewport.series.window == viewport.grey_window


def test_right_drag_zooms_around_its_start(viewport: Viewport, qtbot: QtBot) -> None:
    view = viewport.view()
    assert view is not None
    point = view.pixel_to_world((120, 150))
    drag(qtbot, viewport, RIGHT, QPoint(120, 150), QPoint(120, 50))
    after = viewport.view()
    assert after is not None
    assert after.mm_per_pixel < view.mm_per_pixel
    np.testing.assert_allclose(after.world_to_pixel(point), (120, 150), atol=1e-6)


def test_middle_drag_moves_the_image_with_the_mouse(viewport: Viewport, qtbot: QtBot) -> None:
    view = viewport.view()
    assert view is not None
    point = view.pixel_to_world((120, 150))
    drag(qtbot, viewport, MIDDLE, QPoint(120, 150), QPoint(160, 130))
    after = viewport.view()
    assert after is not None
    np.testing.assert_allclose(after.world_to_pixel(point), (160, 130), atol=1e-6)
    viewport.reset_view()
    assert viewport.view().key == view.key


def test_ctrl_wheel_zooms_in_every_tool(viewport: Viewport) -> None:
    for tool in ("window", "brush", "distance"):
        viewport.set_tool(tool)
        before, index = viewport.state.zoom, viewport.slice_index
        turn_wheel(viewport, 1, CTRL)
        assert viewport.state.zoom > before
        assert viewport.slice_index == index


def test_fine_wheels_add_up(viewport: Viewport) -> None:
    index = viewport.slice_index
    for _ in range(8):
        where = QPointF(50, 50)
        event = QWheelEvent(
            where, where, QPoint(), QPoint(0, -15), LEFT, NONE, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(viewport, event)
    assert abs(viewport.slice_index - index) == 1


def test_shift_move_asks_for_the_cursor(viewport: Viewport, qtbot: QtBot) -> None:
    with qtbot.waitSignal(viewport.cursor_moved) as moved:
        send_move(viewport, QPoint(133, 77), Qt.MouseButton.NoButton, SHIFT)
    view = viewport.view()
    assert view is not None
    np.testing.assert_allclose(view.world_to_pixel(moved.args[0]), (133, 77), atol=1e-6)


def test_a_distance_is_sent_in_millimetres(viewport: Viewport, qtbot: QtBot) -> None:
    viewport.set_tool("distance")
    with qtbot.waitSignal(viewport.mark_drawn) as drawn:
        drag(qtbot, viewport, LEFT, QPoint(100, 100), QPoint(180, 160))
    points = drawn.args[0].points
    view = viewport.view()
    assert view is not None
    assert np.linalg.norm(points[1] - points[0]) == pytest.approx(100 * view.mm_per_pixel)
    assert viewport.slice_plane is not None
    np.testing.assert_allclose(viewport.slice_plane.signed_distance(points), 0, atol=1e-9)
    assert viewport.content.preview is None


def test_a_stroke_is_sent_and_nothing_is_changed(viewport: Viewport, qtbot: QtBot) -> None:
    label_map = blocks(geometry("sagittal"))
    before = label_map.array.copy()
    viewport.set_labels(LabelLayer.build(label_map, None))
    viewport.set_tool("brush")
    viewport.set_brush_radius(2.5)
    with qtbot.waitSignal(viewport.stroke_finished) as finished:
        drag(qtbot, viewport, LEFT, QPoint(100, 100), QPoint(140, 100))
    stroke = finished.args[0]
    assert (stroke.erase, stroke.radius_mm, stroke.slice_index) == (False, 2.5, viewport.slice_index)
    assert len(stroke.points) >= 5
    assert np.array_equal(label_map.array, before)
    with qtbot.waitSignal(viewport.stroke_finished) as finished:
        drag(qtbot, viewport, LEFT, QPoint(100, 100), QPoint(140, 100), CTRL)
    assert finished.args[0].erase


def test_escape_gives_up_a_drag(viewport: Viewport, qtbot: QtBot) -> None:
    viewport.set_tool("distance")
    qtbot.mousePress(viewport, LEFT, NONE, QPoint(100, 100))
    send_move(viewport, QPoint(150, 150), LEFT)
    assert viewport.content.preview is not None
    assert viewport.cancel_tool()
    assert viewport.content.preview is None
    with qtbot.assertNotEmitted(viewport.mark_drawn):
        qtbot.mouseRelease(viewport, LEFT, NONE, QPoint(150, 150))
    assert not viewport.cancel_tool()


def test_clicks_tell_what_lies_under_them(viewport: Viewport, qtbot: QtBot) -> None:
    label_map = blocks(geometry("sagittal"))
    viewport.set_labels(LabelLayer.build(label_map, LevelMap(2)))
    view = viewport.view()
    assert view is not None
    x, y = view.world_to_pixel(label_map.geometry.index_to_world((viewport.slice_index, 9, 6)))
    with qtbot.waitSignal(viewport.clicked) as clicked:
        qtbot.mouseClick(viewport, LEFT, NONE, QPoint(int(x), int(y)))
    readout = clicked.args[0]
    assert (readout.instance, readout.name) == ("D2", "L4-L5?")
    assert readout.value == 10 * (viewport.slice_index + 1)
    with qtbot.waitSignal(viewport.context_requested):
        qtbot.mouseClick(viewport, RIGHT, NONE, QPoint(int(x), int(y)))


def test_measured_lines_appear_on_their_slice_only(viewport: Viewport) -> None:
    grid = geometry("sagittal")
    points = grid.index_to_world([(2, 5, 3), (2, 15, 16)])
    viewport.set_lines([WorldMark(points, "12.3 mm")])
    middle = points.mean(axis=0)
    viewport.go_to_slice(2)
    assert colour_at(viewport, middle).saturation() > 50
    viewport.go_to_slice(4)
    assert colour_at(viewport, middle).saturation() == 0


def test_an_oblique_reformat_starts_at_its_plane(viewport: Viewport) -> None:
    grid = geometry("sagittal")
    plane = Plane(grid.centre, (0.0, 0.4, 0.9))
    viewport.set_oblique(plane)
    assert viewport.slice_plane is not None
    assert abs(float(viewport.slice_plane.signed_distance(grid.centre))) < 1e-6
    assert not viewport.acquired
    viewport.grab()


def test_slices_that_still_load_are_not_counted_as_seen(make_grid: MakeGrid) -> None:
    viewport = make_grid().viewports[0]
    series = make_series()
    loading = DisplaySeries(series)
    viewport.set_series(loading)
    viewport.grab()
    assert loading.viewed == frozenset()
    loading.put_slice(3, np.full((24, 20), 50, dtype=np.uint16))
    viewport.grab()
    assert loading.viewed == {3}
    window = viewport.grey_window
    viewport.scroll_by(1)
    viewport.grab()
    assert loading.viewed == {3}
    loading.put_slice(viewport.slice_index, np.full((24, 20), 900, dtype=np.uint16))
    viewport.grab()
    assert len(loading.viewed) == 2
    assert viewport.grey_window == window


def test_the_identity_is_never_shortened(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 1, (130, 300))
    viewport = grid.viewports[0]
    viewport.set_series(shown_series())
    viewport.set_annotations_visible(False)
    viewport.grab()
    assert viewport.content.texts.identity == ("DOE, JANE M", "ID P-0042 (HOSP)", "born 1960-01-02  F")


def test_reference_lines_and_cursor_are_painted_where_they_belong(viewport: Viewport) -> None:
    grid = geometry("sagittal")
    ends = grid.index_to_world([(viewport.slice_index, 4, 2), (viewport.slice_index, 4, 17)])
    viewport.set_annotations_visible(True)
    viewport.set_reference_lines([ReferenceLine(ends[0], ends[1], "7", active=True)])
    assert colour_at(viewport, ends.mean(axis=0)).saturation() > 100
    viewport.set_reference_lines([])
    viewport.set_annotations_visible(False)
    cursor = grid.index_to_world((viewport.slice_index, 12, 10))
    viewport.set_cursor(cursor)
    view = viewport.view()
    assert view is not None
    assert colour_at(viewport, cursor).saturation() == 0
    assert colour_at(viewport, cursor + 15 * view.mm_per_pixel * view.right).saturation() > 50


def test_window_presets_and_inversion(viewport: Viewport) -> None:
    assert viewport.series is not None
    default = viewport.series.default_window
    for number in (1, 2, 3, 4, 5, 6, 9):
        viewport.apply_window_preset(number)
        assert viewport.grey_window.width > 0
    assert viewport.grey_window == default
    viewport.invert()
    assert viewport.grey_window.inverted


def test_a_viewport_without_series_or_geometry_paints_a_sentence(viewport: Viewport) -> None:
    viewport.set_series(None)
    viewport.grab()
    viewport.scroll_by(1)
    viewport.zoom_by(2.0)
    assert viewport.view() is None
    assert viewport.readout_at(1, 1) is None


def test_disposing_twice_is_fine(viewport: Viewport) -> None:
    viewport.dispose()
    viewport.dispose()
    viewport.request_render()
    viewport.render_frame()


def test_the_first_view_shows_the_patient_and_no_air(make_grid: MakeGrid) -> None:
    grid = geometry("sagittal", shape=(3, 60, 80), spacing=(4.0, 1.0, 1.0))
    array = np.zeros(grid.shape, dtype=np.uint16)
    array[:, :, 40:70] = 300
    viewport = make_grid(1, 1, (300, 600)).viewports[0]
    viewport.set_series(shown_series(volume=Volume(array, grid)))
    view = viewport.view()
    assert view is not None
    columns = grid.world_to_index(view.pixel_to_world([(0, 300), (300, 300)]))[:, 2]
    assert 30 < columns[0] < 40
    assert 70 < columns[1] < 80
    viewport.zoom_by(3.0)
    viewport.show_whole_slice()
    whole = viewport.view()
    assert whole is not None
    assert whole.mm_per_pixel == pytest.approx(80 / 300)
    viewport.reset_view()
    again = viewport.view()
    assert again is not None
    assert again.key == view.key
    viewport.fill_view()
    assert viewport.view().mm_per_pixel == pytest.approx(60 / 600)
