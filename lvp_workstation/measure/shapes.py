"""Section shapes: endplates, bodies and discs in section coordinates (mm)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.outline import Outline, unit2


@dataclass(frozen=True, eq=False)
class Endplate:
    """Corners and hollow of an endplate, section points of shape (2,).

    ``derived``: taken from the surface of the neighbouring disc, the bone was not segmented.
    """

    anterior: Array
    middle: Array
    posterior: Array
    derived: bool = False

    @property
    def depth(self) -> float:
        """Distance between the corners, mm."""
        return float(np.linalg.norm(self.anterior - self.posterior))

    @property
    def forward(self) -> Array:
        """Unit direction from the posterior to the anterior corner."""
        return unit2(self.anterior - self.posterior)

    @property
    def normal(self) -> Array:
        """Unit normal that points superior."""
        ahead = self.forward
        return np.array((ahead[1], -ahead[0]))

    def at(self, share: float) -> Array:
        """Return the point of the rim line at a share of the way from posterior to anterior."""
        return np.asarray(self.posterior + share * (self.anterior - self.posterior))

    def grown(self, cortex: float, superior: bool) -> Endplate:
        """Return the endplate with ``cortex`` mm of unlabelled bone added outside of it and at both ends."""
        rise = self.normal * (cortex if superior else -cortex)
        return replace(
            self,
            anterior=self.anterior + rise + cortex * self.forward,
            middle=self.middle + rise,
            posterior=self.posterior + rise - cortex * self.forward,
        )


@dataclass(frozen=True, eq=False)
class Body:
    """A vertebral body: centroid, axis, endplates; None for an endplate that is not in view."""

    centre: Array
    up: Array
    superior: Endplate | None
    inferior: Endplate | None

    def grown(self, cortex: float) -> Body:
        """Return the body with ``cortex`` mm of unlabelled bone added on all sides."""
        top, bottom = self.superior, self.inferior
        return replace(
            self,
            superior=None if top is None else top.grown(cortex, True),
            inferior=None if bottom is None else bottom.grown(cortex, False),
        )


@dataclass(frozen=True, eq=False)
class DiscShape:
    """A disc mask: centroid, axis, area in mm2, and its outline in the frame of both."""

    centre: Array
    up: Array
    area: float
    outline: Outline
