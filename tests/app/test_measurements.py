"""The reader's measurements in the window: kept, undone, found again, listed, deleted; mouse maps by menu."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from lvp_workstation.app.dialogs.marks import MarkRow, MarksDialog
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.settings import load_settings
from lvp_workstation.app.words_field import WordsField
from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.domain.reader_marks import ReaderMark
from lvp_workstation.viewer.intents import MarkMoved
from tests.app.conftest import PATIENCE_MS, Opener, reading_of, until_signed
from tests.app.test_keys import press
from tests.viewer.test_viewport import send_move

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


def drag(window: MainWindow, start: QPoint, end: QPoint) -> None:
    viewport = window.viewports.viewports[0]
    QTest.mousePress(viewport, LEFT, Qt.KeyboardModifier.NoModifier, start)
    for share in (0.4, 1.0):
        send_move(viewport, start + (end - start) * share, LEFT)
    QTest.mouseRelease(viewport, LEFT, Qt.KeyboardModifier.NoModifier, end)


def the_mark(window: MainWindow) -> ReaderMark:
    (mark,) = reading_of(window).marks.values()
    return mark


def wait_for(window: MainWindow, qtbot: QtBot, count: int) -> None:
    qtbot.waitUntil(lambda: len(reading_of(window).marks) == count, timeout=PATIENCE_MS)


def test_a_region_by_key_is_kept_undone_moved_and_found_again(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    viewport = window.viewports.viewports[0]
    press(window, Qt.Key.Key_R)
    assert viewport.active_tool == "roi"
    drag(window, QPoint(120, 200), QPoint(180, 260))
    wait_for(window, qtbot, 1)
    mark = the_mark(window)
    assert mark.shape is MarkShape.ELLIPSE
    assert mark.signal is not None
    assert mark.signal.pixels > 3
    assert mark.source_sop_uids == (viewport.series.series.frames[viewport.slice_index].sop_instance_uid,)  # type: ignore[union-attr]
    assert [m.mark_id for m in viewport.content.marks] == [mark.mark_id]

    press(window, Qt.Key.Key_Z, CTRL)
    wait_for(window, qtbot, 0)
    assert not viewport.content.marks
    press(window, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    wait_for(window, qtbot, 1)

    points = mark.points
    larger = np.array([points[0], *(points[0] + 2 * (points[1:] - points[0]))])
    window.move_mark(MarkMoved(mark.mark_id, larger))
    qtbot.waitUntil(lambda: the_mark(window).value > 3.9 * mark.value, timeout=PATIENCE_MS)
    assert the_mark(window).signal.pixels > 3 * mark.signal.pixels  # type: ignore[union-attr]
    before = reading_of(window)
    window.close()
    window.context.close()
    again = open_window()
    assert reading_of(again).marks == before.marks
    assert again.viewports.viewports[0].content.marks


def test_an_angle_by_key_is_listed_gone_to_and_deleted(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    viewport = window.viewports.viewports[0]
    press(window, Qt.Key.Key_A)
    drag(window, QPoint(120, 200), QPoint(180, 260))
    QTest.mouseClick(viewport, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(180, 160))
    wait_for(window, qtbot, 1)
    assert the_mark(window).value == pytest.approx(45.0, abs=1.5)

    window.list_marks()
    dialog = window._marks_dialog
    assert dialog is not None
    assert dialog.list.count() == 1
    assert "°" in dialog.list.item(0).text()
    assert "image" in dialog.list.item(0).text()
    drawn_at = viewport.slice_index
    viewport.scroll_by(4)
    dialog.list.itemActivated.emit(dialog.list.item(0))
    assert viewport.slice_index == drawn_at

    press(window, Qt.Key.Key_Delete)
    wait_for(window, qtbot, 0)
    assert dialog.list.count() == 0
    press(window, Qt.Key.Key_Delete)
    assert "no measurement" in window.status.message


def test_after_signing_a_measurement_is_shown_and_said_not_to_be_kept(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window()
    window.confirm_numbering()
    levels = window.readings
    qtbot.waitUntil(lambda: bool(reading_of(window).level_map.confirmed_by), timeout=PATIENCE_MS)  # type: ignore[union-attr]
    levels.sign("reader A", window.coverage())
    until_signed(window, qtbot)
    press(window, Qt.Key.Key_D)
    drag(window, QPoint(120, 200), QPoint(180, 260))
    assert "not kept" in window.status.message
    assert not reading_of(window).marks
    assert len(window.viewports.viewports[0].content.marks) == 1


def test_a_mouse_map_is_chosen_in_the_menu_and_kept(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    assert window._actions["mouse.default"].isChecked()
    window._actions["mouse.ihe_bir"].trigger()
    assert [window._actions[f"mouse.{n}"].isChecked() for n in ("default", "stack_scroll", "ihe_bir")] == [
        False,
        False,
        True,
    ]
    viewport = window.viewports.viewports[0]
    assert viewport.active_tool == "scroll"
    at = viewport.slice_index
    drag(window, QPoint(120, 200), QPoint(120, 250))
    assert viewport.slice_index != at
    assert load_settings(window.context._settings_path).mouse_profile == "ihe_bir"


def test_an_arrow_gets_its_words_on_the_image_and_a_level_its_measurement_in_the_report(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window()
    viewport = window.viewports.viewports[0]
    press(window, Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    drag(window, QPoint(120, 200), QPoint(180, 260))
    field = viewport.findChild(WordsField)
    assert field is not None
    QTest.keyClicks(field, "Root at L5")
    assert viewport.active_tool == "arrow"
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_for(window, qtbot, 1)
    arrow = the_mark(window)
    assert (arrow.shape, arrow.text, arrow.value) == (MarkShape.ARROW, "Root at L5", None)

    place = window.screen_state.place_of("D2")
    view = viewport.view()
    assert place is not None
    assert view is not None
    window.viewports.set_cursor(place.point)
    x, y = (round(float(v)) for v in view.world_to_pixel(place.point))
    press(window, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    drag(window, QPoint(x + 20, y), QPoint(x + 70, y))
    wait_for(window, qtbot, 2)
    mark = next(m for m in reading_of(window).marks.values() if m.shape is MarkShape.CANAL_AP)
    assert mark.target == "D2"
    press(window, Qt.Key.Key_K)
    window.list_marks()
    dialog = window._marks_dialog
    assert dialog is not None
    rows = [dialog.list.item(n).text() for n in range(dialog.list.count())]
    assert ["Root at L5" in rows[0], "L4-L5?  canal AP" in rows[1], "key image" in rows[2]] == [True] * 3
    copy, _, delete = dialog.findChildren(QPushButton)
    dialog.list.setCurrentRow(1)
    copy.click()
    qtbot.waitUntil(lambda: "D2" in reading_of(window).texts, timeout=PATIENCE_MS)
    assert reading_of(window).texts["D2"].text.startswith(f"Canal AP: {mark.value:.1f} mm (")
    dialog.list.setCurrentRow(2)
    delete.click()
    assert dialog.list.count() == 2
    assert not any(series.key_images for series in window.studies.series.values())


def test_an_empty_list_says_so_and_offers_nothing_to_be_done_with_rows(qtbot: QtBot) -> None:
    dialog = MarksDialog()
    qtbot.addWidget(dialog)
    dialog.show_rows([])
    dialog.show()
    buttons = dialog.findChildren(QPushButton)
    assert dialog.nothing.isVisible()
    assert not any(button.isEnabled() for button in buttons)
    dialog.show_rows([MarkRow("1", "distance 3 mm")])
    assert not dialog.nothing.isVisible()
    assert all(button.isEnabled() for button in buttons)


def test_a_text_without_words_is_no_mark(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    viewport = window.viewports.viewports[0]
    press(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    QTest.mouseClick(viewport, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(150, 220))
    field = viewport.findChild(WordsField)
    assert field is not None
    QTest.keyClicks(field, "x")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    press(window, Qt.Key.Key_Q)
    QTest.mouseClick(viewport, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(150, 220))
    wait_for(window, qtbot, 1)
    assert the_mark(window).shape is MarkShape.POINT
    assert the_mark(window).signal is not None
