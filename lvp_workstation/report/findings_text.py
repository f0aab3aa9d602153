"""Findings and impression in words: only what a reader set, confirmed or typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import STUDY_TARGET
from lvp_workstation.domain.findings import GRID_SCALES, SCALES, Finding, FindingKey
from lvp_workstation.domain.reading import STUDY_ROWS, Reading, TextEntry
from lvp_workstation.report.document import (
    Block,
    Cell,
    Items,
    Paragraph,
    Row,
    Rows,
    Section,
    Table,
    Tone,
    cell,
)
from lvp_workstation.report.phrase_keys import PAIRS
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.severity import (
    anatomical_position,
    order_in_level,
    positive,
    rank,
    rests_on_unvalidated_model,
)
from lvp_workstation.report.wording import LevelNames, clean, numbering_statement

_OWN_SECTION = ("clinical_information", "comparison", "impression")


def typed(entry: TextEntry, phrases: Phrases) -> str:
    """Return the words of a reader, with a mark when levels were renumbered since."""
    text = clean(entry.text).strip()
    return f"{text} {phrases('notice.renumbered')}" if entry.reread else text


def study_row(reading: Reading, row: str, phrases: Phrases) -> Row:
    """Return a row of the whole study: the reader's words, or "not assessed"."""
    entry = reading.texts.get(row)
    if entry is None or not entry.text.strip():
        if row == "numbering" and reading.level_map is not None and reading.level_map.confirmed_by:
            return Row(phrases("study_row.numbering"), numbering_statement(reading.level_map, phrases))
        return Row(phrases(f"study_row.{row}"), phrases("finding.not_assessed"), Tone.MUTED)
    return Row(phrases(f"study_row.{row}"), typed(entry, phrases))


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
        lines.append(phrases("numbering.alternatives", alternatives="; ".join(levels.alternatives)))
    if not levels.confirmed_by:
        lines.append(phrases("numbering.unconfirmed"))
    return tuple(lines)


def targets_of(reading: Reading) -> tuple[InstanceId, ...]:
    """Return the levels cranial to caudal, then whatever else carries a finding or a text."""
    extra = {key.target for key in reading.findings} | {row for row in reading.texts if row not in STUDY_ROWS}
    return (*reading.levels, *sorted(extra - set(reading.levels)))


def target_name(reading: Reading, target: InstanceId, phrases: Phrases) -> str:
    """Return what a level, vertebra or the whole study is called."""
    if target == STUDY_TARGET:
        return phrases("measurement_group.study")
    return reading.level_map.shown_name(target) if reading.level_map else target


def names_of(reading: Reading, target: InstanceId, phrases: Phrases) -> LevelNames:
    """Return the names of a level; for anything but a disc they all are its own name."""
    if reading.level_map is not None and target in reading.levels:
        return LevelNames.of(reading.level_map, target)
    name = target_name(reading, target, phrases)
    return LevelNames(name, name, name, name, name)


def level_section(reading: Reading, phrases: Phrases) -> Section:
    """Return the findings level by level."""
    title = phrases("section.level_findings")
    targets = targets_of(reading)
    if not targets:
        return Section("level_findings", title, (Paragraph(phrases("finding.no_levels")),))
    rows = tuple(
        (
            cell(target_name(reading, target, phrases), Tone.STRONG),
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
    if sources:
        joined = phrases("finding.sentence_separator").join(sources)
        blocks.append(Paragraph(phrases("finding.scales", sources=joined), Tone.NOTE))
    return Section("level_findings", title, tuple(blocks))


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
    findings = [reading.finding(FindingKey(target, scale.key)) for scale in GRID_SCALES]
    set_by_reader = [f for f in findings if f.grade]
    entry = reading.texts.get(target)
    if not set_by_reader and entry is None:
        return cell(phrases("finding.level_not_assessed"), Tone.MUTED)
    parts: list[Paragraph] = []
    if set_by_reader:
        names = names_of(reading, target, phrases)
        between = phrases("finding.sentence_separator")
        ordered = sorted(set_by_reader, key=anatomical_position)
        parts.append(Paragraph(between.join(grades_in_words(ordered, "sentence", names, phrases))))
    if entry is not None:
        parts.append(Paragraph(typed(entry, phrases)))
    missing = [phrases.scale(f.key.scale) for f in findings if not f.grade]
    if missing:
        items = phrases("finding.list_separator").join(missing)
        parts.append(Paragraph(phrases("finding.items_not_assessed", items=items), Tone.NOTE))
    return tuple(parts)


def grades_in_words(
    findings: Iterable[Finding], form: str, names: LevelNames, phrases: Phrases
) -> Iterator[str]:
    """Yield grades as ``sentence`` or ``impression``; the same grade on both sides is said once."""
    left = list(findings)
    while left:
        finding = left.pop(0)
        marked = rests_on_unvalidated_model(finding)
        for pair, scales in PAIRS.items():
            other = _other_side(finding, scales, left)
            if other is not None:
                left.remove(other)
                text = phrases(f"pair.{pair}.{finding.grade}.{form}", **names.values)
                break
        else:
            text = phrases.grade(finding.key.scale, finding.grade, form, **names.values)
        yield f"{text} {phrases('finding.accepted_mark')}" if marked else text


def _other_side(finding: Finding, scales: tuple[str, str], others: list[Finding]) -> Finding | None:
    """Return the equal finding of the other side among ``others``, None when there is none."""
    if finding.key.scale not in scales:
        return None
    marked = rests_on_unvalidated_model(finding)
    return next(
        (
            f
            for f in others
            if f.key.scale in scales and f.grade == finding.grade and rests_on_unvalidated_model(f) == marked
        ),
        None,
    )


def impression_section(reading: Reading, phrases: Phrases) -> Section:
    """Return the reader's impression, or one composed from the reader's positive grades."""
    title = phrases("section.impression")
    entry = reading.texts.get("impression")
    if entry is not None and entry.text.strip():
        lines = [line for line in typed(entry, phrases).split("\n") if line.strip()]
        return Section("impression", title, tuple(Paragraph(line, Tone.BODY) for line in lines))
    blocks: list[Block] = []
    items = composed_impression(reading, phrases)
    if items:
        blocks += [Items(items, numbered=True), Paragraph(phrases("impression.composed"), Tone.NOTE)]
    else:
        graded = any(f.grade for f in reading.findings.values())
        blocks.append(
            Paragraph(phrases("impression.none_positive" if graded else "impression.none_graded"), Tone.MUTED)
        )
    left_out = [f for f in reading.findings.values() if positive(f) and rests_on_unvalidated_model(f)]
    if left_out:
        named = phrases("finding.list_separator").join(_named(reading, f, phrases) for f in left_out)
        blocks.append(Paragraph(phrases("impression.not_validated", items=named), Tone.NOTE))
    return Section("impression", title, tuple(blocks))


def _named(reading: Reading, finding: Finding, phrases: Phrases) -> str:
    return f"{target_name(reading, finding.key.target, phrases)} {phrases.scale(finding.key.scale)}"


def composed_impression(reading: Reading, phrases: Phrases) -> tuple[str, ...]:
    """Return the items of the impression: critical findings first, then levels by falling severity."""
    items = [phrases("impression.critical", finding=clean(entry.finding)) for entry in reading.critical]
    by_level = [(target, _counted(reading, target)) for target in targets_of(reading)]
    present = [(target, findings) for target, findings in by_level if findings]
    caudal_first = list(reversed(present))
    for target, findings in sorted(caudal_first, key=lambda pair: _worst(pair[1])):
        names = names_of(reading, target, phrases)
        words = phrases("impression.separator").join(
            grades_in_words(sorted(findings, key=order_in_level), "impression", names, phrases)
        )
        items.append(phrases("impression.level", level=names.level, items=words))
    return tuple(items)


def _counted(reading: Reading, target: InstanceId) -> list[Finding]:
    findings = (reading.finding(FindingKey(target, scale)) for scale in SCALES)
    return [f for f in findings if positive(f) and not rests_on_unvalidated_model(f)]


def _worst(findings: Iterable[Finding]) -> tuple[int, ...]:
    """Sort key of a level: its ranks from the worst down, then how many there are."""
    return tuple(-r for r in sorted((rank(f) for f in findings), reverse=True))
