"""The journal: every step of a reading, in order, written once and read back when it is opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from lvp_workstation.domain.edits import Edit, edit_from_plain, edit_to_plain
from lvp_workstation.domain.errors import ReadingConflict
from lvp_workstation.domain.reading import Reading
from lvp_workstation.store import schema
from lvp_workstation.store.audit import append_audit


class Step(StrEnum):
    """What a journal record did with its edit."""

    DO = "do"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True)
class JournalRecord:
    """One step of a reading; ``revision`` counts from 1, ``edit`` is the edit as it was first done."""

    revision: int
    step: Step
    edit: Edit
    time_utc: str

    @property
    def effect(self) -> Edit:
        """What the step changes: the edit itself, or its inverse when it was undone."""
        return self.edit.inverted() if self.step is Step.UNDO else self.edit


def edit_text(edit: Edit) -> str:
    """Return an edit as the journal keeps it."""
    return json.dumps(edit_to_plain(edit), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def edit_of_text(text: str) -> Edit:
    """Return the edit that `edit_text` wrote."""
    return edit_from_plain(json.loads(text))


_OWN_EVENTS = frozenset({"sign", "preliminary", "addendum"})
"""Kinds of edit that the audit trail names; the others are edits."""


def append_record(
    connection: Connection, reading_id: str, record: JournalRecord, who: str, after: Reading
) -> None:
    """Write one step and its audit record inside a transaction; ``after`` is the reading as it is then.

    Raises
    ------
    ReadingConflict
        When the reading is not at the revision before: something else wrote to it.
    """
    _advance(connection, reading_id, record.revision, after)
    connection.execute(
        insert(schema.journal).values(
            reading_id=reading_id,
            revision=record.revision,
            step=record.step.value,
            edit=edit_text(record.edit),
            time_utc=record.time_utc,
        )
    )
    detail = {
        "reading": reading_id,
        "revision": str(record.revision),
        "step": record.step.value,
        "kind": record.edit.kind,
        "edit": record.edit.edit_id,
    }
    append_audit(connection, record.time_utc, who, _event(record), detail)


def _event(record: JournalRecord) -> str:
    if record.edit.kind in _OWN_EVENTS:
        return record.edit.kind
    return "reveal" if any(change.field == "revealed" for change in record.edit.changes) else "edit"


def _advance(connection: Connection, reading_id: str, revision: int, after: Reading) -> None:
    table = schema.readings
    changed = connection.execute(
        update(table)
        .where(table.c.reading_id == reading_id, table.c.revision == revision - 1)
        .values(revision=revision, state=after.state.value, mode=after.mode.value)
    )
    if changed.rowcount != 1:
        raise ReadingConflict(
            "This reading was changed in another window since it was opened here; open it again. "
            "Your last edit was not stored."
        )


def read_records(connection: Connection, reading_id: str) -> tuple[JournalRecord, ...]:
    """Return every step of a reading, oldest first."""
    table = schema.journal
    rows = connection.execute(
        select(table).where(table.c.reading_id == reading_id).order_by(table.c.revision)
    ).all()
    return tuple(JournalRecord(r.revision, Step(r.step), edit_of_text(r.edit), r.time_utc) for r in rows)
