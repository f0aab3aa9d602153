"""Divide the images of one SeriesInstanceUID into stacks that can each be one voxel grid."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from lvp_workstation.io.image_info import ImageInfo

ORIENTATION_TOLERANCE = 1e-3
"""Direction cosines nearer than this count as one orientation: 0.06 degrees (our choice)."""

SPACING_DECIMALS = 4
ECHO_DECIMALS = 2
SAME_POSITION_MM = 0.01
"""Slices nearer than this along the normal are at one position (our choice)."""

DISCRIMINATORS: tuple[tuple[str, Callable[[ImageInfo], Any]], ...] = (
    ("diffusion weighting", lambda image: image.b_value),
    ("inversion time", lambda image: image.inversion_time),
    ("flip angle", lambda image: image.flip_angle),
    ("acquisition number", lambda image: image.acquisition),
    ("trigger time", lambda image: image.trigger_time),
    ("acquisition time", lambda image: image.time),
)
"""What may tell apart images that lie at one position, in the order in which it is tried."""


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)


def _stack_key(image: ImageInfo) -> Hashable:
    return (
        image.has_geometry,
        image.rows,
        image.columns,
        tuple(round(value, SPACING_DECIMALS) for value in image.pixel_spacing),
        image.stack_id,
        _rounded(image.echo_time, ECHO_DECIMALS),
        image.echo_number,
        image.temporal_position,
        image.image_type,
    )


def _partition(images: Iterable[ImageInfo], key: Callable[[ImageInfo], Hashable]) -> list[list[ImageInfo]]:
    parts: dict[Hashable, list[ImageInfo]] = defaultdict(list)
    for image in images:
        parts[key(image)].append(image)
    return list(parts.values())


def by_orientation(images: list[ImageInfo]) -> list[list[ImageInfo]]:
    """Gather images of (nearly) equal orientation."""
    waiting = np.array([image.orientation for image in images])
    left = np.arange(len(images))
    groups: list[list[ImageInfo]] = []
    while left.size:
        near = np.abs(waiting[left] - waiting[left[0]]).max(axis=1) <= ORIENTATION_TOLERANCE
        groups.append([images[n] for n in left[near]])
        left = left[~near]
    return groups


def slice_distance(image: ImageInfo, reference: ImageInfo) -> float:
    """Return where an image lies along the normal of ``reference``, in mm."""
    return float(reference.normal @ image.position)


def _position_numbers(images: list[ImageInfo]) -> list[int]:
    """Return for each image the number of its position along the normal, equal positions sharing one."""
    distances = [slice_distance(image, images[0]) for image in images]
    order = sorted(range(len(images)), key=distances.__getitem__)
    numbers, current = [0] * len(images), 0
    for before, here in pairwise(order):
        current += distances[here] - distances[before] > SAME_POSITION_MM
        numbers[here] = current
    return numbers


def _multiplicity(images: list[ImageInfo]) -> int:
    return max(Counter(_position_numbers(images)).values())


def separate_duplicates(images: list[ImageInfo]) -> tuple[list[list[ImageInfo]], str]:
    """Split images that share positions into stacks in which each position occurs once.

    Returns
    -------
    stacks, reason
        What told them apart, in words; empty when no position occurs twice.
    """
    times = _multiplicity(images)
    if times == 1:
        return [images], ""
    for name, key in DISCRIMINATORS:
        parts = _partition(images, key)
        if len(parts) == times and all(_multiplicity(part) == 1 for part in parts):
            return sorted(parts, key=_first_instance), name
    return _by_occurrence(images), "order of acquisition"


def _first_instance(images: list[ImageInfo]) -> tuple[int, int, str]:
    return min((i.acquisition or 0, i.instance or 0, i.header.sop_uid) for i in images)


def _by_occurrence(images: list[ImageInfo]) -> list[list[ImageInfo]]:
    """Give the n-th image at each position to the n-th stack."""
    numbered = sorted(
        zip(_position_numbers(images), images, strict=True), key=lambda pair: _first_instance([pair[1]])
    )
    seen: Counter[int] = Counter()
    stacks: dict[int, list[ImageInfo]] = defaultdict(list)
    for number, image in numbered:
        stacks[seen[number]].append(image)
        seen[number] += 1
    return [stacks[n] for n in sorted(stacks)]


def stacks_of(images: list[ImageInfo]) -> list[tuple[list[ImageInfo], str]]:
    """Divide the images of a series into stacks, with what told duplicate positions apart.

    The order is that of the first InstanceNumber; nothing else depends on it.
    """
    found: list[tuple[list[ImageInfo], str]] = []
    for same_key in _partition(images, _stack_key):
        for group in by_orientation(same_key):
            if not group[0].has_geometry:
                found.append((group, ""))
                continue
            parts, reason = separate_duplicates(group)
            found.extend((part, reason) for part in parts)
    return sorted(found, key=lambda pair: _first_instance(pair[0]))
