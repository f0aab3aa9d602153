"""The exact map between the pixels of a view and patient space.

Pixel coordinates are continuous: (0, 0) is the outer top-left corner of the view, x grows to
the right, y downwards, and the centre of the pixel in column ``c`` and row ``r`` is
(c + 0.5, r + 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.geometry import Array, Plane, unit, vector


@dataclass(frozen=True, eq=False)
class ViewTransform:
    """An orthographic camera on a plane in patient space.

    Attributes
    ----------
    centre
        The LPS point (mm) in the middle of the view.
    right, down
        Perpendicular unit LPS directions of growing x and y on the screen.
    mm_per_pixel
        Size of one pixel in mm.
    width, height
        Size of the view in pixels.
    """

    centre: Array
    right: Array
    down: Array
    mm_per_pixel: float
    width: int
    height: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "centre", vector(self.centre))
        object.__setattr__(self, "right", unit(self.right))
        object.__setattr__(self, "down", unit(self.down))
        if abs(float(self.right @ self.down)) > 1e-6:
            raise ValueError("the directions of a view must be perpendicular")
        if not self.mm_per_pixel > 0 or self.width < 1 or self.height < 1:
            raise ValueError("a view has a positive size and scale")

    @cached_property
    def normal(self) -> Array:
        """Unit direction from the viewer into the screen."""
        return unit(np.cross(self.right, self.down))

    @cached_property
    def plane(self) -> Plane:
        """The plane that is shown."""
        return Plane(self.centre, self.normal)

    @property
    def corner(self) -> Array:
        """The LPS point of pixel coordinate (0, 0)."""
        return self.pixel_to_world((0.0, 0.0))

    def pixel_to_world(self, pixels: ArrayLike) -> Array:
        """Map pixel coordinates of shape (..., 2) to LPS mm points on the shown plane."""
        raw = (np.asarray(pixels, dtype=np.float64) - self._middle) * self.mm_per_pixel
        return np.asarray(self.centre + raw @ self._along.T)

    def world_to_pixel(self, points: ArrayLike) -> Array:
        """Map LPS mm points of shape (..., 3), dropped onto the plane, to pixel coordinates (..., 2)."""
        offset = np.asarray(points, dtype=np.float64) - self.centre
        return np.asarray(offset @ self._along / self.mm_per_pixel + self._middle)

    def depth(self, points: ArrayLike) -> Array:
        """Return the signed distance in mm of points (..., 3) from the plane, positive into the screen."""
        return self.plane.signed_distance(points)

    def pixel_matrix(self) -> Array:
        """Return the (4, 4) map from (column, row, mm into the screen, 1) of pixel *centres* to LPS."""
        matrix = np.eye(4)
        matrix[:3, 0] = self.right * self.mm_per_pixel
        matrix[:3, 1] = self.down * self.mm_per_pixel
        matrix[:3, 2] = self.normal
        matrix[:3, 3] = self.pixel_to_world((0.5, 0.5))
        return matrix

    def scaled(self, factor: float) -> ViewTransform:
        """Return the same field of view with ``factor`` times the pixels (device pixel ratio)."""
        width, height = max(1, round(self.width * factor)), max(1, round(self.height * factor))
        return replace(self, mm_per_pixel=self.mm_per_pixel / factor, width=width, height=height)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """A hashable value that two equal views share."""
        where = (*self.centre.tolist(), *self.right.tolist(), *self.down.tolist())
        return (*where, self.mm_per_pixel, self.width, self.height)

    @cached_property
    def _middle(self) -> Array:
        return np.array((self.width / 2.0, self.height / 2.0))

    @cached_property
    def _along(self) -> Array:
        """Shape (3, 2): the directions of x and y as columns."""
        return np.stack([self.right, self.down], axis=1)
