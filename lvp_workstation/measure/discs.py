"""Discs in the section: mask shape, and heights between the endplates."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.bodies import MIN_AREA
from lvp_workstation.measure.outline import LocalFrame, median_near, resting_line, trace, unit2
from lvp_workstation.measure.section import Patch
from lvp_workstation.measure.shapes import DiscShape, Endplate

MIN_DISC_AREA = 0.3 * MIN_AREA
DEFAULT_GAP = 1.6
"""Thickness of the unlabelled endplate between disc and body where it cannot be measured in the same
spine, mm (our choice: near the median of SPIDER masks)."""
MIN_POSTERIOR_HEIGHT = 2.5
"""Below this distance of the posterior corners, mm, the line joining them has no sure direction and the
axis of the disc space is used (our choice)."""
INSIDE_DISC_SHARE = 0.6
"""A height below this share of the thickness of the mask there begins or ends inside the disc (our choice:
17 of 412 outer heights of 30 SPIDER patients, at rounded or torn corners)."""
EDGE_MM = 3.0
"""Half the depth over which the thickness of a disc is taken, mm (our choice)."""
MAX_DERIVED_TILT = 25.0
"""A derived endplate that tilts more than this against its disc, degrees, is the edge of a torn mask (our
choice: at most 12 in 16 SPIDER patients, 50 in one torn mask)."""


def main_part(patch: Patch) -> Patch:
    """Return the soft mask of the largest connected part."""
    labels, count = ndimage.label(patch.inside)
    if count < 2:
        return patch
    largest = 1 + int(np.argmax(np.bincount(labels.ravel())[1:]))
    near = ndimage.binary_dilation(labels == largest)
    return Patch(np.where(near, patch.values, 0.0), patch.row, patch.column, patch.spacing)


def find_disc(patch: Patch, up: Array) -> DiscShape | None:
    """Return the shape of a disc mask.

    Parameters
    ----------
    patch
        Soft mask in the section.
    up
        Direction of the spine at the disc; the axis of the disc lies within 40 degrees of it.
    """
    if patch.area < MIN_DISC_AREA:
        return None
    points = patch.points(patch.inside)
    centre = points.mean(axis=0)
    axis = _short_axis(points - centre, up)
    outline = trace(patch, LocalFrame(centre, axis), (-40.0, 40.0, -20.0, 20.0))
    return None if outline is None else DiscShape(centre, axis, patch.area, outline)


def _short_axis(offsets: Array, up: Array) -> Array:
    values, vectors = np.linalg.eigh(np.cov(offsets.T))
    if values[1] < 1.5 * max(float(values[0]), 1e-9):
        return up
    axis = vectors[:, 0] * np.sign(float(vectors[:, 0] @ up) or 1.0)
    return unit2(axis) if float(axis @ up) > np.cos(np.deg2rad(40.0)) else up


def derived_endplate(disc: DiscShape, upper: bool, gap: float) -> Endplate | None:
    """Return the endplate beside a disc whose body was not segmented, from the surface of the disc.

    Parameters
    ----------
    upper
        True for the inferior endplate of the body above, False for the superior one of the body below.
    gap
        Thickness of the unlabelled endplate, mm.
    """
    outline = disc.outline
    sign = 1.0 if upper else -1.0
    surface = outline.top if upper else -outline.bottom
    low, high = np.quantile(outline.back, (0.06, 0.94))
    keep = (outline.back >= low) & (outline.back <= high)
    if keep.sum() < 6:
        return None
    slope, intercept = resting_line(outline.back[keep], surface[keep])
    ends = np.array((outline.back[0] + 0.5, outline.back[-1] - 0.5))
    middle = float(ends.mean())
    height = median_near(outline.back, surface, middle)
    level = slope * middle + intercept if height is None else height
    back = np.array((ends[0], middle, ends[1]))
    heights = np.array((slope * ends[0] + intercept, level, slope * ends[1] + intercept)) + gap
    points = LocalFrame(disc.centre, disc.up).to_section(back, sign * heights)
    plate = Endplate(points[0], points[1], points[2], derived=True)
    return plate if float(plate.normal @ disc.up) > np.cos(np.deg2rad(MAX_DERIVED_TILT)) else None


def measured_gap(disc: DiscShape, lower: Endplate) -> float | None:
    """Return the median distance between the disc mask and the endplate below it, mm."""
    frame = LocalFrame(disc.centre, disc.up)
    back, height = frame.to_local(np.stack([lower.posterior, lower.middle, lower.anterior]))
    surface = median_near(disc.outline.back, disc.outline.bottom, float(back[1]), half=4.0)
    return None if surface is None else float(np.clip(surface - height[1], 0.0, 3.0))


def disc_frame(upper: Endplate, lower: Endplate) -> LocalFrame:
    """Return the frame of a disc space: between the endplates, axis along their bisector."""
    up = unit2(upper.normal + lower.normal)
    return LocalFrame((upper.at(0.5) + lower.at(0.5)) / 2, up)


def disc_heights(upper: Endplate, lower: Endplate) -> dict[str, tuple[Array, Array]] | None:
    """Return the lower and the upper point of the anterior, middle and posterior disc height.

    Heights run along the axis of the disc space, the outer ones where both bodies end (their overlap),
    so that a slip does not lengthen them; the middle one lies between the hollows. A height is left out
    where the rim lines cross.
    """
    frame = disc_frame(upper, lower)
    up_back, _ = frame.to_local(np.stack([upper.anterior, upper.posterior]))
    low_back, _ = frame.to_local(np.stack([lower.anterior, lower.posterior]))
    ahead, behind = max(up_back[0], low_back[0]), min(up_back[1], low_back[1])
    if behind - ahead < 5.0:
        return None
    result = {}
    for name, back in (("anterior", float(ahead)), ("posterior", float(behind))):
        low, high = _on_line(frame, lower, back), _on_line(frame, upper, back)
        if float((high - low) @ frame.up) > 0:
            result[name] = (low, high)
    rise = float((upper.middle - lower.middle) @ frame.up)
    if rise > 0:
        result["middle"] = (lower.middle, lower.middle + rise * frame.up)
    return result


def ends_inside(disc: DiscShape, ends: tuple[Array, Array]) -> bool:
    """Return whether a disc height is shorter than the disc mask is thick there, see `INSIDE_DISC_SHARE`.

    Bone to bone can be no shorter than the disc between: such a corner was placed inside the disc.
    """
    outline, (low, high) = disc.outline, ends
    back, _ = LocalFrame(disc.centre, disc.up).to_local((low + high) / 2)
    at = float(np.clip(back, outline.back[0], outline.back[-1]))
    thickness = median_near(outline.back, outline.top - outline.bottom, at, half=EDGE_MM)
    return thickness is not None and float(np.linalg.norm(high - low)) < INSIDE_DISC_SHARE * thickness


def _on_line(frame: LocalFrame, plate: Endplate, back: float) -> Array:
    """Return the point of a rim line at a posterior coordinate of a frame."""
    ends, heights = frame.to_local(np.stack([plate.posterior, plate.anterior]))
    share = (back - ends[0]) / (ends[1] - ends[0])
    return frame.to_section(np.array(back), np.array(heights[0] + share * (heights[1] - heights[0])))
