"""The reading: everything a reader decides about one study, as one immutable aggregate.

States: new → in progress → preliminary → signed → addended. Changes are `edits.Edit` values; a
signed reading takes none but the note that an addendum supersedes it, and that one is a reading of
its own. The label map itself is not part of the aggregate (it is large): the reading holds its SHA-256.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from lvp_workstation.domain.anatomy import InstanceId, LevelMap
from lvp_workstation.domain.annotations import Measurement
from lvp_workstation.domain.codec import LATER
from lvp_workstation.domain.errors import IdentityConflict, ReadingStateError
from lvp_workstation.domain.findings import SCALES, Finding, FindingKey, FindingStatus
from lvp_workstation.domain.reader_marks import ReaderMark
from lvp_workstation.domain.study import Patient, Study


class ReadingState(StrEnum):
    """Life of a reading; the first act of the reader begins it."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    PRELIMINARY = "preliminary"
    SIGNED = "signed"
    ADDENDED = "addended"

    @classmethod
    def _missing_(cls, value: object) -> ReadingState | None:
        """Readings of the first version of the program were drafts until they were signed."""
        return cls.NEW if value == "draft" else None

    @property
    def signed(self) -> bool:
        """Whether the reading can no longer be changed."""
        return self in (ReadingState.SIGNED, ReadingState.ADDENDED)

    @property
    def caption(self) -> str:
        """The words on screen."""
        return self.value.replace("_", " ")


class ReadingMode(StrEnum):
    """When the AI's values are shown to the reader."""

    MANUAL = "manual"
    INDEPENDENT_FIRST = "independent_first"
    CONCURRENT = "concurrent"
    AI_SECOND = "ai_second"

    @property
    def caption(self) -> str:
        """The words on screen and in the report."""
        return "AI second" if self is ReadingMode.AI_SECOND else self.value.replace("_", " ")


class RevealBy(StrEnum):
    """What is revealed together in independent first."""

    LEVEL = "level"
    STUDY = "study"


class Role(StrEnum):
    """In which capacity somebody reads; readings of one study stand side by side."""

    READER = "reader"
    TRAINEE = "trainee"
    ARBITER = "arbiter"
    CONSENSUS = "consensus"


MODEL_LABELS = "model_labels_sha256"
"""Fact of a reading: hash of the segmentation as the model made it."""

STUDY_ROWS: MappingProxyType[str, str] = MappingProxyType(
    {
        "clinical_information": "Clinical information",
        "comparison": "Comparison",
        "numbering": "Numbering",
        "alignment": "Alignment",
        "marrow": "Marrow",
        "fracture": "Fracture and its age",
        "conus": "Conus and cauda equina",
        "facets_pars": "Facets and pars",
        "epidural": "Epidural space",
        "paraspinal": "Paraspinal and retroperitoneal tissues",
        "postoperative": "Postoperative change",
        "other": "Other",
        "impression": "Impression",
    }
)
"""Rows of the report that belong to the whole study."""


@dataclass(frozen=True)
class TextEntry:
    """Words of a reader; ``reread`` marks text that names a level after the numbering changed."""

    text: str
    who: str
    time_utc: str
    reread: bool = False


@dataclass(frozen=True)
class CriticalCommunication:
    """A critical finding and to whom it was told, and when."""

    finding: str
    told_to: str
    time_local: str
    who: str


@dataclass(frozen=True)
class Signature:
    """Who signed, when, and the SHA-256 of the canonical form of the reading."""

    reader: str
    time_utc: str
    time_local: str
    sha256: str


@dataclass(frozen=True)
class Reference:
    """Another reading, by its id and the SHA-256 it was signed with, and who signed it, as what and when.

    References made before those were kept have none of them.
    """

    reading_id: str
    sha256: str
    signed_by: str = field(default="", metadata=LATER)
    role: Role | None = field(default=None, metadata=LATER)
    signed_local: str = field(default="", metadata=LATER)

    def same_as(self, other: Reference | None) -> bool:
        """Whether both are references to one reading as it was signed."""
        return other is not None and (self.reading_id, self.sha256) == (other.reading_id, other.sha256)


@dataclass(frozen=True)
class Reading:
    """One reader's reading of one study.

    Attributes
    ----------
    findings
        By instance and scale; names of levels come from `level_map`.
    measurements
        By (instance, measurement name).
    locked
        Levels whose grade was locked before the AI was revealed.
    revealed
        Levels whose AI values may be shown.
    facts
        What the report states about the study as read: series used, model, scope, coverage.
    reveal_by
        Whether independent first reveals level by level or the whole study at once.
    reveal_times
        When the AI of a level was shown, UTC.
    supersedes, addendum_reason
        The signed reading that this addendum supersedes, and why it was written.
    superseded_by
        Ids of the addenda to this reading; no part of what was signed.
    sources
        The signed readings that a consensus or an arbitration rests on.
    marks
        What the reader measured by hand, by its id.
    """

    reading_id: str
    study_instance_uid: str
    patient: Patient
    mode: ReadingMode = ReadingMode.INDEPENDENT_FIRST
    state: ReadingState = ReadingState.NEW
    level_map: LevelMap | None = None
    findings: Mapping[FindingKey, Finding] = field(default_factory=dict)
    measurements: Mapping[tuple[InstanceId, str], Measurement] = field(default_factory=dict)
    texts: Mapping[str, TextEntry] = field(default_factory=dict)
    locked: frozenset[InstanceId] = frozenset()
    revealed: frozenset[InstanceId] = frozenset()
    critical: tuple[CriticalCommunication, ...] = ()
    labels_sha256: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    signature: Signature | None = None
    role: Role = field(default=Role.READER, metadata=LATER)
    reveal_by: RevealBy = field(default=RevealBy.LEVEL, metadata=LATER)
    reveal_times: Mapping[InstanceId, str] = field(default_factory=dict, metadata=LATER)
    supersedes: Reference | None = field(default=None, metadata=LATER)
    addendum_reason: str = field(default="", metadata=LATER)
    superseded_by: tuple[str, ...] = field(default=(), metadata=LATER)
    sources: tuple[Reference, ...] = field(default=(), metadata=LATER)
    marks: Mapping[str, ReaderMark] = field(default_factory=dict, metadata=LATER)

    def require_study(self, study: Study, what: str) -> None:
        """Raise `IdentityConflict` unless ``what``, made from ``study``, may be combined with the reading."""
        self.patient.require_same(study.patient, what)
        if study.study_instance_uid != self.study_instance_uid:
            raise IdentityConflict(
                f"The {what} belongs to another study of {self.patient.identity_words}; "
                "they were not combined."
            )

    @property
    def says_nothing(self) -> bool:
        """Whether a reader neither graded nor wrote anything."""
        graded = any(finding.grade for finding in self.findings.values())
        return not graded and not any(entry.text for entry in self.texts.values())

    @property
    def labels_corrected(self) -> bool:
        """Whether a reader changed the segmentation of the model; readings of old do not tell."""
        return str(self.facts.get(MODEL_LABELS, self.labels_sha256)) != self.labels_sha256

    def finding(self, key: FindingKey) -> Finding:
        """Return the finding at a key, an empty one when there is none yet."""
        return self.findings.get(key) or Finding(key)

    def require_draft(self) -> None:
        """Raise `ReadingStateError` when the reading is signed."""
        if self.state.signed:
            raise ReadingStateError("This reading is signed; write an addendum instead of changing it.")

    def ai_visible(self, target: InstanceId) -> bool:
        """Return whether AI values at this instance may be shown to the reader now."""
        if self.mode is ReadingMode.MANUAL:
            return False
        return self.mode is ReadingMode.CONCURRENT or target in self.revealed

    @property
    def levels(self) -> tuple[InstanceId, ...]:
        """Disc levels of the reading, cranial to caudal as the rail shows them."""
        if self.level_map is None:
            return ()
        return tuple(reversed(self.level_map.discs))

    @property
    def undecided(self) -> tuple[FindingKey, ...]:
        """Findings where the readers of the sources differ and no grade was chosen yet."""
        kept = (f for f in self.findings.values() if f.between and f.final is None)
        return tuple(sorted((f.key for f in kept), key=lambda key: (key.target, key.scale)))

    def open_proposals(self) -> tuple[Finding, ...]:
        """Return the findings where the AI proposes a grade and the reader has not decided, in rail order."""
        rows = {target: row for row, target in enumerate(self.levels)}
        columns = {scale: column for column, scale in enumerate(SCALES)}
        found = [f for f in self.findings.values() if f.status is FindingStatus.OPEN]
        return tuple(sorted(found, key=lambda f: (rows.get(f.key.target, -1), columns[f.key.scale])))
