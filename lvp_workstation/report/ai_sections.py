"""What the report says of the AI: its use, where it differed, and what nobody reviewed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.findings import (
    GRID_SCALES,
    SCALES,
    Finding,
    FindingStatus,
    Proposal,
    ReaderValue,
    Scale,
)
from lvp_workstation.domain.reading import Reading, ReadingMode
from lvp_workstation.domain.reading_protocol import left_empty
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
from lvp_workstation.report.facts import CoverageFact, StudyFacts
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.program_words import reason, reasons_by_shape, remark, shape
from lvp_workstation.report.sentences import target_name, targets_of
from lvp_workstation.report.visibility import ai_printable, printable_open, printable_withheld
from lvp_workstation.report.wording import probability, utc

ONE_LINE_COLUMNS = 6
"""Up to so many columns, grade and probability stand in one line."""

_MARKS = "abcdefghijklmnopqrstuvwxyz"


def open_section(reading: Reading, phrases: Phrases) -> Section:
    """Return the proposals that no reader decided, under their own heading."""
    title = phrases("section.ai_open")
    findings = printable_open(reading)
    withheld = tuple(f for f in printable_withheld(reading) if f.final is None)
    hidden = any(f.proposal and not ai_printable(reading, f.key.target) for f in reading.findings.values())
    blocks: list[Block] = []
    if findings:
        blocks.append(Paragraph(phrases("ai.open_note"), Tone.ALERT))
    if findings or withheld:
        blocks += grade_matrix(reading, (*findings, *withheld), phrases)
    if hidden and reading.mode is ReadingMode.MANUAL:
        blocks.append(Paragraph(phrases("ai.hidden_manual"), Tone.MUTED))
    elif hidden:
        blocks.append(Paragraph(phrases("ai.hidden_locked"), Tone.MUTED))
    if not blocks:
        proposed = any(f.proposal for f in reading.findings.values())
        blocks.append(Paragraph(phrases("ai.none_open" if proposed else "ai.no_model"), Tone.MUTED))
    return Section("ai_open", title, tuple(blocks), ai=True)


def grade_matrix(reading: Reading, findings: tuple[Finding, ...], phrases: Phrases) -> list[Block]:
    """Return the AI's grades as levels by scales, and the reasons for those it withheld."""
    by_place = {(f.key.target, f.key.scale): f.proposal for f in findings if f.proposal}
    empty = _empty_columns(by_place.values())
    placed = {place: p for place, p in by_place.items() if p.scale not in empty}
    blocks: list[Block] = []
    if placed:
        blocks += _matrix(reading, placed, phrases)
    for text in dict.fromkeys(empty.values()):
        names = [phrases.scale(s.key) for s in GRID_SCALES if empty.get(s.key) == text]
        items = phrases("finding.list_separator").join(names)
        words = phrases.of_program(text)
        blocks.append(Paragraph(phrases("ai.withheld_column", items=items, reason=words), Tone.NOTE))
    return blocks


Place = tuple[InstanceId, str]


def _matrix(reading: Reading, placed: Mapping[Place, Proposal], phrases: Phrases) -> list[Block]:
    targets = [t for t in targets_of(reading) if any(place[0] == t for place in placed)]
    scales = [s for s in GRID_SCALES if any(place[1] == s.key for place in placed)]
    reasons = reasons_by_shape(placed.values())
    marks = {key: _mark(number) for number, key in enumerate(reasons)}
    one_line = len(scales) <= ONE_LINE_COLUMNS
    header = (phrases("finding.level"), *(phrases.scale(s.key, "column") for s in scales))
    rows = tuple(
        (
            cell(target_name(reading, t, phrases), Tone.STRONG),
            *(_proposal_cell(placed.get((t, s.key)), marks, one_line, phrases) for s in scales),
        )
        for t in targets
    )
    share = 0.9 / max(len(scales), ONE_LINE_COLUMNS)
    table = Table(header, rows, (0.1, *(share for _ in scales)), compact=True)
    note = phrases("ai.ai_note_letters" if reasons else "ai.ai_note")
    blocks: list[Block] = [Paragraph(note, Tone.NOTE), table]
    remarks = [_remark(reading, place, placed, phrases) for t in targets for place in _places(t, scales)]
    blocks += [Paragraph(text, Tone.NOTE) for text in remarks if text]
    if any(not p.validated_on_patients for p in placed.values()):
        blocks.append(Paragraph(phrases("notice.not_validated"), Tone.NOTE))
    blocks += [
        Paragraph(phrases("ai.withheld_row", mark=marks[key], reason=phrases.of_program(text)), Tone.NOTE)
        for key, text in reasons.items()
    ]
    return blocks


def _places(target: InstanceId, scales: Iterable[Scale]) -> list[Place]:
    return [(target, scale.key) for scale in scales]


def _remark(reading: Reading, place: Place, placed: Mapping[Place, Proposal], phrases: Phrases) -> str:
    words = remark(placed.get(place), phrases)
    target, scale = place
    name = target_name(reading, target, phrases)
    return phrases("ai.remark", level=name, item=phrases.scale(scale), text=words) if words else ""


def _empty_columns(proposals: Iterable[Proposal]) -> dict[str, str]:
    """Return the scales that are withheld at several levels for one and the same reason, with the reason."""
    by_scale: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        by_scale.setdefault(proposal.scale, []).append(proposal)
    found = {}
    for scale, column in by_scale.items():
        reasons = reasons_by_shape(column)
        if len(column) > 1 and not any(p.assessable for p in column) and len(reasons) == 1:
            found[scale] = next(iter(reasons.values()))
    return found


def _mark(position: int) -> str:
    return _MARKS[position] if position < len(_MARKS) else f"{_MARKS[-1]}{position}"


def _proposal_cell(
    proposal: Proposal | None, marks: Mapping[str, str], one_line: bool, phrases: Phrases
) -> Cell:
    if proposal is None:
        return cell("")
    if not proposal.assessable:
        return cell(f"– ({marks[shape(reason(proposal))]})", Tone.MUTED)
    mark = "" if proposal.validated_on_patients else f" {phrases('finding.accepted_mark')}"
    grade = phrases.grade(proposal.scale, proposal.grade, "short")
    chance = probability(proposal.confidence)
    if one_line:
        return cell(phrases("ai.grade_and_probability", grade=grade, probability=chance) + mark)
    return Paragraph(grade + mark), Paragraph(chance, Tone.NOTE)


def decisions_section(reading: Reading, phrases: Phrases) -> Section | None:
    """Return where the reader changed, rejected or differed from the AI; None when nowhere."""
    differing = [f for f in reading.findings.values() if ai_printable(reading, f.key.target) and _differs(f)]
    if not differing:
        return None
    order = {target: position for position, target in enumerate(targets_of(reading))}
    scales = list(SCALES)
    differing.sort(key=lambda f: (order[f.key.target], scales.index(f.key.scale)))
    keys = ("finding.level", "ai.item", "ai.proposed", "ai.before", "ai.final", "ai.reason")
    header = tuple(phrases(key) for key in keys)
    rows = tuple(_decision_row(reading, f, phrases) for f in differing)
    table = Table(header, rows, (0.1, 0.2, 0.17, 0.15, 0.15, 0.23), compact=True)
    return Section("decisions", phrases("section.decisions"), (table,), level=2)


def _differs(finding: Finding) -> bool:
    if finding.final is None or finding.proposal is None:
        return False
    changed = finding.before_reveal is not None and finding.before_reveal.grade != finding.grade
    return changed or finding.disagrees or finding.status is FindingStatus.REJECTED


def _decision_row(reading: Reading, finding: Finding, phrases: Phrases) -> tuple[Cell, ...]:
    scale, proposal, final = finding.key.scale, finding.proposal, finding.final
    proposed = "–"
    if proposal is not None and proposal.assessable:
        words = phrases.grade(scale, proposal.grade, "short")
        proposed = f"{words} ({probability(proposal.confidence)})"
    before = finding.before_reveal
    rejected = finding.status is FindingStatus.REJECTED
    return (
        cell(target_name(reading, finding.key.target, phrases), Tone.STRONG),
        cell(phrases.scale(scale)),
        cell(proposed),
        cell(phrases.grade(scale, before.grade, "short") if before and before.grade else "–"),
        cell(phrases("ai.rejected") if rejected else phrases.grade(scale, finding.grade, "short")),
        cell(_reason_of(final, phrases) if final and final.reason else "–"),
    )


def _reason_of(final: ReaderValue, phrases: Phrases) -> str:
    """Return why a grade of the AI was rejected: the reader's own words, where there are any, as well."""
    words = phrases.of_program(final.reason)
    return phrases("ai.remark_words", reason=words, words=final.comment) if final.comment else words


def use_section(reading: Reading, facts: StudyFacts, phrases: Phrases) -> Section:
    """Return which model was used, how, and what became of its proposals."""
    rows = [*_model_rows(facts, phrases), Row(phrases("ai.mode"), phrases(f"mode.{reading.mode.value}"))]
    if reading.mode is not ReadingMode.MANUAL and any(f.proposal for f in reading.findings.values()):
        rows.append(Row(phrases("ai.counts"), phrases("ai.counts_value", **_counts(reading))))
    rows += _reader_rows(reading, phrases)
    if facts.scope is not None and ai_printable(reading, None):
        rows.append(_scope_row(facts, phrases))
    if facts.program_version:
        rows.append(Row(phrases("ai.program"), phrases("ai.program_value", version=facts.program_version)))
    return Section("ai_use", phrases("section.ai_use"), (Rows(tuple(rows)),))


def _reader_rows(reading: Reading, phrases: Phrases) -> list[Row]:
    """Return what the reader did with the AI beyond its grades: locked without one, corrected outlines."""
    rows = []
    locked = (target for target in targets_of(reading) if target in reading.locked)
    empty = [t for t in locked if len(left_empty(reading, frozenset({t}))) == len(GRID_SCALES)]
    if empty:
        levels = phrases("finding.list_separator").join(target_name(reading, t, phrases) for t in empty)
        rows.append(Row(phrases("ai.locked_empty"), phrases("ai.locked_empty_value", levels=levels)))
    if reading.labels_corrected and reading.mode is not ReadingMode.MANUAL:
        rows.append(Row(phrases("ai.labels"), phrases("ai.labels_corrected")))
    return rows


def _model_rows(facts: StudyFacts, phrases: Phrases) -> list[Row]:
    model = facts.model
    if model is None:
        return [Row(phrases("ai.model"), phrases("ai.no_model"), Tone.MUTED)]
    value = phrases("ai.model_value", name=model.name, version=model.version)
    rows = [Row(phrases("ai.model"), value), Row(phrases("ai.hash"), model.sha256, Tone.CODE)]
    if model.provider:
        rows.append(Row(phrases("ai.provider"), model.provider))
    if model.analysed_utc:
        rows.append(Row(phrases("ai.time"), utc(model.analysed_utc)))
    return rows


def _scope_row(facts: StudyFacts, phrases: Phrases) -> Row:
    scope = facts.scope
    if scope is None:
        return Row(phrases("ai.scope"), "–")
    key = f"scope.{scope.decision}"
    decision = phrases(key) if key in phrases else scope.decision
    if scope.reasons:
        reasons = phrases("finding.sentence_separator").join(map(phrases.of_program, scope.reasons))
        return Row(phrases("ai.scope"), phrases("scope.reasons", decision=decision, reasons=reasons))
    return Row(phrases("ai.scope"), decision)


def _counts(reading: Reading) -> dict[str, object]:
    """Return how many proposals were accepted, edited … where the AI's values may be printed."""
    shown = [f for f in reading.findings.values() if ai_printable(reading, f.key.target)]
    statuses = Counter(f.status for f in shown)
    bulk = sum(1 for f in shown if f.final is not None and f.final.bulk)
    return {
        "accepted": statuses[FindingStatus.ACCEPTED],
        "bulk": bulk,
        "edited": statuses[FindingStatus.EDITED],
        "rejected": statuses[FindingStatus.REJECTED],
        "open": statuses[FindingStatus.OPEN],
        "added": statuses[FindingStatus.READER],
    }


def coverage_section(facts: StudyFacts, phrases: Phrases) -> Section:
    """Return how many images of each series were displayed to the reader."""
    title = phrases("section.coverage")
    if not facts.coverage:
        empty = Paragraph(phrases("ai.coverage_none"), Tone.MUTED)
        return Section("coverage", title, (empty,), level=2)
    rows = tuple(Row(entry.series, _coverage_text(entry, phrases)) for entry in facts.coverage)
    return Section("coverage", title, (Rows(rows),), level=2)


def _coverage_text(entry: CoverageFact, phrases: Phrases) -> str:
    """Return what was displayed of a series, naming the levels of which something was not."""
    missing = [f"{each.level} {each.seen}/{each.total}" for each in entry.levels if each.seen < each.total]
    if not missing:
        return phrases("ai.coverage_value", seen=entry.seen, total=entry.total)
    return phrases("ai.coverage_levels", seen=entry.seen, total=entry.total, levels=", ".join(missing))


def warnings_section(reading: Reading, facts: StudyFacts, phrases: Phrases) -> Section | None:
    """Return the limitations that the program noted, None when there are none.

    What rests on what the AI saw or measured is left out while its values are not shown.
    """
    told = facts.warnings + (facts.ai_warnings if ai_printable(reading, None) else ())
    if not told:
        return None
    items = tuple(phrases.of_program(text) for text in dict.fromkeys(told))
    return Section("warnings", phrases("section.warnings"), (Items(items),), level=2)


def scope_section(facts: StudyFacts, phrases: Phrases) -> Section:
    """Return for the AI draft what the AI was allowed to grade, and how levels were counted."""
    rows = [_scope_row(facts, phrases)] if facts.scope is not None else []
    rows += _model_rows(facts, phrases)
    return Section("ai_scope", phrases("section.ai_scope"), (Rows(tuple(rows)),))


def grades_section(reading: Reading, phrases: Phrases) -> Section:
    """Return for the AI draft every grade that the AI proposed or withheld."""
    findings = tuple(f for f in reading.findings.values() if f.proposal is not None)
    title = phrases("section.ai_grades")
    if not findings:
        return Section("ai_grades", title, (Paragraph(phrases("finding.no_levels"), Tone.MUTED),), ai=True)
    return Section("ai_grades", title, tuple(grade_matrix(reading, findings, phrases)), ai=True)
