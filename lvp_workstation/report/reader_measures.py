"""The table of what the reader measured by hand."""

from __future__ import annotations

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
            cell(phrases(f"measurement.{mark.shape.value}")),
            cell(_value(mark, phrases)),
            cell(_images(mark, phrases)),
        )
        for mark in marks
    )
    header = tuple(phrases(f"measurement.{key}") for key in ("name", "value", "source"))
    return [Table(header, rows, (0.2, 0.45, 0.35), phrases("measurement_group.reader"), compact=True)]


def _value(mark: ReaderMark, phrases: Phrases) -> str:
    sign = phrases(f"unit.{mark.unit}")
    gap = "" if sign == "°" else " "
    text = f"{number(mark.value, DECIMALS)}{gap}{sign}"
    signal = mark.signal
    if signal is None:
        return text
    told = phrases(
        "measurement.signal",
        mean=number(signal.mean, DECIMALS),
        deviation=number(signal.deviation, DECIMALS),
        minimum=f"{signal.minimum:g}",
        maximum=f"{signal.maximum:g}",
    )
    return f"{text}{phrases('measurement.list_separator')}{told}"


def _images(mark: ReaderMark, phrases: Phrases) -> str:
    place = phrases("measurement.image", number=mark.image) if mark.image else phrases("measurement.computed")
    source = clean(mark.source)
    return f"{source}, {place}" if source else place
