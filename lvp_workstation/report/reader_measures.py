"""The table of what the reader measured by hand."""

from __future__ import annotations

from lvp_workstation.domain.mark_shapes import parts_of
from lvp_workstation.domain.reader_marks import ReaderMark
from lvp_workstation.domain.reading import Reading
from lvp_workstation.report.document import Block, Table, cell
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.wording import clean, number

DECIMALS = 1
"""Millimetres, degrees and stored values alike (our choice)."""


def reader_table(reading: Reading, phrases: Phrases) -> list[Block]:
    """Return the reader's measurements in the order they were made, nothing when there are none."""
    marks = sorted(reading.marks.values(), key=lambda mark: (mark.provenance.time_utc, mark.mark_id))
    if not marks:
        return []
    rows = tuple(
        (
            cell(_name(mark, reading, phrases)),
            cell(_value(mark, phrases)),
            cell(_images(mark, phrases)),
        )
        for mark in marks
    )
    header = tuple(phrases(f"measurement.{key}") for key in ("name", "value", "source"))
    return [Table(header, rows, (0.2, 0.45, 0.35), phrases("measurement_group.reader"), compact=True)]


def mark_sentence(mark: ReaderMark, phrases: Phrases) -> str:
    """Return a measurement as a sentence for the text of its level: what, how much, on which image."""
    name, value = phrases(f"measurement.{mark.shape.value}"), _value(mark, phrases)
    return phrases("measurement.sentence", name=name, value=value, source=_images(mark, phrases))


def _name(mark: ReaderMark, reading: Reading, phrases: Phrases) -> str:
    """Return what was measured, with its level where it belongs to one."""
    name = phrases(f"measurement.{mark.shape.value}")
    levels = reading.level_map
    if levels is None or mark.target not in levels.discs:
        return name
    return phrases("measurement.at_level", level=levels.name(mark.target), name=name)


def _value(mark: ReaderMark, phrases: Phrases) -> str:
    told = [clean(mark.text), *_numbers(mark, phrases), _signal(mark, phrases)]
    if mark.across_mm:
        told.append(phrases("measurement.across", spacing=number(mark.across_mm, DECIMALS)))
    if mark.slab_mm:
        told.append(phrases("measurement.slab", thickness=number(mark.slab_mm, DECIMALS)))
    return phrases("measurement.list_separator").join(each for each in told if each)


def _numbers(mark: ReaderMark, phrases: Phrases) -> list[str]:
    if mark.value is None:
        return []
    parts = parts_of(mark.shape, mark.points)
    named = (phrases(f"measurement.part_{n}", value=_with_unit(v, u, phrases)) for n, v, u in parts)
    return [_with_unit(mark.value, mark.unit, phrases), *named]


def _with_unit(value: float, unit: str, phrases: Phrases) -> str:
    sign = phrases(f"unit.{unit}")
    return f"{number(value, DECIMALS)}{'' if sign == '°' else ' '}{sign}"


def _signal(mark: ReaderMark, phrases: Phrases) -> str:
    signal = mark.signal
    if signal is None:
        return ""
    if signal.pixels == 1:
        return phrases("measurement.signal_at", value=f"{signal.mean:g}")
    return phrases(
        "measurement.signal",
        mean=number(signal.mean, DECIMALS),
        deviation=number(signal.deviation, DECIMALS),
        minimum=f"{signal.minimum:g}",
        maximum=f"{signal.maximum:g}",
    )


def _images(mark: ReaderMark, phrases: Phrases) -> str:
    place = phrases("measurement.image", number=mark.image) if mark.image else phrases("measurement.computed")
    source = clean(mark.source)
    return f"{source}, {place}" if source else place
