"""A plan as a Grayscale Softcopy Presentation State (PS3.3 A.33.1): lines on an image, by highdicom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
from highdicom.color import CIELabColor

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.study import Series
from lvp_workstation.domain.volume import COLUMN, ROW
from lvp_workstation.io import tags
from lvp_workstation.io.quiet import collected_warnings
from lvp_workstation.io.source_header import copyable
from lvp_workstation.io.sources import open_source
from lvp_workstation.io.write_mr import uid_of
from lvp_workstation.planning.stack import AXIAL, SATURATION, PlannedStack, crossing_lines

SERIES_NUMBER = 9003
"""SeriesNumber of our presentation states, beyond those of scanners (our choice)."""
LAYER = "SCAN_PLANES"
LABEL_AT = 0.02
"""Names stand this share of the image's width from its left border (our choice)."""
TEXT_ROWS, TEXT_COLUMNS = 0.015, 0.12


def planes_presentation(
    series: Series, index: int, stacks: Sequence[PlannedStack], author: tuple[str, str], moment: str
) -> Any:
    """Return the presentation state that shows angled stacks and saturation band on one image.

    Parameters
    ----------
    series, index
        The DICOM stack the plan was made on, and the number of the slice that is drawn on.
    stacks
        Only those that are proposed and cross the image are drawn.
    author
        Name and version of the program.
    moment
        What makes the identifiers of this plan unique, such as its time.

    Raises
    ------
    UnreadableInput
        When the image cannot be read again, or has no geometry.
    """
    frame = series.frames[index]
    if series.geometry is None or not frame.path:
        raise UnreadableInput("The image that the planes would be drawn on is not there.")
    with collected_warnings(), open_source(frame.path) as stream:
        try:
            image = copyable(pydicom.dcmread(stream, stop_before_pixels=True))
        except tags.PARSER_ERRORS as error:
            raise UnreadableInput("The image that the planes would be drawn on cannot be read.") from error
        layer = hd.pr.GraphicLayer(LAYER, 1, "Proposed scan planes", CIELabColor(80.0, -60.0, 40.0))
        graphics, texts = _drawn(series, index, stacks)
        annotation = hd.pr.GraphicAnnotation(
            [image],
            layer,
            referenced_frame_number=frame.frame_index + 1 if _multiframe(image) else None,
            graphic_objects=graphics,
            text_objects=texts,
        )
        state = hd.pr.GrayscaleSoftcopyPresentationState(
            [image],
            series_instance_uid=uid_of(series.series_instance_uid, LAYER),
            series_number=SERIES_NUMBER,
            sop_instance_uid=uid_of(frame.sop_instance_uid, LAYER, moment),
            instance_number=1,
            manufacturer=author[0],
            manufacturer_model_name=author[0],
            software_versions=author[1],
            device_serial_number="0",
            content_label=LAYER,
            content_description="Proposed by software; to be checked",
            graphic_annotations=[annotation],
            graphic_layers=[layer],
            voi_lut_transformations=_window(image),
        )
        state.BodyPartExamined = "LSPINE"  # not one of a pair: no laterality is asked for
        return state


def _multiframe(image: Any) -> bool:
    return (tags.integer(image, "NumberOfFrames") or 1) > 1


def _window(image: Any) -> list[Any] | None:
    centre, width = tags.numbers(image, "WindowCenter", 1), tags.numbers(image, "WindowWidth", 1)
    if centre is None or width is None:
        return None
    return [hd.pr.SoftcopyVOILUTTransformation(window_center=centre[0], window_width=width[0])]


def _drawn(series: Series, index: int, stacks: Sequence[PlannedStack]) -> tuple[list[Any], list[Any]]:
    """Return lines and names in pixels; the corner of the first pixel is (0, 0) (PS3.3 C.10.5.1.2)."""
    geometry = series.geometry
    assert geometry is not None
    plane = geometry.slice_plane(index)
    rows, columns = geometry.shape[ROW], geometry.shape[COLUMN]
    graphics, texts = [], []
    for stack in stacks:
        if stack.centre is None or stack.declined or stack.kind not in (AXIAL, SATURATION):
            continue
        lines = _outline(stack, plane) if stack.kind == SATURATION else crossing_lines(stack, plane)
        for line in lines:
            places = geometry.world_to_index(line)[:, [COLUMN, ROW]] + 0.5
            inside = _clipped(places, columns, rows)
            if inside is not None:
                graphics.append(hd.pr.GraphicObject("POLYLINE", inside, "PIXEL"))
        if stack.level:
            middle = geometry.world_to_index(stack.centre)[ROW] + 0.5
            top, left = float(np.clip(middle / rows, 0.0, 1 - TEXT_ROWS)), LABEL_AT
            box = (left * columns, top * rows, (left + TEXT_COLUMNS) * columns, (top + TEXT_ROWS) * rows)
            texts.append(hd.pr.TextObject(stack.level, "PIXEL", bounding_box=box))
    return graphics, texts


def _outline(stack: PlannedStack, plane: Plane) -> Any:
    """Return both faces of a one-slice stack as lines."""
    lines = crossing_lines(stack, plane)
    step = stack.half_depth_mm * stack.normal
    return np.concatenate([lines - step, lines + step])


def _clipped(line: Any, columns: int, rows: int) -> Any:
    """Return the part of a line inside the image, None when there is none (Liang-Barsky)."""
    start, step = line[0], line[1] - line[0]
    low, high = 0.0, 1.0
    for axis, size in ((0, columns), (1, rows)):
        if abs(step[axis]) < 1e-9:
            if not 0 <= start[axis] <= size:
                return None
            continue
        ends = sorted(((0 - start[axis]) / step[axis], (size - start[axis]) / step[axis]))
        low, high = max(low, ends[0]), min(high, ends[1])
    if low >= high:
        return None
    part = np.array([start + low * step, start + high * step])
    return np.clip(part, 0.0, (columns, rows))  # rounding must not leave the image: a viewer refuses -1e-15
