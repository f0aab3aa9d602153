"""The protocol between reader and AI, and between readers: what may be seen, changed and referred to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvp_workstation.domain import codec
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.addendum import AGREED, begin_addendum, begin_joint_reading, note_addendum
from lvp_workstation.domain.disagreements import Kind, disagreements
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.errors import IdentityConflict, ReadingStateError, UsageProblem
from lvp_workstation.domain.findings import FindingKey
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.level_clock import LONGEST_S, LevelClock
from lvp_workstation.domain.reading import (
    Reading,
    ReadingMode,
    ReadingState,
    Reference,
    RevealBy,
    Role,
    Signature,
)
from lvp_workstation.domain.reading_shown import as_shown
from lvp_workstation.domain.reading_view import BlindCell, level_rows
from lvp_workstation.domain.result_sets import (
    AiResult,
    compared,
    may_compare_ai,
    may_compare_readers,
    of_ai,
    of_reading,
)
from lvp_workstation.domain.study import Patient
from tests.domain.strategies import readings
from tests.services.reading_samples import LEVELS, measurement, proposal

READER = Author("reader A", "2026-01-01T00:00:00Z")
LATER = Author("reader A", "2026-01-01T00:05:00Z")
KEY = FindingKey("D1", "central_canal")
BLIND_MODES = [ReadingMode.MANUAL, ReadingMode.INDEPENDENT_FIRST, ReadingMode.AI_SECOND]


def analysed(
    mode: ReadingMode, grade: str = "moderate", reveal_by: RevealBy = RevealBy.LEVEL, name: str = "r"
) -> Reading:
    """A reading with one proposal at every level."""
    reading = Reading(name, "1.2.3", Patient("P"), mode, reveal_by=reveal_by)
    proposed = [proposal("central_canal", grade, f"D{n}") for n in range(1, 6)]
    measured = {("D1", "sac_ap"): measurement()}
    facts = {"scope": {"decision": grade}, "model": {"name": "m"}}
    return edits.attach_analysis(reading, LEVELS, measured, proposed, facts, "0", READER).applied(reading)


def graded(reading: Reading, grade: str, key: FindingKey = KEY) -> Reading:
    return edits.set_grade(reading, key, grade, READER).applied(reading)


def signed(reading: Reading) -> Reading:
    reading = edits.confirm_numbering(reading, READER).applied(reading)
    signature = Signature("reader A", "t", "t", f"sha of {reading.reading_id}")
    return protocol.sign(reading, signature, READER).applied(reading)


# --- states ---------------------------------------------------------------------------------------------


def test_a_reading_goes_from_new_over_preliminary_to_signed() -> None:
    reading = analysed(ReadingMode.MANUAL)
    assert reading.state is ReadingState.NEW
    first = edits.set_grade(reading, KEY, "mild", READER)
    begun = first.applied(reading)
    assert begun.state is ReadingState.IN_PROGRESS
    assert first.inverted().applied(begun) == reading
    with pytest.raises(ReadingStateError, match="numbering"):
        protocol.mark_preliminary(begun, READER)
    begun = edits.confirm_numbering(begun, READER).applied(begun)
    release = protocol.mark_preliminary(begun, READER)
    assert not release.undoable
    preliminary = release.applied(begun)
    assert preliminary.state is ReadingState.PRELIMINARY
    assert graded(preliminary, "severe").state is ReadingState.PRELIMINARY
    with pytest.raises(ReadingStateError, match="preliminary already"):
        protocol.mark_preliminary(preliminary, READER)
    assert signed(preliminary).state is ReadingState.SIGNED


def test_a_draft_of_the_first_version_is_read_as_new() -> None:
    text = codec.dumps(Reading("r", "1.2.3", Patient("P"))).replace('"state":"new"', '"state":"draft"')
    assert codec.loads(Reading, text).state is ReadingState.NEW


def test_what_was_signed_before_later_fields_came_keeps_its_canonical_form() -> None:
    text = codec.dumps(Reading("r", "1.2.3", Patient("P")))
    for name in ("role", "reveal_by", "reveal_times", "supersedes", "superseded_by", "sources"):
        assert f'"{name}"' not in text
    assert '"role":"trainee"' in codec.dumps(Reading("r", "1.2.3", Patient("P"), role=Role.TRAINEE))
    assert codec.loads(Reading, text) == Reading("r", "1.2.3", Patient("P"))


# --- lock and reveal ------------------------------------------------------------------------------------


def test_by_study_nothing_is_shown_before_every_level_is_locked() -> None:
    reading = graded(analysed(ReadingMode.INDEPENDENT_FIRST, reveal_by=RevealBy.STUDY), "mild")
    for target in reading.levels[:-1]:
        reading = protocol.lock_and_reveal(reading, target, READER).applied(reading)
        assert reading.revealed == frozenset()
    with pytest.raises(ReadingStateError, match="locked until the AI is shown"):
        edits.set_grade(reading, FindingKey("D5", "pfirrmann"), "2", READER)
    reading = protocol.lock_and_reveal(reading, reading.levels[-1], LATER).applied(reading)
    assert reading.revealed == set(reading.levels)
    assert set(reading.reveal_times.values()) == {LATER.time_utc}
    changed = graded(reading, "moderate").finding(KEY)
    assert changed.before_reveal is not None
    assert (changed.before_reveal.grade, changed.grade) == ("mild", "moderate")


@pytest.mark.parametrize("reveal_by", RevealBy)
def test_all_levels_can_be_locked_at_once(reveal_by: RevealBy) -> None:
    reading = analysed(ReadingMode.INDEPENDENT_FIRST, reveal_by=reveal_by)
    edit = protocol.lock_study(reading, LATER)
    assert not edit.undoable
    reading = edit.applied(reading)
    assert reading.locked == reading.revealed == set(reading.levels)
    with pytest.raises(ReadingStateError, match="no level left"):
        protocol.lock_study(reading, READER)
    with pytest.raises(ReadingStateError, match="fixed"):
        protocol.set_reveal_by(reading, RevealBy.STUDY, READER)


# --- what a screen is given -----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", BLIND_MODES)
@pytest.mark.parametrize("reveal_by", RevealBy)
def test_two_opposite_ai_results_give_a_screen_the_same_reading(
    mode: ReadingMode, reveal_by: RevealBy
) -> None:
    one = graded(analysed(mode, "normal", reveal_by), "mild")
    other = graded(analysed(mode, "severe", reveal_by), "mild")
    assert one != other
    assert as_shown(one) == as_shown(other)
    assert level_rows(one) == level_rows(other)
    assert all(type(cell) is BlindCell for row in level_rows(one) for cell in row.cells)
    assert disagreements(one) == disagreements(other) == ()
    text = codec.dumps(as_shown(one))
    assert "proposal" not in text.replace('"proposal":null', "")
    assert "sac_ap" not in text


@given(readings())
@settings(max_examples=60, deadline=None)
def test_nothing_of_the_ai_is_in_what_is_shown_of_a_hidden_level(reading: Reading) -> None:
    shown = as_shown(reading)
    if reading.state.signed:
        assert shown == reading
        return
    for key, finding in shown.findings.items():
        if not reading.ai_visible(key.target) and not _everything_shown(reading):
            assert finding.proposal is None
            assert finding.original is None
        assert finding.final == reading.finding(key).final
    assert shown.texts == reading.texts


def _everything_shown(reading: Reading) -> bool:
    return bool(reading.levels) and all(reading.ai_visible(level) for level in reading.levels)


# --- findings -------------------------------------------------------------------------------------------


def test_the_models_own_proposal_stays_beside_the_one_after_a_correction() -> None:
    reading = analysed(ReadingMode.CONCURRENT)
    first = reading.finding(KEY).proposal
    again = [proposal("central_canal", "mild")]
    delta = LabelDelta((1, 1, 1), ())
    reading = edits.edit_labels(reading, delta, "1", {}, again, READER, "brush").applied(reading)
    finding = reading.finding(KEY)
    assert finding.proposal == again[0]
    assert finding.ai_original == first
    twice = [proposal("central_canal", "severe")]
    reading = edits.edit_labels(reading, delta, "2", {}, twice, READER, "brush").applied(reading)
    assert reading.finding(KEY).ai_original == first
    fresh = edits.attach_analysis(reading, LEVELS, {}, twice, {}, "3", READER).applied(reading)
    assert fresh.finding(KEY).ai_original == twice[0]


def test_a_rejection_needs_a_reason_of_the_list_and_other_needs_words() -> None:
    reading = analysed(ReadingMode.CONCURRENT)
    with pytest.raises(UsageProblem, match="not a reason"):
        edits.reject(reading, KEY, READER, "because")
    with pytest.raises(UsageProblem, match="few words"):
        edits.reject(reading, KEY, READER, "other", "  ")
    value = (
        edits.reject(reading, KEY, READER, "other", " chemical shift ").applied(reading).finding(KEY).final
    )
    assert value is not None
    assert (value.reason, value.comment) == ("other", "chemical shift")


def test_the_list_before_signing_names_every_way_to_differ() -> None:
    reading = analysed(ReadingMode.INDEPENDENT_FIRST)
    keys = [FindingKey(f"D{n}", "central_canal") for n in range(1, 6)]
    reading = graded(reading, "mild", keys[0])
    reading = graded(reading, "mild", keys[1])
    for target in reading.levels[1:]:  # the top level stays hidden
        reading = protocol.lock_and_reveal(reading, target, READER).applied(reading)
    reading = graded(reading, "moderate", keys[1])
    reading = edits.reject(reading, keys[2], READER, "artefact").applied(reading)
    rows = disagreements(reading)
    assert [(row.key.target, row.kind) for row in rows] == [
        ("D4", Kind.LEFT_OUT),
        ("D3", Kind.REJECTED),
        ("D2", Kind.CHANGED),
        ("D1", Kind.DIFFERS),
    ]
    assert (rows[2].before_reveal, rows[2].reader, rows[2].ai) == ("mild", "moderate", "moderate")
    assert rows[1].reason == "artefact"


def test_ai_second_is_not_signed_before_the_second_look() -> None:
    reading = edits.confirm_numbering(analysed(ReadingMode.AI_SECOND), READER).applied(
        analysed(ReadingMode.AI_SECOND)
    )
    assert "AI second" in protocol.obstacles_to_signing(reading)[0]
    reading = protocol.reveal_disagreements(reading, READER).applied(reading)
    assert protocol.obstacles_to_signing(reading) == ()


# --- addendum -------------------------------------------------------------------------------------------


def test_an_addendum_supersedes_by_reference_and_changes_nothing_that_was_signed() -> None:
    first = signed(graded(analysed(ReadingMode.CONCURRENT), "mild"))
    with pytest.raises(UsageProblem, match="why"):
        begin_addendum(first, "r2", " ")
    addendum = begin_addendum(first, "r2", "a second look")
    assert addendum.supersedes is not None
    assert (addendum.supersedes.reading_id, addendum.state) == ("r", ReadingState.NEW)
    assert addendum.findings == first.findings
    with pytest.raises(ReadingStateError, match="signed reading"):
        note_addendum(first, addendum, READER)
    addendum = signed(graded(addendum, "severe"))
    noted = note_addendum(first, addendum, READER).applied(first)
    assert noted.state is ReadingState.ADDENDED
    assert replace(noted, state=first.state, superseded_by=()) == first
    with pytest.raises(ReadingStateError, match="amend that one"):
        begin_addendum(noted, "r3", "again")
    with pytest.raises(ReadingStateError, match="signed"):
        edits.set_grade(noted, KEY, "mild", READER).applied(noted)
    stranger = signed(begin_addendum(replace(first, reading_id="q"), "r4", "another"))
    with pytest.raises(ReadingStateError, match="another reading"):
        note_addendum(first, stranger, READER)


def test_an_addendum_begun_before_references_named_who_signed_is_still_one() -> None:
    first = signed(graded(analysed(ReadingMode.CONCURRENT), "mild"))
    addendum = begin_addendum(first, "r2", "a second look")
    assert addendum.supersedes is not None
    assert addendum.supersedes.signed_by == "reader A"
    old = Reference(addendum.supersedes.reading_id, addendum.supersedes.sha256)
    assert codec.to_plain(old) == {"reading_id": old.reading_id, "sha256": old.sha256}
    finished = signed(graded(replace(addendum, supersedes=old), "severe"))
    assert note_addendum(first, finished, READER).applied(first).superseded_by == ("r2",)


# --- several readers and versions -----------------------------------------------------------------------


def two_readers() -> tuple[Reading, Reading]:
    other = FindingKey("D2", "central_canal")
    first = graded(graded(analysed(ReadingMode.MANUAL, name="a"), "mild"), "severe", other)
    second = graded(graded(analysed(ReadingMode.MANUAL, name="b"), "mild"), "moderate", other)
    return signed(first), signed(second)


@pytest.mark.parametrize("role", [Role.CONSENSUS, Role.ARBITER])
def test_a_joint_reading_keeps_what_agrees_and_asks_for_the_rest(role: Role) -> None:
    first, second = two_readers()
    joint = begin_joint_reading(first, second, "j", role, READER)
    assert [source.reading_id for source in joint.sources] == ["a", "b"]
    agreed = joint.finding(KEY).final
    assert agreed is not None
    assert (agreed.grade, agreed.reason) == ("mild", AGREED)
    other = FindingKey("D2", "central_canal")
    assert [value.grade for value in joint.finding(other).between] == ["severe", "moderate"]
    assert joint.undecided == (other,)
    assert not any(finding.proposal for finding in joint.findings.values())
    with pytest.raises(ReadingStateError, match="nobody decided: L4-L5 Central canal"):
        signed(joint)
    assert signed(graded(joint, "severe", other)).state is ReadingState.SIGNED


def test_only_two_signed_readings_of_one_study_are_joined() -> None:
    first, second = two_readers()
    draft = analysed(ReadingMode.MANUAL, name="c")
    with pytest.raises(ReadingStateError, match="sign it first"):
        begin_joint_reading(first, draft, "j", Role.CONSENSUS, READER)
    with pytest.raises(UsageProblem, match="Two different readings"):
        begin_joint_reading(first, first, "j", Role.CONSENSUS, READER)
    with pytest.raises(UsageProblem, match="by consensus or by an arbiter"):
        begin_joint_reading(first, second, "j", Role.TRAINEE, READER)
    with pytest.raises(IdentityConflict):
        begin_joint_reading(first, replace(second, patient=Patient("Q")), "j", Role.ARBITER, READER)
    assert second.level_map is not None
    renamed = replace(second, level_map=second.level_map.with_counts(6))
    with pytest.raises(UsageProblem, match="same levels"):
        begin_joint_reading(first, renamed, "j", Role.ARBITER, READER)


def test_two_versions_of_an_ai_stand_beside_the_reader() -> None:
    reading = graded(analysed(ReadingMode.CONCURRENT, "moderate"), "mild")
    one = of_ai(AiResult.of(reading, "1", "t"))
    two = of_ai(AiResult.of(analysed(ReadingMode.CONCURRENT, "severe"), "2", "t"))
    rows = compared([of_reading(reading, "reader A"), one, two])
    assert rows[0].key.target == "D5"
    assert rows[-1].grades == ("mild", "moderate", "severe")
    assert not rows[-1].agree
    renamed = replace(two, levels=LEVELS.with_counts(6))
    with pytest.raises(UsageProblem, match="same levels"):
        compared([one, renamed])


def test_what_could_influence_an_unfinished_reading_is_not_compared_with_it() -> None:
    manual, independent = analysed(ReadingMode.MANUAL), analysed(ReadingMode.INDEPENDENT_FIRST)
    assert not may_compare_ai(manual)
    assert not may_compare_ai(signed(manual))
    assert not may_compare_ai(independent)
    assert may_compare_ai(protocol.lock_study(independent, READER).applied(independent))
    assert may_compare_ai(signed(independent))
    assert not may_compare_readers(independent)
    assert may_compare_readers(signed(independent))
    assert may_compare_readers(replace(independent, role=Role.ARBITER))


# --- time -----------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(["D1", "D2", ""]), st.floats(0, 1000)), max_size=20))
@settings(max_examples=50, deadline=None)
def test_the_time_at_the_levels_is_never_more_than_the_time_that_passed(
    moves: list[tuple[str, float]],
) -> None:
    clock, now = LevelClock(), 0.0
    for level, after in moves:
        now += after
        clock = clock.moved(level, now)
    assert sum(clock.seconds.values()) <= now + 1e-6
    assert "" not in clock.seconds


def test_time_away_from_the_screen_is_not_counted() -> None:
    clock = LevelClock().moved("D1", 10.0).moved("D2", 20.0).moved("D2", 20.0 + 3600)
    assert clock.rounded() == {"D1": 10.0, "D2": LONGEST_S}
