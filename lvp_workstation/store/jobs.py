"""The queue of automatic analyses, shared by every window and workstation on a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, insert, or_, select, update

from lvp_workstation.domain.worklist import AiState, StudyKey
from lvp_workstation.store import schema
from lvp_workstation.store.database import Database

MOST_ATTEMPTS = 3
"""After this many that ended without an answer a study is left alone (our choice)."""

GIVEN_UP = "The analysis ended without an answer several times; open the study and run it by hand."


@dataclass(frozen=True)
class JobState:
    """How far the analysis of a study is; ``why`` says why there is none."""

    state: AiState
    why: str


class Jobs:
    """One row a study; whoever claims it works on it until the claim is older than a limit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: StudyKey, time_utc: str, again: bool = False) -> None:
        """Put a study into the queue; one that was there is left as it is unless it shall be done again."""
        fresh = {
            "state": AiState.QUEUED.value,
            "why": "",
            "queued_utc": time_utc,
            "claimed_utc": "",
            "claimed_by": "",
            "attempts": 0,
        }
        with self._database.transaction() as connection:
            known = connection.execute(select(_JOBS.c.state).where(_is(key))).one_or_none()
            if known is None:
                connection.execute(
                    insert(_JOBS).values(
                        study_instance_uid=key.study_instance_uid, patient_id=key.patient_id, **fresh
                    )
                )
            elif again:
                connection.execute(update(_JOBS).where(_is(key)).values(**fresh))

    def claim(self, who: str, time_utc: str, stale_utc: str) -> StudyKey | None:
        """Take the next study: by the priority on the worklist, then who waits longest; None without one.

        A claim from before ``stale_utc`` is void: who made it is gone.
        """
        items = schema.worklist_items
        beside = (items.c.study_instance_uid == _JOBS.c.study_instance_uid) & (
            items.c.patient_id == _JOBS.c.patient_id
        )
        running = (_JOBS.c.state == AiState.RUNNING.value) & (_JOBS.c.claimed_utc < stale_utc)
        free = or_(_JOBS.c.state == AiState.QUEUED.value, running)
        with self._database.transaction() as connection:
            connection.execute(
                update(_JOBS)
                .where(running, _JOBS.c.attempts >= MOST_ATTEMPTS)
                .values(state=AiState.FAILED.value, why=GIVEN_UP)
            )
            row = connection.execute(
                select(_JOBS, items.c.priority)
                .join(items, beside)
                .where(free)
                .order_by(items.c.priority, _JOBS.c.queued_utc, _JOBS.c.study_instance_uid)
                .limit(1)
            ).one_or_none()
            if row is None:
                return None
            key = StudyKey(row.study_instance_uid, row.patient_id)
            connection.execute(
                update(_JOBS)
                .where(_is(key))
                .values(
                    state=AiState.RUNNING.value,
                    claimed_by=who,
                    claimed_utc=time_utc,
                    attempts=row.attempts + 1,
                )
            )
        return key

    def end(self, key: StudyKey, state: AiState, why: str = "") -> None:
        """Say how the work on a study ended; put back into the queue, its attempt does not count."""
        attempts = case((_JOBS.c.attempts > 0, _JOBS.c.attempts - 1), else_=0)
        uncounted = {"attempts": attempts} if state is AiState.QUEUED else {}
        with self._database.transaction() as connection:
            connection.execute(update(_JOBS).where(_is(key)).values(state=state.value, why=why, **uncounted))

    def states(self) -> Mapping[StudyKey, JobState]:
        """Return how far every study of the queue is."""
        with self._database.reading() as connection:
            rows = connection.execute(select(_JOBS)).all()
        return {
            StudyKey(row.study_instance_uid, row.patient_id): JobState(AiState(row.state), row.why)
            for row in rows
        }

    def waiting(self) -> int:
        """Return how many studies wait."""
        query = select(func.count()).select_from(_JOBS).where(_JOBS.c.state == AiState.QUEUED.value)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())


_JOBS = schema.jobs


def _is(key: StudyKey) -> Any:
    return (_JOBS.c.study_instance_uid == key.study_instance_uid) & (_JOBS.c.patient_id == key.patient_id)
