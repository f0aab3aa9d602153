"""AP diameter of the bony canal on the midline: from the wall of the body to the arch of the vertebra."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import VERTEBRA_BASE
from lvp_workstation.measure.anatomy2d import SectionAnatomy
from lvp_workstation.measure.outline import LocalFrame
from lvp_workstation.measure.section import Patch
from lvp_workstation.measure.shapes import Body

LEVEL = -0.25
"""Height of the measurement above the middle of the body, in body heights: there the lamina closes the
canal on the midline (our choice)."""
RANGE_MM = (8.0, 30.0)
"""Least and greatest believable diameter, mm (our choice; adults have 10-25)."""
STEP = 0.2


def bony_canal(found: SectionAnatomy, n: int, body: Body) -> tuple[Array, Array] | None:
    """Return the front and the back point of the bony canal of vertebra ``n`` in the section.

    None where the arch is not in the section: on the midline it is closed only over a part of its height.
    """
    top, bottom = body.superior, body.inferior
    patch = found.section.mask(VERTEBRA_BASE + n)
    if top is None or bottom is None or patch is None or found.canal is None:
        return None
    height = float(np.linalg.norm(top.at(0.5) - bottom.at(0.5)))
    wall = bottom.posterior + (0.5 + LEVEL) * (top.posterior - bottom.posterior)
    frame = LocalFrame(wall, body.up)
    for shift in (0.0, 0.06, -0.06, 0.12, -0.12):
        points = _ray(frame, shift * height, found, patch)
        if points is not None:
            return points
    return None


def _ray(frame: LocalFrame, up: float, found: SectionAnatomy, vertebra: Patch) -> tuple[Array, Array] | None:
    back = np.arange(-8.0, RANGE_MM[1] + 6.0, STEP)
    line = frame.origin + up * frame.up + back[:, None] * frame.back
    assert found.canal is not None
    bone, canal = vertebra.at(line) >= 0.5, found.canal.patch.at(line) >= 0.5
    if not canal.any():
        return None
    first, last = int(np.argmax(canal)), int(canal.size - 1 - np.argmax(canal[::-1]))
    ahead, behind = np.flatnonzero(bone[:first]), np.flatnonzero(bone[last:])
    if not ahead.size or not behind.size:
        return None
    wall, arch = int(ahead[-1]), last + int(behind[0])
    if not RANGE_MM[0] <= (arch - wall) * STEP <= RANGE_MM[1]:
        return None
    cortex = found.gap / 2
    ends = back[wall] + STEP / 2 + cortex, back[arch] - STEP / 2 - cortex
    if ends[1] - ends[0] < RANGE_MM[0]:
        return None
    base = frame.origin + up * frame.up
    return base + ends[0] * frame.back, base + ends[1] * frame.back
