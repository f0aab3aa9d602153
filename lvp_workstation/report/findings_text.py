"""Findings and impression in words: only what a reader set, confirmed or typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.findings import GRID_SCALES, FindingKey
from lvp_workstation.domain.reading import STUDY_ROWS, Reading
from lvp_workstation.domain.report_rows import About, SentenceRow
from lvp_workstation.report.document import (
    Block,
    Cell,
    Items,
    Paragraph,
    Row,
    Rows,
    Section,
    Span,
    Table,
    Tone,
    cell,
)
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.program_words import remark
from lvp_workstation.report.sentences import (
    LEVEL,
    PLACED,
    ROW,
    Sentence,
    impression_is_older,
    impression_sentences,
    level_sentences,
    link_of,
    names_of,
    target_name,
    targets_of,
    typed,
)
from lvp_workstation.report.severity import positive, rests_on_unvalidated_model
from lvp_workstation.report.visibility import ai_printable
from lvp_workstation.report.wording import clean, numbering_statement

STATED_OF = {PLACED: About.ZONE, "spondylolisthesis": About.DIRECTION}
"""What the reader states of a grade beside itself, and the software measures: place and direction."""

_OWN_SECTION = ("clinical_information", "comparison", "impression")


def study_row(reading: Reading, row: str, phrases: Phrases) -> Row:
    """Return a row of the whole study: the reader's words, or "not assessed"."""
    entry = reading.texts.get(row)
    if entry is None or not entry.text.strip():
        if row == "numbering" and reading.level_map is not None and reading.level_map.confirmed_by:
            said = numbering_statement(reading.level_map, phrases)
            return Row(phrases("study_row.numbering"), said, link=link_of(ROW, row))
        return Row(
            phrases(f"study_row.{row}"), phrases("finding.not_assessed"), Tone.MUTED, link_of(ROW, row)
        )
    return Row(phrases(f"study_row.{row}"), typed(entry, phrases), link=link_of(ROW, row))


def study_section(reading: Reading, phrases: Phrases) -> Section:
    """Return the rows that belong to the whole study, and the statement on numbering."""
    rows = study_rows(reading, phrases)
    said = {row.value for group in rows for row in group.rows}
    levels = reading.level_map
    stated = levels is not None and numbering_statement(levels, phrases) in said
    lines = numbering_lines(reading, phrases)[1 if stated else 0 :]
    blocks: tuple[Block, ...] = (*rows, *(Paragraph(text, Tone.NOTE) for text in lines))
    return Section("study_findings", phrases("section.study_findings"), blocks)


def study_rows(reading: Reading, phrases: Phrases) -> tuple[Rows, ...]:
    """Return the rows that a reader wrote, then in two columns those that were not assessed."""
    rows = [study_row(reading, row, phrases) for row in STUDY_ROWS if row not in _OWN_SECTION]
    written = tuple(row for row in rows if row.tone is not Tone.MUTED)
    empty = tuple(row for row in rows if row.tone is Tone.MUTED)
    groups = (Rows(written), Rows(empty, columns=2, wide_labels=True))
    return tuple(group for group in groups if group.rows)


def numbering_lines(reading: Reading, phrases: Phrases) -> tuple[str, ...]:
    """Return how the levels were counted, other countings, and what the "?" means."""
    levels = reading.level_map
    if levels is None:
        return (phrases("numbering.none"),)
    lines = [phrases("numbering.statement", statement=numbering_statement(levels, phrases))]
    if levels.alternatives:
        others = phrases("measurement.list_separator").join(map(phrases.of_program, levels.alternatives))
        lines.append(phrases("numbering.alternatives", alternatives=others))
    if not levels.confirmed_by:
        lines.append(phrases("numbering.unconfirmed"))
    return tuple(lines)


def level_section(reading: Reading, phrases: Phrases) -> Section:
    """Return the findings level by level."""
    title = phrases("section.level_findings")
    targets = targets_of(reading)
    if not targets:
        return Section("level_findings", title, (Paragraph(phrases("finding.no_levels")),))
    rows = tuple(
        (
            _level_cell(reading, target, phrases),
            cell(roots_in_words(reading, target, phrases), Tone.NOTE),
            _findings_cell(reading, target, phrases),
        )
        for target in targets
    )
    header = tuple(phrases(f"finding.{key}") for key in ("level", "roots_column", "findings_column"))
    blocks: list[Block] = [Table(header, rows, (0.12, 0.2, 0.68))]
    if any(rests_on_unvalidated_model(f) for f in reading.findings.values()):
        blocks.append(Paragraph(phrases("notice.not_validated"), Tone.NOTE))
    sources = dict.fromkeys(
        phrases.scale(scale.key, "source")
        for scale in GRID_SCALES
        if any(f.grade and f.key.scale == scale.key for f in reading.findings.values())
    )
    own = [s.row for t in targets for s in level_sentences(reading, t, phrases) if s.own]
    if own:
        items = phrases("finding.list_separator").join(
            f"{target_name(reading, row.target, phrases)} {phrases.subject(row.subject)}" for row in own
        )
        blocks.append(Paragraph(phrases("finding.own_words", items=items), Tone.NOTE))
    if sources:
        joined = phrases("finding.sentence_separator").join(sources)
        blocks.append(Paragraph(phrases("finding.scales", sources=joined), Tone.NOTE))
    return Section("level_findings", title, tuple(blocks))


def _level_cell(reading: Reading, target: InstanceId, phrases: Phrases) -> Cell:
    name = target_name(reading, target, phrases)
    return (Paragraph(name, Tone.STRONG, (Span(name, link_of(LEVEL, target)),)),)


def roots_in_words(reading: Reading, target: InstanceId, phrases: Phrases) -> str:
    """Return the exiting and the traversing root of a level; empty for anything but a disc."""
    if target not in reading.levels:
        return ""
    names = names_of(reading, target, phrases)
    exiting = phrases("finding.exiting", root=names.exiting)
    return phrases("finding.list_separator").join(
        (exiting, phrases("finding.traversing", root=names.traversing))
    )


def _findings_cell(reading: Reading, target: InstanceId, phrases: Phrases) -> Cell:
    entry = reading.texts.get(target)
    sentences = level_sentences(reading, target, phrases)
    if not sentences and entry is None:
        link = link_of(LEVEL, target)
        words = phrases("finding.level_not_assessed")
        return (Paragraph(words, Tone.MUTED, (Span(words, link),)),)
    parts: list[Paragraph] = []
    if sentences:
        between = phrases("finding.sentence_separator")
        text = between.join(sentence.text for sentence in sentences)
        parts.append(Paragraph(text, Tone.BODY, tuple(_spaced(sentences, between))))
    if entry is not None:
        words = typed(entry, phrases)
        parts.append(Paragraph(words, Tone.BODY, (Span(words, link_of(ROW, target), True),)))
    measured = _measured_remarks(reading, target, phrases)
    if measured:
        parts.append(Paragraph(measured, Tone.NOTE))
    missing = [s for s in GRID_SCALES if not reading.finding(FindingKey(target, s.key)).grade]
    if missing:
        items = phrases("finding.list_separator").join(phrases.scale(s.key) for s in missing)
        parts.append(Paragraph(phrases("finding.items_not_assessed", items=items), Tone.NOTE))
    return tuple(parts)


def _spaced(sentences: Sequence[Sentence], between: str) -> Iterator[Span]:
    for number, sentence in enumerate(sentences):
        if number and between:
            yield Span(between)
        yield sentence.span


def _measured_remarks(reading: Reading, target: InstanceId, phrases: Phrases) -> str:
    """Return place and direction that the software measured, for grades the reader confirmed without them."""
    if not ai_printable(reading, target):
        return ""
    words = []
    for scale, about in STATED_OF.items():
        finding = reading.finding(FindingKey(target, scale))
        row = SentenceRow(target, scale, finding.grade, about)
        agreed = finding.proposal is not None and finding.grade == finding.proposal.grade
        if agreed and positive(finding) and row.key not in reading.texts:
            words.append(remark(finding.proposal, phrases))
    told = phrases("finding.sentence_separator").join(filter(None, words))
    return phrases("finding.measured_place", place=told) if told else ""


def impression_section(reading: Reading, phrases: Phrases) -> Section:
    """Return the reader's impression, or one composed from the reader's positive grades."""
    title = phrases("section.impression")
    entry = reading.texts.get("impression")
    if entry is not None and entry.text.strip():
        link = link_of(ROW, "impression")
        lines = [line for line in typed(entry, phrases).split("\n") if line.strip()]
        blocks: list[Block] = [Paragraph(line, Tone.BODY, (Span(line, link, True),)) for line in lines]
        if reading.signature is None and impression_is_older(reading):
            blocks.append(Paragraph(phrases("impression.older"), Tone.ALERT))
        return Section("impression", title, tuple(blocks))
    return Section("impression", title, tuple(_composed_impression(reading, phrases)))


def _composed_impression(reading: Reading, phrases: Phrases) -> Iterator[Block]:
    """Yield critical findings first, then levels by falling severity, and what was left out."""
    spans = [Span(phrases("impression.critical", finding=clean(c.finding))) for c in reading.critical]
    sentences = impression_sentences(reading, phrases)
    spans += [sentence.span for sentence in sentences]
    if spans:
        yield Items(tuple(span.text for span in spans), True, tuple(spans))
        own = any(sentence.own for sentence in sentences)
        note = phrases("impression.composed_in_part" if own else "impression.composed")
        yield Paragraph(note, Tone.NOTE, (Span(note, link_of(ROW, "impression")),))
    else:
        graded = any(f.grade for f in reading.findings.values())
        yield Paragraph(
            phrases("impression.none_positive" if graded else "impression.none_graded"), Tone.MUTED
        )
    left_out = [f for f in reading.findings.values() if positive(f) and rests_on_unvalidated_model(f)]
    if left_out:
        named = phrases("finding.list_separator").join(_named(reading, f.key, phrases) for f in left_out)
        yield Paragraph(phrases("impression.not_validated", items=named), Tone.NOTE)


def _named(reading: Reading, key: FindingKey, phrases: Phrases) -> str:
    return f"{target_name(reading, key.target, phrases)} {phrases.scale(key.scale)}"
