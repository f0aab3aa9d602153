"""Scales, AI proposals and reader's grades; an AI value is never overwritten.

A grade is kept as text (``"3"``, ``"moderate"``) in the words of its scale, so that every
scale is handled alike; `Scale.json_value` gives the number where the scale is numeric.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.codec import LATER
from lvp_workstation.domain.errors import UsageProblem

_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V"}
"""As Pfirrmann 2001 writes grades; files carry the number."""


@dataclass(frozen=True)
class Scale:
    """A published grading scale.

    Attributes
    ----------
    key
        Name in files and in the program, such as ``pfirrmann``.
    grades
        In rising order of severity.
    normal
        The grades that mean "nothing to report" (our choice for Pfirrmann: I and II).
    binary
        Grades are ``"false"`` and ``"true"``.
    """

    key: str
    caption: str
    grades: tuple[str, ...]
    normal: tuple[str, ...]
    numeric: bool = False
    source: str = ""

    def require(self, grade: str) -> str:
        """Return ``grade`` when it belongs to the scale, else raise `UsageProblem`."""
        if grade not in self.grades:
            raise UsageProblem(f"{grade!r} is not a grade of {self.caption}: {', '.join(self.grades)}")
        return grade

    def written(self, grade: str) -> str:
        """Return the grade as people write it: Pfirrmann in Roman numerals, else as it is."""
        return _ROMAN.get(grade, grade) if self.key == "pfirrmann" else grade

    def json_value(self, grade: str) -> int | str:
        """Return the grade as ``analysis.json`` writes it."""
        return int(grade) if self.numeric else grade

    def is_normal(self, grade: str) -> bool:
        """Return whether the grade means "nothing to report"."""
        return grade in self.normal

    def grade_for_digit(self, digit: int) -> str | None:
        """Return the grade a digit key sets in the grid, None when the digit is refused.

        Numeric scales take the digit literally (Pfirrmann 0 is refused); others take the position,
        0 = none or normal.
        """
        if self.numeric:
            return str(digit) if str(digit) in self.grades else None
        return self.grades[digit] if 0 <= digit < len(self.grades) else None


_SEVERITY = ("normal", "mild", "moderate", "severe")

PFIRRMANN = Scale(
    "pfirrmann", "Pfirrmann", ("1", "2", "3", "4", "5"), ("1", "2"), True, "Pfirrmann 2001, Spine 26:1873"
)
HERNIATION = Scale(
    "herniation",
    "Disc contour",
    ("none", "bulge", "herniation", "protrusion", "extrusion", "sequestration"),
    ("none",),
    source="Fardon 2014, Spine J 14:2525 (nomenclature v2.0)",
)
CENTRAL_CANAL = Scale(
    "central_canal",
    "Central canal",
    _SEVERITY,
    ("normal",),
    source="thirds: Lurie, as adopted in Fardon 2014",
)
RECESS_LEFT = Scale("lateral_recess_left", "Recess L", _SEVERITY, ("normal",), source="Bartynski 2003, AJNR")
RECESS_RIGHT = Scale(
    "lateral_recess_right", "Recess R", _SEVERITY, ("normal",), source="Bartynski 2003, AJNR"
)
FORAMEN_LEFT = Scale("foramen_left", "Foramen L", _SEVERITY, ("normal",), source="Lee 2010, AJR")
FORAMEN_RIGHT = Scale("foramen_right", "Foramen R", _SEVERITY, ("normal",), source="Lee 2010, AJR")
SPONDYLOLISTHESIS = Scale(
    "spondylolisthesis",
    "Listhesis",
    ("0", "1", "2", "3", "4", "5"),
    ("0",),
    True,
    "Meyerding; 0 = |slip| < 3 mm (our choice)",
)
MODIC = Scale("modic", "Modic", ("0", "1", "2", "3"), ("0",), True, "Modic 1988, Radiology")

GRID_SCALES: tuple[Scale, ...] = (
    PFIRRMANN,
    HERNIATION,
    CENTRAL_CANAL,
    RECESS_LEFT,
    RECESS_RIGHT,
    FORAMEN_LEFT,
    FORAMEN_RIGHT,
    SPONDYLOLISTHESIS,
    MODIC,
)
"""Columns of the findings grid, in order."""

SCALES: MappingProxyType[str, Scale] = MappingProxyType({scale.key: scale for scale in GRID_SCALES})


@dataclass(frozen=True)
class Proposal:
    """What the AI says about one scale at one instance.

    Either ``grade`` with ``probabilities`` (one a grade, sum 1), or ``not_assessable`` (a stable
    code) with ``text`` that says why.
    """

    scale: str
    target: InstanceId
    provenance: Provenance
    grade: str = ""
    probabilities: tuple[tuple[str, float], ...] = ()
    evidence: tuple[str, ...] = ()
    not_assessable: str = ""
    text: str = ""
    validated_on_patients: bool = True

    @property
    def assessable(self) -> bool:
        """Whether the AI gives a grade."""
        return not self.not_assessable

    @property
    def confidence(self) -> float:
        """Probability of the proposed grade, 0 when none is given."""
        return dict(self.probabilities).get(self.grade, 0.0)

    @property
    def proposes_normal(self) -> bool:
        """Whether the AI calls this scale normal here."""
        return self.assessable and SCALES[self.scale].is_normal(self.grade)


@dataclass(frozen=True)
class BinaryGrade:
    """What the AI says about a yes-or-no question at a disc; it goes to files beside the graded scales.

    Attributes
    ----------
    key
        Such as ``disc_narrowing``; the grade is yes from a probability of 0.5 on.
    probability
        Of yes, 0-1.
    evidence
        Names of the measurements it rests on.
    not_assessable, text
        A stable code and the reason when no answer is given; the probability is 0 then.
    """

    key: str
    target: InstanceId
    probability: float = 0.0
    evidence: tuple[str, ...] = ()
    not_assessable: str = ""
    text: str = ""

    @property
    def grade(self) -> bool:
        """Whether yes is at least as likely as no."""
        return self.probability >= 0.5


class Action(StrEnum):
    """How a reader's value came about."""

    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"
    ADD = "add"


REJECT_REASONS = (
    "wrong level",
    "artefact",
    "normal variant",
    "measured at the wrong place",
    "disagree with the grade",
    "other",
)
"""Short list of reasons for rejecting a proposal (our choice); the last one needs words of its own."""

NO_REASON = "not stated"
"""What stands for the reason while the reader gave none."""


class FindingStatus(StrEnum):
    """Where a finding stands between AI and reader."""

    EMPTY = "empty"
    OPEN = "open"
    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"
    READER = "reader"


@dataclass(frozen=True)
class ReaderValue:
    """A reader's grade, or a rejection without one, with who, when and why.

    ``reason`` is one of `REJECT_REASONS` for a rejection, ``comment`` the reader's own words.
    """

    action: Action
    provenance: Provenance
    grade: str = ""
    reason: str = ""
    bulk: bool = False
    comment: str = field(default="", metadata=LATER)


@dataclass(frozen=True)
class FindingKey:
    """A scale at an anatomical instance."""

    target: InstanceId
    scale: str


@dataclass(frozen=True)
class Finding:
    """The reader's value and the AI's proposal for one scale at one instance, side by side.

    ``before_reveal`` is the reader's value locked before the AI was shown. ``original`` is what the model
    itself proposed where the proposal was made anew since, after the reader corrected a segmentation.
    ``between`` are the values of the readers that a consensus or an arbitration decides between.
    """

    key: FindingKey
    proposal: Proposal | None = None
    before_reveal: ReaderValue | None = None
    final: ReaderValue | None = None
    original: Proposal | None = field(default=None, metadata=LATER)
    between: tuple[ReaderValue, ...] = field(default=(), metadata=LATER)

    @property
    def status(self) -> FindingStatus:
        """Where the finding stands; a grade accepted from an earlier proposal counts as edited."""
        if self.final is None:
            open_ = self.proposal is not None and self.proposal.assessable
            return FindingStatus.OPEN if open_ else FindingStatus.EMPTY
        if self.final.action is Action.ACCEPT and self.disagrees:
            return FindingStatus.EDITED
        return {
            Action.ACCEPT: FindingStatus.ACCEPTED,
            Action.EDIT: FindingStatus.EDITED,
            Action.REJECT: FindingStatus.REJECTED,
            Action.ADD: FindingStatus.READER,
        }[self.final.action]

    @property
    def grade(self) -> str:
        """The reader's grade, empty when there is none."""
        return self.final.grade if self.final else ""

    @property
    def disagrees(self) -> bool:
        """Whether reader and AI give different grades."""
        return bool(
            self.grade and self.proposal and self.proposal.grade and self.grade != self.proposal.grade
        )

    @property
    def left_out(self) -> bool:
        """Whether the AI proposes a grade that is not normal and the reader set none."""
        proposal = self.proposal
        return self.final is None and bool(proposal and proposal.assessable and not proposal.proposes_normal)

    @property
    def empty(self) -> bool:
        """Whether neither AI nor reader says anything."""
        return not (self.proposal or self.original or self.final or self.before_reveal or self.between)

    @property
    def ai_original(self) -> Proposal | None:
        """What the model proposed before any correction of the reader's."""
        return self.original or self.proposal

    def with_proposal(self, proposal: Proposal | None, corrected: bool = False) -> Finding:
        """Return the finding with the AI's proposal beside whatever the reader set.

        ``corrected`` tells that it follows from a segmentation as the reader corrected it: the model's own
        proposal is kept beside it then.
        """
        original = self.ai_original if corrected else None
        return replace(self, proposal=proposal, original=None if original == proposal else original)
