"""Make one or more voxel grids of the images of a stack, sorted by position along the slice normal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.study import Problem
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.io import tags
from lvp_workstation.io.grouping import slice_distance
from lvp_workstation.io.image_info import ImageInfo
from lvp_workstation.io.limits import MAX_STACKS

UNIFORM_SHARE = 0.025
UNIFORM_MM = 0.02
"""A stack is uniform when no slice lies further from its place than this, whichever is larger."""

VARYING_SHARE = 0.25
"""Up to this share of the spacing a stack of varying spacing is still shown as one volume."""

MULTIPLE_TOLERANCE = 0.1
MAX_MISSING_SHARE = 0.2
"""Missing slices are left blank up to this share of the stack; beyond it the stack is divided."""

SHEAR_MM = 0.01
"""In-plane offset from slice to slice that is mentioned (all in this block: our choice)."""

DEFAULT_THICKNESS_MM = 1.0


@dataclass(frozen=True, eq=False)
class GridStack:
    """Images in ascending position with their grid; ``None`` stands where no image was found."""

    images: tuple[ImageInfo | None, ...]
    geometry: VolumeGeometry
    problems: tuple[Problem, ...] = ()


def grids_of(images: list[ImageInfo], name: str) -> list[GridStack]:
    """Return the voxel grids of images that share orientation and matrix, one per position.

    Parameters
    ----------
    images
        In any order, all with geometry. What would give more than `limits.MAX_STACKS` grids is left out.
    name
        How sentences call the series.
    """
    ordered = sorted(images, key=lambda image: slice_distance(image, images[0]))
    waiting, done = [ordered], list[GridStack]()
    while waiting and len(done) < MAX_STACKS:
        part = waiting.pop()
        grid = _one_grid(part, name)
        if grid is not None:
            done.append(grid)
        else:
            at = _cutting_place(part)
            waiting += [part[at:], part[:at]]
    return done if len(done) == 1 else [_with_division(done[0], ordered, name), *done[1:]]


def _points(images: list[ImageInfo]) -> Array:
    return np.array([image.position for image in images], dtype=np.float64)


def _residual(points: Array, slots: Array) -> float:
    """Return the largest distance of a point from its place on the line through the first and last."""
    share = (slots - slots[0]) / (slots[-1] - slots[0])
    line = points[0] + share[:, None] * (points[-1] - points[0])
    return float(np.linalg.norm(points - line, axis=1).max())


def _steps(images: list[ImageInfo]) -> Array:
    return np.diff([slice_distance(image, images[0]) for image in images])


def _one_grid(images: list[ImageInfo], name: str) -> GridStack | None:
    """Return the grid of images in ascending position, None when they do not form one."""
    if len(images) == 1:
        return _grid(images, np.zeros(1), ())
    points, steps = _points(images), _steps(images)
    nominal = float(np.median(steps))
    slots = np.arange(len(images), dtype=np.float64)
    tolerance = max(UNIFORM_MM, UNIFORM_SHARE * nominal)
    off = _residual(points, slots)
    if off <= tolerance:
        return _grid(images, slots, _shear_problem(points, images[0], name))
    filled = _slots_with_gaps(steps, nominal)
    if filled is not None and _residual(points, filled) <= tolerance * 2:
        return _grid(images, filled, _gap_problem(filled, name))
    if np.abs(steps - nominal).max() <= VARYING_SHARE * nominal and off <= nominal / 2:
        return _grid(images, slots, _varying_problem(steps, off, name))
    return None


def _slots_with_gaps(steps: Array, nominal: float) -> Array | None:
    """Return the place of each slice when gaps are whole multiples of the spacing, None otherwise."""
    multiples = steps / nominal
    whole = np.rint(multiples)
    if whole.min() < 1 or np.abs(multiples - whole).max() > MULTIPLE_TOLERANCE:
        return None
    slots = np.concatenate(([0.0], np.cumsum(whole)))
    missing = slots[-1] + 1 - len(slots)
    return slots if 0 < missing <= max(1.0, MAX_MISSING_SHARE * len(slots)) else None


def _cutting_place(images: list[ImageInfo]) -> int:
    """Return where the step from slice to slice differs most from the others."""
    vectors = np.diff(_points(images), axis=0)
    unusual = np.linalg.norm(vectors - np.median(vectors, axis=0), axis=1)
    return int(np.argmax(unusual if unusual.max() > 0 else _steps(images))) + 1


def _with_division(first: GridStack, images: list[ImageInfo], name: str) -> GridStack:
    steps = _steps(images)
    problem = Problem(
        "stack_divided",
        f"{name}: the slices do not form one evenly spaced stack (steps of {steps.min():.2f} to "
        f"{steps.max():.2f} mm); they are shown as separate stacks.",
    )
    return replace(first, problems=(problem, *first.problems))


def _grid(images: list[ImageInfo], slots: Array, problems: tuple[Problem, ...]) -> GridStack:
    """Build the grid: rows and columns of the first image, the slice step from first to last position."""
    first = images[0]
    count = int(slots[-1]) + 1
    affine = np.eye(4)
    affine[:3, 0] = _slice_step(images, count)
    affine[:3, 1] = first.down * first.pixel_spacing[0]
    affine[:3, 2] = first.across * first.pixel_spacing[1]
    affine[:3, 3] = first.position
    placed: list[ImageInfo | None] = [None] * count
    for slot, image in zip(slots, images, strict=True):
        placed[int(slot)] = image
    frame_of_reference = tags.text(first.header.dataset, "FrameOfReferenceUID")
    geometry = VolumeGeometry(affine, (count, first.rows, first.columns), frame_of_reference)
    return GridStack(tuple(placed), geometry, problems)


def _slice_step(images: list[ImageInfo], count: int) -> Array:
    first, last = images[0], images[-1]
    if count > 1:
        return np.asarray((last.position - first.position) / (count - 1))
    spacing = tags.number(first.header.dataset, "SpacingBetweenSlices") or first.thickness
    return np.asarray(first.normal * (abs(spacing) if spacing else DEFAULT_THICKNESS_MM))


def _shear_problem(points: Array, first: ImageInfo, name: str) -> tuple[Problem, ...]:
    step = (points[-1] - points[0]) / (len(points) - 1)
    offset = np.hypot(float(step @ first.across), float(step @ first.down))
    if offset <= SHEAR_MM:
        return ()
    return (
        Problem(
            "sheared",
            f"{name}: each slice is shifted {offset:.2f} mm in its plane against the one before; "
            "positions are exact, computed planes follow the shift.",
        ),
    )


def _gap_problem(slots: Array, name: str) -> tuple[Problem, ...]:
    missing = sorted(set(range(int(slots[-1]) + 1)) - {int(s) for s in slots})
    places = ", ".join(str(n + 1) for n in missing)
    many = len(missing) > 1
    return (
        Problem(
            "missing_slices",
            f"{name}: slice{'s' if many else ''} {places} of {int(slots[-1]) + 1} "
            f"{'are' if many else 'is'} missing and shown blank.",
        ),
    )


def _varying_problem(steps: Array, off: float, name: str) -> tuple[Problem, ...]:
    return (
        Problem(
            "varying_spacing",
            f"{name}: the slice spacing varies from {steps.min():.2f} to {steps.max():.2f} mm; positions "
            f"across slices are off by up to {off:.2f} mm.",
        ),
    )
