"""Result sets side by side: what each reader, each version of an AI and each arbiter says of one study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.findings import GRID_SCALES, FindingKey, Proposal
from lvp_workstation.domain.reading import Reading, ReadingMode, Role


@dataclass(frozen=True)
class AiResult:
    """What one version of an AI said of a study, before any reader touched it; never changed."""

    result_id: str
    study_instance_uid: str
    patient_id: str
    model: str
    version: str
    sha256: str
    time_utc: str
    levels: LevelMap | None
    proposals: tuple[Proposal, ...]

    @classmethod
    def of(cls, reading: Reading, result_id: str, time_utc: str) -> AiResult:
        """Return the result of the analysis that a reading just took in."""
        proposals = tuple(f.proposal for f in reading.findings.values() if f.proposal is not None)
        made = next((p.provenance for p in proposals), None)
        return cls(
            result_id,
            reading.study_instance_uid,
            reading.patient.patient_id,
            made.name if made else "",
            made.version if made else "",
            made.weight_hash if made else "",
            time_utc,
            reading.level_map,
            proposals,
        )


class Kind(StrEnum):
    """Whose result set it is."""

    READER = "reader"
    TRAINEE = "trainee"
    ARBITER = "arbiter"
    CONSENSUS = "consensus"
    AI = "AI"


@dataclass(frozen=True)
class ResultSet:
    """Grades of one study by one author; a scale without a grade is absent."""

    set_id: str
    kind: Kind
    title: str
    grades: Mapping[FindingKey, str]
    confidence: Mapping[FindingKey, float]
    levels: LevelMap | None


def of_reading(reading: Reading, who: str) -> ResultSet:
    """Return the reader's grades of a reading; nothing of the AI is in it."""
    grades = {key: finding.grade for key, finding in reading.findings.items() if finding.grade}
    return ResultSet(reading.reading_id, Kind(reading.role.value), who, grades, {}, reading.level_map)


def of_ai(result: AiResult) -> ResultSet:
    """Return the grades of an AI result; what it withheld is absent."""
    given = {FindingKey(p.target, p.scale): p for p in result.proposals if p.assessable}
    return ResultSet(
        result.result_id,
        Kind.AI,
        f"{result.model} {result.version}".strip(),
        {key: proposal.grade for key, proposal in given.items()},
        {key: proposal.confidence for key, proposal in given.items()},
        result.levels,
    )


def may_compare_ai(own: Reading) -> bool:
    """Return whether results of an AI may be shown beside a reading: everything of it was revealed.

    A signed reading can no longer be influenced; in manual mode the AI is never shown.
    """
    if own.mode is ReadingMode.MANUAL:
        return False
    return own.state.signed or (bool(own.levels) and all(own.ai_visible(level) for level in own.levels))


def may_compare_readers(own: Reading) -> bool:
    """Return whether other readers' results may be shown beside a reading (our choice).

    They may once it is signed, and to who decides between readers.
    """
    return own.state.signed or own.role in (Role.ARBITER, Role.CONSENSUS)


@dataclass(frozen=True)
class ComparedRow:
    """The grades of one scale at one level, in the order of the sets; empty where a set has none."""

    key: FindingKey
    grades: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Whether all sets that give a grade give the same."""
        return len({grade for grade in self.grades if grade}) <= 1


def compared(sets: Sequence[ResultSet]) -> tuple[ComparedRow, ...]:
    """Return every graded scale of every level with the grade of each set, cranial to caudal.

    Raises
    ------
    UsageProblem
        When the sets name different levels: grades of different levels are not compared.
    """
    named = [each.levels for each in sets if each.levels is not None]
    if any(not named[0].named_alike(other) for other in named[1:]):
        raise UsageProblem(
            "These results do not name the same levels; they cannot be compared level by level."
        )
    order = {target: row for row, target in enumerate(reversed(named[0].discs))} if named else {}
    columns = {scale.key: column for column, scale in enumerate(GRID_SCALES)}
    keys: Iterable[FindingKey] = {key for each in sets for key in each.grades}
    ordered = sorted(
        keys, key=lambda k: (order.get(k.target, len(order)), columns.get(k.scale, len(columns)))
    )
    return tuple(ComparedRow(key, tuple(each.grades.get(key, "") for each in sets)) for key in ordered)
