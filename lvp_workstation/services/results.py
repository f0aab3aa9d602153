"""Write the results of an analysis: the files that ``lvp analyze`` promises, each atomically.

Everything is made in a staging folder inside the target first; only when all of it is there are
the files moved into place. A failed run leaves none of its own files behind.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lvp_workstation import __version__
from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.study import Problem, Study
from lvp_workstation.io import nifti
from lvp_workstation.io.atomic import write_bytes, write_text
from lvp_workstation.io.seg import SegAuthor, write_segmentation
from lvp_workstation.io.write_mr import uid_of
from lvp_workstation.render.png import png_bytes
from lvp_workstation.services.analysis import (
    Analysis,
    analysis_document,
    labels_document,
)
from lvp_workstation.services.axial_masks import AXIAL_SEGMENTATIONS, write_axial_segmentations
from lvp_workstation.services.key_images import side_by_side
from lvp_workstation.services.output_folder import STAGING_PREFIX, output_folder, refusal, refused
from lvp_workstation.services.report_out import draft_pdf, key_images

SEGMENTATION = "segmentation.nii.gz"
LABELS = "labels.json"
ANALYSIS = "analysis.json"
DICOM_SEGMENTATION = "segmentation.dcm"
DRAFT_REPORT = "draft_report.pdf"
OVERLAY = "overlay_sagittal.png"

OWN_FILES = (SEGMENTATION, LABELS, ANALYSIS, DICOM_SEGMENTATION, DRAFT_REPORT, OVERLAY)
"""Every file this program writes into a result folder, beside `AXIAL_SEGMENTATIONS` where there are axial
images; nothing else there is touched."""


def spare_inputs(folder: Path, files: Iterable[str]) -> None:
    """Raise `OutputProblem` when a result would replace one of the files that were read."""
    ours = {*OWN_FILES, *AXIAL_SEGMENTATIONS}
    for file in map(Path, files):
        if file.name in ours and file.resolve() == (folder / file.name).resolve():
            raise OutputProblem(
                f"{file} is part of the input and would be replaced by a result; choose another folder."
            )


def in_one_step(folder: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a staging folder, then put its files in place of our earlier ones."""
    with output_folder(folder):
        try:
            with tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=folder) as name:
                write(Path(name))
                _put_in_place(Path(name), folder)
        except (OSError, OutputProblem) as error:
            cause = refused(error)
            if cause is None:
                raise
            raise refusal(folder, cause) from cause


def _put_in_place(staging: Path, folder: Path) -> None:
    """Move our files from the staging folder, ``analysis.json`` last; what is stale goes.

    When a move fails, none of ours is left: old and new results are never mixed.
    """
    ours = (*OWN_FILES, *AXIAL_SEGMENTATIONS)
    for name in ours:
        if (folder / name).is_dir():
            raise OutputProblem(f"{folder / name} is a folder; the result of that name cannot be written.")
    made = sorted(staging.iterdir(), key=lambda path: (path.name == ANALYSIS, path.name))
    try:
        for stale in set(ours) - {path.name for path in made}:
            (folder / stale).unlink(missing_ok=True)
        for path in made:
            path.replace(folder / path.name)
    except OSError:
        for name in ours:
            (folder / name).unlink(missing_ok=True)
        raise


def write_ungraded(folder: Path, document: Mapping[str, Any]) -> None:
    """Write ``analysis.json`` of a study without a lumbar series, see `ungraded_document`."""
    in_one_step(folder, lambda staging: _write_json(staging / ANALYSIS, document))


def write_results(folder: Path, analysis: Analysis) -> Analysis:
    """Write all result files of an analysis; return it with the time of writing."""
    written: list[Analysis] = []
    in_one_step(folder, lambda staging: written.append(_write_all(staging, analysis)))
    return written[0]


def folder_names(studies: Sequence[Study]) -> tuple[str, ...]:
    """Return a folder name for each study: its StudyInstanceUID, made safe, never the same twice."""
    names: list[str] = []
    for study in studies:
        uid = re.sub(r"[^0-9A-Za-z._-]", "_", study.study_instance_uid).strip(".") or "study"
        name, number = uid, 1
        while name in names:
            number += 1
            name = f"{uid}_{number}"
        names.append(name)
    return tuple(names)


def write_segmentation_files(folder: Path, analysis: Analysis, edited: bool = False) -> tuple[Path, ...]:
    """Write the label map as NIfTI with its legend and, for DICOM input, as DICOM SEG.

    Raises
    ------
    OutputProblem
        When a file cannot be written.
    """
    research = nifti.is_research_series(analysis.series)
    grid = nifti.file_geometry(analysis.series) if research else analysis.volume.geometry
    rows = nifti.write_label_map(folder / SEGMENTATION, analysis.labels, analysis.levels, grid)
    _write_json(folder / LABELS, labels_document(rows))
    written = [folder / SEGMENTATION, folder / LABELS]
    if not research:
        _write_dicom_segmentation(folder / DICOM_SEGMENTATION, analysis, edited)
        written.append(folder / DICOM_SEGMENTATION)
    return tuple(written)


def _write_all(folder: Path, analysis: Analysis) -> Analysis:
    began = time.perf_counter()
    try:
        write_segmentation_files(folder, analysis)
        write_axial_segmentations(folder, analysis)
    except OutputProblem as error:
        if refused(error) is not None:
            raise
        warning = Problem("no_dicom_seg", str(error))
        analysis = replace(analysis, warnings=(*analysis.warnings, warning))
    images = key_images(analysis)
    write_bytes(folder / OVERLAY, png_bytes(side_by_side(images)))
    write_bytes(folder / DRAFT_REPORT, draft_pdf(analysis, images))
    seconds = time.perf_counter() - began
    total = analysis.timings.get("total", 0.0) + seconds
    analysis = replace(analysis, timings={**analysis.timings, "write": seconds, "total": total})
    _write_json(folder / ANALYSIS, analysis_document(analysis))
    return analysis


def _write_dicom_segmentation(path: Path, analysis: Analysis, edited: bool) -> None:
    model, series = analysis.model, analysis.series
    author = SegAuthor(model.name, model.version, software_version=__version__, edited=edited)
    content = labels_sha256(analysis.labels.exported(analysis.levels)[0])
    seed = (series.series_instance_uid, series.stack, model.sha256, content)
    uids = (uid_of("seg series", *seed), uid_of("seg", *seed))
    write_segmentation(path, analysis.labels, analysis.levels, series, author, uids)


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
