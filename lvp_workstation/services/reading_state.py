"""The state of a reading as its journal leads to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.edits import Change, Edit, History
from lvp_workstation.domain.errors import LvpError, ReadingStateError, StorageProblem
from lvp_workstation.domain.findings import FindingKey
from lvp_workstation.domain.label_delta import Box, labels_sha256
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reading import STUDY_ROWS, Reading
from lvp_workstation.store.journal import JournalRecord, Step
from lvp_workstation.store.repositories import Readings, StoredReading


@dataclass(frozen=True, eq=False)
class ReadingSnapshot:
    """The state of a reading after a change, for screens.

    Attributes
    ----------
    labels
        The label map as edited.
    fields
        Names of what changed: fields of `Reading`, and ``labels`` for the segmentation.
    targets
        Instances whose findings, measurements, texts, lock or reveal changed.
    box
        Block of the label array that changed, None when none did.
    """

    reading: Reading
    labels: LabelMap | None
    history: History
    fields: frozenset[str] = frozenset()
    targets: frozenset[InstanceId] = frozenset()
    box: Box | None = None
    revision: int = 0


def state_at(readings: Readings, reading_id: str, revision: int) -> ReadingSnapshot:
    """Return a reading as it was after a step of its journal; 0 is before the first one."""
    return _replayed(readings, reading_id, readings.load(reading_id), revision)


def loaded(readings: Readings, reading_id: str) -> tuple[str, ReadingSnapshot]:
    """Return the reader and the state that the journal leads to."""
    stored = readings.load(reading_id)
    return stored.reader, _replayed(readings, reading_id, stored, len(stored.records))


def _replayed(readings: Readings, reading_id: str, stored: StoredReading, revision: int) -> ReadingSnapshot:
    """Return the state that the first steps of a journal lead to."""
    whole = readings.label_snapshot(reading_id, revision)
    state = ReadingSnapshot(stored.base, whole[1] if whole is not None and whole[0] == 0 else None, History())
    for record in stored.records[:revision]:
        labels = whole[1] if whole is not None and whole[0] == record.revision else None
        too_early = whole is not None and record.revision < whole[0]
        try:
            state = after(state, _without_labels(record) if too_early else record, labels)
        except (LvpError, KeyError, ValueError, TypeError) as error:
            raise StorageProblem(
                f"The journal of this reading cannot be followed beyond step {record.revision} "
                f"({error}). Nothing was changed; restore the newest backup of the database."
            ) from error
    if state.labels is not None and labels_sha256(state.labels.array) != state.reading.labels_sha256:
        raise StorageProblem(
            "The stored segmentation of this reading does not match its hash. Nothing was changed; "
            "restore the newest backup of the database."
        )
    nothing: frozenset[str] = frozenset()
    return replace(state, fields=nothing, targets=nothing, box=None)


def _without_labels(record: JournalRecord) -> JournalRecord:
    """Return the record of a stroke on a segmentation that a later analysis replaced."""
    return replace(record, edit=replace(record.edit, labels=None))


def after(state: ReadingSnapshot, record: JournalRecord, labels: LabelMap | None) -> ReadingSnapshot:
    """Return the state after a step; raise and change nothing when it does not fit."""
    effect = record.effect
    return ReadingSnapshot(
        effect.applied(state.reading),
        _labels_after(state.labels, effect) if labels is None else labels,
        _history_after(state.history, record),
        _fields(effect, labels),
        frozenset().union(*(_targets(change) for change in effect.changes)),
        _whole(labels) if labels is not None else effect.labels.box if effect.labels else None,
        record.revision,
    )


def _history_after(history: History, record: JournalRecord) -> History:
    """Return the undo stack after a step; the journal decides which edit was undone or redone."""
    edit = record.edit
    if record.step is Step.DO:
        return history.pushed(edit)
    done = tuple(e for e in history.done if e.edit_id != edit.edit_id)
    undone = tuple(e for e in history.undone if e.edit_id != edit.edit_id)
    return History(done, (*undone, edit)) if record.step is Step.UNDO else History((*done, edit), undone)


def _labels_after(labels: LabelMap | None, effect: Edit) -> LabelMap | None:
    if effect.labels is None or not effect.labels.runs:  # what is the same stays the same object
        return labels
    if labels is None:
        raise ReadingStateError("There is no segmentation to edit yet.")
    return labels.with_array(effect.labels.applied(labels.array))


def require_own_labels(before: ReadingSnapshot, then: ReadingSnapshot) -> None:
    """Raise `ValueError` when the hash in the reading is not that of its label map: a bug of the caller."""
    if then.labels is None:
        return
    told = then.reading.labels_sha256
    if then.labels is before.labels and told == before.reading.labels_sha256:
        return
    if labels_sha256(then.labels.array) != told:
        raise ValueError("the edit's labels_sha256 is not the hash of the label map it leads to")


def _fields(effect: Edit, labels: LabelMap | None) -> frozenset[str]:
    changed = effect.labels is not None or labels is not None
    return frozenset(change.field for change in effect.changes) | ({"labels"} if changed else set())


def _targets(change: Change) -> frozenset[Any]:
    if isinstance(change.key, FindingKey):
        return frozenset({change.key.target})
    if isinstance(change.key, tuple):
        return frozenset({change.key[0]})
    if change.field == "texts":
        return frozenset({change.key} - STUDY_ROWS.keys())
    if change.field == "reveal_times":
        return frozenset({change.key})
    if change.field in ("locked", "revealed"):
        return frozenset(change.before ^ change.after)
    return frozenset()


def _whole(labels: LabelMap) -> Box:
    shape = np.asarray(labels.array).shape
    return (0, 0, 0), (shape[0], shape[1], shape[2])
