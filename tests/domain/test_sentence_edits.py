"""Words and statements on one sentence: kept as edits, bound to the grades they speak of."""

from __future__ import annotations

import pytest

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.edits import edit_from_plain, edit_to_plain
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.reading_protocol import obstacles_to_signing
from lvp_workstation.domain.report_rows import About, SentenceRow, row_applies, row_caption
from lvp_workstation.domain.sentence_edits import set_sentence
from tests.report import samples

WORDS = SentenceRow("D2", "herniation", "extrusion")
ZONE = SentenceRow("D2", "herniation", "extrusion", About.ZONE)


def test_a_row_tells_its_sentence_and_back() -> None:
    for row in (WORDS, ZONE, SentenceRow("D1", "impression", "herniation=bulge+modic=1")):
        assert SentenceRow.parse(row.key) == row
    for other in ("impression", "D2", "D2/herniation", "D2/herniation/extrusion/colour"):
        assert SentenceRow.parse(other) is None


def test_own_words_are_an_edit_that_survives_the_journal_and_is_undone() -> None:
    reading = samples.analysed()
    edit = set_sentence(reading, WORDS, "Large extrusion.", samples.AUTHOR)
    told = edit_from_plain(edit_to_plain(edit)).applied(reading)
    assert told.texts[WORDS.key].text == "Large extrusion."
    assert told.texts[WORDS.key].who == samples.READER
    assert edit.description == "text of L4-L5 Disc contour (words)"
    assert edit.inverted().applied(told).texts == reading.texts


def test_a_statement_takes_only_its_own_words() -> None:
    reading = samples.analysed()
    with pytest.raises(UsageProblem, match="left_subarticular"):
        set_sentence(reading, ZONE, "somewhere left", samples.AUTHOR)
    stated = set_sentence(reading, ZONE, "left_subarticular", samples.AUTHOR).applied(reading)
    assert stated.texts[ZONE.key].text == "left_subarticular"
    cleared = set_sentence(stated, ZONE, "", samples.AUTHOR).applied(stated)
    assert ZONE.key not in cleared.texts


def test_rows_have_names_for_people() -> None:
    reading = samples.analysed()
    assert row_caption(reading, "marrow") == "Marrow"
    assert row_caption(reading, "D2") == "L4-L5"
    assert row_caption(reading, ZONE.key) == "L4-L5 Disc contour (zone)"


def test_words_apply_only_to_the_grades_they_were_written_for() -> None:
    reading = samples.grade(samples.analysed(), "D2", "herniation", "extrusion")
    both = SentenceRow("D2", "foramen", "mild")
    item = SentenceRow("D2", "impression", "herniation=extrusion")
    assert row_applies(reading, "marrow")
    assert row_applies(reading, WORDS.key)
    assert row_applies(reading, item.key)
    assert not row_applies(reading, both.key)
    for side in ("left", "right"):
        reading = samples.grade(reading, "D2", f"foramen_{side}", "mild")
    assert row_applies(reading, both.key)
    assert not row_applies(reading, item.key)
    reading = samples.grade(reading, "D2", "herniation", "bulge")
    assert not row_applies(reading, WORDS.key)


def test_renumbering_asks_to_read_words_again_only_while_they_are_printed() -> None:
    reading = samples.grade(samples.analysed(), "D2", "herniation", "extrusion")
    reading = set_sentence(reading, WORDS, "Fragment behind L5.", samples.AUTHOR).applied(reading)
    assert reading.level_map is not None
    six = reading.level_map.with_counts(6)
    reading = edits.change_level_map(reading, six, samples.AUTHOR, "six").applied(reading)
    told = " ".join(obstacles_to_signing(reading))
    assert "read it again: L5-L6 Disc contour (words)" in told
    changed = samples.grade(reading, "D2", "herniation", "bulge")
    assert "read it again" not in " ".join(obstacles_to_signing(changed))
