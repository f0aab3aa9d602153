"""The findings grid: digits set grades, the AI is absent until it is revealed."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lvp_workstation.app.panels.evidence_panel import EvidencePanel, why_hidden
from lvp_workstation.app.panels.findings_grid import FindingsGrid
from lvp_workstation.app.panels.findings_model import describe, shown_change
from lvp_workstation.app.window_words import opened_again
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import Formula, Measurement, Provenance
from lvp_workstation.domain.findings import (
    GRID_SCALES,
    Action,
    Finding,
    FindingKey,
    Proposal,
    ReaderValue,
)
from lvp_workstation.domain.reading import Reading, ReadingMode, RevealBy
from lvp_workstation.domain.reading_view import OpenCell, level_rows
from lvp_workstation.domain.study import Patient

AI = Provenance(Provenance.AI, "lumbar_vnet", "2026-01-01T00:00:00Z", "1.0.0", "ab" * 32)
KEY = FindingKey("D1", "pfirrmann")


def reading(mode: ReadingMode = ReadingMode.INDEPENDENT_FIRST, grade: str = "4") -> Reading:
    proposal = Proposal("pfirrmann", "D1", AI, grade, ((grade, 0.8), ("3", 0.2)), ("disc_csf_ratio",))
    levels = LevelMap(5, confirmed_by="reader A")
    return Reading(
        "r1", "1.2.3", Patient("PHANTOM-1"), mode, level_map=levels, findings={KEY: Finding(KEY, proposal)}
    )


@pytest.fixture
def grid(qtbot: QtBot) -> FindingsGrid:
    widget = FindingsGrid()
    qtbot.addWidget(widget)
    widget.resize(900, 300)
    widget.set_rows(level_rows(reading()))
    return widget


def select(grid: FindingsGrid, scale: str, row: int) -> None:
    column = next(n for n, s in enumerate(GRID_SCALES) if s.key == scale)
    grid.setCurrentIndex(grid.model().index(row, column))


def test_a_digit_sets_the_pfirrmann_grade_literally(grid: FindingsGrid, qtbot: QtBot) -> None:
    select(grid, "pfirrmann", 4)
    with qtbot.waitSignal(grid.grade_requested) as signal:
        QTest.keyClick(grid, Qt.Key.Key_3)
    assert signal.args == [KEY, "3"]


def test_pfirrmann_zero_is_refused_in_words(grid: FindingsGrid, qtbot: QtBot) -> None:
    select(grid, "pfirrmann", 4)
    with qtbot.waitSignal(grid.refused) as signal:
        QTest.keyClick(grid, Qt.Key.Key_0)
    assert signal.args == ["Pfirrmann has no grade 0."]


def test_a_digit_is_the_position_in_other_scales(grid: FindingsGrid, qtbot: QtBot) -> None:
    select(grid, "central_canal", 0)
    with qtbot.waitSignal(grid.grade_requested) as signal:
        QTest.keyClick(grid, Qt.Key.Key_2)
    assert signal.args == [FindingKey("D5", "central_canal"), "moderate"]


def test_pictures_before_the_lock_do_not_depend_on_the_ai(grid: FindingsGrid) -> None:
    first = grid.grab().toImage()
    grid.set_rows(level_rows(reading(grade="1")))
    assert grid.grab().toImage() == first


def test_a_concurrent_reading_shows_the_ai(grid: FindingsGrid) -> None:
    blind = grid.grab().toImage()
    grid.set_rows(level_rows(reading(ReadingMode.CONCURRENT)))
    assert grid.grab().toImage() != blind
    select(grid, "pfirrmann", 4)
    cell = grid.focused_cell()
    assert cell is not None
    assert "AI IV, probability 0.80" in describe(cell)


def test_evidence_of_a_blind_cell_names_no_ai_value(qtbot: QtBot, grid: FindingsGrid) -> None:
    panel = EvidencePanel()
    qtbot.addWidget(panel)
    select(grid, "pfirrmann", 4)
    panel.show_cell("L5-S1", grid.focused_cell(), {})
    assert "0.80" not in panel.text()
    assert "AI not shown" in panel.text()


def test_a_correction_of_the_outline_shows_old_and_new(qtbot: QtBot) -> None:
    old, new = (Proposal("pfirrmann", "D1", AI, grade, ((grade, 0.8),), ("sac_ap",)) for grade in ("5", "3"))
    corrected = Finding(KEY, old).with_proposal(new, corrected=True)
    open_reading = replace(reading(ReadingMode.CONCURRENT), findings={KEY: corrected})
    grid, panel = FindingsGrid(), EvidencePanel()
    for widget in (grid, panel):
        qtbot.addWidget(widget)
    grid.set_rows(level_rows(open_reading))
    select(grid, "pfirrmann", 4)
    cell = grid.focused_cell()
    assert isinstance(cell, OpenCell)
    assert shown_change(cell) == "V→III"
    points = ((0.0, 0.0, 0.0), (0.0, 4.2, 0.0))
    measured = Measurement("sac_ap", "D1", Formula.DISTANCE, points, AI)
    panel.show_cell("L5-S1", cell, {("D1", "sac_ap"): measured})
    for words in ("AI: <b>III</b> (III 0.80)", "After your correction: V → III", "sac AP 4.2 mm"):
        assert words in panel.text()


def test_withheld_grades_say_why(qtbot: QtBot) -> None:
    open_reading = reading(ReadingMode.CONCURRENT)
    withheld = Proposal("pfirrmann", "D1", AI, not_assessable="needs_t2", text="No T2 series.")
    open_reading = replace(open_reading, findings={KEY: Finding(KEY, withheld)})
    grid = FindingsGrid()
    qtbot.addWidget(grid)
    grid.set_rows(level_rows(open_reading))
    select(grid, "pfirrmann", 4)
    cell = grid.focused_cell()
    assert cell is not None
    assert "No T2 series." in describe(cell)


def columns_by(grid: FindingsGrid, key: Qt.Key, presses: int) -> list[str]:
    visited = []
    for _ in range(presses):
        QTest.keyClick(grid, key)
        visited.append(GRID_SCALES[grid.currentIndex().column()].key)
    return visited


def test_arrows_pass_over_columns_without_images_and_reach_all_others(grid: FindingsGrid) -> None:
    grid.pass_over(frozenset({"lateral_recess_left", "lateral_recess_right", "modic"}))
    select(grid, "central_canal", 0)
    right = ["foramen_left", "foramen_right", "spondylolisthesis", "spondylolisthesis"]
    assert columns_by(grid, Qt.Key.Key_Right, 4) == right
    assert columns_by(grid, Qt.Key.Key_Left, 3) == ["foramen_right", "foramen_left", "central_canal"]
    select(grid, "lateral_recess_left", 0)  # a click
    assert columns_by(grid, Qt.Key.Key_Down, 1) == ["lateral_recess_left"]
    header = grid.model().headerData(3, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "No axial images" in str(header)


def test_arrows_stop_at_a_grade_in_a_column_without_images(grid: FindingsGrid) -> None:
    key = FindingKey("D5", "lateral_recess_right")
    value = ReaderValue(Action.ADD, Provenance(Provenance.READER, "reader A", "2026-01-01T00:00:00Z"), "mild")
    grid.set_rows(level_rows(replace(reading(), findings={key: Finding(key, final=value)})))
    grid.pass_over(frozenset({"lateral_recess_left", "lateral_recess_right"}))
    select(grid, "central_canal", 0)
    assert columns_by(grid, Qt.Key.Key_Right, 2) == ["lateral_recess_right", "foramen_left"]


def test_what_the_ai_withholds_is_not_passed_over(grid: FindingsGrid) -> None:
    key = FindingKey("D5", "herniation")
    withheld = Proposal("herniation", "D5", AI, not_assessable="not_measured", text="Not measured.")
    grid.set_rows(
        level_rows(replace(reading(ReadingMode.CONCURRENT), findings={key: Finding(key, withheld)}))
    )
    select(grid, "pfirrmann", 0)
    assert columns_by(grid, Qt.Key.Key_Right, 1) == ["herniation"]


@pytest.mark.parametrize(
    ("mode", "reveal_by", "said"),
    [
        (ReadingMode.INDEPENDENT_FIRST, RevealBy.LEVEL, "your grade is locked (L)"),
        (ReadingMode.INDEPENDENT_FIRST, RevealBy.STUDY, "all levels are locked (Ctrl+L)"),
        (ReadingMode.AI_SECOND, RevealBy.LEVEL, "done with all levels (L)"),
        (ReadingMode.MANUAL, RevealBy.LEVEL, "never shown"),
    ],
)
def test_the_evidence_says_what_shows_the_ai_in_this_mode(
    grid: FindingsGrid, qtbot: QtBot, mode: ReadingMode, reveal_by: RevealBy, said: str
) -> None:
    panel = EvidencePanel()
    qtbot.addWidget(panel)
    select(grid, "pfirrmann", 4)
    panel.show_cell("L5-S1", grid.focused_cell(), {}, why_hidden(mode, reveal_by))
    assert said in panel.text()


def test_a_consensus_shows_what_it_decides_between(grid: FindingsGrid, qtbot: QtBot) -> None:
    given = tuple(
        ReaderValue(Action.ADD, Provenance(Provenance.READER, name, "2026-01-01T00:00:00Z"), grade)
        for name, grade in (("Dr. A", "3"), ("Dr. B", "4"))
    )
    joint = replace(reading(ReadingMode.MANUAL), findings={KEY: Finding(KEY, between=given)})
    rows = level_rows(joint)
    cell = rows[-1].cells[0]
    assert cell.between == given
    panel = EvidencePanel()
    qtbot.addWidget(panel)
    panel.show_cell("L5-S1", cell, {})
    assert "Dr. A <b>III</b> · Dr. B <b>IV</b>" in panel.text()

    def painted() -> object:
        return grid.grab().toImage()

    grid.set_rows(level_rows(replace(joint, findings={})))
    before = painted()
    grid.set_rows(rows)
    assert painted() != before
    assert opened_again(joint).endswith("in the grid: 1")
