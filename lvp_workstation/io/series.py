"""One SeriesInstanceUID becomes stacks, each with its grid and what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lvp_workstation.domain.study import Frame, Problem, RoleDecision, Series, SeriesRole
from lvp_workstation.io import tags
from lvp_workstation.io.attributes import series_attributes
from lvp_workstation.io.grouping import stacks_of
from lvp_workstation.io.header import Header
from lvp_workstation.io.image_info import ImageInfo, images_of
from lvp_workstation.io.limits import MAX_STACKS
from lvp_workstation.io.objects import readable_frames
from lvp_workstation.io.pixel_element import frame_bytes
from lvp_workstation.io.plausible import size_problem
from lvp_workstation.io.stack_geometry import GridStack, grids_of

UNDECIDED = RoleDecision(SeriesRole.OTHER, "not decided yet", 0.0)


def series_name(header: Header) -> str:
    """Return how sentences call a series."""
    number = tags.integer(header.dataset, "SeriesNumber")
    description = tags.text(header.dataset, "SeriesDescription")
    head = f"Series {number}" if number is not None else "Series without number"
    return f"{head} ({description})" if description else head


def build_series(uid: str, headers: list[Header]) -> list[Series]:
    """Divide the objects of one SeriesInstanceUID into stacks, in order of their first InstanceNumber."""
    name = series_name(headers[0])
    images = [i for h in headers for i in images_of(h) if i.frame_index < readable_frames(h)]
    stacks: list[Series] = []
    for group, reason in stacks_of(images):
        told_apart = _repeated_problem(name, reason)
        if not group[0].has_geometry:
            stacks.append(_series(uid, len(stacks), _flat_stack(group), None, _no_geometry(name, group)))
            continue
        for grid in grids_of(group, name):
            stacks.append(_series(uid, len(stacks), grid.images, grid, (*told_apart, *grid.problems)))
            told_apart = ()
        if len(stacks) >= MAX_STACKS:
            return [_with_problem(stacks[0], _too_many(name)), *stacks[1:MAX_STACKS]]
    return _with_plane_note(stacks, name)


def _with_problem(series: Series, problem: Problem) -> Series:
    return replace(series, problems=(problem, *series.problems))


def _too_many(name: str) -> Problem:
    text = f"{name} falls into more than {MAX_STACKS} stacks, which no scanner makes; the rest is left out."
    return Problem("too_many_stacks", text)


def _repeated_problem(name: str, reason: str) -> tuple[Problem, ...]:
    if not reason:
        return ()
    text = f"{name}: more than one image lies at the same position; they were told apart by {reason}."
    return (Problem("repeated_positions", text),)


def _no_geometry(name: str, group: list[ImageInfo]) -> tuple[Problem, ...]:
    images = "1 image has" if len(group) == 1 else f"{len(group)} images have"
    missing = "no usable position, orientation or pixel size"
    text = f"{name}: {images} {missing}; shown, but not measured or graded."
    return (Problem("missing_geometry", text, group[0].header.path),)


def _flat_stack(group: list[ImageInfo]) -> tuple[ImageInfo, ...]:
    """Order images without geometry by InstanceNumber: nothing else is known of their order."""
    return tuple(sorted(group, key=lambda i: (i.instance or 0, i.header.path)))


def _with_plane_note(stacks: list[Series], name: str) -> list[Series]:
    planes = {series.plane.value for series in stacks if series.plane}
    if len(planes) < 2:
        return stacks
    text = f"{name} holds {' and '.join(sorted(planes))} images; each orientation is a stack of its own."
    return [_with_problem(stacks[0], Problem("mixed_orientation", text)), *stacks[1:]]


def _frame(image: ImageInfo | None, slot: int, grid: GridStack | None) -> Frame:
    position = 0.0
    if grid is not None:
        position = float(grid.geometry.slice_normal @ grid.geometry.index_to_world((slot, 0, 0)))
    if image is None:
        return Frame("", "", 0, position)
    if grid is not None:
        position = float(grid.geometry.slice_normal @ image.position)
    header, index = image.header, image.frame_index
    stored = header.pixels.stored_frame(index, frame_bytes(header.dataset))
    return Frame(header.path, header.sop_uid, index, position, stored)


def _rescale_problem(attributes: dict[str, Any], name: str) -> tuple[Problem, ...]:
    if not attributes["RescaleVaries"]:
        return ()
    text = f"{name}: the slices have different scale factors; as stored, their brightness differs."
    return (Problem("rescale_varies", text),)


def _series(
    uid: str,
    stack: int,
    images: tuple[ImageInfo | None, ...],
    grid: GridStack | None,
    problems: tuple[Problem, ...],
) -> Series:
    present = [image for image in images if image is not None]
    middle = present[len(present) // 2]
    data = middle.header.dataset
    attributes = series_attributes(present, middle)
    name, geometry = series_name(middle.header), grid.geometry if grid else None
    return Series(
        series_instance_uid=uid,
        stack=stack,
        frames=tuple(_frame(image, slot, grid) for slot, image in enumerate(images)),
        geometry=geometry,
        decision=UNDECIDED,
        description=tags.text(data, "SeriesDescription"),
        number=tags.integer(data, "SeriesNumber"),
        modality=tags.text(data, "Modality") or "MR",
        attributes=attributes,
        problems=(*problems, *_rescale_problem(attributes, name), *size_problem(name, geometry)),
        synthetic=tags.text(data, "SyntheticData").upper() == "YES",
    )
