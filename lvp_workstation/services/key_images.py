"""Key images of a study for report and overlay picture: RGB arrays with labels and measured lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lvp_workstation.domain.anatomy import CANAL, SACRUM, InstanceId, LevelMap
from lvp_workstation.domain.annotations import Formula, Measurement
from lvp_workstation.domain.findings import SCALES, Proposal
from lvp_workstation.domain.geometry import POSTERIOR, SUPERIOR, Array, Plane, unit, vector
from lvp_workstation.domain.labelmap import LabelMap, code_of
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.mark_shapes import FACTS, MarkShape, strokes
from lvp_workstation.domain.reader_marks import ReaderMark
from lvp_workstation.domain.volume import SLICE, Volume
from lvp_workstation.grading.detector import Detection, DiscClass
from lvp_workstation.measure.boxes import middle_slice
from lvp_workstation.render.label_lut import Colour
from lvp_workstation.render.offscreen import ImageLine, ImageText, KeyImage, render_key_image
from lvp_workstation.render.raster import Rgb
from lvp_workstation.render.stack import DisplayStack, acquired_stack, oblique_stack
from lvp_workstation.render.window import Window
from lvp_workstation.report.document import ReportImage
from lvp_workstation.services.axial_series import shows_plane

Speak = Callable[[str], str]
"""Says a word of the program in the language of a report."""
SAGITTAL_SIZE = (800, 1000)
AXIAL_SIZE = (800, 800)
AXIAL_EXTENT_MM = 110.0
"""Height of the part of an axial key image that is shown: canal, disc and foramina (our choice)."""
WORTH_A_PICTURE = 2
"""From this place in its scale on, moderate, a foramen is shown (our choice)."""
CLOSE_EXTENT_MM = 120.0
"""Height of a close sagittal key image: the level with its two neighbours (our choice)."""
MIN_COMPUTED_WIDTH_MM = 60.0
"""A plane computed from a narrower slab shows neither recesses nor foramina (our choice)."""
BODY_DEPTH_MM = 30.0
"""A name stands in the anterior part of a vertebra, within about one body depth of its front."""
HEAD_MM, HEAD_WIDTH = 5.0, 0.4
"""Length of an arrow's head and of the cross of a point, mm, and half the head's width over its length."""

TOP_BODY_MM = 30.0
"""The name of the sacrum stands in its uppermost body, S1, which is about as high (our choice)."""
TOP_BODY = "S1"
"""That name: the same in every language of a report."""

SIDE_COLOUR = (255, 140, 90)
BADGE_COLOURS = {"ACQUIRED": (150, 220, 160), "COMPUTED": (255, 200, 90)}
BOX_COLOURS = {DiscClass.DISPLACED: (255, 170, 60), DiscClass.SLIPPED: (255, 90, 200)}
_SIDES = {"foramen_left": "left", "foramen_right": "right"}
_DRAWN = frozenset({Formula.DISTANCE, Formula.POLYGON_AREA})


def level_texts(labels: LabelMap, levels: LevelMap, index: int) -> tuple[ImageText, ...]:
    """Return the level names of the structures on a slice, at the front of each; the sacrum as its S1."""
    texts = []
    for instance in labels.instances:
        if instance == CANAL:
            continue
        voxels = np.argwhere(labels.array[index] == code_of(instance))
        if len(voxels) < 8:
            continue
        points = labels.geometry.index_to_world(np.insert(voxels, 0, index, axis=1).astype(float))
        name = levels.shown_name(instance)
        if instance == SACRUM:
            name = name.replace(levels.name(instance), TOP_BODY)
            points = points[points[:, 2] >= points[:, 2].max() - TOP_BODY_MM]
        front = np.percentile(points[:, 1], 3)
        body = points[points[:, 1] <= front + BODY_DEPTH_MM]
        anchor = body.mean(axis=0)
        if instance.startswith("D"):
            anchor[1] = front - 3.0
            texts.append(ImageText(anchor, name, (1.0, 0.5), (255, 221, 87)))
        else:
            texts.append(ImageText(anchor, name))
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
    boxes: Sequence[Detection] = (),
) -> ReportImage:
    """Return the mid-sagittal key image with segmentation, level names, measured lines and boxes of discs.

    Only discs that are not called normal get a box: nine boxes would hide what they enclose.
    """
    index = middle_slice(labels)
    stack = acquired_stack(volume.geometry)
    reach = volume.geometry.spacing[SLICE]
    centre, extent = sagittal_frame(labels, stack, index)
    request = KeyImage(
        index=index,
        size=SAGITTAL_SIZE,
        centre=centre,
        extent_mm=extent,
        labels=labels,
        texts=level_texts(labels, levels, index),
        lines=(*measured_lines(lines, stack.slice_plane(index), reach), *_boxes(boxes)),
    )
    return ReportImage(render_key_image(volume, request), caption, ai_content=True)


def sagittal_frame(labels: LabelMap, stack: DisplayStack, index: int) -> tuple[Array | None, float | None]:
    """Return centre (LPS mm) and height (mm) of what is shown of a sagittal slice; None for all of it.

    A slice wider than the picture fills its height, and its sides are cut around the spine.
    """
    across, along = stack.size_mm
    room = across - along * SAGITTAL_SIZE[0] / SAGITTAL_SIZE[1]
    found = labels.array[index] > 0
    if room <= 0 or not found.any():
        return None, None
    voxels = np.insert(np.argwhere(found), 0, index, axis=1).mean(axis=0)
    spine = vector(labels.geometry.index_to_world(voxels))
    right, _ = stack.axes
    middle = vector(stack.slice_centre(index))
    return middle + right * float(np.clip((spine - middle) @ right, -room / 2, room / 2)), along


def disc_image(
    volume: Volume, labels: LabelMap, levels: LevelMap, disc: DiscLandmarks, target: InstanceId, caption: str
) -> ReportImage:
    """Return the sagittal slice through the middle of a disc, near enough to see disc and canal."""
    index = _slice_at(volume, vector(disc.centroid))
    request = KeyImage(
        index=index,
        size=SAGITTAL_SIZE,
        centre=disc.centroid,
        extent_mm=CLOSE_EXTENT_MM,
        labels=labels,
        texts=level_texts(labels, levels, index),
    )
    return ReportImage(render_key_image(volume, request), caption, ai_content=True, target=target)


def _slice_at(volume: Volume, point: Array) -> int:
    place = float(vector(volume.geometry.world_to_index(point))[SLICE])
    return int(np.clip(round(place), 0, volume.shape[0] - 1))


def _boxes(found: Sequence[Detection]) -> tuple[ImageLine, ...]:
    return tuple(
        ImageLine(np.array(one.box), colour=BOX_COLOURS[one.kind], closed=True)
        for one in found
        if one.kind in BOX_COLOURS
    )


def worst_foramina(
    proposals: Iterable[Proposal], measurements: Mapping[tuple[InstanceId, str], Measurement]
) -> InstanceId | None:
    """Return the level of the worst foramen that was measured, None when none is moderate or severe."""
    grades = {p.target: 0 for p in proposals}
    for proposal in proposals:
        side = _SIDES.get(proposal.scale)
        if (
            side is None
            or not proposal.assessable
            or _measured_slice(measurements, proposal.target, side) is None
        ):
            continue
        place = SCALES[proposal.scale].grades.index(proposal.grade)
        grades[proposal.target] = max(grades[proposal.target], place)
    target = max(grades, key=lambda t: grades[t], default=None)
    return target if target is not None and grades[target] >= WORTH_A_PICTURE else None


def foramen_image(
    volume: Volume,
    labels: LabelMap,
    levels: LevelMap,
    measurements: Mapping[tuple[InstanceId, str], Measurement],
    place: tuple[InstanceId, str],
    caption: str,
    speak: Speak = str,
) -> ReportImage | None:
    """Return the slice on which a foramen was measured, its lines and its side in words.

    Parameters
    ----------
    place
        Disc, and ``left`` or ``right`` of the patient.
    speak
        Says the side in the language of the report.

    Returns
    -------
    ReportImage or None
        None where that foramen was not measured.
    """
    target, side = place
    found = _measured_slice(measurements, target, side)
    if found is None:
        return None
    point, lines = found
    index = _slice_at(volume, point)
    right, down = acquired_stack(volume.geometry).axes
    width = CLOSE_EXTENT_MM * SAGITTAL_SIZE[0] / SAGITTAL_SIZE[1]
    corner = point - 0.48 * (width * right + CLOSE_EXTENT_MM * down)
    words = ImageText(corner, f"{speak(side.upper())}  {levels.shown_name(target)}", (0.0, 0.0), SIDE_COLOUR)
    request = KeyImage(
        index=index,
        size=SAGITTAL_SIZE,
        centre=point,
        extent_mm=CLOSE_EXTENT_MM,
        labels=labels,
        texts=level_texts(labels, levels, index),
        heading=words,
        lines=tuple(ImageLine(np.array(line.points_lps)) for line in lines),
    )
    return ReportImage(render_key_image(volume, request), caption, ai_content=True, target=target)


def _measured_slice(
    measurements: Mapping[tuple[InstanceId, str], Measurement], target: InstanceId, side: str
) -> tuple[Array, list[Measurement]] | None:
    """Return a point of the slice and the lines of a foramen, None where it was not measured."""
    names = (f"foramen_width_{side}", f"foramen_height_{side}")
    lines = [measurements[target, name] for name in names if (target, name) in measurements]
    return (vector(lines[0].points_lps[0]), lines) if lines else None


def side_by_side(images: Sequence[ReportImage]) -> Rgb:
    """Return the pictures that are as high as the first one, beside each other."""
    height = images[0].pixels.shape[0]
    return np.concatenate([i.pixels for i in images if i.pixels.shape[0] == height], axis=1)


def chosen_image(
    volume: Volume, index: int, window: Window, caption: str, marks: Sequence[ReaderMark] = ()
) -> ReportImage:
    """Return an acquired slice as the reader saw it, with the reader's marks; nothing of the AI is drawn."""
    note = "; synthetic phantom" if volume.synthetic else ""
    lines = [line for mark in marks for line in _mark_lines(mark, volume.geometry.slice_normal)]
    request = KeyImage(index=index, size=AXIAL_SIZE, window=window, lines=lines)
    return ReportImage(render_key_image(volume, request), f"{caption}{note}")


def _mark_lines(mark: ReaderMark, normal: Array) -> list[ImageLine]:
    """Return the lines of a mark, the last with its caption; a place is a small cross."""
    points, closed = mark.points, FACTS[mark.shape].closed
    lines = list(strokes(mark.shape, points))
    if mark.shape is MarkShape.ARROW:
        tip, shaft = points[0], unit(points[1] - points[0])
        aside = HEAD_WIDTH * np.cross(normal, shaft)
        lines = [np.stack([tip + HEAD_MM * (shaft + side), tip]) for side in (aside, -aside)] + lines
    elif mark.shape is MarkShape.POINT:
        right = HEAD_MM * unit(np.cross(normal, SUPERIOR if abs(normal[2]) < 0.9 else POSTERIOR))
        arms = (right, np.cross(normal, right))
        lines = [np.stack([points[0] - arm / 2, points[0] + arm / 2]) for arm in arms]
    drawn = [ImageLine(line, closed=closed) for line in lines or [points]]
    drawn[-1] = replace(drawn[-1], caption="  ".join(mark.lines))
    return drawn


def axial_image(
    volume: Volume,
    labels: LabelMap,
    disc: DiscLandmarks,
    target: InstanceId,
    caption: str,
    speak: Speak = str,
) -> ReportImage:
    """Return the image in the plane of a disc: the nearest acquired axial slice, or a computed one.

    The slice is an acquired one of ``volume`` when its slices lie about in the plane of the disc, else it is
    computed from it; a word in the picture, in the language of the report, says which.
    """
    if shows_plane(volume.geometry, disc):
        stack, word = acquired_stack(volume.geometry), "ACQUIRED"
    else:
        plane = Plane(vector(disc.centroid), unit(disc.normal))
        stack, word = oblique_stack(volume.geometry, plane), "COMPUTED"
    request = KeyImage(
        index=stack.nearest_index(disc.centroid),
        size=AXIAL_SIZE,
        stack=stack,
        labels=labels,
        centre=disc.centroid,
        extent_mm=AXIAL_EXTENT_MM,
        texts=(_badge(stack, disc, speak(word), BADGE_COLOURS[word]),),
    )
    return ReportImage(render_key_image(volume, request), caption, ai_content=True, target=target)


def _badge(stack: DisplayStack, disc: DiscLandmarks, word: str, colour: Colour) -> ImageText:
    """Return a word for the lower left corner of an axial key image."""
    right, down = stack.axes
    corner = vector(disc.centroid) + 0.48 * AXIAL_EXTENT_MM * (down - right)
    return ImageText(corner, word, (0.0, 1.0), colour)


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
