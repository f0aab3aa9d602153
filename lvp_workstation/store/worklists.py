"""Worklists, their studies, and how far readings and comments of each study are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from lvp_workstation.domain import codec
from lvp_workstation.domain.people import ReadingRules
from lvp_workstation.domain.reading import ReadingMode, ReadingState, RevealBy
from lvp_workstation.domain.worklist import OwnReading, Priority, StudyKey, Worklist, WorklistItem
from lvp_workstation.store import schema
from lvp_workstation.store.audit import append_audit
from lvp_workstation.store.database import Database


class Worklists:
    """Reads and writes worklists of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, item: WorklistItem) -> None:
        """Keep a study; what was said of it before (priority, list, when it came) stays."""
        with self._database.transaction() as connection:
            row = connection.execute(select(_ITEMS).where(_is(_ITEMS, item.key))).one_or_none()
            if row is None:
                connection.execute(insert(_ITEMS).values(**_item_columns(item)))
                return
            kept = replace(
                item, priority=Priority(row.priority), list_name=row.list_name, added_utc=row.added_utc
            )
            connection.execute(update(_ITEMS).where(_is(_ITEMS, item.key)).values(**_item_columns(kept)))

    def items(self) -> tuple[WorklistItem, ...]:
        """Return every study."""
        with self._database.reading() as connection:
            rows = connection.execute(select(_ITEMS)).all()
        return tuple(_item(row) for row in rows)

    def item(self, key: StudyKey) -> WorklistItem | None:
        """Return a study, None when it is not there."""
        with self._database.reading() as connection:
            row = connection.execute(select(_ITEMS).where(_is(_ITEMS, key))).one_or_none()
        return None if row is None else _item(row)

    def arrange(
        self,
        key: StudyKey,
        who: str,
        time_utc: str,
        priority: Priority | None = None,
        list_name: str | None = None,
    ) -> None:
        """Change the priority or the list of a study."""
        values: dict[str, Any] = {}
        if priority is not None:
            values["priority"] = int(priority)
        if list_name is not None:
            values["list_name"] = list_name
        with self._database.transaction() as connection:
            connection.execute(update(_ITEMS).where(_is(_ITEMS, key)).values(**values))
            told = {name: str(value) for name, value in values.items()}
            append_audit(connection, time_utc, who, "arrange", {"study": key.study_instance_uid, **told})

    def take_off(self, key: StudyKey, who: str, time_utc: str) -> None:
        """Take a study off the worklist and out of the queue; readings, results and files stay."""
        with self._database.transaction() as connection:
            for table in (_ITEMS, schema.jobs):
                connection.execute(delete(table).where(_is(table, key)))
            append_audit(connection, time_utc, who, "take_off_list", {"study": key.study_instance_uid})

    def lists(self) -> tuple[Worklist, ...]:
        """Return the named lists, by name."""
        table = schema.worklists
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.name)).all()
        return tuple(Worklist(row.name, _rules(row.mode, row.reveal_by)) for row in rows)

    def put_list(self, named: Worklist, who: str, time_utc: str) -> None:
        """Keep a named list, in place of one of that name."""
        table, rules = schema.worklists, named.rules
        values = {
            "mode": rules.mode.value if rules else "",
            "reveal_by": rules.reveal_by.value if rules else "",
        }
        with self._database.transaction() as connection:
            changed = connection.execute(update(table).where(table.c.name == named.name).values(**values))
            if changed.rowcount == 0:
                connection.execute(insert(table).values(name=named.name, **values))
            append_audit(connection, time_utc, who, "worklist_changed", {"list": named.name, **values})

    def own_readings(self, owner: str) -> Mapping[StudyKey, OwnReading]:
        """Return how far the newest reading of each study by an owner is."""
        table = schema.readings
        query = select(table).where(table.c.reader == owner).order_by(table.c.number)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {
            StudyKey(row.study_instance_uid, row.patient_id): OwnReading(
                ReadingState(row.state), ReadingMode(row.mode) if row.mode else None
            )
            for row in rows
        }

    def signed_by(self) -> Mapping[StudyKey, tuple[str, ...]]:
        """Return who signed readings of each study."""
        table = schema.readings
        signed = table.c.state.in_([ReadingState.SIGNED.value, ReadingState.ADDENDED.value])
        with self._database.reading() as connection:
            rows = connection.execute(select(table).where(signed).order_by(table.c.reader)).all()
        found: dict[StudyKey, list[str]] = defaultdict(list)
        for row in rows:
            found[StudyKey(row.study_instance_uid, row.patient_id)].append(row.reader)
        return {key: tuple(dict.fromkeys(who)) for key, who in found.items()}

    def comments(self) -> Mapping[StudyKey, int]:
        """Return how many comments each study has."""
        table = schema.comments
        query = select(table.c.study_instance_uid, table.c.patient_id, func.count().label("number"))
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(table.c.study_instance_uid, table.c.patient_id)).all()
        return {StudyKey(row.study_instance_uid, row.patient_id): row.number for row in rows}


_ITEMS = schema.worklist_items


def _is(table: Any, key: StudyKey) -> Any:
    return (table.c.study_instance_uid == key.study_instance_uid) & (table.c.patient_id == key.patient_id)


def _item_columns(item: WorklistItem) -> dict[str, Any]:
    return {
        "study_instance_uid": item.study_instance_uid,
        "patient_id": item.patient.patient_id,
        "list_name": item.list_name,
        "priority": int(item.priority),
        "added_utc": item.added_utc,
        "body": codec.dumps(item),
    }


def _item(row: Any) -> WorklistItem:
    """Return a row as kept; the columns, which are changed one by one, hold over its body."""
    body = codec.loads(WorklistItem, row.body)
    return replace(body, priority=Priority(row.priority), list_name=row.list_name)


def _rules(mode: str, reveal_by: str) -> ReadingRules | None:
    return ReadingRules(ReadingMode(mode), RevealBy(reveal_by)) if mode else None


def rules_of_list(connection: Connection, key: StudyKey) -> ReadingRules | None:
    """Return how studies on the list of a study are read, None where that is left to the reader."""
    table = schema.worklists
    row = connection.execute(
        select(table.c.mode, table.c.reveal_by)
        .join(_ITEMS, _ITEMS.c.list_name == table.c.name)
        .where(_is(_ITEMS, key))
    ).one_or_none()
    return None if row is None else _rules(row.mode, row.reveal_by)
