"""Key images of a study for report and overlay picture: RGB arrays with labels and measured lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lvp_workstation.domain.anatomy import SACRUM, InstanceId, LevelMap
from lvp_workstation.domain.annotations import Formula, Measurement
from lvp_workstation.domain.findings import SCALES, Proposal
from lvp_workstation.domain.geometry import Plane, angle_deg, unit, vector
from lvp_workstation.domain.labelmap import LabelMap, code_of
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.volume import SLICE, Volume
from lvp_workstation.render.offscreen import ImageLine, ImageText, KeyImage, render_key_image
from lvp_workstation.render.stack import acquired_stack, oblique_stack
from lvp_workstation.render.window import Window
from lvp_workstation.report.document import ReportImage

SAGITTAL_SIZE = (800, 1000)
AXIAL_SIZE = (800, 800)
AXIAL_EXTENT_MM = 110.0
"""Height of the part of an axial key image that is shown: canal, disc and foramina (our choice)."""
BODY_DEPTH_MM = 30.0
"""A name stands in the anterior part of a vertebra, within about one body depth of its front."""

_DRAWN = frozenset({Formula.DISTANCE, Formula.POLYGON_AREA})


def middle_slice(labels: LabelMap) -> int:
    """Return the slice of the segmented series that shows most of the discs."""
    discs = [i for i in labels.instances if i.startswith("D")]
    if not discs:
        return labels.geometry.shape[SLICE] // 2
    counts = np.stack([labels.mask(d).sum(axis=(1, 2)) for d in discs])
    shares = counts / np.maximum(counts.max(axis=1, keepdims=True), 1)
    return int(np.argmax(shares.sum(axis=0)))


def level_texts(labels: LabelMap, levels: LevelMap, index: int) -> tuple[ImageText, ...]:
    """Return the level names of the structures on a slice, at the front of each."""
    texts = []
    for instance in labels.instances:
        if instance == SACRUM or not instance.startswith(("V", "D")):
            continue
        voxels = np.argwhere(labels.array[index] == code_of(instance))
        if len(voxels) < 8:
            continue
        points = labels.geometry.index_to_world(np.insert(voxels, 0, index, axis=1).astype(float))
        front = np.percentile(points[:, 1], 3)
        body = points[points[:, 1] <= front + BODY_DEPTH_MM]
        anchor = body.mean(axis=0)
        if instance.startswith("D"):
            anchor[1] = front - 3.0
            texts.append(ImageText(anchor, levels.shown_name(instance), (1.0, 0.5), (255, 221, 87)))
        else:
            texts.append(ImageText(anchor, levels.shown_name(instance)))
    return tuple(texts)


def measured_lines(
    measurements: Iterable[Measurement], plane: Plane, reach_mm: float
) -> tuple[ImageLine, ...]:
    """Return the measured distances and contours that lie on a slice."""
    lines = []
    for measurement in measurements:
        points = np.array(measurement.points_lps)
        if measurement.formula not in _DRAWN or np.abs(plane.signed_distance(points)).max() > reach_mm:
            continue
        caption = f"{measurement.value:.0f} {measurement.unit}" if measurement.unit == "mm2" else ""
        lines.append(ImageLine(points, caption, closed=measurement.formula is Formula.POLYGON_AREA))
    return tuple(lines)


def sagittal_image(
    volume: Volume,
    labels: LabelMap,
    levels: LevelMap,
    caption: str,
    lines: Sequence[Measurement] = (),
) -> ReportImage:
    """Return the mid-sagittal key image with segmentation, level names and measured lines."""
    index = middle_slice(labels)
    plane = acquired_stack(volume.geometry).slice_plane(index)
    reach = volume.geometry.spacing[SLICE]
    request = KeyImage(
        index=index,
        size=SAGITTAL_SIZE,
        labels=labels,
        texts=level_texts(labels, levels, index),
        lines=measured_lines(lines, plane, reach),
    )
    return ReportImage(render_key_image(volume, request), caption, ai_content=True)


def chosen_image(volume: Volume, index: int, window: Window, caption: str) -> ReportImage:
    """Return an acquired slice as the reader saw it; nothing of the AI is drawn."""
    note = "; synthetic phantom" if volume.synthetic else ""
    request = KeyImage(index=index, size=AXIAL_SIZE, window=window)
    return ReportImage(render_key_image(volume, request), f"{caption}{note}")


def axial_image(
    volume: Volume, labels: LabelMap, disc: DiscLandmarks, target: InstanceId, caption: str
) -> ReportImage:
    """Return the image in the plane of a disc: the nearest acquired axial slice, or a computed one.

    ``volume`` is an axial series when its slices lie within 30 degrees of the disc plane, else the
    slice is computed from it.
    """
    plane = Plane(vector(disc.centroid), unit(disc.normal))
    acquired = acquired_stack(volume.geometry)
    along = angle_deg(volume.geometry.slice_normal, disc.normal)
    if min(along, 180.0 - along) <= 30.0:
        stack, index = acquired, acquired.nearest_index(disc.centroid)
    else:
        stack = oblique_stack(volume.geometry, plane)
        index = stack.nearest_index(disc.centroid)
    request = KeyImage(
        index=index,
        size=AXIAL_SIZE,
        stack=stack,
        labels=labels,
        centre=disc.centroid,
        extent_mm=AXIAL_EXTENT_MM,
    )
    return ReportImage(render_key_image(volume, request), caption, ai_content=True, target=target)


def worst_level(proposals: Iterable[Proposal]) -> InstanceId | None:
    """Return the disc level whose proposed grades are worst, None when nothing is proposed.

    A grade counts by its place in its scale, 0-1; the sum over the columns decides (our choice).
    """
    scores: dict[InstanceId, float] = {}
    for proposal in proposals:
        if not proposal.assessable or proposal.proposes_normal:
            continue
        grades = SCALES[proposal.scale].grades
        place = grades.index(proposal.grade) / (len(grades) - 1)
        scores[proposal.target] = scores.get(proposal.target, 0.0) + place
    return max(scores, key=lambda target: scores[target]) if scores else None
