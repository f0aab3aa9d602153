"""Turn an analysis or a reading into the PDF that leaves the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lvp_workstation import __version__
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Measurement
from lvp_workstation.domain.findings import Finding, FindingKey
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Study
from lvp_workstation.report.builder import build_ai_draft, build_report
from lvp_workstation.report.document import ReportDocument, ReportImage
from lvp_workstation.report.facts import (
    CoverageFact,
    ModelFact,
    ScopeFact,
    StudyFacts,
    series_fact,
    study_header,
)
from lvp_workstation.report.hl7 import render_hl7
from lvp_workstation.report.pdf import render_pdf
from lvp_workstation.report.phrases import load_phrases
from lvp_workstation.report.plain_text import render_text
from lvp_workstation.report.template import Template
from lvp_workstation.services.analysis import Analysis, detections
from lvp_workstation.services.axial_series import axial_through
from lvp_workstation.services.input_codes import INPUT_CODES
from lvp_workstation.services.key_images import (
    axial_image,
    foramen_image,
    sagittal_image,
    worst_foramina,
    worst_level,
)


def study_facts(
    study: Study, analysis: Analysis | None = None, coverage: Iterable[CoverageFact] = ()
) -> StudyFacts:
    """Return what a report states about a study, with its analysis where there is one."""
    used = analysis.series.key if analysis else ""
    model = scope = None
    warnings: tuple[str, ...] = tuple(p.text for p in study.problems)
    ai_warnings: tuple[str, ...] = ()
    if analysis:
        run = analysis.model
        time = next((p.provenance.time_utc for p in analysis.proposals), "")
        model = ModelFact(run.name, run.version, run.sha256, run.provider, time)
        scope = ScopeFact(analysis.scope.decision, tuple(r.text for r in analysis.scope.reasons))
        of_input = INPUT_CODES | {
            p.code for p in (*study.problems, *(p for s in study.series for p in s.problems))
        }
        warnings = tuple(w.text for w in analysis.warnings if w.code in of_input)
        ai_warnings = tuple(w.text for w in analysis.warnings if w.code not in of_input)
    return StudyFacts(
        **study_header(study),
        series=tuple(series_fact(s, s.key == used) for s in study.series),
        model=model,
        scope=scope,
        coverage=tuple(coverage),
        warnings=warnings,
        ai_warnings=ai_warnings,
        program_version=__version__,
    )


def key_images(analysis: Analysis) -> tuple[ReportImage, ...]:
    """Return the mid-sagittal image, both sides of the worst foramina, and the worst level's plane.

    The plane is that of an acquired axial slice where one crosses the disc, else it is computed from the
    sagittal series.
    """
    name, note = _names(analysis)
    boxes = detections(analysis)
    caption = f"{name}, mid-sagittal, with AI labels{note}"
    images = [sagittal_image(analysis.volume, analysis.labels, analysis.levels, caption, boxes=boxes)]
    images += _foramen_images(analysis, name, note)
    target = worst_level(analysis.proposals)
    if target is not None and target in analysis.discs:
        images += _disc_plane(analysis, target)
    return tuple(images)


def _names(analysis: Analysis) -> tuple[str, str]:
    """Return the name of the measured series, and what captions add for a phantom."""
    note = "; synthetic phantom" if analysis.volume.synthetic else ""
    return analysis.series.description or analysis.series.role.caption, note


def _disc_plane(analysis: Analysis, target: InstanceId) -> list[ReportImage]:
    """Return the acquired axial slice of a disc, else the plane computed from several sagittal slices."""
    name, note = _names(analysis)
    disc, level = analysis.discs[target], analysis.levels.shown_name(target)
    volume = axial_through(analysis.axials, disc)
    if volume is not None:
        caption = f"{level}: acquired axial T2 slice nearest to the disc, with AI labels from {name}{note}"
    elif analysis.volume.shape[0] > 1:
        volume = analysis.volume
        spacing = volume.geometry.spacing[0]
        caption = (
            f"{level}: plane of the disc, computed from {name} (slices {spacing:.1f} mm apart), "
            f"with AI labels{note}"
        )
    else:
        return []
    return [axial_image(volume, analysis.labels, disc, target, caption)]


def _foramen_images(analysis: Analysis, name: str, note: str) -> list[ReportImage]:
    """Return the left and the right foramen of the level with the worst one, where they were measured."""
    target = worst_foramina(analysis.proposals, analysis.measurements)
    if target is None:
        return []
    images = []
    for side in ("left", "right"):
        caption = f"{analysis.levels.shown_name(target)}: {side} foramen, {name}{note}"
        place = (target, side)
        image = foramen_image(
            analysis.volume, analysis.labels, analysis.levels, analysis.measurements, place, caption
        )
        images += [] if image is None else [image]
    return images


def ai_reading(analysis: Analysis) -> Reading:
    """Return an analysis as a reading that no reader has touched, for the draft report."""
    findings = {
        FindingKey(p.target, p.scale): Finding(FindingKey(p.target, p.scale), p) for p in analysis.proposals
    }
    measurements: Mapping[tuple[InstanceId, str], Measurement] = dict(analysis.measurements)
    return Reading(
        reading_id="",
        study_instance_uid=analysis.study.study_instance_uid,
        patient=analysis.study.patient,
        level_map=analysis.levels,
        findings=findings,
        measurements=measurements,
    )


def draft_pdf(analysis: Analysis, images: Sequence[ReportImage]) -> bytes:
    """Return ``draft_report.pdf``: the AI's output, marked as not reviewed on every page."""
    facts = study_facts(analysis.study, analysis)
    return render_pdf(build_ai_draft(ai_reading(analysis), facts, load_phrases(), images))


@dataclass(frozen=True)
class ReportLook:
    """How reports are made for a user: language (see `phrases.languages`) and template."""

    language: str = "en"
    template: Template = field(default_factory=Template)


def reading_document(
    reading: Reading, images: Sequence[ReportImage], look: ReportLook | None = None
) -> ReportDocument:
    """Return the report of a reading: signed when it is signed, else a draft.

    What the reader typed stays as it was typed, whatever the language.
    """
    chosen = look or ReportLook()
    phrases = chosen.template.phrases(chosen.language)
    document = build_report(reading, StudyFacts.of(reading), phrases, images)
    return chosen.template.applied(document)


def report_files(document: ReportDocument, reading: Reading, formats: Iterable[str]) -> dict[str, bytes]:
    """Return the PDF of a report and the same content in further formats, by the end of the file name."""
    files = {"pdf": render_pdf(document)}
    for kind in formats:
        if kind == "docx":
            from lvp_workstation.report.word import render_docx  # its library is loaded when first used

            files[kind] = render_docx(document)
        elif kind == "txt":
            files[kind] = render_text(document).encode()
        else:
            files[kind] = render_hl7(document, reading, StudyFacts.of(reading)).encode()
    return files
