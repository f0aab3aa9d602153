"""Discs of the expert-graded mid-slices, measured on the shipped V-Net's masks, as samples for a fit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lvp_workstation.domain.anatomy import disc_id
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.study import Weighting
from lvp_workstation.grading.features import disc_features, endplate_features
from lvp_workstation.inference.disc_grader import with_answers
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.spine import measure_spine
from models.grading.fitting import Sample
from models.grading.logits import Disc, read_logits
from models.grading.midslices import MidSlice, MidSlices, gradings


@dataclass(frozen=True, eq=False)
class ExpertDiscs:
    """Measured discs with expert grades.

    Attributes
    ----------
    graded
        Expert grades of every disc of the table.
    t2, t1
        Measures and number of the disc in them, from T2 (T2 SPACE where a patient has no other) and from T1.
    t2_patients
        Patients with a T2 picture.
    """

    graded: dict[Disc, dict[str, int]]
    t2: dict[Disc, tuple[SpineMeasures, int]]
    t1: dict[Disc, tuple[SpineMeasures, int]]
    t2_patients: frozenset[str]

    @property
    def with_t2(self) -> int:
        """Number of graded discs of patients with a T2 picture: what coverage is a share of."""
        return sum(patient in self.t2_patients for patient, _ in self.graded)

    def discs(self) -> list[Sample]:
        """Return one sample a disc measured on T2."""
        return [
            Sample(patient, n, self.graded[patient, n], disc_features(m, disc_id(k)))
            for (patient, n), (m, k) in self.t2.items()
        ]

    def endplates(self) -> list[Sample]:
        """Return two samples a disc measured on T2; grade ``change`` is that of the endplate."""
        found = []
        for (patient, n), (m, k) in self.t2.items():
            for upper, column in ((True, "UP endplate"), (False, "LOW endplate")):
                grades = {"change": self.graded[patient, n][column], "upper": int(upper)}
                found.append(Sample(patient, n, grades, endplate_features(m, disc_id(k), upper)))
        return found


def measured(picture: MidSlice) -> SpineMeasures:
    """Return the measures of one picture."""
    weighting = Weighting.T1 if picture.contrast == "t1" else Weighting.T2
    provenance = Provenance(Provenance.AI, "shipped V-Net", "")
    return measure_spine(picture.labels, picture.levels, picture.volume, weighting, provenance)


def _with_logits(
    measures: SpineMeasures, picture: MidSlice, logits: dict[Disc, dict[str, float]]
) -> SpineMeasures:
    """Return the measures with what networks that did not see the patient say of his discs."""
    known = {
        disc_id(k): logits[picture.patient, k + picture.levels.lowest]
        for k in range(1, len(picture.labels.instances) + 1)
        if (picture.patient, k + picture.levels.lowest) in logits
    }
    return with_answers(measures, known)


def read_experts(folder: Path, cache: Path | None = None) -> ExpertDiscs:
    """Return all graded discs that the V-Net finds.

    A disc is matched by its number from below: the number of its instance plus what the level map says lies
    below the picture.

    Parameters
    ----------
    folder
        ``spider_midslices``.
    cache
        Where masks are kept, see `MidSlices`.
    """
    slices = MidSlices(folder, cache)
    table = gradings(folder)
    graded = {(patient, n): grades for patient, rows in table.items() for n, grades in rows.items()}
    logits = read_logits()
    found: dict[bool, dict[Disc, tuple[SpineMeasures, int]]] = {True: {}, False: {}}
    patients = set()
    for contrast in ("t2", "t2_SPACE", "t1"):
        for name in slices.names((contrast,)):
            picture = slices.read(name)
            if contrast == "t2_SPACE" and picture.patient in patients:
                continue
            if contrast == "t2":
                patients.add(picture.patient)
            measures = measured(picture)
            if contrast != "t1":
                measures = _with_logits(measures, picture, logits)
            for k in range(1, len(picture.labels.instances) + 1):
                key = (picture.patient, k + picture.levels.lowest)
                if disc_id(k) in measures.discs and key in graded:
                    found[contrast != "t1"][key] = (measures, k)
    space = {name.split("_", 1)[0] for name in slices.names(("t2_SPACE",))}
    return ExpertDiscs(graded, found[True], found[False], frozenset(patients | space))
