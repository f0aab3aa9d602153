"""An earlier examination of the patient: its levels and measurements, and what changed since.

Measured values of the earlier examination are AI values of the level they belong to: they are compared only
where the reading on screen has revealed that level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

from lvp_workstation.domain.anatomy import InstanceId, LevelMap, disc_id, instance_number
from lvp_workstation.domain.annotations import STUDY_TARGET, Measurement
from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Study
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.level_places import place_in
from lvp_workstation.services.read import ReadingRoom

ANALYSED_NOW = "analysed now, numbering not confirmed"
SIGNED = "from the signed reading"
UNSIGNED = "from a reading that is not signed"
"""Where the levels of an earlier examination come from."""

LIMITS = 1.96
"""Standard deviations of a difference that 95 of 100 unchanged pairs stay within
(Bland and Altman, Measurement error, BMJ 1996;313:744)."""


@dataclass(frozen=True, eq=False)
class PriorExam:
    """What is known of an earlier examination.

    ``source`` says in words where its levels come from, ``measurements`` are those of its analysis or, where
    the reader set one anew, of its reading.
    """

    study: Study
    labels: LabelMap
    levels: LevelMap
    measurements: Mapping[tuple[InstanceId, str], Measurement]
    source: str

    def places(self) -> dict[str, Plane]:
        """Return level name to middle and plane of the disc, LPS mm of its own space."""
        discs = [each for each in self.labels.instances if each.startswith("D")]
        found = {self.levels.name(disc): place_in(self.labels, disc) for disc in discs}
        return {name: plane for name, plane in found.items() if plane is not None}


def exam_of(analysis: Analysis) -> PriorExam:
    """Return the examination as it was just analysed."""
    return PriorExam(
        analysis.study,
        analysis.labels,
        analysis.levels,
        analysis.measurements,
        ANALYSED_NOW,
    )


def stored_exam(room: ReadingRoom, study: Study) -> PriorExam | None:
    """Return the examination as it was last read, a signed reading before others; None when it never was.

    Raises
    ------
    IdentityConflict
        When the stored reading belongs to another patient.
    """
    found = room.readings.summaries(study.study_instance_uid)
    own = [each for each in found if each.patient_id == study.patient.patient_id]
    for summary in sorted(own, key=lambda each: (each.state.signed, each.created_utc), reverse=True):
        session = room.open_reading(summary.reading_id, study)
        reading = session.reading
        if session.labels is not None and reading.level_map is not None:
            how = SIGNED if reading.state.signed else UNSIGNED
            return PriorExam(study, session.labels, reading.level_map, reading.measurements, how)
    return None


@dataclass(frozen=True)
class ComparedMeasure:
    """One measurement then and now.

    Attributes
    ----------
    level, name, unit
        Level name, standard name and unit of the measurement.
    error
        Half the width of the 95 % limits of the difference between two measurements of something unchanged,
        from the uncertainties of both; None where one is unknown.
    """

    target: InstanceId
    level: str
    name: str
    unit: str
    before: float
    now: float
    error: float | None

    @property
    def difference(self) -> float:
        """Now less before."""
        return self.now - self.before

    @property
    def beyond_error(self) -> bool | None:
        """Whether the difference is greater than the error, None where that is unknown."""
        return None if self.error is None else abs(self.difference) > self.error


def compared_measures(reading: Reading, exam: PriorExam) -> tuple[ComparedMeasure, ...]:
    """Return what was measured then and now at every level that the reading has revealed, from above.

    ``reading`` is what the screen may show, see `domain.reading_shown`. Levels and vertebrae are matched by
    name.
    """
    levels = reading.level_map
    if levels is None:
        return ()
    rows = []
    for (target, name), now in reading.measurements.items():
        if not _revealed(reading, target):
            continue
        other = STUDY_TARGET if target == STUDY_TARGET else exam.levels.instance_named(levels.name(target))
        before = exam.measurements.get((other, name)) if other is not None else None
        if before is not None and before.unit == now.unit:
            level = "" if target == STUDY_TARGET else levels.name(target)
            rows.append(
                ComparedMeasure(target, level, name, now.unit, before.value, now.value, _error(before, now))
            )
    return tuple(sorted(rows, key=_from_above))


def _from_above(row: ComparedMeasure) -> tuple[int, bool]:
    """Sort by height: a disc below the vertebra of its number, the study last."""
    if row.target == STUDY_TARGET:
        return (1, True)
    return (-instance_number(row.target), row.target.startswith("D"))


def _revealed(reading: Reading, target: InstanceId) -> bool:
    """Whether every level that a measurement speaks of was revealed."""
    if target in reading.levels:
        return reading.ai_visible(target)
    beside = reading.levels if target == STUDY_TARGET else _beside(reading, target)
    return bool(beside) and all(reading.ai_visible(level) for level in beside)


def _beside(reading: Reading, vertebra: InstanceId) -> tuple[InstanceId, ...]:
    number = instance_number(vertebra)
    return tuple(each for each in (disc_id(number), disc_id(number + 1)) if each in reading.levels)


def _error(before: Measurement, now: Measurement) -> float | None:
    if before.uncertainty is None or now.uncertainty is None:
        return None
    return LIMITS * hypot(before.uncertainty, now.uncertainty)
