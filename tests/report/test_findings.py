"""What stands in findings and impression, and what does not."""

from __future__ import annotations

import re

import pytest

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.findings import FindingKey
from lvp_workstation.domain.reading import STUDY_ROWS, Reading, ReadingMode
from lvp_workstation.report.builder import build_report
from lvp_workstation.report.document import Rows
from lvp_workstation.report.facts import StudyFacts
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.wording import local_time, numbering_statement, person_name
from tests.report import samples
from tests.report.conftest import Build

ASSERTING_NORMALITY = re.compile(r"\b(no|normal|unremarkable|intact|preserved|without)\b", re.IGNORECASE)


def test_nothing_is_called_normal_before_a_reader_set_it(build: Build) -> None:
    document = build(samples.analysed())
    for key in ("study_findings", "level_findings"):
        text = document.text_of(key)
        kept = [line for line in text.splitlines() if not line.startswith(("Numbering: c", "Names carry"))]
        assert not ASSERTING_NORMALITY.search("\n".join(kept)), kept
    assert document.text_of("level_findings").count("Not assessed.") == 7
    assert "No impression was written and nothing was graded." in document.text_of("impression")


def test_every_study_row_is_not_assessed_until_set(build: Build, phrases: Phrases) -> None:
    text = build(samples.analysed()).text_of("study_findings")
    for row in set(STUDY_ROWS) - {"clinical_information", "comparison", "impression"}:
        assert f"{phrases(f'study_row.{row}')}: not assessed" in text
    reading = samples.typed(samples.analysed(), "marrow", "Homogeneous.")
    text = build(reading).text_of("study_findings")
    assert "Marrow: Homogeneous." in text
    assert text.count("not assessed") == len(STUDY_ROWS) - 4


def test_a_normal_grade_is_printed_once_the_reader_set_it(build: Build) -> None:
    reading = samples.grade(samples.analysed(), "D1", "central_canal", "normal")
    text = build(reading).text_of("level_findings")
    assert "No central canal stenosis." in text
    assert "Not assessed: disc (Pfirrmann), disc contour, left lateral recess" in text


def test_levels_name_their_roots_by_the_level_map(build: Build) -> None:
    text = build(samples.analysed()).text_of("level_findings")
    assert "L5?-S1" not in text
    assert "L5-S1? | exiting L5?, traversing S1?" in text
    text = build(samples.signed(samples.analysed())).text_of("level_findings")
    assert "L4-L5 | exiting L4, traversing L5" in text


def test_open_proposals_stand_only_under_ai_not_reviewed(build: Build) -> None:
    document = build(samples.analysed())
    for section in document.sections:
        if section.key != "ai_open":
            assert "extrusion" not in document.text_of(section.key), section.key
    assert "extrusion 0.80" in document.text_of("ai_open")


def test_decided_proposals_leave_the_open_list(build: Build) -> None:
    reading = edits.accept(samples.analysed(), FindingKey("D2", "herniation"), samples.AUTHOR)
    document = build(reading.applied(samples.analysed()))
    assert "extrusion" not in document.text_of("ai_open")
    assert "Disc extrusion." in document.text_of("level_findings")


def test_composed_impression_is_ordered_critical_first_then_by_severity(build: Build) -> None:
    lines = build(samples.told(samples.read(samples.analysed()))).text_of("impression").splitlines()
    assert lines[0] == "Critical: Cauda equina compression at L4-L5"
    assert lines[1].startswith("L4-L5?: severe central canal stenosis, disc extrusion, severe left")
    assert lines[2].startswith("L5-S1?: moderate central canal stenosis, disc bulge")
    assert "L1-L2" not in "".join(lines), "normal grades are no impression"


def test_typed_impression_replaces_the_composed_one(build: Build) -> None:
    reading = samples.typed(samples.read(samples.analysed()), "impression", "1. First.\n2. Second.")
    assert build(reading).text_of("impression") == "1. First.\n2. Second."


def test_equal_grades_of_both_sides_are_said_once(build: Build) -> None:
    reading = samples.analysed()
    for side in ("left", "right"):
        reading = samples.grade(reading, "D2", f"foramen_{side}", "moderate")
    document = build(samples.signed(reading))
    assert "Moderate foraminal stenosis on both sides (exiting L4 roots)." in document.text_of(
        "level_findings"
    )
    assert "L4-L5: moderate foraminal stenosis on both sides (L4 roots)." in document.text_of("impression")


def test_sides_are_kept_apart_when_they_differ(build: Build) -> None:
    reading = samples.grade(samples.analysed(), "D2", "foramen_left", "severe")
    reading = samples.grade(reading, "D2", "foramen_right", "mild")
    text = build(samples.signed(reading)).text_of("level_findings")
    assert "Severe left foraminal stenosis (exiting L4 root)." in text
    assert "Mild right foraminal stenosis (exiting L4 root)." in text


@pytest.mark.parametrize("validated", [True, False])
def test_proposals_of_unvalidated_models_are_marked_and_stay_out_of_the_impression(
    build: Build, validated: bool
) -> None:
    reading = samples.read(samples.analysed(validated=validated))
    document = build(reading)
    assert ("†" in document.text_of("level_findings")) is not validated
    assert ("†" in document.text_of("ai_open")) is not validated
    first = document.text_of("impression").splitlines()[0]
    assert first.startswith("L4-L5?" if validated else "L5-S1?")
    left_out = "not validated on patients: L4-L5? disc (Pfirrmann), L4-L5? disc contour, L4-L5? central canal"
    assert (left_out in document.text_of("impression")) is not validated


def test_a_grade_locked_before_the_reveal_is_the_readers_own(build: Build) -> None:
    reading = samples.analysed(mode=ReadingMode.INDEPENDENT_FIRST, validated=False)
    reading = samples.grade(reading, "D2", "central_canal", "severe")
    reading = protocol.lock_and_reveal(reading, "D2", samples.AUTHOR).applied(reading)
    reading = edits.accept(reading, FindingKey("D2", "central_canal"), samples.AUTHOR).applied(reading)
    assert "severe central canal stenosis" in build(reading).text_of("impression")


def test_text_of_renumbered_levels_is_marked(build: Build) -> None:
    reading = samples.typed(samples.analysed(), "conus", "Ends at L1.")
    assert reading.level_map is not None
    shifted = reading.level_map.with_counts(6)
    reading = edits.change_level_map(reading, shifted, samples.AUTHOR, "six lumbar bodies").applied(reading)
    document = build(reading)
    assert "Ends at L1. [levels were renumbered" in document.text_of("study_findings")
    assert "six lumbar bodies assumed" in document.text_of("study_findings")
    assert "L6-S1?" in document.text_of("level_findings")


def test_numbering_statement_equals_the_one_on_screen(phrases: Phrases) -> None:
    levels = samples.analysed().level_map
    assert levels is not None
    for case in (levels, levels.confirmed("PHANTOM READER"), levels.with_counts(4), levels.shifted(1)):
        assert numbering_statement(case, phrases) == case.statement


def test_a_confirmed_numbering_is_not_called_not_assessed(build: Build) -> None:
    def rows(reading: Reading) -> dict[str, str]:
        section = build(reading).section("study_findings")
        assert section is not None
        return {
            row.label: row.value for block in section.blocks if isinstance(block, Rows) for row in block.rows
        }

    reading = samples.analysed()
    assert rows(reading)["Numbering"] == "not assessed"
    assert "Numbering: " in build(reading).text_of("study_findings")
    confirmed = edits.confirm_numbering(reading, samples.AUTHOR).applied(reading)
    assert "five lumbar bodies assumed" in rows(confirmed)["Numbering"]
    assert build(confirmed).text_of("study_findings").count("lumbar bodies assumed") == 1
    typed = samples.typed(confirmed, "numbering", "Six lumbar bodies.")
    assert rows(typed)["Numbering"] == "Six lumbar bodies."
    assert "five lumbar bodies assumed" in build(typed).text_of("study_findings")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-11-21T11:30:00+01:00", "2026-11-21 11:30:00 (UTC+01:00)"),
        ("2026-11-21T11:30:00.123-05:00", "2026-11-21 11:30:00 (UTC\u221205:00)"),
        ("half past ten", "half past ten"),
    ],
)
def test_local_times_are_printed_to_be_read(value: str, words: str) -> None:
    assert local_time(value) == words


def test_comparison_is_always_stated(build: Build) -> None:
    assert build(samples.analysed()).text_of("comparison") == "None available."
    reading = samples.typed(samples.analysed(), "comparison", "CT of 2025-01-02: unchanged.")
    assert build(reading).text_of("comparison") == "CT of 2025-01-02: unchanged."


def test_a_reading_without_levels_makes_a_report(phrases: Phrases) -> None:
    reading = Reading("r", "1.2", samples.PATIENT)
    document = build_report(reading, StudyFacts(), phrases)
    assert "No lumbar level has been identified" in document.text_of("level_findings")


def test_measurements_name_the_images_they_were_taken_from(build: Build) -> None:
    text = build(samples.analysed()).text_of("measurements")
    assert "Measured on: canal AP, sac AP: sagittal T2 · sac area: axial T2" in text
    assert "Measured on: sagittal T2" in text


def test_direction_characters_cannot_turn_a_name_around() -> None:
    assert person_name("PHANTOM\u202e^EVIL\u0000") == "PHANTOM, EVIL"
    assert person_name("A\u030a^B=幻^影") == "Å, B (幻, 影)"
    assert person_name("") == ""
