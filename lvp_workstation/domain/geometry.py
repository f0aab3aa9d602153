"""Points, directions and planes in patient space.

Every coordinate in the program is patient LPS in millimetres: x grows to the patient's
Left, y to Posterior, z to Superior (Head). ``left`` in a name means the patient's left.
What crosses to RAS says so in its name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.float64]

LEFT: Array = np.array((1.0, 0.0, 0.0))
POSTERIOR: Array = np.array((0.0, 1.0, 0.0))
SUPERIOR: Array = np.array((0.0, 0.0, 1.0))
for _axis in (LEFT, POSTERIOR, SUPERIOR):
    _axis.setflags(write=False)

LPS_TO_RAS: Array = np.diag((-1.0, -1.0, 1.0, 1.0))
LPS_TO_RAS.setflags(write=False)

_LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))
PARALLEL_EPSILON = 1e-9


def vector(value: ArrayLike) -> Array:
    """Return ``value`` as a read-only float vector of length 3."""
    result = np.array(value, dtype=np.float64).reshape(3)
    result.setflags(write=False)
    return result


def unit(value: ArrayLike) -> Array:
    """Return ``value`` scaled to length 1.

    Raises
    ------
    ValueError
        When the vector has no direction.
    """
    raw = np.asarray(value, dtype=np.float64).reshape(3)
    length = math.sqrt(float(raw @ raw))
    if not length > PARALLEL_EPSILON:
        raise ValueError("a vector of length zero has no direction")
    return vector(raw / length)


def orientation_letters(direction: ArrayLike, minimum: float = 0.2) -> str:
    """Return the patient letters a direction points to, strongest first, such as ``"PL"``.

    Parameters
    ----------
    direction
        A vector in LPS.
    minimum
        Components below this share of the unit vector are left out (our choice).
    """
    components = unit(direction)
    order = np.argsort(-np.abs(components))
    return "".join(
        _LETTERS[axis][int(components[axis] > 0)] for axis in order if abs(components[axis]) >= minimum
    )


def angle_deg(a: ArrayLike, b: ArrayLike) -> float:
    """Return the angle between two directions in degrees, 0-180."""
    cosine = float(np.dot(unit(a), unit(b)))
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def plane_angle_deg(a: ArrayLike, b: ArrayLike) -> float:
    """Return the angle between two planes given by their normals in degrees, 0-90."""
    angle = angle_deg(a, b)
    return min(angle, 180.0 - angle)


def rotated(direction: ArrayLike, axis: ArrayLike, degrees: float) -> Array:
    """Return a vector turned about an axis, right-handed (Rodrigues' formula)."""
    along, angle, raw = unit(axis), np.radians(degrees), vector(direction)
    across = np.cross(along, raw)
    return np.asarray(
        raw * np.cos(angle) + across * np.sin(angle) + along * (along @ raw) * (1 - np.cos(angle))
    )


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane: a point and a unit normal, LPS mm."""

    point: Array
    normal: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "point", vector(self.point))
        object.__setattr__(self, "normal", unit(self.normal))

    def signed_distance(self, points: ArrayLike) -> Array:
        """Return the distance of points of shape (..., 3), positive on the side of the normal."""
        return np.asarray((np.asarray(points, dtype=np.float64) - self.point) @ self.normal)

    def project(self, points: ArrayLike) -> Array:
        """Return points of shape (..., 3) dropped onto the plane."""
        raw = np.asarray(points, dtype=np.float64)
        return np.asarray(raw - self.signed_distance(raw)[..., None] * self.normal)
