"""Angle and region by mouse, measurements changed at their points, mouse maps that the tools obey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lvp_workstation.domain.annotations import Provenance, as_points
from lvp_workstation.domain.mark_shapes import FACTS, MarkShape, value_of
from lvp_workstation.domain.reader_marks import ReaderMark
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.measure.region_signal import ellipse_signal
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.intents import MarkDrawn
from lvp_workstation.viewer.mouse_map import IHE_BIR_PROFILE, PROFILES, profile_named
from lvp_workstation.viewer.overlay_shapes import caption_box
from lvp_workstation.viewer.reader_marks import reader_mark
from lvp_workstation.viewer.viewport import Viewport
from tests.viewer.conftest import shown_series
from tests.viewer.test_viewport import MakeGrid, send_move

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
READER = Provenance(Provenance.READER, "reader A", "2026-01-01T00:00:00Z")


@pytest.fixture
def grid(make_grid: MakeGrid) -> ViewportGrid:
    """Two viewports: sagittal T2 and sagittal T1 in the same space."""
    made = make_grid(1, 2, (1000, 400))
    for viewport, role in zip(made.viewports, (SeriesRole.SAG_T2, SeriesRole.SAG_T1), strict=True):
        viewport.set_series(shown_series(role))
    return made


@pytest.fixture
def viewport(grid: ViewportGrid) -> Viewport:
    """The first of them."""
    return grid.viewports[0]


def drag(viewport: Viewport, start: QPoint, end: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(viewport, LEFT, held, start)
    for share in (0.3, 0.7, 1.0):
        send_move(viewport, start + (end - start) * share, LEFT, held)
    QTest.mouseRelease(viewport, LEFT, held, end)


def kept(viewport: Viewport, shape: MarkShape, pixels: list[tuple[float, float]]) -> ReaderMark:
    """Return a measurement of the reading through these pixels."""
    view = viewport.view()
    assert view is not None
    assert viewport.series is not None
    points = as_points(*view.pixel_to_world(pixels)) if pixels else ()
    return ReaderMark(
        "m1",
        shape,
        points,
        viewport.series.key,
        viewport.slice_index,
        READER,
        viewport.frame_of_reference_uid,
    )


def test_an_angle_is_drawn_with_a_drag_and_a_click(viewport: Viewport, qtbot: QtBot) -> None:
    viewport.set_tool("angle")
    drag(viewport, QPoint(60, 100), QPoint(160, 100))
    send_move(viewport, QPoint(160, 40), Qt.MouseButton.NoButton)
    assert viewport.content.preview is not None
    assert viewport.content.preview.caption == "90.0°"
    with qtbot.waitSignal(viewport.mark_drawn) as drawn:
        QTest.mouseClick(viewport, LEFT, NONE, QPoint(160, 40))
    sent = drawn.args[0]
    assert sent.shape is MarkShape.ANGLE
    assert (sent.series_key, sent.slice_index) == (viewport.series.key, viewport.slice_index)  # type: ignore[union-attr]
    assert replace(kept(viewport, MarkShape.ANGLE, []), points_lps=as_points(*sent.points)).value == (
        pytest.approx(90.0)
    )
    assert viewport.content.preview is None


def test_an_angle_is_drawn_with_three_clicks(viewport: Viewport, qtbot: QtBot) -> None:
    viewport.set_tool("angle")
    QTest.mouseClick(viewport, LEFT, NONE, QPoint(60, 100))
    send_move(viewport, QPoint(160, 100), Qt.MouseButton.NoButton)
    assert viewport.content.preview is not None
    QTest.mouseClick(viewport, LEFT, NONE, QPoint(160, 100))
    with qtbot.waitSignal(viewport.mark_drawn) as drawn:
        QTest.mouseClick(viewport, LEFT, NONE, QPoint(160, 40))
    sent = drawn.args[0]
    assert replace(kept(viewport, MarkShape.ANGLE, []), points_lps=as_points(*sent.points)).value == (
        pytest.approx(90.0)
    )
    assert viewport.content.preview is None


def test_a_half_drawn_angle_is_dropped_by_escape_and_by_another_slice(
    viewport: Viewport, qtbot: QtBot
) -> None:
    viewport.set_tool("angle")
    with qtbot.assertNotEmitted(viewport.mark_drawn):
        drag(viewport, QPoint(60, 100), QPoint(160, 100))
        assert viewport.cancel_tool()
        QTest.mouseClick(viewport, LEFT, NONE, QPoint(160, 40))
        drag(viewport, QPoint(60, 100), QPoint(160, 100))
        viewport.scroll_by(1)
        assert viewport.content.preview is None
        QTest.mouseClick(viewport, LEFT, NONE, QPoint(160, 40))


def test_a_region_tells_area_and_the_signal_of_its_slice(viewport: Viewport, qtbot: QtBot) -> None:
    series, view = viewport.series, viewport.view()
    assert series is not None
    assert view is not None
    assert series.array is not None
    assert series.geometry is not None
    viewport.set_tool("roi")
    with qtbot.waitSignal(viewport.mark_drawn) as drawn:
        drag(viewport, QPoint(60, 60), QPoint(300, 300))
    points = drawn.args[0].points
    mark = replace(kept(viewport, MarkShape.ELLIPSE, []), points_lps=as_points(*points))
    assert mark.value == pytest.approx(np.pi * 120 * 120 * view.mm_per_pixel**2, rel=1e-3)
    signal = ellipse_signal(series.array, series.geometry, viewport.slice_index, mark.points)
    assert signal is not None

    rows, columns = np.indices(series.geometry.shape[1:]).reshape(2, -1)
    index = np.stack([np.full(rows.size, viewport.slice_index), rows, columns], axis=1)
    pixels = view.world_to_pixel(series.geometry.index_to_world(index.astype(float)))
    inside = ((pixels[:, 0] - 180) / 120) ** 2 + ((pixels[:, 1] - 180) / 120) ** 2 <= 1
    values = series.array[viewport.slice_index].reshape(-1)[inside].astype(float)
    assert signal.pixels == len(values) > 5
    assert signal.mean == pytest.approx(values.mean())
    assert signal.deviation == pytest.approx(values.std())
    assert (signal.minimum, signal.maximum) == (values.min(), values.max())


def test_a_region_outside_the_image_has_an_area_and_no_signal(viewport: Viewport) -> None:
    series = viewport.series
    assert series is not None
    assert series.array is not None
    assert series.geometry is not None
    far = np.array([[900.0, 900, 900], [910, 900, 900], [900, 910, 900]])
    assert ellipse_signal(series.array, series.geometry, 0, far) is None


@pytest.mark.parametrize("number", [0, 1, 2])
def test_points_of_a_measurement_are_dragged(viewport: Viewport, qtbot: QtBot, number: int) -> None:
    pixels = [(100.0, 100.0), (140.0, 100.0), (100.0, 130.0)]
    mark = kept(viewport, MarkShape.ELLIPSE, pixels)
    viewport.set_lines([reader_mark(mark)])
    start = QPoint(*(int(v) for v in pixels[number]))
    with qtbot.waitSignal(viewport.mark_moved) as moved:
        drag(viewport, start, start + QPoint(20, 12))
    view = viewport.view()
    assert view is not None
    assert moved.args[0].mark_id == "m1"
    after = view.world_to_pixel(moved.args[0].points)
    wanted = np.array(pixels[number]) + np.array([20.0, 12.0])
    np.testing.assert_allclose(after[number], wanted, atol=0.1)
    arms = after[1:] - after[0]
    assert abs(arms[0] @ arms[1]) < 1.0
    if number == 0:
        np.testing.assert_allclose(after - after[0], np.array(pixels) - pixels[0], atol=0.1)
    else:
        assert np.hypot(*arms[2 - number]) == pytest.approx((30, 40)[number - 1], abs=0.1)


def test_measurements_stay_on_their_slice_and_signal_on_its_series(grid: ViewportGrid) -> None:
    t2, t1 = grid.viewports
    mark = kept(t2, MarkShape.ELLIPSE, [(100.0, 100.0), (140.0, 100.0), (100.0, 130.0)])
    series = t2.series
    assert series is not None
    assert series.array is not None
    assert series.geometry is not None
    signal = ellipse_signal(series.array, series.geometry, t2.slice_index, mark.points)
    with_signal = reader_mark(replace(mark, signal=signal))
    grid.set_lines([with_signal, reader_mark(replace(mark, mark_id="m2"))])
    assert [m.mark_id for m in t2.content.marks] == ["m1", "m2"]
    assert [m.mark_id for m in t1.content.marks] == ["m2"]
    assert t2.stack is not None
    assert t2.slice_plane is not None
    assert with_signal.lies_on(t2.slice_plane, t2.stack.reach_mm)
    assert not with_signal.lies_on(t2.stack.slice_plane(t2.slice_index + 1), t2.stack.reach_mm)
    assert "mean" in with_signal.caption
    assert with_signal.caption.startswith(f"{mark.value:.1f} mm²")


def test_three_maps_are_at_hand_and_bir_scrolls_faster_with_ctrl(viewport: Viewport, qtbot: QtBot) -> None:
    assert [p.name for p in PROFILES] == ["default", "stack_scroll", "ihe_bir"]
    assert profile_named("ihe_bir") is IHE_BIR_PROFILE
    assert profile_named("unknown") is PROFILES[0]
    viewport.set_mouse_profile(IHE_BIR_PROFILE)
    viewport.set_tool(IHE_BIR_PROFILE.first_tool)
    steps = []
    for held in (NONE, CTRL):
        viewport.first_slice()
        start = viewport.slice_index
        drag(viewport, QPoint(100, 100), QPoint(100, 125), held)
        steps.append(abs(viewport.slice_index - start))
    assert steps[0] == 1
    assert steps[1] > steps[0]


def shape_sent(viewport: Viewport, qtbot: QtBot, draw: Callable[[], None]) -> MarkDrawn:
    """Return the measurement that drawing sends."""
    with qtbot.waitSignal(viewport.mark_drawn) as drawn:
        draw()
    sent: MarkDrawn = drawn.args[0]
    assert viewport.content.preview is None
    return sent


@pytest.mark.parametrize("tool", ["cobb", "disc_height", "slip", "lordosis"])
def test_two_lines_are_dragged_one_after_the_other(viewport: Viewport, qtbot: QtBot, tool: str) -> None:
    viewport.set_tool(tool)
    drag(viewport, QPoint(60, 100), QPoint(160, 110))
    QTest.mouseClick(viewport, LEFT, NONE, QPoint(200, 200))
    assert viewport.content.preview is not None
    sent = shape_sent(viewport, qtbot, lambda: drag(viewport, QPoint(60, 150), QPoint(160, 150)))
    assert sent.shape is MarkShape(tool)
    view = viewport.view()
    assert view is not None
    wanted = [(60, 100), (160, 110), (60, 150), (160, 150)]
    np.testing.assert_allclose(view.world_to_pixel(sent.points), wanted, atol=0.1)


@pytest.mark.parametrize("ending", ["double", "first"])
def test_a_polygon_is_clicked_and_closed(viewport: Viewport, qtbot: QtBot, ending: str) -> None:
    viewport.set_tool("polygon")
    corners = [QPoint(60, 60), QPoint(120, 60), QPoint(120, 110)]

    def draw() -> None:
        for corner in corners:
            QTest.mouseClick(viewport, LEFT, NONE, corner)
            send_move(viewport, corner + QPoint(10, 10), Qt.MouseButton.NoButton)
        if ending == "double":
            QTest.mouseClick(viewport, LEFT, NONE, QPoint(60, 110))
            QTest.mouseDClick(viewport, LEFT, NONE, QPoint(60, 110))
        else:
            QTest.mouseClick(viewport, LEFT, NONE, QPoint(62, 61))

    with qtbot.assertNotEmitted(viewport.maximise_requested):
        sent = shape_sent(viewport, qtbot, draw)
    assert sent.shape is MarkShape.POLYGON
    assert len(sent.points) == (4 if ending == "double" else 3)
    assert not viewport.cancel_tool()


def test_an_outline_is_drawn_by_hand_with_few_points(viewport: Viewport, qtbot: QtBot) -> None:
    viewport.set_tool("freehand")
    turn = np.linspace(0, 2 * np.pi, 60)
    around = [QPoint(round(120 + 40 * np.cos(a)), round(120 + 40 * np.sin(a))) for a in turn]

    def draw() -> None:
        QTest.mousePress(viewport, LEFT, NONE, around[0])
        for point in around[1:]:
            send_move(viewport, point, LEFT)
        QTest.mouseRelease(viewport, LEFT, NONE, around[-1])

    sent = shape_sent(viewport, qtbot, draw)
    view = viewport.view()
    assert view is not None
    assert len(sent.points) < 40
    area = value_of(MarkShape.FREEHAND, sent.points)
    assert area == pytest.approx(np.pi * (40 * view.mm_per_pixel) ** 2, rel=0.03)


def test_points_texts_and_arrows_are_placed(viewport: Viewport, qtbot: QtBot) -> None:
    for tool in ("point", "text"):
        viewport.set_tool(tool)
        sent = shape_sent(viewport, qtbot, lambda: QTest.mouseClick(viewport, LEFT, NONE, QPoint(90, 70)))
        assert (sent.shape, len(sent.points)) == (MarkShape(tool), 1)
    viewport.set_tool("arrow")
    sent = shape_sent(viewport, qtbot, lambda: drag(viewport, QPoint(90, 70), QPoint(150, 40)))
    assert sent.shape is MarkShape.ARROW


def test_every_shape_is_painted_and_captions_keep_clear(viewport: Viewport) -> None:
    pixels = [(60.0, 60.0), (120.0, 66.0), (62.0, 90.0), (118.0, 92.0)]
    marks = [
        reader_mark(
            replace(kept(viewport, shape, pixels[: facts.least]), mark_id=shape.value, text="here"), "L4-L5"
        )
        for shape, facts in FACTS.items()
    ]
    viewport.set_lines(marks)
    viewport.grab()
    view = viewport.view()
    assert view is not None
    taken: list[QRectF] = []
    for _ in range(6):
        box = caption_box(view, QRectF(60, 60, 60, 30), 80.0, 28.0, taken)
        assert not any(box.intersects(other) for other in taken)
        taken.append(box)
