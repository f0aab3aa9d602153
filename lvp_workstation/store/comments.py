"""Comments on a study, beside its readings; written once, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from lvp_workstation.domain.worklist import StudyKey
from lvp_workstation.store import schema
from lvp_workstation.store.audit import append_audit
from lvp_workstation.store.database import Database


@dataclass(frozen=True)
class Comment:
    """What somebody said of a study; ``reading_id`` is the reading that was on screen, or empty."""

    comment_id: str
    key: StudyKey
    reading_id: str
    who: str
    role: str
    time_utc: str
    text: str


class Comments:
    """Keeps and finds comments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, said: Comment) -> None:
        """Keep a comment and note in the audit trail that there is one."""
        with self._database.transaction() as connection:
            connection.execute(
                insert(_TABLE).values(
                    comment_id=said.comment_id,
                    study_instance_uid=said.key.study_instance_uid,
                    patient_id=said.key.patient_id,
                    reading_id=said.reading_id,
                    who=said.who,
                    role=said.role,
                    time_utc=said.time_utc,
                    body=said.text,
                )
            )
            detail = {"study": said.key.study_instance_uid, "reading": said.reading_id}
            append_audit(connection, said.time_utc, said.who, "comment", detail)

    def of_study(self, key: StudyKey) -> tuple[Comment, ...]:
        """Return the comments on a study, oldest first."""
        query = select(_TABLE).where(
            _TABLE.c.study_instance_uid == key.study_instance_uid, _TABLE.c.patient_id == key.patient_id
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(_TABLE.c.time_utc, _TABLE.c.comment_id)).all()
        return tuple(
            Comment(row.comment_id, key, row.reading_id, row.who, row.role, row.time_utc, row.body)
            for row in rows
        )


_TABLE: Any = schema.comments
