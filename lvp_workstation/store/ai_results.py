"""Results of the AI, each version for itself; nothing is overwritten."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from lvp_workstation.domain import codec
from lvp_workstation.domain.result_sets import AiResult
from lvp_workstation.domain.worklist import StudyKey
from lvp_workstation.store import schema
from lvp_workstation.store.database import Database


def insert_result(connection: Connection, result: AiResult) -> None:
    """Keep a result inside a transaction."""
    connection.execute(
        insert(schema.ai_results).values(
            result_id=result.result_id,
            study_instance_uid=result.study_instance_uid,
            patient_id=result.patient_id,
            model=result.model,
            version=result.version,
            sha256=result.sha256,
            time_utc=result.time_utc,
            body=codec.dumps(result),
        )
    )


def results_of(database: Database, study_uid: str, patient_id: str) -> tuple[AiResult, ...]:
    """Return the newest result of every model version on a study of a patient, oldest first."""
    table = schema.ai_results
    with database.reading() as connection:
        rows = connection.execute(
            select(table)
            .where(table.c.study_instance_uid == study_uid, table.c.patient_id == patient_id)
            .order_by(table.c.time_utc)
        ).all()
    newest = {(row.model, row.version, row.sha256): row.body for row in rows}
    return tuple(codec.loads(AiResult, body) for body in newest.values())


def analysed_studies(database: Database) -> frozenset[StudyKey]:
    """Return the studies for which any result is kept."""
    table = schema.ai_results
    with database.reading() as connection:
        rows = connection.execute(select(table.c.study_instance_uid, table.c.patient_id).distinct()).all()
    return frozenset(StudyKey(uid, patient_id) for uid, patient_id in rows)
