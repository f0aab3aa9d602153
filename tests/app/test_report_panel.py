"""The report beside the images, driven with mouse and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.panels.report_panel import Choice, Editable, ReportPanel
from lvp_workstation.domain.findings import FindingKey
from lvp_workstation.domain.report_rows import About, SentenceRow
from lvp_workstation.report.builder import build_report
from lvp_workstation.report.phrases import load_phrases
from lvp_workstation.report.screen import OWN_MARK, href
from tests.app.conftest import PATIENCE_MS, Opener, reading_of
from tests.report import samples

CONTOUR = SentenceRow("D2", "herniation", "protrusion")
LINK = f"sentence:{CONTOUR.key}"


@pytest.fixture
def panel(qtbot: QtBot) -> ReportPanel:
    """A panel with the report of a reading that has one grade."""
    panel = ReportPanel()
    qtbot.addWidget(panel)
    reading = samples.grade(samples.analysed(), "D2", "herniation", "protrusion")
    panel.show_document(build_report(reading, samples.FACTS, load_phrases()))
    panel.resize(420, 500)
    panel.show()
    return panel


def test_keys_walk_over_the_sentences_and_ask_for_their_images(panel: ReportPanel, qtbot: QtBot) -> None:
    assert len(panel.links) > 20
    for _ in range(2):
        qtbot.keyClick(panel.page, Qt.Key.Key_Down)
    assert panel.current == panel.links[1]
    qtbot.keyClick(panel.page, Qt.Key.Key_Up)
    with qtbot.waitSignal(panel.link_activated) as told:
        qtbot.keyClick(panel.page, Qt.Key.Key_Return)
    assert told.args == [panel.links[0]]


def test_editing_gives_changed_words_and_escape_gives_none(panel: ReportPanel, qtbot: QtBot) -> None:
    panel.chosen.connect(lambda _: panel.set_editable(Editable("L4-L5 disc contour", "Disc protrusion.")))
    panel.set_current(LINK)
    given: list[tuple[str, str]] = []
    panel.words_given.connect(lambda link, text: given.append((link, text)))
    qtbot.keyClick(panel.page, Qt.Key.Key_E)
    qtbot.keyClick(panel.editor.field, Qt.Key.Key_Escape)
    assert not panel.editor.isVisible()
    qtbot.keyClick(panel.page, Qt.Key.Key_E)
    qtbot.keyClick(panel.editor.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert given == [], "nothing was changed"
    panel.edit()
    panel.editor.field.setPlainText("Small protrusion.")
    qtbot.keyClick(panel.editor.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert given == [(LINK, "Small protrusion.")]


def bottom_of(panel: ReportPanel) -> int:
    """Return where the current sentence begins, in the coordinates of what is in sight."""
    document, cursor = panel.page.document(), QTextCursor(panel.page.document())
    for position in range(document.characterCount()):
        cursor.setPosition(position)
        if cursor.charFormat().anchorHref() == href(panel.current):
            return panel.page.cursorRect(cursor).bottom()
    raise AssertionError(panel.current)


def test_the_sentence_stays_in_sight_while_its_words_are_written(panel: ReportPanel, qtbot: QtBot) -> None:
    panel.chosen.connect(lambda _: panel.set_editable(Editable("L4-L5", "Words.")))
    for link in panel.links:  # to the last one in sight
        panel.set_current(link)
        if bottom_of(panel) > panel.page.viewport().height() - 20:
            break
    panel.edit()
    assert panel.editor.isVisible()
    assert 0 <= bottom_of(panel) <= panel.page.viewport().height()


def test_delete_brings_the_programs_words_back_only_when_there_are_own_ones(
    panel: ReportPanel, qtbot: QtBot
) -> None:
    panel.set_current(LINK)
    panel.set_editable(Editable("x", "words", own=False))
    given: list[str] = []
    panel.words_given.connect(lambda _, text: given.append(text))
    qtbot.keyClick(panel.page, Qt.Key.Key_Delete)
    assert given == []
    panel.set_editable(Editable("x", "words", own=True))
    qtbot.keyClick(panel.page, Qt.Key.Key_Delete)
    assert given == [""]


def test_a_statement_is_chosen_from_its_words(panel: ReportPanel, qtbot: QtBot) -> None:
    choice = Choice("row", "Zone", (("left_foraminal", "left foraminal zone"),), "left_foraminal")
    panel.set_current(LINK)
    panel.set_editable(Editable("x", "words", choices=(choice,)))
    (box,) = panel.findChildren(QComboBox)
    assert box.currentText() == "left foraminal zone"
    with qtbot.waitSignal(panel.statement_given) as told:
        box.activated.emit(0)
    assert told.args == ["row", ""]


def settled(window: MainWindow, qtbot: QtBot, words: str) -> None:
    """Wait until the panel says these words."""
    qtbot.waitUntil(lambda: words in window.report.page.toPlainText(), timeout=PATIENCE_MS)


def test_the_panel_follows_the_reading_and_changes_it(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    window.set_grade(FindingKey("D2", "herniation"), "protrusion")
    settled(window, qtbot, "Disc protrusion.")
    window.go_to_level("D5")
    window.report.activate(LINK)
    assert window.rail.current == "D2", "the sentence leads to its level"
    window.report.words_given.emit(LINK, "Small protrusion.")
    settled(window, qtbot, f"{OWN_MARK} Small protrusion.")
    assert reading_of(window).texts[CONTOUR.key].text == "Small protrusion."
    window.undo()
    settled(window, qtbot, "Disc protrusion.")
    window.redo()
    settled(window, qtbot, "Small protrusion.")
    window.set_grade(FindingKey("D2", "herniation"), "extrusion")
    settled(window, qtbot, "Disc extrusion.")
    row = SentenceRow("D2", "herniation", "extrusion", About.ZONE)
    window.report.statement_given.emit(row.key, "left_foraminal")
    settled(window, qtbot, "Disc extrusion, left foraminal zone.")
    window.report.words_given.emit("row:marrow", "Homogeneous.")
    settled(window, qtbot, "Homogeneous.")
    (window.context.report_folder).mkdir()
    (window.context.report_folder / "en.json").write_text('{"section": {"impression": "Conclusion"}}')
    window.focus_report()
    qtbot.waitUntil(lambda: window.report.page.toPlainText().startswith("Conclusion"), timeout=PATIENCE_MS)
