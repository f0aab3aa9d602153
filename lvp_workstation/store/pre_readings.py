"""Analyses made before anybody read the study, with their label map; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from lvp_workstation.domain import codec
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.worklist import AiMark, StudyKey, mark_of
from lvp_workstation.store import schema
from lvp_workstation.store.database import Database
from lvp_workstation.store.label_rows import label_columns, label_map_of


@dataclass(frozen=True, eq=False)
class PreReading:
    """What an AI said of a study: a reading that nobody touched yet, and its label map."""

    reading: Reading
    labels: LabelMap
    time_utc: str


class PreReadings:
    """Keeps and finds them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, made: PreReading, program: str) -> None:
        """Keep one, with the version of the program that made it."""
        reading = made.reading
        proposals = (f.proposal for f in reading.findings.values() if f.proposal)
        mark = mark_of(proposals, len(reading.levels))
        with self._database.transaction() as connection:
            connection.execute(
                insert(_TABLE).values(
                    result_id=reading.reading_id,
                    study_instance_uid=reading.study_instance_uid,
                    patient_id=reading.patient.patient_id,
                    program=program,
                    positive=mark.positive,
                    levels=mark.levels,
                    time_utc=made.time_utc,
                    body=codec.dumps(reading),
                    **label_columns(made.labels),
                )
            )

    def newest(self, key: StudyKey, program: str) -> PreReading | None:
        """Return the newest of a study that this version of the program made, None when there is none."""
        query = (
            select(_TABLE)
            .where(
                _TABLE.c.study_instance_uid == key.study_instance_uid,
                _TABLE.c.patient_id == key.patient_id,
                _TABLE.c.program == program,
            )
            .order_by(_TABLE.c.time_utc.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return PreReading(codec.loads(Reading, row.body), label_map_of(row), row.time_utc)

    def marks(self, keys: frozenset[StudyKey]) -> Mapping[StudyKey, AiMark]:
        """Return the mark of the newest result of each of these studies."""
        if not keys:
            return {}
        columns = (_TABLE.c.study_instance_uid, _TABLE.c.patient_id, _TABLE.c.positive, _TABLE.c.levels)
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).order_by(_TABLE.c.time_utc)).all()
        found = {StudyKey(row[0], row[1]): AiMark(row.positive, row.levels) for row in rows}
        return {key: mark for key, mark in found.items() if key in keys}


_TABLE: Any = schema.pre_readings
