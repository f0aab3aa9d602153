"""The answer to a series in the words of each interface: JSON, poses, an annotated image, DICOM objects."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import COLUMN, ROW
from lvp_workstation.io.mrd import HEADER_TYPE, MAGNITUDE, MrdImage
from lvp_workstation.measure.boxes import middle_slice
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.planning.stack import AXIAL, PlannedStack, crossing_lines
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.plan_files import cover_document, stack_document

ANNOTATED_SERIES = 100
"""image_series_index of annotated images (our choice: beyond those of scanners)."""
LINE_SAMPLES_PER_PIXEL = 2.0


def outcome_document(outcome: SeriesOutcome) -> dict[str, Any]:
    """Return an outcome as JSON values; stacks as in ``plan.json``."""
    plan = outcome.found.plan if outcome.found is not None else None
    quality = outcome.quality
    return {
        "series": outcome.stack.series.description or outcome.series,
        "role": outcome.stack.series.role.value,
        "verdict": quality.verdict.value,
        "reasons": [{"code": r.code, "verdict": r.verdict.value, "text": r.text} for r in quality.reasons],
        "facts": {name: round(float(value), 3) for name, value in quality.facts.items()},
        "next": [
            {"series": s.series, "because": s.because, "levels": list(s.levels)} for s in outcome.suggestions
        ],
        "stacks": []
        if plan is None
        else [stack_document(stack, stack.name in plan.optional) for stack in plan.stacks],
        **({} if plan is None else cover_document(plan)),
        "wait_s": round(outcome.wait_s, 3),
    }


def outcome_text(outcome: SeriesOutcome) -> str:
    """Return the document as one line."""
    return json.dumps(outcome_document(outcome), ensure_ascii=True, allow_nan=False)


def poses(plan: ScanPlan) -> dict[str, Array]:
    """Return the poses of proposed stacks: row, column, normal and centre, shape (4, 4), LPS mm."""
    return {stack.name: pose_of(stack) for stack in plan.stacks if stack.proposed}


def pose_of(stack: PlannedStack) -> Array:
    """Return the pose of a stack that has a place."""
    pose = np.eye(4)
    for n, direction in enumerate((stack.row, stack.column, stack.normal)):
        pose[:3, n] = direction
    pose[:3, 3] = stack.plane.point
    return pose


def annotated_image(outcome: SeriesOutcome) -> MrdImage | None:
    """Return the middle image with the angled slices drawn in white, None without planes."""
    found = outcome.found
    if found is None:
        return None
    index = middle_slice(found.labels)
    geometry = found.volume.geometry
    image = np.clip(found.volume.array[index], 0, 65535).astype(np.uint16)
    bright = int(image.max())
    plane = geometry.slice_plane(index)
    for stack in found.plan.of_kind(AXIAL):
        if stack.proposed:
            for line in crossing_lines(stack, plane):
                _draw(image, geometry.world_to_index(line)[:, [ROW, COLUMN]], bright)
    header = np.zeros((), HEADER_TYPE)
    header["version"], header["image_type"], header["channels"] = 1, MAGNITUDE, 1
    header["image_series_index"], header["image_index"] = ANNOTATED_SERIES, 1
    step, down, across = geometry.spacing
    header["field_of_view"] = (across * image.shape[1], down * image.shape[0], step)
    header["position"] = geometry.slice_plane(index).point
    header["read_dir"], header["phase_dir"] = geometry.directions[:, COLUMN], geometry.directions[:, ROW]
    header["slice_dir"] = geometry.slice_normal
    names = {"ImageComment": "Proposed scan planes", "SequenceDescription": "LVP planes", "DataRole": "Image"}
    return MrdImage(header, names, image[None, None])


def _draw(image: Any, ends: Array, value: int) -> None:
    """Set the pixels nearest to a line given by (row, column) ends."""
    count = int(np.abs(ends[1] - ends[0]).max() * LINE_SAMPLES_PER_PIXEL) + 2
    places = np.rint(np.linspace(ends[0], ends[1], count)).astype(int)
    inside = ((places >= 0) & (places < np.array(image.shape))).all(axis=1)
    image[places[inside, 0], places[inside, 1]] = value
