"""Names of the rows of `Reading.texts`: rows of the study, of a level, and of single sentences.

What a reader writes or states about one sentence belongs to the grades the sentence speaks of: its row
is ``<instance>/<subject>/<grades>/<about>``. When a grade changes, the row no longer applies and the
sentence follows the new grade; when the old grade comes back, so do the words. Nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.findings import SCALES, FindingKey
from lvp_workstation.domain.reading import STUDY_ROWS, Reading

IMPRESSION = "impression"
"""Subject of what the impression says of one level."""


class About(StrEnum):
    """What a reader states about a sentence."""

    WORDS = "words"
    """The reader's own words, in place of the program's."""
    ZONE = "zone"
    """Axial zone of a displacement of the disc (Fardon 2014, nomenclature v2.0)."""
    HEIGHT = "height"
    """Craniocaudal level of a displacement of the disc (Fardon 2014)."""
    DIRECTION = "direction"
    """Which way the upper vertebra slipped on the lower one."""
    PRIOR = "prior"
    """How it compares with the earlier examination."""


CHOICES: Mapping[About, tuple[str, ...]] = MappingProxyType(
    {
        About.ZONE: (
            "central",
            "right_central",
            "left_central",
            "right_subarticular",
            "left_subarticular",
            "right_foraminal",
            "left_foraminal",
            "right_extraforaminal",
            "left_extraforaminal",
            "anterior",
        ),
        About.HEIGHT: ("disc", "suprapedicle", "pedicle", "infrapedicle"),
        About.DIRECTION: ("anterior", "posterior", "left", "right"),
        About.PRIOR: ("new", "larger", "unchanged", "smaller", "resolved"),
    }
)
"""Stable words a statement is kept in; reports print them from their language file."""


@dataclass(frozen=True)
class SentenceRow:
    """Which sentence a statement of the reader belongs to.

    ``subject`` is a scale, a pair of scales said in one sentence, or `IMPRESSION`; ``grades`` are those
    the sentence speaks of, in words without ``/``.
    """

    target: InstanceId
    subject: str
    grades: str
    about: About = About.WORDS

    @property
    def key(self) -> str:
        """Name of the row in `Reading.texts`."""
        return f"{self.target}/{self.subject}/{self.grades}/{self.about.value}"

    @property
    def caption(self) -> str:
        """What it is about, for the undo menu."""
        scale = SCALES.get(self.subject)
        subject = scale.caption if scale is not None else self.subject.replace("_", " ")
        return f"{subject} ({self.about.value})"

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that may be stated; empty where the reader types freely."""
        return CHOICES.get(self.about, ())

    @classmethod
    def parse(cls, key: str) -> SentenceRow | None:
        """Return the sentence a row belongs to, None for a row of the study or of a level."""
        parts = key.split("/")
        if len(parts) != 4 or parts[3] not in [about.value for about in About]:
            return None
        return cls(parts[0], parts[1], parts[2], About(parts[3]))

    def require(self, text: str) -> str:
        """Return ``text`` when the row takes it; empty takes a statement back.

        Raises
        ------
        UsageProblem
            When the row takes one of `choices` and this is none of them.
        """
        if text and self.choices and text not in self.choices:
            raise UsageProblem(f"{text!r} is not one of: {', '.join(self.choices)}")
        return text


def row_caption(reading: Reading, row: str) -> str:
    """Return what a row of `Reading.texts` is called, such as ``Marrow`` or ``L4-L5``."""
    if row in STUDY_ROWS:
        return STUDY_ROWS[row]
    sentence = SentenceRow.parse(row)
    target = sentence.target if sentence is not None else row
    levels = reading.level_map
    known = levels is not None and target in {*levels.discs, *levels.vertebrae}
    name = levels.name(target) if levels is not None and known else target
    return f"{name} {sentence.caption}" if sentence is not None else name


def level_rows_of(reading: Reading) -> Iterator[InstanceId]:
    """Yield the instances that carry free words of their own."""
    yield from (row for row in reading.texts if row not in STUDY_ROWS and SentenceRow.parse(row) is None)


def row_applies(reading: Reading, row: str) -> bool:
    """Return whether a row of `Reading.texts` is part of the report with the grades as they stand."""
    sentence = SentenceRow.parse(row)
    if sentence is None:
        return True
    grades = {scale: reading.finding(FindingKey(sentence.target, scale)).grade for scale in SCALES}
    if sentence.subject == IMPRESSION:
        positive = {f"{s}={g}" for s, g in grades.items() if g and not SCALES[s].is_normal(g)}
        return set(sentence.grades.split("+")) == positive
    if sentence.subject in SCALES:
        return grades[sentence.subject] == sentence.grades
    both = (grades.get(f"{sentence.subject}_{side}") for side in ("left", "right"))
    return all(grade == sentence.grades for grade in both)
