"""Edits of single sentences of the report: the reader's own words, and what is stated about them."""

from __future__ import annotations

from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.reading_edits import set_text
from lvp_workstation.domain.report_rows import SentenceRow


def set_sentence(reading: Reading, row: SentenceRow, text: str, author: Author) -> Edit:
    """Set the reader's words for a sentence, or state its zone, height or change; empty takes it back.

    Raises
    ------
    UsageProblem
        When the row takes one of a few words and ``text`` is none of them.
    """
    return set_text(reading, row.key, row.require(text), author)
