"""A reading becomes a report document: which sections, in which order, with which notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lvp_workstation.domain.reading import (
    STUDY_ROWS,
    Reading,
    ReadingMode,
    ReadingState,
    Reference,
    Signature,
)
from lvp_workstation.report.ai_sections import (
    coverage_section,
    decisions_section,
    grades_section,
    open_section,
    scope_section,
    use_section,
    warnings_section,
)
from lvp_workstation.report.document import (
    Figures,
    Metadata,
    PageFurniture,
    Paragraph,
    ReportDocument,
    ReportImage,
    ReportKind,
    Row,
    Rows,
    SealedReading,
    Section,
    Span,
    Table,
    Tone,
    cell,
)
from lvp_workstation.report.facts import SeriesFact, StudyFacts
from lvp_workstation.report.findings_text import (
    impression_section,
    level_section,
    numbering_lines,
    study_row,
    study_section,
)
from lvp_workstation.report.measurement_tables import measurement_section
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.program_words import source_in_words
from lvp_workstation.report.seal import canonical_json, sha256_of_text
from lvp_workstation.report.sentences import ROW, link_of, typed
from lvp_workstation.report.visibility import ai_printable
from lvp_workstation.report.wording import age, clean, date, local_time, optional, person_name, utc

PROGRAM = "LVP Workstation"
_OPTIONAL_ROWS = ("issuer", "accession", "referrer", "institution")
"""Rows of the patient section that are left out when they are empty."""


def build_report(
    reading: Reading, facts: StudyFacts, phrases: Phrases, images: Sequence[ReportImage] = ()
) -> ReportDocument:
    """Return the report of a reader's reading: signed when the reading is, else a draft.

    Raises
    ------
    ValueError
        When the reading carries a signature whose hash is not that of its signed form.
    """
    signature = reading.signature
    kind = ReportKind.SIGNED if signature else ReportKind.DRAFT
    sections = (
        *_findings_part(reading, facts, phrases),
        signature_section(reading, signature, facts, phrases),
        _image_section(reading, facts, images, phrases),
        measurement_section(reading, phrases),
        use_section(reading, facts, phrases),
        coverage_section(facts, phrases),
        decisions_section(reading, phrases),
        warnings_section(reading, facts, phrases),
        open_section(reading, phrases),
    )
    return ReportDocument(
        kind=kind,
        title=phrases("title.report"),
        subtitle=clean(facts.institution),
        furniture=_furniture(kind, reading, facts, phrases),
        metadata=_metadata(kind, reading, facts, phrases),
        sections=tuple(section for section in sections if section is not None),
        sealed=_sealed(reading, signature) if signature else None,
    )


def _findings_part(reading: Reading, facts: StudyFacts, phrases: Phrases) -> tuple[Section | None, ...]:
    """Return what a referring physician reads first: up to impression and critical findings."""
    clinical = study_row(reading, "clinical_information", phrases)
    return (
        patient_section(reading, facts, phrases),
        addendum_section(reading, phrases),
        Section("clinical_information", clinical.label, (_to_type(clinical),)),
        technique_section(facts, phrases),
        comparison_section(reading, facts, phrases),
        study_section(reading, phrases),
        level_section(reading, phrases),
        impression_section(reading, phrases),
        critical_section(reading, phrases),
    )


def build_ai_draft(
    reading: Reading, facts: StudyFacts, phrases: Phrases, images: Sequence[ReportImage] = ()
) -> ReportDocument:
    """Return the draft of ``lvp analyze``: the AI's output alone, marked as such on every page.

    Whatever a reader set in ``reading`` is left out.
    """
    reading = _ai_only(reading)
    numbering = tuple(Paragraph(line) for line in numbering_lines(reading, phrases))
    no_impression = Paragraph(phrases("impression.ai_draft"), Tone.MUTED)
    sections = (
        patient_section(reading, facts, phrases),
        technique_section(facts, phrases),
        comparison_section(reading, facts, phrases),
        scope_section(facts, phrases),
        Section("numbering", phrases("section.numbering"), numbering),
        grades_section(reading, phrases),
        _image_section(reading, facts, images, phrases),
        measurement_section(reading, phrases),
        _unread_section(phrases),
        Section("impression", phrases("section.impression"), (no_impression,)),
        warnings_section(reading, facts, phrases),
    )
    return ReportDocument(
        kind=ReportKind.AI_DRAFT,
        title=phrases("title.ai_draft"),
        subtitle=clean(facts.institution),
        furniture=_furniture(ReportKind.AI_DRAFT, reading, facts, phrases),
        metadata=_metadata(ReportKind.AI_DRAFT, reading, facts, phrases),
        sections=tuple(section for section in sections if section is not None),
    )


def _unread_section(phrases: Phrases) -> Section:
    """Return which rows of the study the AI says nothing of."""
    rows = [row for row in STUDY_ROWS if row not in ("clinical_information", "comparison", "impression")]
    items = phrases("finding.list_separator").join(phrases(f"study_row.{row}") for row in rows)
    words = Paragraph(phrases("finding.items_not_assessed", items=items), Tone.MUTED)
    return Section("study_findings", phrases("section.study_findings"), (words,))


def _ai_only(reading: Reading) -> Reading:
    findings = {k: replace(f, before_reveal=None, final=None) for k, f in reading.findings.items()}
    measurements = {k: m for k, m in reading.measurements.items() if m.provenance.by_ai}
    return replace(
        reading,
        mode=ReadingMode.CONCURRENT,
        findings=findings,
        measurements=measurements,
        marks={},
        supersedes=None,
        sources=(),
        texts={},
        critical=(),
        signature=None,
    )


def _sealed(reading: Reading, signature: Signature) -> SealedReading:
    text = canonical_json(reading, signature)
    if sha256_of_text(text) != signature.sha256:
        raise ValueError("the signature's hash is not that of the reading it signs")
    return SealedReading(reading.reading_id, signature.sha256, text, signature.reader, signature.time_utc)


def patient_section(reading: Reading, facts: StudyFacts, phrases: Phrases) -> Section:
    """Return who was examined, and which examination it is."""
    patient = reading.patient
    sex = phrases(f"sex.{patient.sex}") if f"sex.{patient.sex}" in phrases else patient.sex
    pairs = (
        ("name", person_name(patient.name) or phrases("header.unknown_name")),
        ("study", clean(facts.description)),
        ("patient_id", clean(patient.patient_id) or phrases("header.unknown_id")),
        ("study_date", " ".join(filter(None, (date(facts.study_date), _clock(facts.study_time))))),
        ("issuer", clean(patient.issuer)),
        ("accession", clean(facts.accession_number)),
        ("birth_date", date(patient.birth_date)),
        ("referrer", person_name(facts.referring_physician)),
        ("sex", phrases("finding.list_separator").join(filter(None, (sex, age(patient.age, phrases))))),
        ("institution", clean(facts.institution)),
    )
    shown = [(key, value) for key, value in pairs if value or key not in _OPTIONAL_ROWS]
    rows = tuple(Row(phrases(f"header.{key}"), value or "–") for key, value in shown)
    uid = Row(phrases("header.study_uid"), reading.study_instance_uid or "–", Tone.CODE)
    blocks = (Rows(rows, columns=2), Rows((uid,), columns=2))
    return Section("patient", phrases("section.patient"), blocks)


def _clock(value: str) -> str:
    return f"{value[:2]}:{value[2:4]}" if len(value) >= 4 and value[:4].isdigit() else value


def technique_section(facts: StudyFacts, phrases: Phrases) -> Section:
    """Return the series of the examination, and which of them the AI analysed."""
    title = phrases("section.technique")
    if not facts.series:
        return Section("technique", title, (Paragraph(phrases("technique.none"), Tone.MUTED),))
    keys = ("sequence", "description", "images", "thickness", "pixel", "timing", "analysed")
    header = tuple(phrases(f"technique.{key}") for key in keys)
    rows = tuple(tuple(cell(text) for text in row) for row in _series_rows(facts.series, phrases))
    widths = (0.19, 0.27, 0.08, 0.14, 0.09, 0.13, 0.10)
    return Section("technique", title, (Table(header, rows, widths, compact=True),))


def _series_rows(series: Sequence[SeriesFact], phrases: Phrases) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table; stacks of one series that are alike stand in one row."""
    stacks: dict[tuple[str, ...], list[int]] = {}
    for fact in series:
        cells = _series_cells(replace(fact, images=0), phrases)
        stacks.setdefault((fact.series_uid, *cells), []).append(fact.images)
    for (_, *told), counts in stacks.items():
        yield (*told[:2], " + ".join(map(str, counts)), *told[3:])


def _series_cells(series: SeriesFact, phrases: Phrases) -> tuple[str, ...]:
    role = f"role.{series.role}"
    description = clean(series.description)
    return (
        phrases(role) if role in phrases else series.role,
        f"{series.number}: {description}" if series.number is not None else description,
        str(series.images),
        f"{optional(series.slice_mm, 1)} / {optional(series.spacing_mm, 1)}",
        optional(series.pixel_mm, 2),
        f"{optional(series.tr_ms, 0)} / {optional(series.te_ms, 0)}",
        phrases("technique.yes") if series.used or series.consulted else "–",
    )


def comparison_section(reading: Reading, facts: StudyFacts, phrases: Phrases) -> Section:
    """Return what was compared: priors by date and modality and the reader's words, or "none available"."""
    lines = []
    for prior in facts.priors:
        values = {"modality": prior.modality, "date": date(prior.date)}
        if prior.description:
            values["description"] = clean(prior.description)
            lines.append(phrases("comparison.prior_described", **values))
        else:
            lines.append(phrases("comparison.prior", **values))
    entry = reading.texts.get("comparison")
    if entry is not None and entry.text.strip():
        lines.append(typed(entry, phrases))
    link = link_of(ROW, "comparison")
    said = lines or [phrases("comparison.none")]
    paragraphs = tuple(Paragraph(line, Tone.BODY, (Span(line, link),)) for line in said)
    return Section("comparison", phrases("section.comparison"), paragraphs)


def critical_section(reading: Reading, phrases: Phrases) -> Section:
    """Return to whom critical findings were told, and when."""
    title = phrases("section.critical")
    if not reading.critical:
        return Section("critical", title, (Paragraph(phrases("critical.none"), Tone.MUTED),))
    header = tuple(phrases(f"critical.{key}") for key in ("finding", "told_to", "time", "who"))
    told = ((c.finding, c.told_to, local_time(c.time_local), c.who) for c in reading.critical)
    rows = tuple(tuple(cell(clean(text)) for text in entry) for entry in told)
    return Section("critical", title, (Table(header, rows, (0.4, 0.24, 0.2, 0.16)),))


def _to_type(row: Row) -> Paragraph:
    """Return the words of a row that has a section of its own."""
    return Paragraph(row.value, row.tone, (Span(row.value, row.link),))


def addendum_section(reading: Reading, phrases: Phrases) -> Section | None:
    """Return which signed reading this one supersedes and why, or which readings it rests on."""
    rows = []
    if reading.supersedes is not None:
        rows.append(_reference("addendum.supersedes", reading.supersedes, phrases))
        rows.append(Row(phrases("addendum.reason"), clean(reading.addendum_reason) or "–"))
    rows += [_reference("addendum.rests_on", source, phrases) for source in reading.sources]
    if not rows:
        return None
    title = phrases("section.addendum" if reading.supersedes is not None else "section.sources")
    return Section("addendum", title, (Rows(tuple(rows)),))


def _reference(key: str, other: Reference, phrases: Phrases) -> Row:
    value = phrases("addendum.reading", reading=other.reading_id, sha256=other.sha256)
    if not other.signed_by or other.role is None:
        return Row(phrases(key), value, Tone.CODE)
    signer = phrases(
        "addendum.signed", reader=clean(other.signed_by), role=phrases.of_program(other.role.value)
    )
    return Row(phrases(key), f"{signer}, {local_time(other.signed_local)}; {value}")


def signature_section(
    reading: Reading, signature: Signature | None, facts: StudyFacts, phrases: Phrases
) -> Section:
    """Return who signed and when with the hash, or that nobody did."""
    title = phrases("section.signature")
    if signature is None:
        return Section("signature", title, (Paragraph(phrases("signature.unsigned"), Tone.ALERT),))
    rows: tuple[Row, ...] = (
        Row(phrases("signature.reader"), clean(signature.reader), Tone.STRONG),
        Row(phrases("signature.utc"), utc(signature.time_utc)),
        Row(phrases("signature.local"), local_time(signature.time_local)),
        Row(phrases("signature.reading_id"), reading.reading_id, Tone.CODE),
        Row(phrases("signature.sha256"), signature.sha256, Tone.CODE),
    )
    if facts.audit is not None:
        at = phrases("signature.audit_value", records=facts.audit.records, chain=facts.audit.chain)
        rows += (
            Row(phrases("signature.audit"), at),
            Row(phrases("signature.audit_head"), facts.audit.head, Tone.CODE),
        )
    note = Paragraph(phrases("signature.check"), Tone.NOTE)
    return Section("signature", title, (Rows(rows), note))


def _image_section(
    reading: Reading, facts: StudyFacts, images: Sequence[ReportImage], phrases: Phrases
) -> Section:
    title = phrases("section.key_images")
    shown = tuple(i for i in images if not i.ai_content or ai_printable(reading, i.target))
    if not shown:
        return Section("key_images", title, (Paragraph(phrases("key_image.none"), Tone.MUTED),))
    identity = phrases(
        "key_image.identity",
        name=person_name(reading.patient.name) or phrases("header.unknown_name"),
        patient_id=clean(reading.patient.patient_id) or phrases("header.unknown_id"),
        date=date(facts.study_date) or "–",
    )
    told = tuple(replace(image, caption=source_in_words(image.caption, phrases)) for image in shown)
    return Section("key_images", title, (Figures(told, identity),))


def _furniture(kind: ReportKind, reading: Reading, facts: StudyFacts, phrases: Phrases) -> PageFurniture:
    patient = reading.patient
    sex = phrases(f"sex.{patient.sex}") if f"sex.{patient.sex}" in phrases else patient.sex
    issuer = f" ({clean(patient.issuer)})" if patient.issuer else ""
    patient_id = phrases("header.short_id", value=clean(patient.patient_id) or "–") + issuer
    born = phrases("header.short_born", value=date(patient.birth_date) or "–")
    study = [phrases("header.short_study", value=date(facts.study_date) or "–")]
    if facts.accession_number:
        study.append(phrases("header.short_accession", value=clean(facts.accession_number)))
    footer = phrases("notice.not_device")
    if kind is ReportKind.SIGNED and reading.signature is not None:
        footer += f" {phrases('notice.hash_short', short=reading.signature.sha256[:16])}"
    return PageFurniture(
        patient_name=person_name(patient.name) or phrases("header.unknown_name"),
        patient_lines=(" · ".join(filter(None, (patient_id, born, sex))),),
        study_lines=tuple(study),
        banners=_banners(kind, reading, facts, phrases),
        watermark="" if kind is ReportKind.SIGNED else phrases("notice.watermark"),
        footer=footer,
        page_template=phrases("notice.page", page="{page}", pages="{pages}"),
    )


def _banners(kind: ReportKind, reading: Reading, facts: StudyFacts, phrases: Phrases) -> tuple[str, ...]:
    banners = []
    if kind is ReportKind.DRAFT:
        preliminary = reading.state is ReadingState.PRELIMINARY
        banners.append(phrases("notice.preliminary" if preliminary else "notice.draft"))
    if kind is ReportKind.AI_DRAFT:
        banners.append(phrases("notice.ai"))
    if facts.synthetic:
        banners.append(phrases("notice.phantom"))
    return tuple(banners)


def _metadata(kind: ReportKind, reading: Reading, facts: StudyFacts, phrases: Phrases) -> Metadata:
    names = {
        ReportKind.SIGNED: ("report", "subject_report"),
        ReportKind.DRAFT: ("report", "subject_draft"),
        ReportKind.AI_DRAFT: ("ai_draft", "subject_ai"),
    }
    title, subject = names[kind]
    author = reading.signature.reader if kind is ReportKind.SIGNED and reading.signature else PROGRAM
    if kind is ReportKind.AI_DRAFT and facts.model is not None:
        author = f"{facts.model.name} {facts.model.version}"
    examined = date(facts.study_date)
    made = facts.model.analysed_utc if facts.model is not None else ""
    return Metadata(
        title=f"{phrases(f'title.{title}')} {examined}".strip(),
        author=clean(author),
        subject=phrases(f"title.{subject}"),
        language=phrases.language,
        creator=f"{PROGRAM} {facts.program_version}".strip(),
        keywords=(f"kind={kind.value}", f"reading={reading.reading_id}"),
        time_utc=reading.signature.time_utc if reading.signature is not None else made,
    )
