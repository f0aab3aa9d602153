"""What a report states about the study beside the reading itself, as typed values.

The same facts travel inside `Reading.facts` as JSON types, so that a signature covers them:
``facts.to_plain()`` makes that mapping and `StudyFacts.of` reads it back. Keys that are not
known here are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lvp_workstation.domain import codec
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Series, Study


@dataclass(frozen=True)
class SeriesFact:
    """One series of the examination as the technique table prints it.

    ``role`` is a `SeriesRole` value; ``used`` says whether it was segmented, ``consulted``
    whether it was measured beside that one. Absent numbers are None.
    """

    role: str
    description: str = ""
    number: int | None = None
    images: int = 0
    slice_mm: float | None = None
    spacing_mm: float | None = None
    pixel_mm: float | None = None
    tr_ms: float | None = None
    te_ms: float | None = None
    used: bool = False
    series_uid: str = ""
    consulted: bool = False


@dataclass(frozen=True)
class ModelFact:
    """The model that made the proposals."""

    name: str
    version: str
    sha256: str
    provider: str = ""
    analysed_utc: str = ""


@dataclass(frozen=True)
class ScopeFact:
    """Whether the AI grades this study: ``grade``, ``partial`` or ``withhold``, and why not."""

    decision: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class LevelCoverage:
    """How many of the images that show a disc level were displayed to the reader."""

    level: str
    seen: int
    total: int


@dataclass(frozen=True)
class CoverageFact:
    """How many images of a series were displayed to the reader, and how many of those at each level."""

    series: str
    seen: int
    total: int
    levels: tuple[LevelCoverage, ...] = ()


@dataclass(frozen=True)
class PriorFact:
    """An earlier examination that was open beside this one."""

    date: str
    modality: str
    description: str = ""


@dataclass(frozen=True)
class AuditFact:
    """Where the audit trail stood when the reading was signed: chain, number of records, last MAC."""

    chain: str
    records: int
    head: str


@dataclass(frozen=True)
class StudyFacts:
    """Everything a report states about the study that is neither finding nor measurement."""

    study_date: str = ""
    study_time: str = ""
    description: str = ""
    accession_number: str = ""
    institution: str = ""
    referring_physician: str = ""
    synthetic: bool = False
    series: tuple[SeriesFact, ...] = ()
    model: ModelFact | None = None
    scope: ScopeFact | None = None
    coverage: tuple[CoverageFact, ...] = ()
    priors: tuple[PriorFact, ...] = ()
    warnings: tuple[str, ...] = ()
    ai_warnings: tuple[str, ...] = ()
    """Warnings that rest on what the AI saw or measured; `warnings` are problems of the input."""
    program_version: str = ""
    audit: AuditFact | None = None

    @classmethod
    def of(cls, reading: Reading) -> StudyFacts:
        """Return the facts kept in ``reading.facts``, with the present names of levels in their sentences."""
        facts: StudyFacts = codec.from_plain(cls, dict(reading.facts))
        return facts if reading.level_map is None else facts.worded(reading.level_map)

    def worded(self, levels: LevelMap) -> StudyFacts:
        """Return the facts with the names that a level map gives to the levels their sentences mention."""
        scope = self.scope
        if scope is not None:
            scope = replace(scope, reasons=tuple(map(levels.worded, scope.reasons)))
        return replace(
            self,
            scope=scope,
            warnings=tuple(map(levels.worded, self.warnings)),
            ai_warnings=tuple(map(levels.worded, self.ai_warnings)),
        )

    def to_plain(self) -> dict[str, Any]:
        """Return the facts as JSON types for ``Reading.facts``."""
        plain: dict[str, Any] = codec.to_plain(self)
        return plain


def study_header(study: Study) -> dict[str, Any]:
    """Return the attributes of a study that the header prints, as keyword arguments of `StudyFacts`."""
    return {
        "study_date": study.study_date,
        "study_time": study.study_time,
        "description": study.description,
        "accession_number": study.accession_number,
        "institution": study.institution,
        "referring_physician": study.referring_physician,
        "synthetic": study.synthetic,
        "priors": prior_facts(study),
    }


def prior_facts(study: Study) -> tuple[PriorFact, ...]:
    """Return the earlier examinations that are open beside a study."""
    return tuple(PriorFact(p.date, p.modality, p.description) for p in study.priors)


def series_fact(series: Series, used: bool, consulted: bool = False) -> SeriesFact:
    """Return what the technique table says of one stack."""
    geometry = series.geometry
    return SeriesFact(
        role=series.role.value,
        description=series.description,
        number=series.number,
        images=len(series.frames),
        slice_mm=series.acquired_slice_mm,
        spacing_mm=geometry.spacing[0] if geometry else None,
        pixel_mm=geometry.spacing[2] if geometry else None,
        tr_ms=_number(series.attributes.get("RepetitionTime")),
        te_ms=_number(series.attributes.get("EchoTime")),
        used=used,
        consulted=consulted,
        series_uid=series.series_instance_uid,
    )


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
