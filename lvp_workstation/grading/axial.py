"""From axial measurements to proposed grades: the one entry for grades that rest on the axial network.

Every proposal is marked as not validated on patients: the network learned from phantoms only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import (
    CENTRAL_CANAL,
    HERNIATION,
    RECESS_LEFT,
    RECESS_RIGHT,
    BinaryGrade,
    Proposal,
    Scale,
)
from lvp_workstation.grading import axial_canal, axial_herniation, axial_recess
from lvp_workstation.grading.axial_scales import (
    BARTYNSKI_LEFT,
    BARTYNSKI_RIGHT,
    MSU,
    SCHIZAS,
)
from lvp_workstation.grading.proposals import proposed, withheld
from lvp_workstation.grading.scales import LEE_CENTRAL
from lvp_workstation.measure.axial import AxialMeasures

MARK = "Synthetic training, not validated on patients."
FOCAL = ("herniation", "protrusion", "extrusion", "sequestration")
_SIDES = (("left", RECESS_LEFT, BARTYNSKI_LEFT), ("right", RECESS_RIGHT, BARTYNSKI_RIGHT))
_AREA = ("sac_area", "sac_ap")
_CONTOUR = ("herniation_depth", "herniation_base", "herniation_dome", "disc_displaced_share", "facet_line")


@dataclass(frozen=True)
class AxialGrades:
    """Grades of the discs that axial series show.

    Attributes
    ----------
    proposals
        For columns of the grid.
    further
        Of scales that go to files only, see `axial_scales`.
    binary
        Yes-or-no grades.
    """

    proposals: tuple[Proposal, ...] = ()
    further: tuple[Proposal, ...] = ()
    binary: tuple[BinaryGrade, ...] = ()


def grade_axial(measures: AxialMeasures, provenance: Provenance) -> AxialGrades:
    """Propose grades for every disc that axial slices were measured of."""
    grades = [_grade(measures, disc, provenance) for disc in measures.features]
    return AxialGrades(
        tuple(p for one in grades for p in one.proposals),
        tuple(p for one in grades for p in one.further),
        tuple(b for one in grades for b in one.binary),
    )


def without_scope(grades: AxialGrades, code: str, text: str) -> AxialGrades:
    """Return the grades withheld for a reason that concerns the whole examination."""

    def held(proposal: Proposal) -> Proposal:
        empty = replace(proposal, grade="", probabilities=(), evidence=())
        return replace(empty, not_assessable=code, text=text, validated_on_patients=True)

    return AxialGrades(
        tuple(held(p) for p in grades.proposals),
        tuple(held(p) for p in grades.further),
        tuple(BinaryGrade(b.key, b.target, not_assessable=code, text=text) for b in grades.binary),
    )


def _grade(measures: AxialMeasures, disc: InstanceId, provenance: Provenance) -> AxialGrades:
    contour = _contour(measures, disc, provenance)
    canal = _canal(measures, disc, provenance)
    recesses = [
        pair
        for side, recess, scale in _SIDES
        for pair in _recess(measures, disc, provenance, side, recess, scale)
    ]
    return AxialGrades(
        (contour, canal[0], *recesses[::2]),
        (*canal[1:], *recesses[1::2], _msu(measures, disc, provenance)),
        contour_binary(contour),
    )


def _contour(measures: AxialMeasures, disc: InstanceId, provenance: Provenance) -> Proposal:
    features = measures.features[disc]
    if "material" not in features:
        return withheld(
            HERNIATION, disc, provenance, "not_measured", "The disc was not found on axial images."
        )
    chances = axial_herniation.contour_chances(features)
    grade = contour_grade(chances)
    text = axial_herniation.sentence(features) if grade in FOCAL else ""
    return proposed(
        HERNIATION,
        disc,
        provenance,
        chances,
        _evidence(measures, disc, *_CONTOUR),
        text=f"{text}{MARK}",
        validated=False,
        grade=grade,
    )


def contour_grade(chances: Mapping[str, float]) -> str:
    """Return the grade of some chances: the likeliest type where a herniation of any type is likely."""
    if sum(chances.get(name, 0.0) for name in FOCAL) >= 0.5:
        return max(FOCAL, key=lambda name: chances.get(name, 0.0))
    return "none" if chances["none"] >= chances["bulge"] else "bulge"


def contour_binary(contour: Proposal) -> tuple[BinaryGrade, ...]:
    """Return bulging and herniation as yes-or-no grades, nothing without a grade of the contour."""
    if not contour.assessable:
        return ()
    chances = dict(contour.probabilities)
    focal = sum(chances.get(name, 0.0) for name in FOCAL)
    return (
        BinaryGrade("disc_bulging", contour.target, chances["bulge"], contour.evidence),
        BinaryGrade("disc_herniation", contour.target, focal, contour.evidence),
    )


def _canal(measures: AxialMeasures, disc: InstanceId, provenance: Provenance) -> tuple[Proposal, ...]:
    features = measures.features[disc]
    rows = (
        (CENTRAL_CANAL, axial_canal.canal_chances(features)),
        (SCHIZAS, axial_canal.schizas_chances(features)),
        (LEE_CENTRAL, axial_canal.lee_chances(features)),
    )
    text = f"From the sac area lost against the patient's own sac. {MARK}"
    return tuple(_stated(scale, measures, disc, provenance, chances, _AREA, text) for scale, chances in rows)


def _recess(
    measures: AxialMeasures, disc: InstanceId, provenance: Provenance, side: str, recess: Scale, scale: Scale
) -> tuple[Proposal, Proposal]:
    features = measures.features[disc]
    names = (f"recess_height_{side}", f"recess_angle_{side}")
    text = f"From height and angle of the recess. {MARK}"
    chances = axial_recess.recess_chances(features, side)
    grades = axial_recess.bartynski_chances(features, side)
    return (
        _stated(recess, measures, disc, provenance, chances, names, text),
        _stated(scale, measures, disc, provenance, grades, names, text),
    )


def _msu(measures: AxialMeasures, disc: InstanceId, provenance: Provenance) -> Proposal:
    features = measures.features[disc]
    grade = axial_herniation.msu_class(features)
    if not grade or "material" not in features:
        return withheld(MSU, disc, provenance, "not_measured", "The facets were not found on axial images.")
    chances = axial_herniation.contour_chances(features)
    focal = sum(chances.get(name, 0.0) for name in FOCAL)
    if focal < 0.5 or grade == MSU.grades[0]:
        grade, shares = MSU.grades[0], {MSU.grades[0]: 1.0}
    else:
        shares = {grade: focal, MSU.grades[0]: 1.0 - focal}
    evidence = _evidence(measures, disc, *_CONTOUR)
    return proposed(MSU, disc, provenance, shares, evidence, text=MARK, validated=False, grade=grade)


def _stated(
    scale: Scale,
    measures: AxialMeasures,
    disc: InstanceId,
    provenance: Provenance,
    chances: dict[str, float],
    names: tuple[str, ...],
    text: str,
) -> Proposal:
    if not chances:
        return withheld(scale, disc, provenance, "not_measured", "It could not be measured on axial images.")
    evidence = _evidence(measures, disc, *names)
    return proposed(scale, disc, provenance, chances, evidence, text=text, validated=False, ordered=True)


def _evidence(measures: AxialMeasures, disc: InstanceId, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if (disc, name) in measures.measurements)
