"""Order and filters of the worklist, and when a row may tell what the AI says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lvp_workstation.domain.people import ReadingRules
from lvp_workstation.domain.reading import ReadingMode, ReadingState, RevealBy
from lvp_workstation.domain.study import Patient
from lvp_workstation.domain.worklist import (
    AiMark,
    AiState,
    Order,
    OwnReading,
    Priority,
    Show,
    WorklistFilter,
    WorklistItem,
    WorklistRow,
    ai_mark_visible,
    filtered,
    ordered,
)

MODES = tuple(ReadingMode)


def row(uid: str, priority: Priority = Priority.ROUTINE, **more: object) -> WorklistRow:
    item = WorklistItem(
        uid,
        Patient(f"ID-{uid}", name=f"NAME{uid}^FIRST"),
        f"2026010{uid}",
        "lumbar",
        f"ACC{uid}",
        "MR",
        3,
        60,
        ("/images",),
        priority,
        "",
        f"2026-01-0{uid}T00:00:00Z",
    )
    made = WorklistRow(item, ReadingState.NEW, AiState.NONE)
    return replace(made, **more)  # type: ignore[arg-type]


def uids(rows: tuple[WorklistRow, ...]) -> str:
    return "".join(each.item.study_instance_uid for each in rows)


def test_unread_studies_stand_first_then_by_priority_then_the_older() -> None:
    rows = (row("1"), row("2", Priority.STAT), row("3"), row("4", Priority.STAT, state=ReadingState.SIGNED))
    assert uids(ordered(rows)) == "2134"
    assert uids(ordered(rows, Order.NEWEST)) == "3214"


def test_what_is_hidden_of_the_ai_moves_no_row() -> None:
    rows = tuple(row(str(n)) for n in range(1, 5))
    assert uids(ordered(rows, Order.AI)) == uids(ordered(rows))
    told = (rows[0], rows[1], replace(rows[2], mark=AiMark(4, 5)), replace(rows[3], mark=AiMark(1, 5)))
    assert uids(ordered(told, Order.AI)) == "3412"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("rules", MODES)
def test_before_the_lock_a_row_tells_what_the_ai_says_in_concurrent_mode_only(
    mode: ReadingMode, rules: ReadingMode
) -> None:
    here = ReadingRules(rules, RevealBy.LEVEL)
    both = mode is rules is ReadingMode.CONCURRENT
    for state in (ReadingState.NEW, ReadingState.IN_PROGRESS, ReadingState.PRELIMINARY):
        assert ai_mark_visible(OwnReading(state, mode), here) is both
    assert ai_mark_visible(None, here) is (rules is ReadingMode.CONCURRENT)
    manual = ReadingMode.MANUAL in (mode, rules)
    assert ai_mark_visible(OwnReading(ReadingState.SIGNED, mode), here) is not manual


def test_a_reading_whose_mode_is_not_known_tells_nothing() -> None:
    here = ReadingRules(ReadingMode.CONCURRENT, RevealBy.LEVEL)
    assert not ai_mark_visible(OwnReading(ReadingState.SIGNED, None), here)


def test_filters_take_state_priority_ai_and_every_word_of_a_search() -> None:
    rows = (
        row("1", state=ReadingState.IN_PROGRESS),
        row("2", Priority.STAT, ai=AiState.READY),
        row("3", state=ReadingState.ADDENDED),
    )
    assert uids(filtered(rows, WorklistFilter(show=Show.UNREAD))) == "12"
    assert uids(filtered(rows, WorklistFilter(show=Show.STARTED))) == "1"
    assert uids(filtered(rows, WorklistFilter(show=Show.SIGNED))) == "3"
    assert uids(filtered(rows, WorklistFilter(priority=Priority.STAT))) == "2"
    assert uids(filtered(rows, WorklistFilter(ai=AiState.READY))) == "2"
    assert uids(filtered(rows, WorklistFilter("first name2"))) == "2"
    assert uids(filtered(rows, WorklistFilter("acc3"))) == "3"
    assert uids(filtered(rows, WorklistFilter("name1 acc2"))) == ""
