"""Measurements by hand as values: what they amount to, how they change, and that they survive the journal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvp_workstation.domain import codec, mark_edits
from lvp_workstation.domain.annotations import Provenance, as_points
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit, History, edit_from_plain, edit_to_plain
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.mark_shapes import MarkShape, SignalStatistics, moved, outline, value_of
from lvp_workstation.domain.reader_marks import ReaderMark
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Patient

READER = Author("reader A", "2026-01-01T00:00:00Z")
SIGNAL = SignalStatistics(12, 510.25, 33.5, 401.0, 622.0)
MARK = ReaderMark(
    "m1",
    MarkShape.ELLIPSE,
    ((0.0, 0.0, 0.0), (0.0, 4.0, 0.0), (0.0, 0.0, 3.0)),
    "series",
    7,
    Provenance(Provenance.READER, "reader A", "2026-01-01T00:00:00Z"),
    "1.2.3",
    ("1.2.3.4",),
    "SAG T2",
    "8/15",
    SIGNAL,
)
EMPTY = Reading("r", "1.8", Patient("P"))


def test_values_of_the_shapes() -> None:
    line = np.array([[0.0, 0, 0], [3, 4, 0]])
    assert value_of(MarkShape.DISTANCE, line) == pytest.approx(5.0)
    assert value_of(MarkShape.ANGLE, np.array([[2.0, 0, 0], [0, 0, 0], [0, 5, 5]])) == pytest.approx(90.0)
    assert value_of(MarkShape.ANGLE, np.array([[2.0, 0, 0], [0, 0, 0], [-1, 0, 0]])) == pytest.approx(180.0)
    assert value_of(MarkShape.ANGLE, np.zeros((3, 3))) == 0.0
    assert MARK.value == pytest.approx(np.pi * 12)
    assert (MARK.unit, MARK.words) == (
        "mm2",
        "ellipse 37.7 mm², mean 510.2  SD 33.5, min 401  max 622",
    )


@given(
    number=st.integers(1, 2),
    to=st.tuples(*[st.floats(-50, 50).filter(lambda v: abs(v) > 0.5)] * 2),
)
def test_axes_of_an_ellipse_stay_at_right_angles_and_in_their_plane(
    number: int, to: tuple[float, float]
) -> None:
    points = MARK.points
    after = moved(MarkShape.ELLIPSE, points, number, np.array([0.0, *to]))
    arms = after[1:] - after[0]
    assert abs(arms[0] @ arms[1]) < 1e-6
    assert np.abs(after[:, 0]).max() < 1e-9
    kept = 2 - number
    assert np.linalg.norm(arms[kept]) == pytest.approx(np.linalg.norm((points[1:] - points[0])[kept]))


def test_the_outline_of_an_ellipse_goes_through_its_ends() -> None:
    line = outline(MarkShape.ELLIPSE, MARK.points)
    for end in MARK.points[1:]:
        assert np.linalg.norm(line - end, axis=1).min() < 1e-9


def test_draw_move_and_delete_are_undone_and_come_back_from_the_journal() -> None:
    reading, history, states = EMPTY, History(), [EMPTY]
    larger = MARK.with_points(np.array(MARK.points) * 2, None, 0.0)

    def run(edit: Edit) -> None:
        nonlocal reading, history
        again = edit_from_plain(edit_to_plain(edit))
        assert again == edit
        reading, history = again.applied(reading), history.pushed(again)
        states.append(reading)

    run(mark_edits.draw_mark(reading, MARK, READER))
    run(mark_edits.move_mark(reading, larger, READER))
    run(mark_edits.delete_mark(reading, "m1", READER))
    assert [dict(state.marks) for state in states] == [{}, {"m1": MARK}, {"m1": larger}, {}]
    for before in reversed(states[:-1]):
        inverse, history = history.undo()
        reading = inverse.applied(reading)
        assert reading == before


def test_what_is_not_there_or_not_whole_is_refused() -> None:
    with pytest.raises(UsageProblem, match="not in the reading"):
        mark_edits.delete_mark(EMPTY, "m1", READER)
    with pytest.raises(UsageProblem, match="not in the reading"):
        mark_edits.move_mark(EMPTY, MARK, READER)
    short = replace(MARK, points_lps=as_points(np.zeros(3)))
    with pytest.raises(UsageProblem, match="has 3 points"):
        mark_edits.draw_mark(EMPTY, short, READER)


def test_a_reading_without_measurements_has_the_canonical_form_it_had_before() -> None:
    assert "marks" not in codec.dumps(EMPTY)
    kept = mark_edits.draw_mark(EMPTY, MARK, READER).applied(EMPTY)
    assert codec.loads(Reading, codec.dumps(kept)) == kept
