"""Turn an analysis or a reading into the PDF that leaves the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Measurement
from lvp_workstation.domain.findings import Finding, FindingKey, Proposal
from lvp_workstation.domain.reading import Reading
from lvp_workstation.report.builder import build_ai_draft, build_report
from lvp_workstation.report.document import ReportDocument, ReportImage
from lvp_workstation.report.facts import (
    StudyFacts,
)
from lvp_workstation.report.hl7 import render_hl7
from lvp_workstation.report.pdf import render_pdf
from lvp_workstation.report.phrases import Phrases, load_phrases
from lvp_workstation.report.plain_text import render_text
from lvp_workstation.report.template import Template
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.axial_series import axial_through
from lvp_workstation.services.key_images import (
    MIN_COMPUTED_WIDTH_MM,
    Speak,
    axial_image,
    disc_image,
    foramen_image,
    sagittal_image,
    worst_foramina,
    worst_level,
)
from lvp_workstation.services.study_facts import study_facts


def key_images(
    analysis: Analysis, reading: Reading | None = None, speak: Speak = str
) -> tuple[ReportImage, ...]:
    """Return the mid-sagittal image, both sides of the worst foramina, and the worst level's plane.

    Which level is worst is told by the reader's grades where there are any, else by the AI's. The plane is
    an acquired axial slice where one crosses the disc, else one computed from the sagittal series; from a
    slab too narrow for that, the sagittal slice through the disc is shown. Boxes of what the AI found stand
    in its own draft only: in a reader's report they would assert what no reader set. ``speak`` says the words
    inside the pictures in the language of the report.
    """
    name, note = _names(analysis, reading)
    caption = f"{name}, mid-sagittal, with AI labels{note}"
    labels, boxes = analysis.labels, analysis.detections if reading is None else ()
    images = [sagittal_image(analysis.volume, labels, analysis.levels, caption, boxes=boxes)]
    judged = _judged(analysis, reading)
    images += _foramen_images(analysis, judged, name, note, speak)
    target = worst_level(judged)
    if target is not None and target in analysis.discs:
        images.append(_disc_image(analysis, target, name, note, speak))
    return tuple(images)


def _judged(analysis: Analysis, reading: Reading | None) -> tuple[Proposal, ...]:
    """Return the AI's grades, or the reader's alone once there are any."""
    if reading is None:
        return analysis.proposals
    graded = [f for f in reading.findings.values() if f.final is not None and f.grade]
    own = (Proposal(f.key.scale, f.key.target, f.final.provenance, f.grade) for f in graded if f.final)
    return tuple(own) or analysis.proposals


def _names(analysis: Analysis, reading: Reading | None) -> tuple[str, str]:
    """Return the name of the measured series, and what captions add: corrected outlines, a phantom."""
    note = "; labels corrected by the reader" if reading is not None and reading.labels_corrected else ""
    note += "; synthetic phantom" if analysis.volume.synthetic else ""
    return analysis.series.description or analysis.series.role.caption, note


def _disc_image(analysis: Analysis, target: InstanceId, name: str, note: str, speak: Speak) -> ReportImage:
    """Return the picture that shows one disc best; ``name`` and ``note`` are those of `_names`."""
    disc, level = analysis.discs[target], analysis.levels.shown_name(target)
    labels, volume = analysis.labels, axial_through(analysis.axials, disc)
    if volume is not None:
        caption = f"{level}: acquired axial T2 slice nearest to the disc, with AI labels from {name}{note}"
        return axial_image(volume, labels, disc, target, caption, speak)
    volume = analysis.volume
    spacing = volume.geometry.spacing[0]
    if volume.shape[0] * spacing < MIN_COMPUTED_WIDTH_MM:
        caption = f"{level}: sagittal slice through the disc, {name}, with AI labels{note}"
        return disc_image(volume, labels, analysis.levels, disc, target, caption)
    apart = f"slices {spacing:.1f} mm apart"
    caption = f"{level}: plane of the disc, computed from {name} ({apart}), with AI labels{note}"
    return axial_image(volume, labels, disc, target, caption, speak)


def _foramen_images(
    analysis: Analysis, judged: Sequence[Proposal], name: str, note: str, speak: Speak
) -> list[ReportImage]:
    """Return the left and the right foramen of the level with the worst one, where they were measured."""
    target = worst_foramina(judged, analysis.measurements)
    if target is None:
        return []
    images = []
    for side in ("left", "right"):
        caption = f"{analysis.levels.shown_name(target)}: {side} foramen, {name}{note}"
        place = (target, side)
        image = foramen_image(
            analysis.volume, analysis.labels, analysis.levels, analysis.measurements, place, caption, speak
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
    facts = study_facts(analysis.study, analysis).worded(analysis.levels)
    return render_pdf(build_ai_draft(ai_reading(analysis), facts, load_phrases(), images))


@dataclass(frozen=True)
class ReportLook:
    """How reports are made for a user: language (see `phrases.languages`) and template."""

    language: str = "en"
    template: Template = field(default_factory=Template)

    @property
    def phrases(self) -> Phrases:
        """The wording of the template in that language."""
        return self.template.phrases(self.language)


def reading_document(
    reading: Reading, images: Sequence[ReportImage], look: ReportLook | None = None
) -> ReportDocument:
    """Return the report of a reading: signed when it is signed, else a draft.

    What the reader typed stays as it was typed, whatever the language.
    """
    chosen = look or ReportLook()
    document = build_report(reading, StudyFacts.of(reading), chosen.phrases, images)
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
