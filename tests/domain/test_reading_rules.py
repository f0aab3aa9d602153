"""The protocol between reader and AI: what may be shown, accepted, locked and signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from lvp_workstation.domain import accept_normal as bulk
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.accept_normal import levels_eligible_for_accept_normal, why_not_eligible
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.errors import IdentityConflict, ReadingStateError, UsageProblem
from lvp_workstation.domain.findings import (
    GRID_SCALES,
    SCALES,
    Action,
    FindingKey,
    FindingStatus,
    Proposal,
)
from lvp_workstation.domain.reading import Reading, ReadingMode, ReadingState, Signature
from lvp_workstation.domain.reading_view import BlindCell, OpenCell, RailMark, level_rows
from lvp_workstation.domain.study import Patient
from tests.services.reading_samples import LEVELS, proposal

READER = Author("reader A", "2026-01-01T00:00:00Z")
KEY = FindingKey("D1", "central_canal")
SIGNATURE = Signature("reader A", "2026-01-01T00:00:00Z", "2026-01-01 00:00 (+00:00)", "ab" * 32)


def withheld(scale: str, target: str = "D1") -> Proposal:
    """A proposal that gives no grade."""
    made = proposal(scale, SCALES[scale].grades[0], target)
    return replace(made, grade="", probabilities=(), not_assessable="no_axial", text="no axial series")


def normal_level(target: str = "D1") -> list[Proposal]:
    """Proposals that call every column of a level normal."""
    return [proposal(scale.key, scale.normal[0], target) for scale in GRID_SCALES]


def read(mode: ReadingMode, proposals: list[Proposal] | None = None) -> Reading:
    """A reading with an analysis and nothing decided."""
    reading = Reading("r", "1.2.3", Patient("P"), mode)
    made = [proposal("central_canal", "moderate")] if proposals is None else proposals
    return edits.attach_analysis(reading, LEVELS, {}, made, {}, "0", READER).applied(reading)


def locked(reading: Reading, target: str = "D1") -> Reading:
    return protocol.lock_and_reveal(reading, target, READER).applied(reading)


def graded(reading: Reading, grade: str, key: FindingKey = KEY) -> Reading:
    return edits.set_grade(reading, key, grade, READER).applied(reading)


# --- accept, edit, reject, add -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "grade", "action", "status"),
    [
        (ReadingMode.CONCURRENT, "moderate", Action.ACCEPT, FindingStatus.ACCEPTED),
        (ReadingMode.CONCURRENT, "severe", Action.EDIT, FindingStatus.EDITED),
        (ReadingMode.INDEPENDENT_FIRST, "moderate", Action.ADD, FindingStatus.READER),
        (ReadingMode.AI_SECOND, "moderate", Action.ADD, FindingStatus.READER),
        (ReadingMode.MANUAL, "moderate", Action.ADD, FindingStatus.READER),
    ],
)
def test_a_grade_counts_by_what_the_reader_could_see(
    mode: ReadingMode, grade: str, action: Action, status: FindingStatus
) -> None:
    finding = graded(read(mode), grade).finding(KEY)
    assert finding.final is not None
    assert (finding.final.action, finding.status, finding.grade) == (action, status, grade)
    assert finding.final.provenance.name == "reader A"
    assert finding.proposal == read(mode).finding(KEY).proposal


def test_a_rejection_leaves_a_differing_grade_of_the_reader_as_it_is() -> None:
    differing = graded(read(ReadingMode.CONCURRENT), "severe")
    rejected = edits.reject(differing, KEY, READER, "artefact").applied(differing).finding(KEY)
    assert (rejected.status, rejected.grade) == (FindingStatus.EDITED, "severe")
    assert rejected.final is not None
    assert rejected.final.reason == "artefact"
    agreeing = graded(read(ReadingMode.CONCURRENT), "moderate")
    taken_back = edits.reject(agreeing, KEY, READER, "artefact").applied(agreeing).finding(KEY)
    assert (taken_back.status, taken_back.grade) == (FindingStatus.REJECTED, "")


def test_accept_and_reject_need_a_grade_that_is_shown() -> None:
    shown = read(ReadingMode.CONCURRENT)
    assert edits.accept(shown, KEY, READER).applied(shown).finding(KEY).grade == "moderate"
    rejected = edits.reject(shown, KEY, READER, "artefact").applied(shown).finding(KEY)
    assert (rejected.status, rejected.grade) == (FindingStatus.REJECTED, "")
    assert rejected.final is not None
    assert rejected.final.reason == "artefact"
    cleared = edits.clear_grade(shown, KEY, READER).applied(shown)
    assert cleared.finding(KEY).status is FindingStatus.OPEN
    for refused in (
        read(ReadingMode.INDEPENDENT_FIRST),
        read(ReadingMode.MANUAL),
        read(ReadingMode.AI_SECOND),
        read(ReadingMode.CONCURRENT, [withheld("central_canal")]),
        read(ReadingMode.CONCURRENT, []),
    ):
        with pytest.raises(ReadingStateError):
            edits.accept(refused, KEY, READER)
        with pytest.raises(ReadingStateError):
            edits.reject(refused, KEY, READER, "artefact")


def test_a_grade_that_is_not_of_the_scale_is_refused() -> None:
    with pytest.raises(UsageProblem, match="not a grade"):
        edits.set_grade(read(ReadingMode.MANUAL), KEY, "4", READER)


def test_a_withheld_grade_is_set_by_the_reader() -> None:
    finding = graded(read(ReadingMode.CONCURRENT, [withheld("central_canal")]), "mild").finding(KEY)
    assert finding.status is FindingStatus.READER


def test_digits_set_the_position_except_where_the_scale_is_numeric() -> None:
    assert SCALES["pfirrmann"].grade_for_digit(0) is None
    assert SCALES["pfirrmann"].grade_for_digit(5) == "5"
    assert SCALES["central_canal"].grade_for_digit(0) == "normal"
    assert SCALES["central_canal"].grade_for_digit(4) is None
    assert SCALES["herniation"].grade_for_digit(5) == "sequestration"


# --- modes, lock and reveal ----------------------------------------------------------------------------


def test_the_locked_grade_stands_beside_a_change_of_mind() -> None:
    reading = locked(graded(read(ReadingMode.INDEPENDENT_FIRST), "mild"))
    finding = graded(reading, "moderate").finding(KEY)
    assert finding.before_reveal is not None
    assert (finding.before_reveal.grade, finding.before_reveal.action) == ("mild", Action.ADD)
    assert (finding.grade, finding.status) == ("moderate", FindingStatus.ACCEPTED)
    cleared = edits.clear_grade(reading, KEY, READER).applied(reading).finding(KEY)
    assert cleared.before_reveal == finding.before_reveal


def test_a_level_is_revealed_alone_and_once() -> None:
    reading = locked(read(ReadingMode.INDEPENDENT_FIRST, [*normal_level("D1"), *normal_level("D2")]))
    assert reading.ai_visible("D1")
    assert not reading.ai_visible("D2")
    assert not protocol.lock_and_reveal(read(ReadingMode.INDEPENDENT_FIRST), "D1", READER).undoable
    with pytest.raises(ReadingStateError, match="locked already"):
        locked(reading)


@pytest.mark.parametrize("mode", [ReadingMode.MANUAL, ReadingMode.CONCURRENT, ReadingMode.AI_SECOND])
def test_levels_are_locked_only_in_independent_first(mode: ReadingMode) -> None:
    with pytest.raises(ReadingStateError):
        locked(read(mode))


def test_the_mode_is_fixed_once_a_grade_was_set_or_the_ai_shown() -> None:
    free = read(ReadingMode.INDEPENDENT_FIRST)
    assert protocol.set_mode(free, ReadingMode.MANUAL, READER).applied(free).mode is ReadingMode.MANUAL
    empty = read(ReadingMode.CONCURRENT, [])
    assert protocol.set_mode(empty, ReadingMode.MANUAL, READER).applied(empty).mode is ReadingMode.MANUAL
    for fixed in (graded(free, "mild"), locked(free), read(ReadingMode.CONCURRENT)):
        with pytest.raises(ReadingStateError, match="mode is fixed"):
            protocol.set_mode(fixed, ReadingMode.AI_SECOND, READER)


def test_ai_second_reveals_only_levels_where_it_disagrees_and_only_once() -> None:
    proposals = [
        proposal("central_canal", "moderate", "D1"),
        proposal("central_canal", "mild", "D2"),
        proposal("central_canal", "severe", "D3"),
        proposal("central_canal", "normal", "D4"),
    ]
    reading = read(ReadingMode.AI_SECOND, proposals)
    reading = graded(reading, "normal", FindingKey("D1", "central_canal"))
    reading = graded(reading, "mild", FindingKey("D2", "central_canal"))
    reading = protocol.reveal_disagreements(reading, READER).applied(reading)
    assert reading.revealed == {"D1", "D3"}
    assert reading.locked == set(reading.levels)
    before = reading.finding(FindingKey("D1", "central_canal")).before_reveal
    assert before is not None
    assert before.grade == "normal"
    with pytest.raises(ReadingStateError, match="already"):
        protocol.reveal_disagreements(reading, READER)
    with pytest.raises(ReadingStateError):
        protocol.reveal_disagreements(read(ReadingMode.CONCURRENT), READER)


# --- what a screen may know ----------------------------------------------------------------------------


def test_before_the_lock_a_screen_is_given_nothing_of_the_ai() -> None:
    assert {f.name for f in fields(BlindCell)} == {"key", "scale", "reader", "between"}
    one = read(ReadingMode.INDEPENDENT_FIRST, [proposal("central_canal", "severe")])
    other = read(ReadingMode.INDEPENDENT_FIRST, normal_level())
    nothing = read(ReadingMode.INDEPENDENT_FIRST, [])
    for looked_at in ((), ("D1",)):
        assert level_rows(one, looked_at) == level_rows(other, looked_at) == level_rows(nothing, looked_at)
    assert all(type(cell) is BlindCell for row in level_rows(one) for cell in row.cells)


@pytest.mark.parametrize("mode", [ReadingMode.MANUAL, ReadingMode.AI_SECOND, ReadingMode.INDEPENDENT_FIRST])
def test_a_grade_of_the_readers_is_shown_without_the_ai(mode: ReadingMode) -> None:
    row = level_rows(graded(read(mode), "mild"))[-1]
    cell = next(c for c in row.cells if c.key == KEY)
    assert (cell.grade, row.mark, type(cell)) == ("mild", RailMark.GRADED, BlindCell)


def test_after_the_reveal_only_that_level_is_open() -> None:
    reading = locked(read(ReadingMode.INDEPENDENT_FIRST, [*normal_level("D1"), *normal_level("D2")]))
    rows = {row.target: row for row in level_rows(reading)}
    assert all(isinstance(cell, OpenCell) for cell in rows["D1"].cells)
    assert not any(isinstance(cell, OpenCell) for cell in rows["D2"].cells)
    assert (rows["D1"].mark, rows["D2"].mark) == (RailMark.OPEN, RailMark.NOT_LOOKED_AT)
    assert (rows["D1"].name, rows["D1"].roots, rows["D1"].locked) == ("L5-S1?", ("L5", "S1"), True)
    assert level_rows(reading)[0].name == "L1-L2?"


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        (lambda r: edits.accept(r, KEY, READER), RailMark.ACCEPTED),
        (lambda r: edits.set_grade(r, KEY, "mild", READER), RailMark.EDITED),
        (lambda r: edits.reject(r, KEY, READER, "artefact"), RailMark.REJECTED),
    ],
)
def test_the_rail_marks_what_was_decided(change: Callable[[Reading], Edit], mark: RailMark) -> None:
    reading = read(ReadingMode.CONCURRENT)
    assert level_rows(reading)[-1].mark is RailMark.OPEN
    assert level_rows(change(reading).applied(reading))[-1].mark is mark


# --- accept-normal -------------------------------------------------------------------------------------


def swapped(change: Callable[[Proposal], Proposal]) -> list[Proposal]:
    """A normal level of which one column is changed."""
    level = normal_level()
    level[4] = change(level[4])
    return level


def eligible(reading: Reading, seen: bool = True, minimum: float = 0.9) -> tuple[str, ...]:
    return levels_eligible_for_accept_normal(reading, lambda _: seen, minimum)


def test_a_level_that_meets_every_condition_is_accepted_in_bulk() -> None:
    reading = locked(read(ReadingMode.INDEPENDENT_FIRST, normal_level()))
    assert eligible(reading) == ("D1",)
    edit = bulk.accept_normal(reading, ["D1"], READER)
    assert edit.description == "accept as normal: L5-S1"
    after = edit.applied(reading)
    values = [after.finding(FindingKey("D1", scale.key)).final for scale in GRID_SCALES]
    assert all(value is not None and value.bulk and value.action is Action.ACCEPT for value in values)
    assert edit.undoable
    assert edit.inverted().applied(after) == reading
    assert eligible(after) == ()


FALSIFIED: dict[str, tuple[Reading, bool, float]] = {
    "not every slice was seen": (locked(read(ReadingMode.INDEPENDENT_FIRST, normal_level())), False, 0.9),
    "not sure enough": (locked(read(ReadingMode.INDEPENDENT_FIRST, normal_level())), True, 0.96),
    "not locked": (read(ReadingMode.INDEPENDENT_FIRST, normal_level()), True, 0.9),
    "ai not shown": (read(ReadingMode.MANUAL, normal_level()), True, 0.9),
    "one column less sure": (
        read(
            ReadingMode.CONCURRENT,
            swapped(lambda p: proposal(p.scale, p.grade, share=0.89)),
        ),
        True,
        0.9,
    ),
    "one column positive": (
        read(ReadingMode.CONCURRENT, swapped(lambda p: proposal(p.scale, SCALES[p.scale].grades[-1]))),
        True,
        0.9,
    ),
    "one column withheld": (read(ReadingMode.CONCURRENT, swapped(lambda p: withheld(p.scale))), True, 0.9),
    "one column missing": (read(ReadingMode.CONCURRENT, normal_level()[1:]), True, 0.9),
    "one column not validated": (
        read(ReadingMode.CONCURRENT, swapped(lambda p: replace(p, validated_on_patients=False))),
        True,
        0.9,
    ),
    "the reader graded otherwise": (
        graded(read(ReadingMode.CONCURRENT, normal_level()), "severe"),
        True,
        0.9,
    ),
    "the reader rejected a column": (
        edits.reject(read(ReadingMode.CONCURRENT, normal_level()), KEY, READER, "artefact").applied(
            read(ReadingMode.CONCURRENT, normal_level())
        ),
        True,
        0.9,
    ),
}


@pytest.mark.parametrize("why", FALSIFIED)
def test_a_level_that_fails_one_condition_is_not_eligible(why: str) -> None:
    reading, seen, minimum = FALSIFIED[why]
    assert eligible(reading, seen, minimum) == ()


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("not every slice was seen", "not every slice of it was displayed"),
        ("not sure enough", "the AI is not sure enough of Pfirrmann"),
        ("not locked", "the AI is not shown"),
        ("one column withheld", "the AI gives no grade for"),
        ("one column not validated", "is not validated on patients"),
        ("the reader graded otherwise", "the reader decided otherwise on"),
    ],
)
def test_the_condition_that_a_level_fails_is_told(why: str, words: str) -> None:
    reading, seen, minimum = FALSIFIED[why]
    assert words in why_not_eligible(reading, "D1", lambda _: seen, minimum)


@pytest.mark.parametrize(
    "why",
    [
        "not locked",
        "ai not shown",
        "one column positive",
        "one column withheld",
        "one column missing",
        "the reader graded otherwise",
        "the reader rejected a column",
    ],
)
def test_the_domain_itself_refuses_to_accept_such_a_level_in_bulk(why: str) -> None:
    with pytest.raises(ReadingStateError, match="cannot be accepted as normal"):
        bulk.accept_normal(FALSIFIED[why][0], ["D1"], READER)


def test_a_normal_grade_of_the_readers_own_does_not_stand_in_the_way() -> None:
    reading = locked(graded(read(ReadingMode.INDEPENDENT_FIRST, normal_level()), "normal"))
    assert eligible(reading) == ("D1",)
    after = bulk.accept_normal(reading, ["D1"], READER).applied(reading)
    assert after.finding(KEY).status is FindingStatus.READER
    with pytest.raises(UsageProblem):
        bulk.accept_normal(reading, [], READER)


# --- signing -------------------------------------------------------------------------------------------


def test_what_stands_in_the_way_of_signing_is_said_in_sentences() -> None:
    reading = read(ReadingMode.CONCURRENT)
    reading = edits.set_text(reading, "conus", "Conus at L1.", READER).applied(reading)
    assert reading.level_map is not None
    reading = edits.change_level_map(reading, reading.level_map.with_counts(6), READER, "six").applied(
        reading
    )
    problems = protocol.obstacles_to_signing(reading)
    assert len(problems) == 2
    assert "numbering" in problems[0]
    assert "Conus and cauda equina" in problems[1]
    with pytest.raises(ReadingStateError, match="numbering"):
        protocol.sign(reading, SIGNATURE, READER)
    reading = edits.confirm_numbering(reading, READER).applied(reading)
    reading = edits.set_text(reading, "conus", "Conus at L2.", READER).applied(reading)
    assert protocol.obstacles_to_signing(reading) == ()


def test_a_signed_reading_takes_no_edit() -> None:
    reading = read(ReadingMode.CONCURRENT)
    open_edit = edits.set_grade(reading, KEY, "mild", READER)
    reading = edits.confirm_numbering(reading, READER).applied(reading)
    edit = protocol.sign(reading, SIGNATURE, READER)
    assert not edit.undoable
    signed = edit.applied(reading)
    assert (signed.state, signed.signature) == (ReadingState.SIGNED, SIGNATURE)
    for made in (open_edit, edit.inverted(), edits.set_text(signed, "other", "x", READER), edit):
        with pytest.raises(ReadingStateError, match="signed"):
            made.applied(signed)
    with pytest.raises(ReadingStateError):
        protocol.sign(signed, SIGNATURE, READER)
    assert replace(signed, state=ReadingState.ADDENDED).signature == SIGNATURE
    with pytest.raises(ReadingStateError):
        open_edit.applied(replace(signed, state=ReadingState.ADDENDED))


def test_open_proposals_are_listed_from_the_top_level_down() -> None:
    reading = read(ReadingMode.CONCURRENT, [*normal_level("D1"), *normal_level("D3")])
    keys = [f.key for f in reading.open_proposals()]
    assert keys == [FindingKey(t, s.key) for t in ("D3", "D1") for s in GRID_SCALES]


@pytest.mark.parametrize("other", [Patient("Q"), Patient("P", "ISSUER"), Patient("P", birth_date="19990101")])
def test_other_identities_are_not_combined(other: Patient) -> None:
    Patient("P", name="A").require_same(Patient("P", name="B"), "report")
    with pytest.raises(IdentityConflict, match="not combined"):
        Patient("P").require_same(other, "report")
