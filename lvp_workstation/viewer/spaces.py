"""Patient spaces and what links them: places in two of them are compared only after a link was made.

A space is the frame of reference of one examination. Two examinations never share one, whatever their
files say: the patient lay anew. Files that state no frame of reference are a space each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.geometry import Array, Plane, vector
from lvp_workstation.viewer.display_series import DisplaySeries

Space = tuple[str, str]
"""StudyInstanceUID and FrameOfReferenceUID, or the key of the series where none is stated."""

LEAST_COMMON = 3
"""Vertebrae and discs that two examinations must share to be linked by them (our choice)."""


@dataclass(frozen=True, eq=False)
class Rigid:
    """A rotation (3, 3) followed by a translation (3,), LPS mm to LPS mm."""

    rotation: Array
    translation: Array

    def points(self, points: ArrayLike) -> Array:
        """Map points of shape (..., 3)."""
        return np.asarray(np.asarray(points, dtype=np.float64) @ self.rotation.T + self.translation)

    def directions(self, directions: ArrayLike) -> Array:
        """Map directions of shape (..., 3)."""
        return np.asarray(np.asarray(directions, dtype=np.float64) @ self.rotation.T)

    def plane(self, plane: Plane) -> Plane:
        """Map a plane."""
        return Plane(self.points(plane.point), self.directions(plane.normal))

    @property
    def inverse(self) -> Rigid:
        """The way back."""
        return Rigid(self.rotation.T, -self.rotation.T @ self.translation)


IDENTITY = Rigid(np.eye(3), np.zeros(3))


def shift(here: ArrayLike, there: ArrayLike) -> Rigid:
    """Return the translation that takes one point to another, LPS mm."""
    return Rigid(np.eye(3), vector(there) - vector(here))


def space_of(series: DisplaySeries | None) -> Space | None:
    """Return the space a series lies in, None without usable geometry."""
    if series is None or series.geometry is None:
        return None
    study = series.study.study_instance_uid if series.study is not None else ""
    return study, series.geometry.frame_of_reference_uid or f"series {series.key}"


@dataclass(frozen=True, eq=False)
class SpaceLink:
    """How places of one space are found in another, and in which words the screen says so."""

    rigid: Rigid
    how: str


class Spaces:
    """Which spaces are linked."""

    def __init__(self) -> None:
        self._links: dict[tuple[Space, Space], SpaceLink] = {}

    def link(self, first: Space, second: Space, link: SpaceLink) -> None:
        """Link two spaces; an earlier link between them is replaced."""
        self._links[first, second] = link
        self._links[second, first] = SpaceLink(link.rigid.inverse, link.how)

    def unlink_all(self, space: Space) -> bool:
        """Take every link of a space away; return whether there was one."""
        kept = {pair: link for pair, link in self._links.items() if space not in pair}
        found = len(kept) < len(self._links)
        self._links = kept
        return found

    def clear(self) -> None:
        """Take every link away: another study is shown."""
        self._links.clear()

    def between(self, first: Space | None, second: Space | None) -> Rigid | None:
        """Return the way from one space to another, None where they are not linked."""
        if first is None or second is None:
            return None
        if first == second:
            return IDENTITY
        found = self._links.get((first, second))
        return found.rigid if found is not None else None

    def words(self, space: Space | None) -> str:
        """Return how a space is linked to others, empty when it is not."""
        return ", ".join(
            dict.fromkeys(link.how for (first, _), link in self._links.items() if first == space)
        )


def fit_by_levels(here: ArrayLike, there: ArrayLike) -> tuple[Rigid, float] | None:
    """Return the movement that takes landmarks of a spine to the same ones of another examination.

    A column is nearly a line, which tells little about turns around itself: only the turn within the
    sagittal plane and the translation are fitted (Kabsch in two dimensions).

    Parameters
    ----------
    here, there
        Shape (n, 3): the same landmarks in both spaces, LPS mm.

    Returns
    -------
    tuple or None
        The movement, and the root mean square of what is left (mm); None for fewer than `LEAST_COMMON`.
    """
    a, b = np.asarray(here, dtype=np.float64), np.asarray(there, dtype=np.float64)
    if len(a) < LEAST_COMMON or a.shape != b.shape:
        return None
    from_middle, to_middle = a.mean(axis=0), b.mean(axis=0)
    flat, flat_there = (a - from_middle)[:, 1:], (b - to_middle)[:, 1:]
    dot = float((flat * flat_there).sum())
    cross = float((flat[:, 0] * flat_there[:, 1] - flat[:, 1] * flat_there[:, 0]).sum())
    angle = np.arctan2(cross, dot)
    rotation = np.eye(3)
    rotation[1:, 1:] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    rigid = Rigid(rotation, to_middle - rotation @ from_middle)
    left = np.linalg.norm(rigid.points(a) - b, axis=1)
    return rigid, float(np.sqrt((left**2).mean()))
