"""Random sequences of edits: apply, undo and redo agree with a list of remembered readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Change, Edit, History
from lvp_workstation.domain.errors import ReadingStateError, UsageProblem
from lvp_workstation.domain.findings import SCALES, FindingKey
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.reading import CriticalCommunication, Reading, ReadingMode
from lvp_workstation.domain.study import Patient
from tests.domain.strategies import DISCS, SCALE_KEYS
from tests.services.reading_samples import LEVELS, measurement, proposal

READER = Author("reader A", "2026-01-01T00:00:00Z")
ROWS = st.sampled_from(["conus", "other", "D1"])
WORDS = st.sampled_from(["", "Conus at L1.", "Nothing else.", "L4-L5 as before"])
Build = Callable[[Reading], Edit]


def start(mode: ReadingMode) -> Reading:
    """A reading with an analysis and nothing decided."""
    reading = Reading("r", "1.2.3", Patient("P"), mode)
    proposed = [proposal(s, SCALES[s].grades[-1], d) for d in ("D1", "D2") for s in SCALES]
    measured = {("D1", "sac_ap"): measurement()}
    return edits.attach_analysis(reading, LEVELS, measured, proposed, {}, "0", READER).applied(reading)


def keyed(make: Callable[[FindingKey], Build]) -> st.SearchStrategy[Build]:
    """Builders about a random finding."""
    return st.builds(lambda d, s: make(FindingKey(d, s)), DISCS, SCALE_KEYS)


def renumbered(steps: int) -> Build:
    """A builder that shifts the level map."""

    def build(reading: Reading) -> Edit:
        assert reading.level_map is not None
        return edits.change_level_map(reading, reading.level_map.shifted(steps), READER, "shift")

    return build


def analysed_again(reading: Reading, key: FindingKey) -> Edit:
    """A second analysis that sees one level less and proposes one grade."""
    proposed = [proposal(key.scale, SCALES[key.scale].grades[0], key.target)]
    return edits.attach_analysis(reading, LevelMap(4), {}, proposed, {}, "1", READER)


UNDOABLE: st.SearchStrategy[Build] = st.one_of(
    keyed(lambda key: lambda r: edits.set_grade(r, key, SCALES[key.scale].grades[0], READER)),
    keyed(lambda key: lambda r: edits.set_grade(r, key, SCALES[key.scale].grades[-1], READER)),
    keyed(lambda key: lambda r: edits.accept(r, key, READER)),
    keyed(lambda key: lambda r: edits.reject(r, key, READER, "artefact")),
    keyed(lambda key: lambda r: edits.clear_grade(r, key, READER)),
    st.builds(lambda row, words: lambda r: edits.set_text(r, row, words, READER), ROWS, WORDS),
    st.sampled_from([-1, 1]).map(renumbered),
    st.just(lambda r: edits.confirm_numbering(r, READER)),
    st.just(lambda r: edits.add_critical(r, CriticalCommunication("a", "b", "c", "d"), READER)),
)
FINAL: st.SearchStrategy[Build] = st.one_of(
    st.builds(lambda d: lambda r: protocol.lock_and_reveal(r, d, READER), DISCS),
    st.just(lambda r: edits.record_facts(r, {"seen": len(r.texts)}, READER)),
    st.just(lambda r: protocol.reveal_disagreements(r, READER)),
    keyed(
        lambda key: (
            lambda r: edits.attach_analysis(
                r,
                LevelMap(4),
                {},
                [proposal(key.scale, SCALES[key.scale].grades[0], key.target)],
                {},
                "1",
                READER,
            )
        )
    ),
)
STEPS = st.lists(st.one_of(UNDOABLE, st.sampled_from(["undo", "redo"])), max_size=30)
ALL_STEPS = st.lists(st.one_of(UNDOABLE, UNDOABLE, FINAL, st.sampled_from(["undo", "redo"])), max_size=40)


@dataclass
class Model:
    """Readings remembered whole, as a naive undo would."""

    reading: Reading
    past: list[Reading] = field(default_factory=list)
    future: list[Reading] = field(default_factory=list)

    def do(self, after: Reading) -> None:
        self.past.append(self.reading)
        self.future.clear()
        self.reading = after

    def undo(self) -> None:
        self.future.append(self.reading)
        self.reading = self.past.pop()

    def redo(self) -> None:
        self.past.append(self.reading)
        self.reading = self.future.pop()


def step(reading: Reading, history: History, what: Build | str) -> tuple[Reading, History]:
    """Do one step as a session does."""
    if what == "undo":
        effect, history = history.undo()
        return effect.applied(reading), history
    if what == "redo":
        effect, history = history.redo()
        return effect.applied(reading), history
    assert callable(what)
    edit = what(reading)
    return edit.applied(reading), history.pushed(edit)


@given(st.sampled_from(ReadingMode), STEPS)
@settings(max_examples=80, deadline=None)
def test_apply_undo_and_redo_equal_the_model(mode: ReadingMode, steps: list[Build | str]) -> None:
    reading, history = start(mode), History()
    model = Model(reading)
    for what in steps:
        try:
            reading, history = step(reading, history, what)
        except (ReadingStateError, UsageProblem):
            assert what not in ("undo", "redo") or not (model.past if what == "undo" else model.future)
            continue
        if what == "undo":
            model.undo()
        elif what == "redo":
            model.redo()
        else:
            model.do(reading)
        assert reading == model.reading
        assert (len(history.done), len(history.undone)) == (len(model.past), len(model.future))


@given(st.sampled_from(ReadingMode), ALL_STEPS)
@settings(max_examples=120, deadline=None)
def test_what_stays_on_the_stack_can_always_be_undone(mode: ReadingMode, steps: list[Build | str]) -> None:
    reading, history = start(mode), History()
    for what in steps:
        try:
            reading, history = step(reading, history, what)
        except (ReadingStateError, UsageProblem):
            assert what not in ("undo", "redo") or not (history.done if what == "undo" else history.undone)
    end, undone = reading, 0
    while history.done:
        reading, history = step(reading, history, "undo")
        undone += 1
        assert (reading.locked, reading.revealed, reading.facts) == (end.locked, end.revealed, end.facts)
        for target in end.locked:
            for scale in SCALES:
                key = FindingKey(target, scale)
                assert reading.finding(key).before_reveal == end.finding(key).before_reveal
    for _ in range(undone):
        reading, history = step(reading, history, "redo")
    assert reading == end


def test_undo_stays_possible_when_a_later_edit_of_the_same_thing_was_taken_off() -> None:
    def edit(name: str, *changes: Change, undoable: bool = True) -> Edit:
        return Edit(name, name, name, "reader A", "t", changes, undoable=undoable)

    history = History()
    for made in (
        edit("other", Change("critical", (), ())),
        edit("first", Change("labels_sha256", "0", "1")),
        edit("second", Change("labels_sha256", "1", "2"), Change("facts", {}, {"a": 1})),
        edit("barrier", Change("facts", {"a": 1}, {"a": 2}), undoable=False),
    ):
        history = history.pushed(made)
    assert [e.edit_id for e in history.done] == ["other"]


def test_an_edit_made_from_an_older_reading_never_overwrites_a_newer_value() -> None:
    reading = start(ReadingMode.CONCURRENT)
    reading = edits.set_text(reading, "other", "begun", READER).applied(reading)
    key = FindingKey("D1", "pfirrmann")
    stale = edits.set_grade(reading, key, "1", READER)
    newer = edits.set_grade(reading, key, "2", READER).applied(reading)
    with pytest.raises(ReadingStateError, match="changed by something else"):
        stale.applied(newer)
    other = edits.set_grade(reading, FindingKey("D2", "pfirrmann"), "1", READER)
    assert other.applied(newer).finding(key).grade == "2"


def test_the_undo_menu_speaks_of_the_edit() -> None:
    reading, history = start(ReadingMode.CONCURRENT), History()
    assert (history.undo_text, history.redo_text) == ("", "")
    reading, history = step(
        reading, history, lambda r: edits.set_grade(r, FindingKey("D1", "pfirrmann"), "2", READER)
    )
    assert history.undo_text == "L5-S1 Pfirrmann: II"
    reading, history = step(reading, history, "undo")
    assert history.redo_text == "L5-S1 Pfirrmann: II"
    with pytest.raises(ReadingStateError, match="nothing to undo"):
        history.undo()


@given(st.integers(0, 3), st.integers(4, 6))
@settings(max_examples=30, deadline=None)
def test_renaming_moves_no_grade(steps: int, lumbar: int) -> None:
    reading = start(ReadingMode.CONCURRENT)
    for target in ("D1", "D2", "D3"):
        reading = edits.set_grade(reading, FindingKey(target, "pfirrmann"), target[1], READER).applied(
            reading
        )
    assert reading.level_map is not None
    levels = reading.level_map.with_counts(lumbar).shifted(steps)
    after = edits.change_level_map(reading, levels, READER, "renumber").applied(reading)
    assert after.findings == reading.findings
    assert after.measurements == reading.measurements
    assert after.levels == reading.levels


@pytest.mark.parametrize(
    ("words", "marked"),
    [
        ("Conus at L1.", True),
        ("L4/5 narrowed", True),
        ("below the l5 body", True),
        ("L4椎体", True),
        ("cord signal at T8", True),
        ("S1 root", True),
        ("bright on T2, dark on T1", False),
        ("L10", False),
        ("IL1 and HLAT12", False),
        ("nothing to report", False),
    ],
)
def test_text_that_names_a_level_is_marked_when_the_levels_are_renamed(words: str, marked: bool) -> None:
    reading = start(ReadingMode.CONCURRENT)
    reading = edits.set_text(reading, "other", words, READER).applied(reading)
    assert reading.level_map is not None
    edit = edits.change_level_map(reading, reading.level_map.with_counts(6), READER, "six lumbar bodies")
    after = edit.applied(reading)
    assert after.texts["other"].reread is marked
    assert edit.inverted().applied(after) == reading
    again = edits.set_text(after, "other", words + " ", READER).applied(after)
    assert not again.texts["other"].reread


def test_a_new_analysis_keeps_what_the_reader_set_and_named() -> None:
    reading = start(ReadingMode.CONCURRENT)
    key = FindingKey("D1", "pfirrmann")
    reading = edits.accept(reading, key, READER).applied(reading)
    reading = edits.set_text(reading, "conus", "Conus at L1.", READER).applied(reading)
    confirmed = edits.confirm_numbering(reading, READER).applied(reading)
    fresh = [proposal("pfirrmann", "2", "D1")]
    again = edits.attach_analysis(confirmed, LevelMap(5, 4), {}, fresh, {}, "1", READER).applied(confirmed)
    assert again.level_map == confirmed.level_map
    assert (again.finding(key).grade, again.finding(key).status) == ("5", "edited")
    assert set(again.findings) == {key}
    assert not again.texts["conus"].reread

    renamed = edits.attach_analysis(reading, LevelMap(5, 4), {}, fresh, {}, "1", READER).applied(reading)
    assert renamed.level_map == LevelMap(5, 4)
    assert renamed.texts["conus"].reread

    fewer = edits.attach_analysis(confirmed, LevelMap(4), {}, fresh, {}, "1", READER).applied(confirmed)
    assert fewer.level_map == replace(LEVELS, vertebra_count=4)


def test_levels_are_not_added_by_renaming() -> None:
    reading = start(ReadingMode.CONCURRENT)
    with pytest.raises(UsageProblem):
        edits.change_level_map(reading, LevelMap(7), READER, "more")


def measured_anew(reading: Reading, target: str) -> Edit:
    """What is journalled when strokes were measured: other measurements, no voxel changed."""
    shorter = replace(measurement(target), points_lps=((0, 0, 0), (0, 3, 0)))
    changed = {**reading.measurements, (target, "sac_ap"): shorter}
    nothing = LabelDelta((1, 1, 1), ())
    proposals = [f.proposal for f in reading.findings.values() if f.proposal is not None]
    return edits.edit_labels(reading, nothing, reading.labels_sha256, changed, proposals, READER, "brush")


def test_measurements_of_a_stroke_leave_what_was_undone() -> None:
    reading, history = start(ReadingMode.CONCURRENT), History()
    for target, grade in (("D2", "3"), ("D1", "3"), ("D1", "4")):
        key = FindingKey(target, "pfirrmann")
        reading, history = step(
            reading,
            history,
            lambda r, k=key, g=grade: edits.set_grade(r, k, g, READER),  # type: ignore[misc]
        )
    graded = reading
    for _ in range(2):
        reading, history = step(reading, history, "undo")
    reading, history = step(reading, history, lambda r: measured_anew(r, "D2"))
    for _ in range(2):
        reading, history = step(reading, history, "redo")
    assert reading.findings == graded.findings
    assert history.undone == ()


def test_what_was_measured_anew_is_not_made_again_over_it() -> None:
    reading, history = start(ReadingMode.CONCURRENT), History()
    reading, history = step(reading, history, lambda r: measured_anew(r, "D1"))
    reading, history = step(reading, history, "undo")
    reading, history = step(reading, history, lambda r: measured_anew(r, "D1"))
    assert history.undone == ()
