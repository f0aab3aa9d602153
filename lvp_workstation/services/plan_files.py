"""What ``lvp plan`` leaves behind: ``plan.json`` (``docs/plan.schema.json``), a picture, DICOM objects."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lvp_workstation import __version__
from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.domain.study import Problem
from lvp_workstation.io.atomic import write_bytes, write_text
from lvp_workstation.planning.canal import CanalCover
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.planning.stack import CONTINUOUS, PlannedStack
from lvp_workstation.render.png import png_bytes
from lvp_workstation.services.output_folder import STAGING_PREFIX, output_folder, refusal, refused
from lvp_workstation.services.plan import StudyPlan
from lvp_workstation.services.plan_objects import FIDUCIALS, PRESENTATION, plan_objects
from lvp_workstation.services.plan_picture import plan_picture

PLAN, PICTURE = "plan.json", "plan.png"
OWN_FILES = (PICTURE, FIDUCIALS, PRESENTATION, PLAN)
"""The last one is put in place last; the DICOM objects only where the series is DICOM."""
SCHEMA_VERSION = "1.0"


def write_plan(folder: Path, planned: StudyPlan) -> None:
    """Write the files of a plan, ``plan.json`` last, and remove those of an earlier one.

    Raises
    ------
    OutputProblem
        When the folder cannot be written.
    UnreadableInput
        When the image that the planes are drawn on cannot be read again.
    """
    with output_folder(folder):
        try:
            with tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=folder) as name:
                staging = Path(name)
                write_bytes(staging / PICTURE, png_bytes(plan_picture(planned.found)))
                document = plan_document(planned)
                text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
                write_text(staging / PLAN, text + "\n")
                for file_name, data in plan_objects(planned).items():
                    data.save_as(staging / file_name, enforce_file_format=True)
                for own in reversed(OWN_FILES):  # never an old plan beside a new picture
                    (folder / own).unlink(missing_ok=True)
                for own in OWN_FILES:
                    if (staging / own).exists():
                        (staging / own).replace(folder / own)
        except (OSError, OutputProblem) as error:
            cause = refused(error)
            if cause is None:
                raise
            raise refusal(folder, cause) from cause


def plan_document(planned: StudyPlan) -> dict[str, Any]:
    """Return the content of ``plan.json``."""
    found = planned.found
    plan, model, levels = found.plan, found.model, found.levels
    return {
        "schema_version": SCHEMA_VERSION,
        "program": __version__,
        "input": {
            "patient_id": planned.study.patient.patient_id,
            "study_uid": planned.study.study_instance_uid,
            "series_uid": planned.series.series_instance_uid,
            "frame_of_reference_uid": found.volume.geometry.frame_of_reference_uid,
        },
        "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
        "protocol": {"name": plan.protocol.name, "title": plan.protocol.title},
        "level_map": {
            "method": levels.statement,
            "confidence": round(levels.confidence, 4),
            "lumbar_count": levels.lumbar_count,
            "alternatives": list(levels.alternatives),
        },
        "stacks": [stack_document(stack, stack.name in plan.optional) for stack in plan.stacks],
        **cover_document(plan),
        "timings_s": {key: round(seconds, 4) for key, seconds in found.timings_s.items()},
        "warnings": _problems(found.warnings),
    }


def _problems(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [{"code": problem.code, "text": problem.text} for problem in problems]


def stack_document(stack: PlannedStack, optional: bool) -> dict[str, Any]:
    """Return a stack as ``plan.json`` states it."""
    document: dict[str, Any] = {
        "name": stack.name,
        "kind": stack.kind,
        "level": stack.level,
        "optional": optional,
        "row_lps": _direction(stack.row),
        "column_lps": _direction(stack.column),
        "normal_lps": _direction(stack.normal),
        "thickness_mm": stack.template.thickness_mm,
        "gap_mm": stack.template.gap_mm,
        "count": stack.count,
        "fov_mm": list(stack.template.fov_mm),
        "phase": {"axis": stack.template.phase, "direction_lps": _direction(stack.phase_lps)},
        "confidence": stack.confidence,
        "declined": stack.declined,
    }
    if stack.centre is not None:
        document["centre_lps"] = _point(stack.centre)
    if min(stack.template.matrix) > 0:
        document["matrix"] = list(stack.template.matrix)
    return document


def cover_document(plan: ScanPlan) -> dict[str, Any]:
    """Return what the angled stacks leave unimaged, empty where it is not known."""
    return {} if plan.cover is None else {"canal_l3_s1": _canal(plan.cover)}


def _canal(cover: CanalCover) -> dict[str, Any]:
    return {
        "length_mm": round(cover.length_mm, 2),
        "unimaged_mm": round(cover.unimaged_mm, 2),
        "unimaged": [
            {
                "level": stretch.level,
                "start_lps": _point(stretch.start),
                "end_lps": _point(stretch.end),
                "length_mm": round(stretch.length_mm, 2),
            }
            for stretch in cover.unimaged
        ],
        "offer": CONTINUOUS if cover.unimaged else "",
    }


def _point(point: Iterable[float]) -> list[float]:
    return [round(float(x), 3) for x in point]


def _direction(direction: Iterable[float]) -> list[float]:
    return [round(float(x), 6) + 0.0 for x in direction]
