"""The result of one analysis as a value, and its two JSON documents.

`analysis_document` is the contract of ``analysis.json`` (``docs/analysis.schema.json``,
schema_version 1.0): mm, mm2, deg, ratios 0-1; an absent value is an absent key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lvp_workstation.domain.anatomy import InstanceId, LevelMap
from lvp_workstation.domain.annotations import STUDY_TARGET, Measurement
from lvp_workstation.domain.findings import BinaryGrade, Proposal
from lvp_workstation.domain.labelmap import ExportedLabel, LabelMap
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.study import Problem, RoleDecision, Series, Study, Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.grading.detector import Detection
from lvp_workstation.grading.scales import scale_of

if TYPE_CHECKING:  # what it needs is loaded with the first analysis, not with the window
    from lvp_workstation.grading.axial import AxialGrades
    from lvp_workstation.services.axial_findings import AxialFindings

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class ModelRun:
    """Which model ran, and on what."""

    name: str
    version: str
    sha256: str
    provider: str
    threads: int


@dataclass(frozen=True)
class ScopeReport:
    """What the AI may grade: ``grade``, ``partial`` or ``withhold``, with reasons."""

    decision: str
    reasons: tuple[Problem, ...] = ()


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything one analysis of one study found.

    Attributes
    ----------
    series
        The stack that was segmented, and ``decision`` the role it was read under.
    discs
        Centre and axis of every disc that was measured.
    measurements
        By (instance, name).
    warnings
        About the input and its segmentation.
    limits
        What kept the present labels from being measured.
    binary
        Yes-or-no grades of the discs, for files only.
    further
        Grades on scales that only files carry, of discs, vertebrae and the study.
    detections
        The detector view, discs caudal to cranial, see `lvp_workstation.grading.detector`.
    companion
        The T1 series measured beside a T2, None without one.
    seen
        The contrast that the image itself shows beyond doubt, None where it does not.
    axials
        The acquired axial T2 series in the same frame of reference.
    axial
        What the axial model found, None without an axial image of a disc; see `with_axial`.
    timings
        Seconds by step.
    """

    study: Study
    series: Series
    decision: RoleDecision
    volume: Volume
    labels: LabelMap
    levels: LevelMap
    discs: Mapping[InstanceId, DiscLandmarks]
    measurements: Mapping[tuple[InstanceId, str], Measurement]
    proposals: tuple[Proposal, ...]
    scope: ScopeReport
    model: ModelRun
    timings: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    limits: tuple[Problem, ...] = ()
    binary: tuple[BinaryGrade, ...] = ()
    further: tuple[Proposal, ...] = ()
    detections: tuple[Detection, ...] = ()
    companion: Volume | None = None
    seen: Weighting | None = None
    axials: tuple[Volume, ...] = ()
    axial: AxialFindings | None = None

    @property
    def consulted(self) -> frozenset[str]:
        """Keys of the series that were measured beside the analysed one: its T1, axials with findings."""
        axials = self.axials if self.axial is not None else ()
        beside = (volume for volume in (self.companion, *axials) if volume is not None)
        images = {uid for volume in beside for uid in volume.source_sop_uids if uid}
        return frozenset(
            s.key for s in self.study.series if images.intersection(f.sop_instance_uid for f in s.frames)
        ) - {self.series.key}

    @property
    def said(self) -> tuple[Problem, ...]:
        """Everything to be said about the analysis; what the scope says already is left out."""
        told = {problem.code for problem in (*self.scope.reasons, *self.warnings)}
        return (*self.warnings, *(p for p in self.limits if p.code not in told))


def labels_document(rows: Iterable[ExportedLabel]) -> dict[str, Any]:
    """Return the content of ``labels.json``: exported id to structure, level and code."""
    return {
        str(row.value): {
            "structure": row.structure.value,
            "level": row.level,
            "code": {"scheme": row.code.scheme, "value": row.code.value, "meaning": row.code.meaning},
        }
        for row in rows
    }


def header_document(
    study: Study, series_uid: str, used: Collection[str], warnings: Iterable[Problem]
) -> dict[str, Any]:
    """Return the parts of ``analysis.json`` that exist without any grade."""
    return {
        "schema_version": SCHEMA_VERSION,
        "input": {
            "patient_id": study.patient.patient_id,
            "study_uid": study.study_instance_uid,
            **({"series_uid": series_uid} if series_uid else {}),
        },
        "series": [
            {
                "uid": s.series_instance_uid,
                "role": s.role.value,
                "rule": s.decision.rule,
                "used": s.key in used,
            }
            for s in study.series
        ],
        "warnings": [{"code": w.code, "text": w.text} for w in warnings],
    }


def ungraded_document(
    study: Study,
    reason: Problem,
    warnings: Iterable[Problem],
    model: ModelRun,
    timings: Mapping[str, float],
) -> dict[str, Any]:
    """Return ``analysis.json`` of a study in which no lumbar spine was found.

    ``model`` is the one that looked for it, ``timings`` the seconds by step; steps that did not happen
    are absent.
    """
    return {
        **header_document(study, "", (), warnings),
        "model": _model_document(model),
        "timings_s": _timings_document(timings),
        "level_map": {"method": "none", "confidence": 0.0, "lumbar_count": 0, "alternatives": []},
        "levels": {},
        "vertebrae": {},
        "study": {"measurements": {}},
        "detections": [],
        "scope": {"decision": "withhold", "reasons": [{"code": reason.code, "text": reason.text}]},
    }


def analysis_document(analysis: Analysis) -> dict[str, Any]:
    """Return the content of ``analysis.json``."""
    levels = analysis.levels
    document = header_document(
        analysis.study,
        analysis.series.series_instance_uid,
        {analysis.series.key, *analysis.consulted},
        (p.worded(levels) for p in analysis.said),
    )
    for row, series in zip(document["series"], analysis.study.series, strict=True):
        if series.key == analysis.series.key:
            row["role"], row["rule"] = analysis.decision.role.value, analysis.decision.rule
    present = analysis.labels.instances
    document.update(
        {
            "model": _model_document(analysis.model),
            **_axial_model(analysis),
            "timings_s": _timings_document(analysis.timings),
            "level_map": {
                "method": levels.statement,
                "confidence": round(levels.confidence, 4),
                "lumbar_count": levels.lumbar_count,
                "alternatives": list(levels.alternatives),
            },
            "levels": {
                levels.name(disc): _level_document(analysis, disc)
                for disc in reversed(present)
                if disc.startswith("D") and disc in analysis.discs
            },
            "vertebrae": {
                levels.name(v): {"measurements": _measurements(analysis, v), "grades": _further(analysis, v)}
                for v in reversed(present)
                if v.startswith("V")
            },
            "study": {
                "measurements": _measurements(analysis, STUDY_TARGET),
                "grades": _further(analysis, STUDY_TARGET),
            },
            "detections": [detection_document(one, levels) for one in reversed(analysis.detections)],
            "scope": {
                "decision": analysis.scope.decision,
                "reasons": [{"code": r.code, "text": levels.worded(r.text)} for r in analysis.scope.reasons],
            },
        }
    )
    return document


def _model_document(model: ModelRun) -> dict[str, Any]:
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "provider": model.provider,
        "threads": model.threads,
    }


def _timings_document(timings: Mapping[str, float]) -> dict[str, float]:
    return {step: round(seconds, 4) for step, seconds in timings.items()}


def _axial_model(analysis: Analysis) -> dict[str, Any]:
    """Return the axial model as the document states it, nothing where none was used."""
    found = analysis.axial
    if found is None:
        return {}
    return {
        "axial_model": {
            "name": found.name,
            "version": found.version,
            "sha256": found.sha256,
            "provider": "CPU",
            "threads": found.threads,
            "validated_on_patients": False,
        }
    }


def detection_document(one: Detection, levels: LevelMap) -> dict[str, Any]:
    """Return one detection of ``analysis.json``."""
    return {
        "level": levels.name(one.target),
        "class": one.kind.value,
        "score": round(one.score, 5),
        "box_lps": [_point(corner) for corner in one.box],
    }


def _level_document(analysis: Analysis, disc: InstanceId) -> dict[str, Any]:
    plane = analysis.discs[disc]
    return {
        "centroid_lps": _point(plane.centroid),
        "normal_lps": [round(float(x), 6) for x in plane.normal],
        "measurements": _measurements(analysis, disc),
        "grades": _with_axial_grades(
            analysis,
            disc,
            {
                **{p.scale: grade_document(p) for p in analysis.proposals if p.target == disc},
                **{b.key: binary_document(b) for b in analysis.binary if b.target == disc},
                **_further(analysis, disc),
            },
        ),
    }


def _with_axial_grades(analysis: Analysis, disc: InstanceId, sagittal: dict[str, Any]) -> dict[str, Any]:
    """Return the grades of a disc with those of the axial model, which are marked, in place of their like.

    What the sagittal series alone says stays beside them as ``<key>_sagittal``.
    """
    if analysis.axial is None:
        return sagittal
    grades = axial_grades(analysis, analysis.axial)
    proposals = [p for p in (*grades.proposals, *grades.further) if p.target == disc]
    told = {key for key, document in sagittal.items() if "grade" in document}
    found = {p.scale: grade_document(p) for p in proposals if p.assessable or p.scale not in told}
    for binary in grades.binary:
        if binary.target == disc and not binary.not_assessable:
            found[binary.key] = {**binary_document(binary), "validated_on_patients": False}
    kept = {f"{key}_sagittal": sagittal[key] for key in found if "grade" in sagittal.get(key, {})}
    return {**sagittal, **found, **kept}


def axial_grades(analysis: Analysis, found: AxialFindings) -> AxialGrades:
    """Return the grades of the axial model with what the sagittal series says of the same scales in them."""
    from lvp_workstation.grading.pooled import pooled_grades  # loaded with the first axial image

    return pooled_grades(found.grades, (*analysis.proposals, *analysis.further))


def with_axial(analysis: Analysis) -> Analysis:
    """Return the analysis with the measurements and proposals of the axial model among its own.

    For a reader who has switched them on. Each such proposal says that it was not validated on patients.
    """
    if analysis.axial is None:
        return analysis
    found, grades = analysis.axial.measures, axial_grades(analysis, analysis.axial)
    told = {(p.target, p.scale) for p in analysis.proposals if p.assessable}
    own = {(p.target, p.scale): p for p in grades.proposals}
    own = {key: p for key, p in own.items() if p.assessable or key not in told}
    further = {(p.target, p.scale): p for p in (*analysis.further, *grades.further)}
    return replace(
        analysis,
        measurements={**analysis.measurements, **found.measurements},
        proposals=tuple(own.get((p.target, p.scale), p) for p in analysis.proposals),
        further=tuple(further.values()),
    )


def _further(analysis: Analysis, target: InstanceId) -> dict[str, Any]:
    return {p.scale: grade_document(p) for p in analysis.further if p.target == target}


def _point(point: Iterable[float]) -> list[float]:
    return [round(float(x), 3) for x in point]


def _measurements(analysis: Analysis, target: InstanceId) -> dict[str, Any]:
    axial = {} if analysis.axial is None else analysis.axial.measures.measurements
    return {
        name: _measurement_document(measurement)
        for (instance, name), measurement in sorted({**analysis.measurements, **axial}.items())
        if instance == target
    }


def _measurement_document(measurement: Measurement) -> dict[str, Any]:
    document: dict[str, Any] = {
        "value": round(measurement.value, 4),
        "unit": measurement.unit,
        "points_lps": [_point(p) for p in measurement.points_lps],
    }
    if measurement.uncertainty is not None:
        document["uncertainty"] = round(measurement.uncertainty, 4)
    if measurement.source:
        document["source"] = measurement.source
    return document


def grade_document(proposal: Proposal) -> dict[str, Any]:
    """Return one grade of ``analysis.json``."""
    if not proposal.assessable:
        return {"not_assessable": proposal.not_assessable, "text": proposal.text}
    scale = scale_of(proposal.scale)
    assert scale is not None
    document: dict[str, Any] = {
        "grade": scale.json_value(proposal.grade),
        "probabilities": {grade: round(p, 5) for grade, p in proposal.probabilities},
        "evidence": list(proposal.evidence),
    }
    if proposal.text:
        document["text"] = proposal.text
    if not proposal.validated_on_patients:
        document["validated_on_patients"] = False
    return document


def binary_document(grade: BinaryGrade) -> dict[str, Any]:
    """Return one yes-or-no grade of ``analysis.json``."""
    if grade.not_assessable:
        return {"not_assessable": grade.not_assessable, "text": grade.text}
    return {
        "grade": grade.grade,
        "probability": round(grade.probability, 5),
        "evidence": list(grade.evidence),
    }
