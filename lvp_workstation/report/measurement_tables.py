"""The tables of measurements, one a group of names; values with units, nothing rounded away."""

from __future__ import annotations

from collections import Counter

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import STUDY_TARGET, Measurement
from lvp_workstation.domain.reading import Reading
from lvp_workstation.report.document import Block, Cell, Paragraph, Section, Span, Table, Tone, cell
from lvp_workstation.report.phrase_keys import MEASURES
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.program_words import source_in_words
from lvp_workstation.report.reader_measures import reader_table
from lvp_workstation.report.sentences import MEASURE, link_of, target_name
from lvp_workstation.report.visibility import ai_printable
from lvp_workstation.report.wording import measured

_COLUMNS = 6
_TABLED = frozenset(name for group, names in MEASURES.items() if group != "study" for name in names)


def measurement_section(reading: Reading, phrases: Phrases) -> Section:
    """Return the measurements that may be printed, as tables."""
    shown = [m for m in reading.measurements.values() if _printable(reading, m)]
    title = phrases("section.measurements")
    by_hand = reader_table(reading, phrases)
    if not shown:
        none = Paragraph(phrases("measurement.none"), Tone.MUTED)
        return Section("measurements", title, tuple(by_hand or [none]))
    notes = (phrases("measurement.by_software"), phrases("measurement.note"))
    joined = phrases("finding.sentence_separator").join(notes)
    blocks: list[Block] = [*by_hand, Paragraph(joined, Tone.NOTE)]
    for group in MEASURES:
        if group != "study":
            blocks += _group_table(reading, group, shown, phrases)
    blocks += _list_table(reading, shown, phrases)
    return Section("measurements", title, tuple(blocks))


def _printable(reading: Reading, measurement: Measurement) -> bool:
    return not measurement.provenance.by_ai or ai_printable(reading, measurement.target)


def _group_table(reading: Reading, group: str, shown: list[Measurement], phrases: Phrases) -> list[Block]:
    values = {(m.target, m.name): m for m in shown if m.name in MEASURES[group] and m.target != STUDY_TARGET}
    if not values:
        return []
    names = [name for name in MEASURES[group] if any(n == name for _, n in values)]
    targets = _in_order(reading, {target for target, _ in values})
    units = {name: next(m.unit for (_, n), m in values.items() if n == name) for name in names}
    header = (phrases("measurement.level"), *(_column(name, units[name], phrases) for name in names))
    rows = tuple(
        (
            cell(target_name(reading, target, phrases), Tone.STRONG),
            *(_cell(values.get((target, name)), phrases) for name in names),
        )
        for target in targets
    )
    share = 0.86 / max(_COLUMNS, len(names))
    widths = (0.14, *(share for _ in names))
    table = Table(header, rows, widths, phrases(f"measurement_group.{group}"), compact=True)
    ordered = [values[target, name] for name in names for target in targets if (target, name) in values]
    return [table, *_sources(reading, ordered, phrases)]


def _column(name: str, unit: str, phrases: Phrases) -> str:
    caption, sign = phrases.measure(name), phrases(f"unit.{unit}")
    if sign:
        return phrases("measurement.column", name=caption, unit=sign)
    return phrases("measurement.column_plain", name=caption)


def _cell(measurement: Measurement | None, phrases: Phrases) -> Cell:
    text = _value(measurement, phrases)
    if measurement is None:
        return cell(text)
    link = link_of(MEASURE, f"{measurement.target}/{measurement.name}")
    return (Paragraph(text, Tone.BODY, (Span(text, link),)),)


def _value(measurement: Measurement | None, phrases: Phrases) -> str:
    if measurement is None:
        return "–"
    mark = "" if measurement.provenance.by_ai else f" {phrases('measurement.reader_mark')}"
    return f"{measured(measurement)}{mark}"


def _with_unit(measurement: Measurement, phrases: Phrases) -> str:
    sign = phrases(f"unit.{measurement.unit}")
    gap = "" if sign in ("", "°") else " "
    mark = "" if measurement.provenance.by_ai else f" {phrases('measurement.reader_mark')}"
    return f"{measured(measurement)}{gap}{sign}{mark}"


def _sources(reading: Reading, measurements: list[Measurement], phrases: Phrases) -> list[Block]:
    """Return where values were measured; with their levels, where it is not the same at all of them."""
    names: dict[str, dict[str, list[InstanceId]]] = {}
    for measurement in measurements:
        if measurement.source:
            there = names.setdefault(measurement.source, {})
            there.setdefault(measurement.name, []).append(measurement.target)
    if not names:
        return []
    comma = phrases("finding.list_separator")
    places = Counter(name for there in names.values() for name in there)

    def caption(name: str, targets: list[InstanceId]) -> str:
        if places[name] == 1:
            return phrases.measure(name)
        levels = comma.join(target_name(reading, target, phrases) for target in targets)
        return phrases("measurement.source_levels", name=phrases.measure(name), levels=levels)

    parts = [
        phrases(
            "measurement.source_of",
            source=source_in_words(source, phrases),
            names=comma.join(caption(name, targets) for name, targets in there.items()),
        )
        for source, there in names.items()
    ]
    joined = (
        phrases("measurement.source_separator").join(parts)
        if len(parts) > 1
        else source_in_words(next(iter(names)), phrases)
    )
    return [Paragraph(phrases("measurement.sources", sources=joined), Tone.NOTE)]


def _in_order(reading: Reading, targets: set[InstanceId]) -> list[InstanceId]:
    """Return targets cranial to caudal; instances are numbered from below."""
    known = reading.level_map
    order = [*reversed(known.vertebrae), *reversed(known.discs)] if known else []
    return sorted(targets, key=lambda t: (order.index(t) if t in order else len(order), t))


def _list_table(reading: Reading, shown: list[Measurement], phrases: Phrases) -> list[Block]:
    """Return what fits no group, and what belongs to the whole study, one row a value."""
    rest = [m for m in shown if m.target == STUDY_TARGET or m.name not in _TABLED]
    if not rest:
        return []
    order = _in_order(reading, {m.target for m in rest})
    rows = [
        (
            cell(target_name(reading, m.target, phrases), Tone.STRONG),
            cell(phrases.measure(m.name)),
            cell(_with_unit(m, phrases)),
            cell(source_in_words(m.source, phrases)),
        )
        for m in sorted(rest, key=lambda m: (order.index(m.target), m.name))
    ]
    header = [phrases(f"measurement.{key}") for key in ("level", "name", "value", "source")]
    widths, title = (0.16, 0.42, 0.17, 0.25), phrases("measurement_group.other")
    if all(m.target == STUDY_TARGET for m in rest):
        bare = tuple(row[1:] for row in rows)
        title = phrases("measurement_group.study")
        return [Table(tuple(header[1:]), bare, (0.5, 0.2, 0.3), title, compact=True)]
    return [Table(tuple(header), tuple(rows), widths, title, compact=True)]
