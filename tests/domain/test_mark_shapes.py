"""Shapes of two lines and closed outlines: values, whichever way round they were drawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from lvp_workstation.domain import codec, mark_edits
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import (
    FACTS,
    MarkShape,
    guides,
    moved,
    parts_of,
    simplified,
    strokes,
    value_of,
)
from lvp_workstation.domain.reader_marks import ReaderMark, value_lines
from tests.domain.test_reader_marks import EMPTY, MARK, READER


def sagittal(*points: tuple[float, float]) -> Array:
    """Points of (posterior, superior) on the midline."""
    return np.array([(0.0, y, z) for y, z in points])


STRAIGHT = sagittal((0.0, 8.0), (30.0, 6.0), (2.0, -1.0), (34.0, 1.0))
"""A disc that is higher in front; the upper body stands 4 mm in front of the lower one."""


def drawn_every_way(points: Array) -> list[Array]:
    """Return the two lines in either order, each in either direction."""
    pairs = [points[:2], points[2:]]
    turned = [(a, b) for a in (1, -1) for b in (1, -1)]
    return [
        np.concatenate([pairs[first][::a], pairs[second][::b]])
        for first, second in permutations((0, 1))
        for a, b in turned
    ]


@pytest.mark.parametrize("shape", [MarkShape.DISC_HEIGHT, MarkShape.SLIP, MarkShape.LORDOSIS, MarkShape.COBB])
def test_how_two_lines_were_drawn_does_not_matter(shape: MarkShape) -> None:
    values = [value_of(shape, points) for points in drawn_every_way(STRAIGHT)]
    assert values == pytest.approx([values[0]] * len(values))


def test_a_wedge_has_its_heights_its_angle_and_its_slip() -> None:
    level = sagittal((0.0, 9.0), (30.0, 9.0), (3.0, 0.0), (33.0, 0.0))
    assert value_of(MarkShape.DISC_HEIGHT, level) == pytest.approx(9.0)
    assert value_of(MarkShape.SLIP, level) == pytest.approx(3.0)
    assert {n: v for n, v, _ in parts_of(MarkShape.SLIP, level)}["percent"] == pytest.approx(10.0)
    open_in_front = sagittal((0.0, 10.0), (30.0, 5.0), (0.0, 0.0), (30.0, 0.0))
    angle = np.degrees(np.arctan(5 / 30))
    assert value_of(MarkShape.LORDOSIS, open_in_front) == pytest.approx(angle)
    assert value_of(MarkShape.COBB, open_in_front) == pytest.approx(angle)
    kyphotic = sagittal((0.0, 5.0), (30.0, 10.0), (0.0, 0.0), (30.0, 0.0))
    assert value_of(MarkShape.LORDOSIS, kyphotic) == pytest.approx(-angle)
    front, back = (v for _, v, _ in parts_of(MarkShape.DISC_HEIGHT, open_in_front))
    assert front > back


def test_a_backward_slip_says_so() -> None:
    level = sagittal((4.0, 9.0), (34.0, 9.0), (0.0, 0.0), (30.0, 0.0))
    assert value_lines(MarkShape.SLIP, level, None) == ("slip −4.0 mm", "−13.3 %  backward")


def test_lines_without_length_have_no_value_to_speak_of() -> None:
    for shape in (MarkShape.COBB, MarkShape.LORDOSIS, MarkShape.SLIP, MarkShape.DISC_HEIGHT):
        assert value_of(shape, np.zeros((4, 3))) == 0.0


def test_outlines_have_their_area_and_follow_a_dragged_point_softly() -> None:
    turn = np.linspace(0.0, 2 * np.pi, 200, endpoint=False)
    circle = np.stack([np.zeros(200), 10 * np.cos(turn), 10 * np.sin(turn)], axis=1)
    assert value_of(MarkShape.FREEHAND, circle) == pytest.approx(100 * np.pi, rel=1e-3)
    fewer = simplified(circle, 0.1)
    assert len(fewer) < 40
    assert value_of(MarkShape.POLYGON, fewer) == pytest.approx(100 * np.pi, rel=0.02)
    after = moved(MarkShape.FREEHAND, circle, 0, circle[0] + (0.0, 3.0, 0.0))
    shift = np.linalg.norm(after - circle, axis=1)
    assert shift[0] == pytest.approx(3.0)
    assert 0 < shift[5] < 3.0
    assert shift[100] == 0.0
    square = moved(MarkShape.POLYGON, circle[:4], 2, np.array((0.0, 5.0, 5.0)))
    assert (square[[0, 1, 3]] == circle[[0, 1, 3]]).all()


def test_every_shape_has_facts_and_something_to_draw() -> None:
    assert set(FACTS) == set(MarkShape)
    for shape, facts in FACTS.items():
        points = STRAIGHT[: facts.least]
        lines = strokes(shape, points)
        assert (len(lines) > 0) is (shape is not MarkShape.TEXT)
        assert all(line.shape[1] == 3 for line in (*lines, *guides(shape, points)))
        assert (value_of(shape, points) is not None) is bool(facts.unit)


def marked(shape: MarkShape, text: str = "", **changes: object) -> ReaderMark:
    count = FACTS[shape].least
    points = tuple((0.0, float(n), float(n * n)) for n in range(count))
    return replace(MARK, shape=shape, points_lps=points, signal=None, text=text, **changes)  # type: ignore[arg-type]


def test_words_are_changed_and_undone_and_only_where_there_are_words() -> None:
    arrow = marked(MarkShape.ARROW, "cyst")
    reading = mark_edits.draw_mark(EMPTY, arrow, READER).applied(EMPTY)
    edit = mark_edits.word_mark(reading, arrow.mark_id, " synovial cyst ", READER)
    after = edit.applied(reading)
    assert after.marks[arrow.mark_id].lines == ("synovial cyst",)
    assert edit.inverted().applied(after) == reading
    assert codec.loads(type(after), codec.dumps(after)) == after
    distance = marked(MarkShape.DISTANCE)
    other = mark_edits.draw_mark(EMPTY, distance, READER).applied(EMPTY)
    with pytest.raises(UsageProblem, match="Only arrows and texts"):
        mark_edits.word_mark(other, distance.mark_id, "x", READER)
    text = mark_edits.draw_mark(EMPTY, marked(MarkShape.TEXT, "here"), READER).applied(EMPTY)
    with pytest.raises(UsageProblem, match="needs words"):
        mark_edits.word_mark(text, MARK.mark_id, "  ", READER)


def test_what_is_less_exact_than_it_looks_says_so() -> None:
    assert marked(MarkShape.DISTANCE, across_mm=4.4).lines[1] == "across 4.4 mm slices"
    assert "12 mm slab" in marked(MarkShape.DISTANCE, slab_mm=12.0).lines[1]


def test_a_mark_of_the_first_version_has_the_canonical_form_it_had() -> None:
    assert not {"text", "target", "across_mm", "slab_mm"} & set(codec.to_plain(MARK))
