"""The same report as plain text, HL7 and DOCX."""

from __future__ import annotations

import io
from dataclasses import replace

import docx
import pytest

from lvp_workstation.domain.reading import Reference, Role
from lvp_workstation.domain.study import Patient
from lvp_workstation.report.builder import build_ai_draft, build_report
from lvp_workstation.report.document import ReportDocument
from lvp_workstation.report.facts import AuditFact
from lvp_workstation.report.hl7 import render_hl7
from lvp_workstation.report.phrases import load_phrases
from lvp_workstation.report.plain_text import WIDTH, render_text, width_of
from lvp_workstation.report.word import render_docx
from tests.report import samples
from tests.report.conftest import Build

STRANGE = "Fat | water ~ 50 & 60 ^ 2 \\ end\nsecond line"


def unescaped(text: str) -> str:
    """Return what a receiver reads: the delimiters in place of their escapes."""
    for code, character in (("F", "|"), ("S", "^"), ("T", "&"), ("R", "~"), ("E", "\\")):
        text = text.replace(f"\\{code}\\", character)
    return text


def segments(text: str) -> list[list[str]]:
    """Return the fields of each segment."""
    assert text.endswith("\r")
    return [segment.split("|") for segment in text.removesuffix("\r").split("\r")]


def words_of(document: ReportDocument) -> list[str]:
    """Return a sentence of findings, impression and key images to look for."""
    return [document.text_of("impression").splitlines()[0], "Conus ends at the level of L1", "13.3 ± 0.4"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_keeps_every_section_within_its_width(language: str) -> None:
    document = build_report(
        samples.read(samples.analysed()), samples.FACTS, load_phrases(language), samples.images()
    )
    text = render_text(document)
    assert max(width_of(line) for line in text.splitlines()) <= WIDTH
    for section in document.sections:
        assert section.title.upper() in text or section.title in text
    assert text.splitlines()[0] == document.furniture.banners[0]
    assert document.furniture.footer.split(";")[0] in text


def test_every_format_says_the_same(build: Build) -> None:
    reading = samples.signed(samples.read(samples.analysed()))
    document = build(reading, images=samples.images())
    plain = " ".join(render_text(document).split())
    message = " ".join(
        unescaped(f[5]) for f in segments(render_hl7(document, reading, samples.FACTS)) if f[0] == "OBX"
    )
    word = docx.Document(io.BytesIO(render_docx(document)))
    cells = (cell.text for table in word.tables for row in table.rows for cell in row.cells)
    office = " ".join([*(p.text for p in word.paragraphs), *cells])
    for words in words_of(document):
        for place in (plain, " ".join(message.split()), office):
            assert words in place


def test_hl7_escapes_delimiters_and_keeps_lines_apart() -> None:
    reading = samples.typed(samples.analysed(), "other", STRANGE)
    reading = replace(reading, patient=Patient("ID|1", "A&B", "DOE^JOHN^MIDDLE^DR^JR=幻^影", "19610304", "F"))
    document = build_report(reading, samples.FACTS, load_phrases())
    message = segments(render_hl7(document, reading, samples.FACTS))
    header, patient, request = message[:3]
    assert header[:2] == ["MSH", "^~\\&"]
    assert (header[8], header[11], header[17]) == ("ORU^R01^ORU_R01", "2.5.1", "UNICODE UTF-8")
    assert patient[3] == "ID\\F\\1^^^A\\T\\B"
    assert patient[5] == "DOE^JOHN^MIDDLE^JR^DR~幻^影"
    assert request[4] == "24968-0^MR Lumbar spine^LN"
    texts = [unescaped(fields[5]) for fields in message[3:]]
    assert "Other: Fat | water ~ 50 & 60 ^ 2 \\ end" in texts
    assert any(text.strip() == "second line" for text in texts)
    assert [fields[1] for fields in message[3:]] == [str(n) for n in range(1, len(message) - 2)]


@pytest.mark.parametrize(("state", "status"), [("signed", "F"), ("draft", "P"), ("ai", "R")])
def test_hl7_says_whether_anybody_signed(state: str, status: str) -> None:
    reading = samples.read(samples.analysed())
    reading = samples.signed(reading) if state == "signed" else reading
    build = build_ai_draft if state == "ai" else build_report
    message = segments(render_hl7(build(reading, samples.FACTS, load_phrases()), reading, samples.FACTS))
    assert {fields[11] for fields in message if fields[0] == "OBX"} == {status}
    assert message[2][25] == status
    codes = {fields[3].split("^")[0] for fields in message if fields[0] == "OBX"}
    assert {"19005-8", "18748-4"} <= codes


def test_docx_has_notices_on_every_page_pictures_and_properties(build: Build) -> None:
    document = build(samples.read(samples.analysed()), images=samples.images())
    word = docx.Document(io.BytesIO(render_docx(document)))
    page = word.sections[0]
    head = " ".join(p.text for p in page.header.paragraphs)
    assert "DRAFT, NOT SIGNED" in head
    assert "PHANTOM, DEGENERATE" in head
    assert "not a medical device" in " ".join(p.text for p in page.footer.paragraphs)
    assert len(word.inline_shapes) == 2
    assert word.core_properties.title == document.metadata.title
    assert word.core_properties.language == "en"
    headings = [p.text for p in word.paragraphs if p.style and p.style.name.startswith("Heading")]
    assert headings == [section.title for section in document.sections]


def test_an_addendum_names_what_it_supersedes_and_is_a_correction_in_hl7(build: Build) -> None:
    reading = replace(
        samples.read(samples.analysed()),
        supersedes=Reference("first", "ef" * 32),
        addendum_reason="Wrong side.",
    )
    signed = samples.signed(reading)
    document = build(signed)
    assert document.text_of("addendum") == (
        f"Supersedes: reading first, SHA-256 {'ef' * 32}\nReason: Wrong side."
    )
    message = segments(render_hl7(document, signed, samples.FACTS))
    assert {fields[11] for fields in message if fields[0] == "OBX"} == {"C"}
    assert build(samples.signed(samples.analysed())).section("addendum") is None


def test_a_consensus_names_who_signed_what_it_rests_on(build: Build) -> None:
    source = Reference("first", "ef" * 32, "READER A", Role.TRAINEE, "2026-01-02T10:00:00+01:00")
    document = build(samples.signed(replace(samples.read(samples.analysed()), sources=(source,))))
    assert document.text_of("addendum") == (
        f"Rests on: READER A (trainee), 2026-01-02 10:00:00 (UTC+01:00); reading first, SHA-256 {'ef' * 32}"
    )


def test_a_signed_report_says_where_the_audit_trail_stood(build: Build) -> None:
    facts = replace(samples.FACTS, audit=AuditFact("station", 12, "ab" * 32))
    text = build(samples.signed(samples.analysed()), facts).text_of("signature")
    assert "Audit trail: 12 records in chain station before this signature" in text
    assert "ab" * 32 in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_measurements_in_plain_text_stand_under_their_names_and_units(language: str) -> None:
    phrases, reading = load_phrases(language), samples.read(samples.analysed())
    more = {
        (target, "segmental_angle"): replace(measurement, name="segmental_angle")
        for (target, name), measurement in reading.measurements.items()
        if name == "canal_ap"
    }
    reading = replace(reading, measurements={**reading.measurements, **more})
    lines = render_text(build_report(reading, samples.FACTS, phrases, ())).splitlines()
    title = lines.index(phrases("measurement_group.canal"))
    rule = next(n for n in range(title, len(lines)) if lines[n].startswith("---"))
    assert rule > title + 2, "captions take more than one line here"
    captions = "".join("".join(lines[title + 1 : rule]).split())
    assert (captions.count("mm"), captions.count("%")) == (5, 1)
    for row in lines[rule + 1 : rule + 8]:
        assert len([part for part in row.split("  ") if part]) == 7
        assert width_of(row) <= WIDTH
