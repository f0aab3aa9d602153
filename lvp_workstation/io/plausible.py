"""Sizes that no patient has: a wrong pixel size in a header makes every measurement wrong."""

from __future__ import annotations

from lvp_workstation.domain.study import Problem
from lvp_workstation.domain.volume import COLUMN, ROW, VolumeGeometry

MIN_FIELD_MM, MAX_FIELD_MM = 30.0, 1500.0
"""Length of the longer side of an MR image: a finger to a composed whole spine (our choice)."""
ABSURD_SIZE = "absurd_size"
"""Code of the problem: nothing is measured on such a series."""


def size_problem(name: str, geometry: VolumeGeometry | None, path: str = "") -> tuple[Problem, ...]:
    """Return a problem when the images of a series, ``name`` in words, cannot be as large as they say."""
    if geometry is None:
        return ()
    height, width = (geometry.shape[axis] * geometry.spacing[axis] for axis in (ROW, COLUMN))
    if MIN_FIELD_MM <= max(height, width) <= MAX_FIELD_MM:
        return ()
    text = (
        f"{name} states images of {height:.3g} x {width:.3g} mm, which no patient fits; "
        "its pixel size is wrong, and so is every length measured on it."
    )
    return (Problem(ABSURD_SIZE, text, path),)
