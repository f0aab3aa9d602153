"""What the window does when the world does not play along: always a sentence, never a lost edit."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from lvp_workstation.app.context import DATABASE_NAME
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.reading_controller import RELOADED
from lvp_workstation.app.settings import LOCAL_READER, Settings
from lvp_workstation.app.window_words import MOST_NOTES, input_notes
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.domain.findings import FindingKey
from lvp_workstation.domain.reading import ReadingMode, ReadingState
from lvp_workstation.domain.reading_view import RailMark
from lvp_workstation.phantom.generate import PhantomStudy
from lvp_workstation.services.analyse import Analyser
from tests.app.conftest import PATIENCE_MS, Opener, reading_of, until_signed
from tests.app.phantom_window import TestContext

KEY = FindingKey("D2", "pfirrmann")


class NoModel(TestContext):
    """A context without a model."""

    def analyser(self) -> Analyser:
        """Refuse."""
        raise ModelProblem("The model bundle is missing; install the program again.")


def opened(window: MainWindow, study: Path, qtbot: QtBot) -> MainWindow:
    qtbot.addWidget(window)
    window.resize(1500, 900)
    window.show()
    window.open_paths([study])
    return window


def test_a_change_made_elsewhere_is_shown_and_the_own_edit_is_refused_in_words(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window()
    study = window.studies.study
    assert study is not None
    other = window.context.reading_room().open(study, LOCAL_READER, ReadingMode.INDEPENDENT_FIRST)
    other.run(edits.set_grade(other.reading, KEY, "5", Author("reader B", "2026-01-01T00:00:00Z")))
    window.set_grade(FindingKey("D3", "pfirrmann"), "2")
    qtbot.waitUntil(lambda: window.status.message == RELOADED, timeout=PATIENCE_MS)
    assert reading_of(window).finding(KEY).grade == "5"
    assert reading_of(window).finding(FindingKey("D3", "pfirrmann")).grade == ""
    window.set_grade(FindingKey("D3", "pfirrmann"), "2")
    qtbot.waitUntil(
        lambda: reading_of(window).finding(FindingKey("D3", "pfirrmann")).grade == "2", timeout=PATIENCE_MS
    )


def test_a_data_folder_that_cannot_be_used_leaves_the_images_and_can_be_tried_again(
    tmp_path: Path, study: Path, phantom: PhantomStudy, qtbot: QtBot
) -> None:
    blocker = tmp_path / "data"
    blocker.write_text("a file where the folder should be")
    context = TestContext(tmp_path, phantom, Settings(analyse_on_open=False))
    window = opened(MainWindow(context), study, qtbot)
    qtbot.waitUntil(lambda: "nothing can be graded or kept" in window.notes.text(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: all(s.complete for s in window.studies.series.values()), timeout=PATIENCE_MS)
    assert not window._actions["report.sign"].isEnabled()
    blocker.unlink()
    window.reopen_reading()
    qtbot.waitUntil(lambda: window.readings.reading is not None, timeout=PATIENCE_MS)
    assert "nothing can be graded" not in window.notes.text()
    window.close()
    context.close()


def test_a_missing_model_is_told_in_words(
    tmp_path: Path, study: Path, phantom: PhantomStudy, qtbot: QtBot
) -> None:
    context = NoModel(tmp_path, phantom, Settings())
    window = opened(MainWindow(context), study, qtbot)
    qtbot.waitUntil(lambda: "model bundle is missing" in window.status.message, timeout=PATIENCE_MS)
    window.close()
    context.close()


def test_an_export_into_a_folder_that_cannot_be_written_says_so(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    blocker = tmp_path / "target"
    blocker.write_text("a file")
    window._export(blocker, show=False)
    qtbot.waitUntil(lambda: f"{blocker} is a file" in window.status.message, timeout=PATIENCE_MS)


def test_files_that_cannot_be_read_are_named_beside_the_images(
    tmp_path: Path, phantom: PhantomStudy, qtbot: QtBot
) -> None:
    junk = tmp_path / "junk"
    junk.mkdir()
    (junk / "a.txt").write_text("no image")
    (junk / "b.dcm").write_bytes(b"")
    context = TestContext(tmp_path, phantom, Settings())
    window = opened(MainWindow(context), junk, qtbot)
    qtbot.waitUntil(lambda: "Nothing could be read." in window.status.message, timeout=PATIENCE_MS)
    assert "a.txt" in window.notes.text()
    assert "\n" not in window.status.message
    window.close()
    context.close()


def test_more_problems_than_fit_are_counted() -> None:
    assert input_notes(["a", "a"]) == ("a",)
    assert input_notes([str(n) for n in range(MOST_NOTES + 3)])[-1] == "… and 3 more problems with the input."


def test_an_edit_made_just_before_the_window_closes_is_kept(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    for grade in "12345":
        window.set_grade(KEY, grade)
    window.close()
    window.context.close()
    again = open_window()
    assert reading_of(again).finding(KEY).grade == "5"


def test_signing_is_audited_as_an_edit_and_previews_go_at_the_exit(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    window.confirm_numbering()
    window.readings.sign("reader A", window.coverage())
    until_signed(window, qtbot)
    audit = window.context.reading_room().audit
    qtbot.waitUntil(lambda: audit.records()[-1].event == "export", timeout=PATIENCE_MS)
    records = audit.records()
    assert [r.event for r in records] == ["chain_begins", "create", "edit", "edit", "edit", "sign", "export"]
    assert [r.who for r in records[-3:]] == ["reader A"] * 3
    window.preview_report()
    data = window.context.data
    qtbot.waitUntil(lambda: bool(list(data.glob("previews_*/*/report.pdf"))), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "No program to show it" in window.status.message, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(audit.records()) == len(records) + 1, timeout=PATIENCE_MS)
    assert audit.records()[-1].event == "export"
    assert '"files": "report.pdf"' in audit.records()[-1].detail
    window.close()
    window.context.close()
    assert not list(data.glob("previews_*"))


def test_the_layout_is_found_again_as_it_was_left(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    window.go_to_level("D2")
    window.go_to_level("D4")
    first = window.viewports.viewports[0]
    first.go_to_slice(2)
    first.apply_window_preset(3)
    window.mark_key_image()
    window.toggle_overlay()
    assert first.series is not None
    left = (first.slice_index, first.series.window, first.series.viewed)
    window.close()
    window.context.close()

    again = open_window()
    first = again.viewports.viewports[0]
    assert first.series is not None
    assert again.rail.current == "D4"
    looked_at = {row.target for row in again.rail.rows if row.mark is not RailMark.NOT_LOOKED_AT}
    assert looked_at == {"D2", "D4"}
    assert (first.slice_index, first.series.window) == left[:2]
    assert first.series.viewed >= left[2]
    assert first.series.key_images == {2}
    assert not again._segmentation_shown


def test_lock_without_a_level_asks_for_one(open_window: Opener) -> None:
    window = open_window()
    assert window.rail.current == ""
    window.lock_level()
    assert "level first" in window.status.message


def test_the_ai_is_hidden_only_while_the_peek_key_is_held(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)
    viewport = window.viewports.viewports[0]
    viewport.setFocus()
    QTest.keyPress(viewport, Qt.Key.Key_Space)
    assert not viewport.content.ai_visible
    QTest.keyRelease(viewport, Qt.Key.Key_Space)
    assert viewport.content.ai_visible


def test_the_saved_mark_counts_what_is_on_disk_and_says_when_something_is_on_its_way(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window()
    mark = window.findChild(QLabel, "saved")
    assert isinstance(mark, QLabel)
    before = window.readings.snapshot
    assert before is not None
    assert mark.text() == f"✓ saved {before.revision}"
    window.set_grade(KEY, "3")
    assert mark.text() == "saving …"
    qtbot.waitUntil(lambda: mark.text() == f"✓ saved {before.revision + 1}", timeout=PATIENCE_MS)
    window.set_grade(KEY, "9")  # no grade of the scale: nothing is written
    qtbot.waitUntil(lambda: "not a grade" in window.status.message, timeout=PATIENCE_MS)
    assert mark.text() == f"✓ saved {before.revision + 1}"
    assert mark.sizeHint().width() <= mark.width()


def test_an_edit_made_at_another_workstation_is_shown_here(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    study = window.studies.study
    assert study is not None
    other = window.context.reading_room().open(study, LOCAL_READER, ReadingMode.INDEPENDENT_FIRST)
    other.run(edits.set_grade(other.reading, KEY, "5", Author("reader B", "2026-01-01T00:00:00Z")))
    qtbot.waitUntil(lambda: reading_of(window).finding(KEY).grade == "5", timeout=PATIENCE_MS)
    assert "changed elsewhere" in window.status.message


def test_no_name_of_a_patient_goes_into_the_log_or_beside_the_database(
    open_window: Opener, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        window = open_window()
        patient = reading_of(window).patient
        window.set_grade(KEY, "3")
        window.confirm_numbering()
        window.readings.sign("reader A", window.coverage())
        qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
        window.show_problem("An internal error happened; your work so far is kept. See the log.")
        window.close()
        window.context.close()
    words = [word for word in (*patient.name.replace("^", " ").split(), patient.patient_id) if len(word) > 3]
    assert words
    assert not [word for word in words if word in caplog.text]
    files = [path for path in window.context.data.parent.rglob("*") if path.is_file()]
    held = [path for path in files if not path.name.startswith(DATABASE_NAME)]
    assert held
    for path in held:
        assert not [word for word in words if word.encode() in path.read_bytes()], path
