"""Write what leaves a reading: the report and, when asked for, segmentation and analysis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from lvp_workstation.domain import codec
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reading import Reading
from lvp_workstation.io.atomic import write_bytes
from lvp_workstation.report.facts import CoverageFact
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.key_images import chosen_image
from lvp_workstation.services.output_folder import require_writable
from lvp_workstation.services.report_out import ReportLook, key_images, reading_document, report_files
from lvp_workstation.services.report_process import ChosenImage
from lvp_workstation.services.results import write_segmentation_files


def export_reading(
    folder: Path,
    reading: Reading,
    labels: LabelMap | None,
    analysis: Analysis | None,
    coverage: Iterable[CoverageFact],
    everything: bool,
    chosen: Sequence[ChosenImage] = (),
    look: ReportLook | None = None,
) -> tuple[Path, ...]:
    """Write a reading: the report first; when asked for everything, its other formats, segmentation, labels.

    Parameters
    ----------
    analysis
        The analysis on screen: gives series and images; without it the report has no pictures.
    coverage
        What was displayed; replaces the stored facts in an unsigned report only.
    chosen
        Slices the reader marked as key images; they come before the program's own choice.
    look
        Language and template of the report.

    Raises
    ------
    OutputProblem
        When the folder cannot be written.
    IdentityConflict
        When reading and analysis are not of one study of one patient.
    """
    if analysis is not None:
        reading.require_study(analysis.study, "analysis on screen")
    require_writable(folder)
    signed = reading.signature is not None
    if not signed:
        facts = {**reading.facts, "coverage": [codec.to_plain(fact) for fact in coverage]}
        reading = replace(reading, facts=facts)
    current = _as_read(analysis, reading, labels) if analysis is not None else None
    images = tuple(chosen_image(c.volume, c.index, c.window, c.caption, c.marks) for c in chosen)
    if current is not None:
        images += key_images(current, reading, (look or ReportLook()).phrases.of_program)
    stem = "report" if signed else "report_DRAFT"
    formats = look.template.formats if look is not None and everything else ()
    files = report_files(reading_document(reading, images, look), reading, formats)
    written = [write_bytes(folder / f"{stem}.{kind}", data) for kind, data in files.items()]
    if everything and current is not None:
        edited = labels is not None and analysis is not None and labels.array is not analysis.labels.array
        written += write_segmentation_files(folder, current, edited)
    return tuple(written)


def _as_read(analysis: Analysis, reading: Reading, labels: LabelMap | None) -> Analysis:
    """Return the analysis under the reader's names and with the reader's segmentation."""
    return replace(analysis, labels=labels or analysis.labels, levels=reading.level_map or analysis.levels)
