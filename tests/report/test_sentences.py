"""Sentences follow the grades; words and statements of the reader belong to the grades they speak of."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.findings import Finding, FindingKey
from lvp_workstation.domain.reading import Reading, ReadingMode
from lvp_workstation.domain.report_rows import About, SentenceRow
from lvp_workstation.domain.sentence_edits import set_sentence
from lvp_workstation.grading.axial_herniation import sentence
from lvp_workstation.grading.listhesis import BACKWARD
from lvp_workstation.grading.zones import zone_of
from lvp_workstation.measure.foramen import DARK_FAT
from lvp_workstation.measure.records import BONY_NOTE, CANAL_NOTE, DERIVED
from lvp_workstation.report.builder import build_ai_draft
from lvp_workstation.report.facts import PriorFact
from lvp_workstation.report.phrases import Phrases, load_phrases
from lvp_workstation.report.program_words import PLACE_OF_DISPLACEMENT, merged, shape
from lvp_workstation.report.sentences import (
    impression_is_older,
    impression_sentences,
    level_sentences,
    possible_statements,
)
from tests.report import samples
from tests.report.conftest import Build

CONTOUR = SentenceRow("D2", "herniation", "protrusion")


def state(reading: Reading, row: SentenceRow, about: About, value: str) -> Reading:
    """Return the reading with something stated or written about a sentence."""
    return set_sentence(reading, replace(row, about=about), value, samples.AUTHOR).applied(reading)


def with_prior(reading: Reading) -> Reading:
    """Return the reading beside an earlier examination."""
    facts = replace(samples.FACTS, priors=(PriorFact("20250302", "MR"),))
    return replace(reading, facts=facts.to_plain())


def texts(reading: Reading, phrases: Phrases) -> list[str]:
    """Return the sentences on D2."""
    return [sentence.text for sentence in level_sentences(reading, "D2", phrases)]


def test_a_sentence_changes_with_its_grade_and_own_words_come_back_with_theirs(phrases: Phrases) -> None:
    reading = samples.grade(samples.analysed(), "D2", "herniation", "protrusion")
    reading = state(reading, CONTOUR, About.WORDS, "Small protrusion to the left.")
    (sentence,) = level_sentences(reading, "D2", phrases)
    assert (sentence.text, sentence.own) == ("Small protrusion to the left.", True)
    assert sentence.composed == "Disc protrusion."
    other = samples.grade(reading, "D2", "herniation", "extrusion")
    assert texts(other, phrases) == ["Disc extrusion."]
    assert texts(samples.grade(other, "D2", "herniation", "protrusion"), phrases) == [sentence.text]


def test_zone_and_height_join_the_sentence_and_the_impression(phrases: Phrases) -> None:
    reading = samples.grade(samples.analysed(), "D2", "herniation", "protrusion")
    reading = state(reading, CONTOUR, About.ZONE, "left_subarticular")
    reading = state(reading, CONTOUR, About.HEIGHT, "infrapedicle")
    assert texts(reading, phrases) == ["Disc protrusion, left subarticular zone, at infrapedicle level."]
    (item,) = impression_sentences(reading, phrases)
    assert item.text == "L4-L5?: disc protrusion (left subarticular zone, at infrapedicle level)."
    chinese = texts(reading, load_phrases("zh"))
    assert chinese[0].endswith("，左侧关节突下区，椎弓根下水平。")


def test_a_slip_names_its_direction(phrases: Phrases) -> None:
    reading = samples.grade(samples.analysed(), "D1", "spondylolisthesis", "1")
    row = SentenceRow("D1", "spondylolisthesis", "1")
    reading = state(reading, row, About.DIRECTION, "posterior")
    (sentence,) = level_sentences(reading, "D1", phrases)
    assert sentence.text.endswith("Meyerding grade I, posterior (retrolisthesis).")


@pytest.mark.parametrize(
    ("scale", "grade", "value", "words"),
    [
        ("herniation", "protrusion", "larger", "Larger than on MR of 2025-03-02."),
        ("central_canal", "moderate", "larger", "More marked than on MR of 2025-03-02."),
        ("herniation", "none", "resolved", "Present on MR of 2025-03-02, since resolved."),
    ],
)
def test_change_since_the_prior_is_said_with_its_date(
    phrases: Phrases, scale: str, grade: str, value: str, words: str
) -> None:
    reading = samples.grade(samples.analysed(), "D2", scale, grade)
    row = SentenceRow("D2", scale, grade)
    assert possible_statements(reading, row, About.PRIOR) == (), "there is nothing to compare with"
    stated = state(reading, row, About.PRIOR, value)
    assert words not in texts(stated, phrases)[0]
    assert texts(with_prior(stated), phrases)[0].endswith(words)
    assert value in possible_statements(with_prior(reading), row, About.PRIOR)


def test_only_fitting_statements_are_offered() -> None:
    reading = with_prior(samples.analysed())
    assert possible_statements(reading, SentenceRow("D2", "herniation", "none"), About.ZONE) == ()
    assert possible_statements(reading, SentenceRow("D2", "modic", "1"), About.ZONE) == ()
    assert possible_statements(reading, SentenceRow("D2", "foramen", "mild"), About.PRIOR)
    normal = possible_statements(reading, SentenceRow("D2", "foramen", "normal"), About.PRIOR)
    assert normal == ("unchanged", "resolved")


def test_own_words_in_the_impression_hold_for_their_grades_only(phrases: Phrases, build: Build) -> None:
    reading = samples.grade(samples.analysed(), "D2", "herniation", "protrusion")
    row = SentenceRow("D2", "impression", "herniation=protrusion")
    reading = state(reading, row, About.WORDS, "protrusion that explains the pain.")
    text = build(reading).text_of("impression")
    assert text.startswith("L4-L5?: protrusion that explains the pain.")
    assert "in part in the reader's own words" in text
    more = samples.grade(reading, "D2", "central_canal", "severe")
    assert impression_sentences(more, phrases)[0].text.startswith("L4-L5?: severe central canal stenosis")


def test_the_report_names_the_sentences_in_the_readers_own_words(build: Build) -> None:
    reading = samples.grade(samples.analysed(), "D2", "herniation", "protrusion")
    reading = state(reading, CONTOUR, About.WORDS, "Small protrusion.")
    assert "In the reader's own words: L4-L5? disc contour." in build(reading).text_of("level_findings")


def test_a_typed_impression_older_than_a_grade_is_to_be_read_again(build: Build) -> None:
    reading = samples.typed(samples.analysed(), "impression", "Nothing severe.")
    assert not impression_is_older(reading)
    later = replace(samples.AUTHOR, time_utc="2026-11-21T10:00:00Z")
    key = FindingKey("D2", "herniation")
    finding = samples.grade(reading, "D2", "herniation", "extrusion").finding(key)
    assert finding.final is not None
    value = replace(finding.final, provenance=later.provenance)
    changed = replace(reading, findings={key: replace(finding, final=value)})
    assert impression_is_older(changed)
    assert "read it again" in build(changed).text_of("impression")


def test_names_of_levels_follow_the_numbering(phrases: Phrases) -> None:
    reading = samples.grade(samples.analysed(), "D2", "foramen_left", "severe")
    six = replace(reading, level_map=LevelMap(7, lumbar_count=6))
    assert "exiting L4" in texts(reading, phrases)[0]
    assert "exiting L5" in texts(six, phrases)[0]


def test_reasons_that_differ_in_numbers_and_sides_become_one() -> None:
    first, second = "The slices end 8 mm left of the midline.", "The slices end 6 mm right of the midline."
    assert shape(first) == shape(second)
    assert merged((first, second)) == "The slices end 6–8 mm left/right of the midline."
    assert shape(first) != shape("The body above this disc was not measured.")
    words = load_phrases("zh").of_program(
        "The slices end 6–8 mm left/right of the midline, before the foramen."
    )
    assert words == "层面止于中线左侧/右侧 6–8 mm，未达椎间孔。"


def test_sentences_of_the_program_are_known_in_chinese_and_others_stay() -> None:
    chinese = load_phrases("zh")
    text = f"Measured 3 mm. Displaced most 5 mm left of the middle of the canal ({zone_of(5.0)} zone)."
    found = PLACE_OF_DISPLACEMENT.search(text)
    assert found is not None
    assert chinese.of_program(found[0]) == "移位最明显处位于椎管正中左侧 5 mm（左侧中央区）。"
    features = {"material_depth": 6.0, "material_offset": -7.0, "material_lateral": 8.0, "facet_line": 12.0}
    material = PLACE_OF_DISPLACEMENT.search(f"Extruded. {sentence(features)}Synthetic training.")
    assert material is not None
    assert material[0].startswith("Material 6 mm deep, ")
    assert chinese.of_program(material[0]).startswith("移位组织深 6 mm，位于")
    assert "zone" not in chinese.of_program(material[0])
    assert chinese.of_program("An unknown sentence.") == "An unknown sentence."
    assert load_phrases().of_program(found[0]) == found[0]


def test_of_two_levels_that_begin_alike_the_one_with_more_comes_first(phrases: Phrases) -> None:
    reading = samples.grade(samples.analysed(), "D1", "herniation", "protrusion")
    reading = samples.grade(reading, "D2", "spondylolisthesis", "1")
    reading = samples.grade(reading, "D2", "herniation", "bulge")
    assert [item.row.target for item in impression_sentences(reading, phrases)] == ["D2", "D1"]


@pytest.mark.parametrize("mode", [ReadingMode.CONCURRENT, ReadingMode.INDEPENDENT_FIRST])
def test_a_measured_place_stands_under_the_finding_while_the_ai_may_be_printed(
    build: Build, mode: ReadingMode
) -> None:
    place = f"Displaced most 5 mm left of the middle of the canal ({zone_of(5.0)} zone)."
    proposal = replace(samples.proposal("D2", "herniation", "herniation"), text=f"Measured 5 mm. {place}")
    key = FindingKey("D2", "herniation")
    reading = replace(samples.analysed(mode=mode), findings={key: Finding(key, proposal)})
    reading = samples.grade(reading, "D2", "herniation", "herniation")
    shown = mode is ReadingMode.CONCURRENT
    assert (place in build(reading).text_of("level_findings")) is shown
    stated = state(reading, SentenceRow("D2", "herniation", "herniation"), About.ZONE, "left_central")
    assert place not in build(stated).text_of("level_findings"), "the reader says it"
    draft = build_ai_draft(reading, samples.FACTS, load_phrases())
    assert f"L4-L5?, disc contour: {place}" in draft.text_of("ai_grades")


@pytest.mark.parametrize(
    "text",
    [
        BONY_NOTE,
        CANAL_NOTE,
        DERIVED,
        DARK_FAT,
        BACKWARD,
        "four or six lumbar bodies cannot be excluded without a whole-spine localizer",
        "sagittal T2",
        "No slice shows the left pedicle and the disc clearly.",
    ],
)
def test_what_the_program_measures_and_withholds_is_said_in_chinese(text: str) -> None:
    assert not re.search("[a-z]{4,} [a-z]{3,}", load_phrases("zh").of_program(text))
