"""What a screen may know of a reading: the AI's values are absent, not hidden, until revealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.findings import (
    GRID_SCALES,
    Finding,
    FindingKey,
    FindingStatus,
    Proposal,
    ReaderValue,
    Scale,
)
from lvp_workstation.domain.reading import Reading


@dataclass(frozen=True)
class BlindCell:
    """A cell of the findings grid before the AI is revealed: it has no field for AI values."""

    key: FindingKey
    scale: Scale
    reader: ReaderValue | None
    between: tuple[ReaderValue, ...] = field(default=(), kw_only=True)
    """What the readers gave that a consensus or an arbitration decides between."""

    @property
    def grade(self) -> str:
        """The reader's grade, empty when there is none."""
        return self.reader.grade if self.reader else ""


@dataclass(frozen=True)
class OpenCell(BlindCell):
    """A cell of the findings grid with the AI's proposal beside the reader's grade."""

    proposal: Proposal | None
    status: FindingStatus
    before_reveal: ReaderValue | None
    original: Proposal | None = None
    """What the model itself proposed, where the proposal follows from a segmentation corrected since."""


class RailMark(StrEnum):
    """The mark of a level on the rail."""

    NOT_LOOKED_AT = "not looked at"
    LOOKED_AT = "looked at"
    OPEN = "AI proposal open"
    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"
    GRADED = "graded"


@dataclass(frozen=True)
class LevelRow:
    """One disc level as rail and grid show it."""

    target: InstanceId
    name: str
    roots: tuple[str, str]
    mark: RailMark
    locked: bool
    cells: tuple[BlindCell, ...]


def level_rows(reading: Reading, looked_at: Iterable[InstanceId] = ()) -> tuple[LevelRow, ...]:
    """Return the rows of rail and grid, cranial to caudal."""
    seen = frozenset(looked_at)
    levels = reading.level_map
    if levels is None:
        return ()
    return tuple(
        LevelRow(
            target,
            levels.shown_name(target),
            levels.roots(target),
            _mark(reading, target, target in seen),
            target in reading.locked,
            tuple(_cell(reading, FindingKey(target, scale.key), scale) for scale in GRID_SCALES),
        )
        for target in reading.levels
    )


def _cell(reading: Reading, key: FindingKey, scale: Scale) -> BlindCell:
    finding = reading.finding(key)
    if not reading.ai_visible(key.target):
        return BlindCell(key, scale, finding.final, between=finding.between)
    return OpenCell(
        key,
        scale,
        finding.final,
        finding.proposal,
        finding.status,
        finding.before_reveal,
        finding.original,
        between=finding.between,
    )


def _mark(reading: Reading, target: InstanceId, seen: bool) -> RailMark:
    findings = [reading.finding(FindingKey(target, scale.key)) for scale in GRID_SCALES]
    if reading.ai_visible(target):
        mark = _open_mark(findings)
        if mark is not None:
            return mark
    if any(finding.final for finding in findings):
        return RailMark.GRADED
    return RailMark.LOOKED_AT if seen else RailMark.NOT_LOOKED_AT


def _open_mark(findings: list[Finding]) -> RailMark | None:
    """The least settled status decides: open, then rejected, then edited, then accepted."""
    statuses = {finding.status for finding in findings}
    for status, mark in (
        (FindingStatus.OPEN, RailMark.OPEN),
        (FindingStatus.REJECTED, RailMark.REJECTED),
        (FindingStatus.EDITED, RailMark.EDITED),
        (FindingStatus.ACCEPTED, RailMark.ACCEPTED),
    ):
        if status in statuses:
            return mark
    return None
