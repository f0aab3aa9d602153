"""Signing writes the signed report and says where; before, it tells what was never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from lvp_workstation.app.dialogs.sign import SignDialog, unseen_lines
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.settings import Settings
from lvp_workstation.domain.reading import ReadingState
from lvp_workstation.phantom.generate import PhantomStudy
from lvp_workstation.report.facts import CoverageFact, StudyFacts
from lvp_workstation.services.verify_report import verify_file
from tests.app.conftest import PATIENCE_MS, Opener, reading_of
from tests.app.phantom_window import TestContext


def sign(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sign through the dialog; return the words it showed."""
    told: list[str] = []

    def accept(dialog: SignDialog) -> QDialog.DialogCode:
        told.extend(label.text() for label in dialog.findChildren(QLabel))
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(SignDialog, "exec", accept)
    window.confirm_numbering()
    qtbot.waitUntil(lambda: bool(reading_of(window).level_map.confirmed_by), timeout=PATIENCE_MS)  # type: ignore[union-attr]
    window.sign_reading()
    qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
    return told


def test_the_signed_report_lies_in_the_reports_folder_and_verifies(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    series = next(iter(window.studies.series.values()))
    told = sign(window, qtbot, monkeypatch)
    assert any(f"of {series.count} slices of" in text for text in told)
    qtbot.waitUntil(lambda: "The report is" in window.status.message, timeout=PATIENCE_MS)
    (report,) = (window.context.data / "reports").glob("*/report.pdf")
    assert str(report) in window.status.message
    signature = reading_of(window).signature
    assert signature is not None
    found = verify_file(report)
    assert found.ok, found.reason
    assert found.sha256 == signature.sha256


def test_a_reading_without_an_analysis_states_its_study(
    qtbot: QtBot, tmp_path: Path, study: Path, phantom: PhantomStudy
) -> None:
    settings = Settings(reader="reader A", analyse_on_open=False)
    context = TestContext(tmp_path, phantom, settings)
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    window.open_paths([study])
    qtbot.waitUntil(lambda: window.readings.reading is not None, timeout=PATIENCE_MS)
    draft = StudyFacts.of(reading_of(window))
    window.readings.sign("reader A", window.coverage())
    qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
    signed = StudyFacts.of(reading_of(window))
    for facts in (draft, signed):
        assert facts.study_date
        assert [fact.role for fact in facts.series] == ["sag_t2"]
    assert len(signed.coverage) == 1
    window.close()
    context.close()


def test_a_folder_of_ones_own_that_cannot_be_written_is_told_and_the_reading_stays_signed(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window()
    (tmp_path / "file").write_text("no folder")
    window.context.settings.reports = str(tmp_path / "file")
    for each in window.studies.series.values():
        each.restore_viewed(frozenset(range(each.count)))
    told = sign(window, qtbot, monkeypatch)
    assert not any("slices of" in text for text in told)
    qtbot.waitUntil(lambda: "could not be written" in window.status.message, timeout=PATIENCE_MS)
    assert reading_of(window).state is ReadingState.SIGNED


def test_series_of_one_name_are_told_together_and_many_are_counted() -> None:
    facts = [CoverageFact("AX T2", 2, 5), CoverageFact("AX T2", 0, 5), CoverageFact("SAG T2", 25, 25)]
    assert unseen_lines(facts) == ("2 of 10 slices of AX T2 seen",)
    many = [CoverageFact(f"series {n}", 0, 3) for n in range(9)]
    assert unseen_lines(many)[-1] == "and 3 further series"
