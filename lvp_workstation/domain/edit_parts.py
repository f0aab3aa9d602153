"""What every builder of an `Edit` needs: who edits, and how a change is written down."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.edits import Change, Edit
from lvp_workstation.domain.findings import Finding, FindingKey
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.reading import Reading, ReadingState


@dataclass(frozen=True)
class Author:
    """Who edits, and the time in UTC (ISO 8601)."""

    name: str
    time_utc: str

    @property
    def provenance(self) -> Provenance:
        """The reader's provenance of a value."""
        return Provenance(Provenance.READER, self.name, self.time_utc)


def program_edit(
    kind: str, text: str, author: Author, changes: Iterable[Change], undoable: bool = False
) -> Edit:
    """Return an edit by which nobody begins to read, such as an analysis that arrives."""
    return Edit(uuid.uuid4().hex, kind, text, author.name, author.time_utc, tuple(changes), None, undoable)


def reader_edit(
    reading: Reading,
    kind: str,
    text: str,
    author: Author,
    changes: Iterable[Change],
    labels: LabelDelta | None = None,
    undoable: bool = True,
) -> Edit:
    """Return an edit by which somebody reads: the first one of a new reading puts it in progress."""
    made = list(changes)
    if reading.state is ReadingState.NEW and all(change.field != "state" for change in made):
        made.append(Change("state", ReadingState.NEW, ReadingState.IN_PROGRESS))
    return Edit(uuid.uuid4().hex, kind, text, author.name, author.time_utc, tuple(made), labels, undoable)


def finding_change(reading: Reading, key: FindingKey, after: Finding | None) -> Change:
    """Return the change of one finding."""
    return Change("findings", reading.findings.get(key), after, key)


def level_name(reading: Reading, target: InstanceId) -> str:
    """Return the name of a level as the reading numbers it."""
    return reading.level_map.name(target) if reading.level_map and target != "STUDY" else target
