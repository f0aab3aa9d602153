"""What the report tells of the AI, and what it must keep back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.anatomy import LevelMap, mention
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import REJECT_REASONS, FindingKey
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.report.builder import build_ai_draft
from lvp_workstation.report.facts import StudyFacts
from lvp_workstation.report.phrases import Phrases
from tests.report import samples
from tests.report.conftest import Build


def test_use_of_ai_states_model_hash_mode_and_counts(build: Build) -> None:
    document = build(samples.read(samples.analysed()))
    text = document.text_of("ai_use")
    assert "lumbar_vnet, version 1.0.0" in text
    assert "ab" * 32 in text
    assert "concurrent" in text
    assert "15 accepted (of these 9 in bulk), 1 edited, 1 rejected, 45 not reviewed" in text
    assert "no axial T2 of L1-L2" in text
    assert "AX T2: 12 of 20" in document.text_of("coverage")


def test_a_warning_that_mentions_a_level_follows_its_name(build: Build) -> None:
    facts = replace(samples.FACTS, ai_warnings=(f"The outline of these is probably poor: {mention('D1')}.",))
    reading = samples.analysed(facts=facts)
    assert "probably poor: L5-S1?." in build(reading, StudyFacts.of(reading)).text_of("warnings")
    six = LevelMap(7).with_counts(6)
    renamed = edits.change_level_map(reading, six, samples.AUTHOR, "six").applied(reading)
    assert "probably poor: L6-S1?." in build(renamed, StudyFacts.of(renamed)).text_of("warnings")


def test_edits_and_rejections_are_listed_with_reason(build: Build) -> None:
    text = build(samples.read(samples.analysed())).text_of("decisions")
    assert "L5-S1? | disc contour | protrusion (0.80) | – | bulge | –" in text
    assert "L5-S1? | endplates (Modic) | 1 (0.80) | – | rejected, no grade | artefact" in text


def test_reasons_of_withheld_grades_are_printed(build: Build) -> None:
    text = build(samples.analysed()).text_of("ai_open")
    assert "– (a)" in text
    assert "a: no axial T2 covers this level" in text


@pytest.mark.parametrize("mode", [ReadingMode.INDEPENDENT_FIRST, ReadingMode.AI_SECOND, ReadingMode.MANUAL])
def test_a_draft_keeps_back_ai_values_that_are_not_revealed(build: Build, mode: ReadingMode) -> None:
    document = build(samples.analysed(mode=mode), images=samples.images())
    whole = "\n".join(document.text_of(section.key) for section in document.sections)
    for value in ("extrusion", "0.80", "severe", "9.5", "45.0", "computed overlay", "no axial T2"):
        assert value not in whole, value
    assert "Nothing was measured." in document.text_of("measurements")


def test_revealing_a_level_prints_that_level_only(build: Build) -> None:
    reading = samples.analysed(mode=ReadingMode.INDEPENDENT_FIRST)
    reading = protocol.lock_and_reveal(reading, "D2", samples.AUTHOR).applied(reading)
    document = build(reading, images=samples.images())
    text = document.text_of("ai_open")
    assert "extrusion" in text
    assert "protrusion" not in text
    assert "AI proposals at levels that are not revealed yet" in text
    assert "L5-S1" not in document.text_of("measurements")
    assert "computed overlay" in document.text_of("key_images")


def test_a_signed_manual_reading_prints_no_ai_value(build: Build) -> None:
    reading = samples.grade(samples.analysed(mode=ReadingMode.MANUAL), "D1", "central_canal", "mild")
    document = build(samples.signed(reading))
    text = document.text_of("ai_open")
    assert "were not shown to the reader" in text
    assert "0.80" not in text
    assert document.section("decisions") is None


def test_a_signed_reading_prints_what_was_not_reviewed(build: Build) -> None:
    reading = samples.signed(samples.analysed(mode=ReadingMode.INDEPENDENT_FIRST))
    assert "extrusion" in build(reading).text_of("ai_open")


def test_the_ai_draft_holds_no_word_of_a_reader(phrases: Phrases) -> None:
    reading = samples.told(samples.read(samples.analysed()))
    document = build_ai_draft(reading, samples.FACTS, phrases, samples.images())
    whole = "\n".join(document.text_of(section.key) for section in document.sections)
    for words in ("leg pain", "Fragment", "Cauda equina compression", "PHANTOM READER", "bulge 1"):
        assert words not in whole
    assert "extrusion" in document.text_of("ai_grades")
    assert document.text_of("impression") == "None. The AI writes no impression."
    assert document.text_of("study_findings").startswith("Not assessed: Numbering, Alignment, Marrow")


def test_the_ai_draft_of_a_reading_in_any_mode_is_complete(phrases: Phrases) -> None:
    reading = samples.analysed(mode=ReadingMode.INDEPENDENT_FIRST)
    document = build_ai_draft(reading, samples.FACTS, phrases)
    assert "severe" in document.text_of("ai_grades")
    assert "L5-S1?" in document.text_of("measurements")


def test_values_of_the_reader_are_marked_in_the_measurements(build: Build) -> None:
    reading = samples.analysed(mode=ReadingMode.MANUAL)
    own = replace(
        reading.measurements["D1", "canal_ap"],
        provenance=Provenance(Provenance.READER, samples.READER, samples.NOW),
    )
    reading = replace(reading, measurements={("D1", "canal_ap"): own})
    text = build(reading).text_of("measurements")
    assert "13.3 ± 0.4 R" in text


def test_accepted_then_rejected_is_not_in_the_findings(build: Build) -> None:
    reading = samples.analysed()
    key = FindingKey("D2", "herniation")
    reading = edits.accept(reading, key, samples.AUTHOR).applied(reading)
    reading = edits.reject(reading, key, samples.AUTHOR, "artefact").applied(reading)
    document = build(reading)
    assert "extrusion" not in document.text_of("level_findings") + document.text_of("impression")
    assert "artefact" in document.text_of("decisions")


def test_a_scale_withheld_everywhere_for_one_reason_is_said_once(phrases: Phrases) -> None:
    reading = samples.analysed()
    findings = {
        key: replace(f, proposal=samples.withheld(key.target, key.scale)) if "recess" in key.scale else f
        for key, f in reading.findings.items()
    }
    text = build_ai_draft(replace(reading, findings=findings), samples.FACTS, phrases).text_of("ai_grades")
    said = "Not graded at any level: left lateral recess, right lateral recess. no axial T2 covers this level"
    assert said in text
    assert "Recess left" not in text
    assert "a: no axial T2 covers this level" in text, "the single withheld Pfirrmann keeps its letter"


def test_what_was_locked_without_a_grade_is_named(build: Build) -> None:
    reading = samples.grade(samples.analysed(2, ReadingMode.INDEPENDENT_FIRST), "D1", "pfirrmann", "4")
    locked = samples.run(reading, protocol.lock_study(reading, samples.AUTHOR))
    whole = build(locked).text_of("ai_use")
    assert "nothing was graded at L4-L5?" in whole


def test_corrected_outlines_are_said_to_be_the_readers(build: Build) -> None:
    reading = samples.analysed(2)
    nothing = np.zeros((1, 1, 1), dtype=np.uint8)
    edit = edits.edit_labels(
        reading,
        LabelDelta.between(nothing, nothing),
        "ef" * 32,
        reading.measurements,
        (),
        samples.AUTHOR,
        "x",
    )
    assert "corrected by the reader" not in build(reading).text_of("ai_use")
    assert "of the AI, corrected by the reader" in build(edit.applied(reading)).text_of("ai_use")


def test_the_words_of_a_rejection_are_printed_with_its_reason(build: Build) -> None:
    key = FindingKey("D1", "pfirrmann")
    edit = edits.reject(samples.analysed(2), key, samples.AUTHOR, REJECT_REASONS[-1], "scanned before")
    document = build(samples.run(samples.analysed(2), edit))
    assert "other: scanned before" in document.text_of("decisions")
