"""The worklist on screen: what is shown of a row, filters, and what is asked for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lvp_workstation.app.panels.worklist_model import headers, words_of
from lvp_workstation.app.panels.worklist_page import WorklistPage
from lvp_workstation.domain.reading import ReadingState
from lvp_workstation.domain.worklist import AiMark, AiState, Order, Priority, Show
from tests.domain.test_worklist import row

ROWS = (
    row("1", state=ReadingState.SIGNED, signed_by=("reader B",)),
    row("2", Priority.STAT, ai=AiState.READY, mark=AiMark(2, 5)),
    row("3", ai=AiState.QUEUED, comments=1),
)


@pytest.fixture
def page(qtbot: QtBot) -> WorklistPage:
    made = WorklistPage()
    qtbot.addWidget(made)
    made.set_rows(ROWS, ("trial",))
    return made


def uids(page: WorklistPage) -> str:
    return "".join(each.item.study_instance_uid for each in page.shown)


def test_studies_to_be_read_are_shown_first_and_all_of_them_on_request(page: WorklistPage) -> None:
    assert uids(page) == "23"
    page._show.setCurrentIndex(page._show.findData(Show.ALL))
    assert uids(page) == "231"
    page._order.setCurrentIndex(page._order.findData(Order.NEWEST))
    assert uids(page) == "321"
    page._search.setText("name1")
    assert uids(page) == "1"
    assert page.list_names == ("trial",)


def test_a_row_says_whose_it_is_how_far_it_is_and_nothing_of_the_ai_that_is_hidden() -> None:
    shown = dict(zip(headers(), words_of(ROWS[1]), strict=True))
    assert shown["Patient"] == "NAME2, FIRST"
    assert (shown["Priority"], shown["AI"], shown["AI found"]) == ("stat", "ready", "2 of 5 levels")
    hidden = dict(zip(headers(), words_of(ROWS[2]), strict=True))
    assert (hidden["AI"], hidden["AI found"]) == ("queued", "")
    assert dict(zip(headers(), words_of(ROWS[0]), strict=True))["Reading"] == "signed · signed by reader B"


def test_return_opens_the_chosen_study_and_new_rows_leave_it_chosen(page: WorklistPage, qtbot: QtBot) -> None:
    page._table.selectRow(1)
    page.set_rows(ROWS, ())
    with qtbot.waitSignal(page.open_requested) as asked:
        qtbot.keyClick(page._table, Qt.Key.Key_Return)
    assert asked.args is not None
    assert asked.args[0] == ROWS[2]


def test_the_queue_is_told_and_paused(page: WorklistPage, qtbot: QtBot) -> None:
    page.set_queue(3, "DOE, JANE", False)
    assert page._queue.text() == "AI queue: 3 waiting, at work on DOE, JANE"
    with qtbot.waitSignal(page.pause_requested) as asked:
        qtbot.mouseClick(page._pause, Qt.MouseButton.LeftButton)
    assert asked.args == [True]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Down])
def test_return_and_down_lead_from_the_search_to_the_rows(
    page: WorklistPage, qtbot: QtBot, key: Qt.Key
) -> None:
    page.show()
    page._search.setFocus()
    qtbot.keyClick(page._search, key)
    assert page.focusWidget() is page._table
    with qtbot.waitSignal(page.open_requested):
        qtbot.keyClick(page._table, Qt.Key.Key_Return)


def test_readings_from_before_there_were_accounts_are_told_in_words() -> None:
    def reading(*owners: str) -> str:
        return words_of(row("1", state=ReadingState.SIGNED, signed_by=owners))[7]

    assert reading("local") == "signed"
    assert reading("Dr. Anna", "local") == "signed · signed by Dr. Anna, this workstation"
