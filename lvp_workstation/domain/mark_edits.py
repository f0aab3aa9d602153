"""Edits of what a reader measures by hand: draw, move, word, delete; each can be undone."""

from __future__ import annotations

from dataclasses import replace

from lvp_workstation.domain.edit_parts import Author, reader_edit
from lvp_workstation.domain.edits import Change, Edit
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.mark_shapes import FACTS, MarkShape
from lvp_workstation.domain.reader_marks import ReaderMark, shape_words
from lvp_workstation.domain.reading import Reading


def draw_mark(reading: Reading, mark: ReaderMark, author: Author) -> Edit:
    """Add a measurement.

    Raises
    ------
    UsageProblem
        When it has not the points its shape needs.
    """
    facts = FACTS[mark.shape]
    if not facts.takes(len(mark.points_lps)):
        needed = f"{facts.least} points" if facts.most is not None else f"{facts.least} points or more"
        raise UsageProblem(f"The mark {shape_words(mark.shape)!r} has {needed}.")
    verb = "measure " if facts.unit else "mark "
    return _change(reading, "draw_mark", f"{verb}{mark.words}", mark.mark_id, mark, author)


def move_mark(reading: Reading, mark: ReaderMark, author: Author) -> Edit:
    """Replace a measurement by what it is after its points were moved.

    Raises
    ------
    UsageProblem
        When the reading has none with this id.
    """
    _require(reading, mark.mark_id)
    return _change(reading, "move_mark", f"change to {mark.words}", mark.mark_id, mark, author)


def word_mark(reading: Reading, mark_id: str, text: str, author: Author) -> Edit:
    """Change the words of an arrow or a text.

    Raises
    ------
    UsageProblem
        When the reading has none with this id, when it takes no words, or when a text would have none left.
    """
    mark = _require(reading, mark_id)
    if mark.shape not in (MarkShape.ARROW, MarkShape.TEXT):
        raise UsageProblem("Only arrows and texts have words.")
    if mark.shape is MarkShape.TEXT and not text.strip():
        raise UsageProblem("A text needs words; delete it to take it away.")
    after = replace(mark, text=text.strip())
    return _change(reading, "word_mark", f"change to {after.words}", mark_id, after, author)


def delete_mark(reading: Reading, mark_id: str, author: Author) -> Edit:
    """Take a measurement away.

    Raises
    ------
    UsageProblem
        When the reading has none with this id.
    """
    words = _require(reading, mark_id).words
    return _change(reading, "delete_mark", f"delete {words}", mark_id, None, author)


def _require(reading: Reading, mark_id: str) -> ReaderMark:
    mark = reading.marks.get(mark_id)
    if mark is None:
        raise UsageProblem("That measurement is not in the reading any more.")
    return mark


def _change(
    reading: Reading, kind: str, text: str, mark_id: str, after: ReaderMark | None, author: Author
) -> Edit:
    change = Change("marks", reading.marks.get(mark_id), after, mark_id)
    return reader_edit(reading, kind, text, author, [change])
