"""Region of interest: drag from corner to corner of the box around an ellipse."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import TOO_SHORT_MM, MarkShape
from lvp_workstation.viewer.tools.distance import DistanceTool


class RoiTool(DistanceTool):
    """Measures area and signal inside an ellipse."""

    tool_id: ClassVar[str] = "roi"
    shape: ClassVar[MarkShape] = MarkShape.ELLIPSE

    def between(self, ends: Array, right: Array) -> Array | None:
        """Return centre and ends of the semi-axes of the ellipse in the box, None while it is a line."""
        half = (ends[1] - ends[0]) / 2
        across = (half @ right) * right
        along = half - across
        if min(np.linalg.norm(across), np.linalg.norm(along)) < TOO_SHORT_MM:
            return None
        centre = ends[0] + half
        return np.array([centre, centre + across, centre + along])
