"""The worklist: studies that wait to be read, what is known of each, and in which order they stand.

An AI value never decides an order or shows in a row before the reader's lock: `AiState` tells only whether
an analysis was made, and `ai_mark_visible` when more may be told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from lvp_workstation.domain.findings import Proposal
from lvp_workstation.domain.people import ReadingRules
from lvp_workstation.domain.reading import Reading, ReadingMode, ReadingState
from lvp_workstation.domain.study import Patient, Study


class Priority(IntEnum):
    """How soon a study is to be read (HL7 table 0485 in words)."""

    STAT = 0
    URGENT = 1
    ROUTINE = 2
    LOW = 3

    @property
    def caption(self) -> str:
        """The word on screen."""
        return self.name.lower()


class AiState(StrEnum):
    """How far the automatic analysis of a study is; none of it says what the AI found."""

    NONE = "none"
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    REFUSED = "not possible"
    FAILED = "failed"


@dataclass(frozen=True)
class StudyKey:
    """A study of a patient: what everything kept of it is found by."""

    study_instance_uid: str
    patient_id: str

    @classmethod
    def of(cls, study: Study | Reading) -> StudyKey:
        """Return the key of a study, or of the study that a reading is of."""
        return cls(study.study_instance_uid, study.patient.patient_id)


@dataclass(frozen=True)
class WorklistItem:
    """A study on the worklist; dates are ``YYYYMMDD``, ``paths`` where its files were found."""

    study_instance_uid: str
    patient: Patient
    study_date: str
    description: str
    accession_number: str
    modality: str
    series: int
    images: int
    paths: tuple[str, ...]
    priority: Priority
    list_name: str
    added_utc: str

    @property
    def key(self) -> StudyKey:
        """What the study is found by."""
        return StudyKey(self.study_instance_uid, self.patient.patient_id)


@dataclass(frozen=True)
class Worklist:
    """A named list of studies; ``rules`` say how its studies are read, None as each reader does."""

    name: str
    rules: ReadingRules | None = None


@dataclass(frozen=True)
class OwnReading:
    """How far somebody's own reading of a study is; ``mode`` is None where it is not known."""

    state: ReadingState
    mode: ReadingMode | None


@dataclass(frozen=True)
class AiMark:
    """What the AI says of a study in a row: levels with a proposal that is not normal, out of all."""

    positive: int
    levels: int


@dataclass(frozen=True)
class WorklistRow:
    """A row as a screen may have it; ``mark`` is None unless the AI may be shown."""

    item: WorklistItem
    state: ReadingState
    ai: AiState
    why: str = ""
    mark: AiMark | None = None
    signed_by: tuple[str, ...] = ()
    comments: int = 0

    @property
    def unread(self) -> bool:
        """Whether the reader has still to sign it."""
        return not self.state.signed


class Show(StrEnum):
    """Which rows are shown."""

    UNREAD = "to be read"
    STARTED = "in progress"
    SIGNED = "signed"
    ALL = "all"


@dataclass(frozen=True)
class WorklistFilter:
    """Which rows are asked for; an empty text or None takes every one."""

    text: str = ""
    show: Show = Show.ALL
    list_name: str | None = None
    priority: Priority | None = None
    ai: AiState | None = None


class Order(StrEnum):
    """What comes first; unread studies always do."""

    PRIORITY = "priority"
    NEWEST = "study date"
    ADDED = "added"
    PATIENT = "patient"
    AI = "AI"


def ai_mark_visible(own: OwnReading | None, rules: ReadingRules) -> bool:
    """Return whether a row may tell what the AI says, see `interaction.md`: an AI value before the lock.

    In manual mode never; else once the reading is signed; before that in concurrent mode only, and where a
    reading has begun only if that one is concurrent. Where its mode is not known nothing is told.
    """
    mode = rules.mode if own is None else own.mode
    if mode is None or mode is ReadingMode.MANUAL or rules.mode is ReadingMode.MANUAL:
        return False
    return (own is not None and own.state.signed) or (
        mode is ReadingMode.CONCURRENT and rules.mode is ReadingMode.CONCURRENT
    )


def mark_of(proposals: Iterable[Proposal], levels: int) -> AiMark:
    """Return the mark of what an AI proposes."""
    positive = {p.target for p in proposals if p.assessable and not p.proposes_normal}
    return AiMark(len(positive), levels)


def filtered(rows: Iterable[WorklistRow], wanted: WorklistFilter) -> tuple[WorklistRow, ...]:
    """Return the rows that a filter takes, in their order."""
    words = wanted.text.casefold().split()
    return tuple(row for row in rows if _taken(row, wanted) and all(w in _searched(row) for w in words))


def _taken(row: WorklistRow, wanted: WorklistFilter) -> bool:
    started = row.state in (ReadingState.IN_PROGRESS, ReadingState.PRELIMINARY)
    shown = {
        Show.ALL: True,
        Show.UNREAD: row.unread,
        Show.STARTED: started,
        Show.SIGNED: row.state.signed,
    }
    return (
        shown[wanted.show]
        and wanted.list_name in (None, row.item.list_name)
        and wanted.priority in (None, row.item.priority)
        and wanted.ai in (None, row.ai)
    )


def _searched(row: WorklistRow) -> str:
    item, who = row.item, row.item.patient
    name = who.name.replace("^", " ")
    return " ".join(
        (name, who.patient_id, item.accession_number, item.description, item.study_date, item.list_name)
    ).casefold()


def ordered(rows: Iterable[WorklistRow], order: Order = Order.PRIORITY) -> tuple[WorklistRow, ...]:
    """Return the rows with unread ones first, then as asked, then by priority and the older first.

    By AI, rows whose mark may not be shown stand behind those whose mark may, in the order of priority: what
    is hidden moves nothing.
    """
    by_age = sorted(
        rows, key=lambda row: (row.item.priority, row.item.added_utc, row.item.study_instance_uid)
    )
    if order is Order.NEWEST:
        by_age.sort(key=lambda row: row.item.study_date, reverse=True)
    elif order is Order.ADDED:
        by_age.sort(key=lambda row: row.item.added_utc, reverse=True)
    elif order is Order.PATIENT:
        by_age.sort(key=lambda row: (row.item.patient.name.casefold(), row.item.patient.patient_id))
    elif order is Order.AI:
        by_age.sort(key=lambda row: -row.mark.positive if row.mark is not None else 1)
    return tuple(sorted(by_age, key=lambda row: not row.unread))


def item_of(
    study: Study,
    places: tuple[str, ...],
    added_utc: str,
    list_name: str = "",
    priority: Priority = Priority.ROUTINE,
) -> WorklistItem:
    """Return a study as a row of the worklist keeps it; ``places`` are where its files lie."""
    return WorklistItem(
        study.study_instance_uid,
        study.patient,
        study.study_date,
        study.description,
        study.accession_number,
        study.modality,
        len(study.series),
        sum(len(series.frames) for series in study.series),
        places,
        priority,
        list_name,
        added_utc,
    )
