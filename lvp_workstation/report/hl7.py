"""A report as an HL7 v2.5.1 message ORU^R01: every line of text in an OBX segment of its own.

Segments end in a carriage return and the text is UTF-8, as MSH-18 says. Sections carry the LOINC codes
that DICOM PS3.20 gives them; OBX-11 tells whether a reader signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lvp_workstation.domain.reading import Reading
from lvp_workstation.report.document import ReportDocument, ReportKind, Section
from lvp_workstation.report.facts import StudyFacts
from lvp_workstation.report.plain_text import section_lines
from lvp_workstation.report.wording import clean

EXAMINATION = ("24968-0", "MR Lumbar spine")
REPORT = ("18748-4", "Diagnostic imaging study")
SECTION_CODES: Mapping[str, tuple[str, str]] = {
    "clinical_information": ("55752-0", "Clinical information"),
    "technique": ("55111-5", "Current imaging procedure descriptions"),
    "comparison": ("18834-2", "Radiology comparison study"),
    "study_findings": ("59776-5", "Procedure findings"),
    "level_findings": ("59776-5", "Procedure findings"),
    "measurements": ("59776-5", "Procedure findings"),
    "impression": ("19005-8", "Radiology impression"),
    "key_images": ("55113-5", "Key images"),
}
"""LOINC codes of sections, DICOM PS3.20 section 9; every other section counts as `REPORT`."""

STATUS: Mapping[ReportKind, str] = {
    ReportKind.SIGNED: "F",
    ReportKind.DRAFT: "P",
    ReportKind.AI_DRAFT: "R",
}
"""HL7 tables 0085 and 0123: final, preliminary, results entered but not verified."""

CORRECTED = "C"
"""The same tables: a correction of what was final, for an addendum."""

_ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"})


def escaped(text: str) -> str:
    """Return text with the characters that HL7 uses as delimiters escaped; it must be one line."""
    return clean(text).replace("\r", " ").replace("\n", " ").translate(_ESCAPES)


def render_hl7(document: ReportDocument, reading: Reading, facts: StudyFacts) -> str:
    """Return the document as one HL7 message."""
    status = STATUS[document.kind]
    if document.kind is ReportKind.SIGNED and reading.supersedes is not None:
        status = CORRECTED
    lines = list(_observations(document))
    segments = [
        _header(document, facts, reading),
        _patient(reading),
        _request(document, facts, status),
        *(_observation(number, line, status) for number, line in enumerate(lines, 1)),
    ]
    return "".join(f"{segment}\r" for segment in segments)


def _segment(name: str, fields: Mapping[int, str]) -> str:
    values = [fields.get(number, "") for number in range(1, max(fields) + 1)]
    return "|".join((name, *values))


def _time(text: str) -> str:
    """Return an ISO time as HL7 writes it: digits to the second, UTC marked."""
    digits = "".join(c for c in text.removesuffix("Z") if c.isdigit())[:14]
    return f"{digits}+0000" if digits and text.endswith("Z") else digits


def _header(document: ReportDocument, facts: StudyFacts, reading: Reading) -> str:
    meta = document.metadata
    fields = {
        1: "^~\\&",
        2: "LVP_WORKSTATION",
        3: escaped(facts.institution),
        6: _time(meta.time_utc),
        8: "ORU^R01^ORU_R01",
        9: escaped(reading.reading_id[:20] or reading.study_instance_uid[-20:]),
        10: "T" if facts.synthetic else "P",
        11: "2.5.1",
        17: "UNICODE UTF-8",
    }
    return _segment("MSH", fields)


def _patient(reading: Reading) -> str:
    patient = reading.patient
    names = "~".join(_name(group) for group in patient.name.split("=") if group.strip())
    identifier = f"{escaped(patient.patient_id)}^^^{escaped(patient.issuer)}".rstrip("^")
    return _segment("PID", {1: "1", 3: identifier, 5: names, 7: patient.birth_date, 8: escaped(patient.sex)})


def _name(group: str) -> str:
    """Return a DICOM person name as XPN: DICOM puts the prefix before the suffix, HL7 after it."""
    parts = [*(escaped(part) for part in group.split("^")), "", "", "", "", ""][:5]
    family, given, middle, prefix, suffix = parts
    return "^".join((family, given, middle, suffix, prefix)).rstrip("^")


def _request(document: ReportDocument, facts: StudyFacts, status: str) -> str:
    fields = {
        1: "1",
        3: escaped(facts.accession_number),
        4: "^".join((*EXAMINATION, "LN")),
        7: f"{facts.study_date}{facts.study_time.partition('.')[0]}",
        16: _name(facts.referring_physician),
        22: _time(document.metadata.time_utc),
        24: "RAD",
        25: status,
    }
    if document.kind is ReportKind.SIGNED:
        fields[32] = escaped(document.metadata.author)
    return _segment("OBR", fields)


Observation = tuple[tuple[str, str], str, str]


def _observations(document: ReportDocument) -> Iterator[Observation]:
    """Yield code, sub-identifier and text of every line."""
    furniture = document.furniture
    head = document.letterhead.lines if document.letterhead is not None else ()
    opening = (*furniture.banners, *head, document.title, document.subtitle)
    for line, text in enumerate((t for t in opening if t), 1):
        yield REPORT, f"0.{line}", text
    for number, section in enumerate(document.sections, 1):
        for line, text in enumerate(_titled(section), 1):
            yield SECTION_CODES.get(section.key, REPORT), f"{number}.{line}", text
    for line, text in enumerate((*furniture.banners, furniture.footer), 1):
        yield REPORT, f"{len(document.sections) + 1}.{line}", text


def _titled(section: Section) -> list[str]:
    return [section.title, *section_lines(section)]


def _observation(number: int, line: Observation, status: str) -> str:
    (code, meaning), sub, text = line
    fields = {1: str(number), 2: "TX", 3: f"{code}^{meaning}^LN", 4: sub, 5: escaped(text), 11: status}
    return _segment("OBX", fields)
