"""Vertebral bodies: split from the posterior elements, then four resting lines and corners."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.canal import CanalLine
from lvp_workstation.measure.outline import (
    LocalFrame,
    Outline,
    crossing,
    median_near,
    resting_line,
    trace,
    unit2,
)
from lvp_workstation.measure.section import Patch
from lvp_workstation.measure.shapes import Body, Endplate

MIN_AREA = 80.0
"""Smallest body in the section, mm2 (our choice; the smallest of SPIDER is above 400)."""
MIN_DEPTH = 15.0
"""Smallest depth of a body at its endplates, mm (our choice; adults have 25-45)."""
MAX_DEPTH_RATIO = 1.35
"""Greatest depth of an endplate over the extent of the mask (our choice: corners far outside are wrong)."""
FILL = (0.72, 1.15)
"""Share of the area between the four lines that a body's mask fills (our choice)."""
REAR_OVER_FRONT = (0.6, 2.5)
"""Posterior over anterior height of a body (our choice: L5 has about 0.8, a collapsed wedge fracture 2)."""
ARCH_SHARE, ARCH_MM = 0.7, 5.0
"""What is less than 0.7 as high as the front half of the body and longer than 5 mm is no rounded corner but a
pedicle (our choice: lumbar pedicles are about half as high as the body)."""
WALL_LENIENCE = 1.0
"""Distance in mm by which a body may reach into the canal: ragged masks (our choice)."""
SACRAL_WINDOW = (-16.0, 6.0)
"""Part of the sacrum, mm below and above the lowest disc, that is the first sacral body (our choice)."""
SACRAL_CORNERS = (45.0, 40.0)
"""Direction, degrees above the axis of the disc, in which the anterior and the posterior corner of S1 are the
outermost points (our choice: over 178 L5-S1 discs without a slip L5 and S1 then differ least)."""
EDGE_MM, MAX_ROUNDING = (2.0, 6.0), 3.0
"""Part of the edges beside a corner of S1 that is taken to be straight, and the most that their crossing may
lie from the mask, mm (our choice)."""
MAX_SACRAL_TILT = 35.0
"""An endplate of S1 that tilts more against the disc, degrees, is the edge of a torn mask (our choice)."""
SIDE_BAND = (0.06, 0.94)
"""Share of the height (or depth) on which wall (or endplate) lines may rest (our choice)."""


def isolate_body(patch: Patch, canal: CanalLine | None) -> Patch | None:
    """Return the soft mask of the body alone: the largest part in front of the canal.

    Parameters
    ----------
    patch
        Soft mask of a vertebra with its posterior elements.
    canal
        The canal in the section, None when it was not segmented: then the largest foremost part.
    """
    inside = patch.inside
    if canal is not None:
        rows = -(np.arange(inside.shape[0], dtype=np.float64) + patch.row) * patch.spacing[0]
        columns = (np.arange(inside.shape[1]) + patch.column) * patch.spacing[1]
        inside = inside & (columns[None, :] < canal.front_at(rows)[:, None] + WALL_LENIENCE)
    labels, count = ndimage.label(inside)
    if not count:
        return None
    sizes = np.bincount(labels.ravel())[1:] * patch.spacing[0] * patch.spacing[1]
    big = [n + 1 for n in range(count) if sizes[n] >= max(MIN_AREA, 0.4 * float(sizes.max()))]
    if not big:
        return None
    centres = ndimage.center_of_mass(labels > 0, labels, big)
    foremost = big[int(np.argmin([c[1] for c in centres]))]
    return _only(patch, ndimage.binary_fill_holes(labels == foremost))


def _only(patch: Patch, part: NDArray[np.bool_]) -> Patch:
    """Return the soft mask restricted to a part and the soft rim around it; holes are filled."""
    near = ndimage.binary_dilation(part)
    values = np.where(near, patch.values, 0.0)
    values[part] = np.maximum(values[part], 0.5)
    core = ndimage.binary_erosion(part)
    values[core] = 1.0
    return Patch(values, patch.row, patch.column, patch.spacing)


def open_behind(patch: Patch, canal: CanalLine | None) -> bool:
    """Return whether no canal parts a body from its arch: the section runs beside it there."""
    if canal is None:
        return True
    heights = patch.points(patch.inside)[:, 1]
    return bool(np.mean(np.isinf(canal.front_at(heights))) > 0.5)


def find_body(patch: Patch, up: Array, cut: tuple[bool, bool], arch: bool = False) -> Body | None:
    """Return corners and endplates of an isolated body.

    Parameters
    ----------
    patch
        Soft mask from `isolate_body`.
    up
        First guess of the body axis.
    cut
        Whether the image cuts the body above and below; a cut endplate is left out.
    arch
        Whether a pedicle may be part of the mask, see `open_behind`.
    """
    points = patch.points(patch.inside)
    if len(points) < 8:
        return None
    centre = points.mean(axis=0)
    plates: tuple[Endplate, Endplate] | None = None
    outline: Outline | None = None
    for _ in range(2):
        frame = LocalFrame(centre, up)
        outline = trace(patch, frame, _window(frame, points))
        if outline is None:
            return None
        if arch:
            outline = _without_arch(patch, frame, outline)
        plates = _plates(frame, outline)
        up = _axis(plates, cut, up)
    assert plates is not None
    assert outline is not None
    if not _believable(plates, patch.area, cut, float(np.ptp(outline.back))):
        return Body(centre, up, None, None)
    return Body(centre, up, None if cut[0] else plates[0], None if cut[1] else plates[1])


def _window(frame: LocalFrame, points: Array) -> tuple[float, float, float, float]:
    """Return the window of a frame that holds points and a rim of 2 mm."""
    back, up = frame.to_local(points)
    return float(back.min()) - 2.0, float(back.max()) + 2.0, float(up.min()) - 2.0, float(up.max()) + 2.0


def _without_arch(patch: Patch, frame: LocalFrame, outline: Outline) -> Outline:
    """Return the outline in front of a pedicle that joins the body where the section leaves the midline.

    A pedicle is lower than the body: the body ends where its height falls below `ARCH_SHARE` for good.
    """
    height = outline.top - outline.bottom
    tall = np.flatnonzero(height >= ARCH_SHARE * float(np.median(height[: max(1, height.size // 2)])))
    end = float(outline.back[tall[-1]]) if tall.size else float(outline.back[-1])
    if outline.back[-1] - end < ARCH_MM:
        return outline
    window = (
        float(outline.back[0]) - 2.0,
        end + 1.0,
        float(outline.up[0]) - 2.0,
        float(outline.up[-1]) + 2.0,
    )
    return trace(patch, frame, window) or outline


def _believable(
    plates: tuple[Endplate, Endplate], area: float, cut: tuple[bool, bool], extent: float
) -> bool:
    """Return whether the corners fit the mask: a torn or half-seen body gives none."""
    depths = [plate.depth for plate, missing in zip(plates, cut, strict=True) if not missing]
    if not depths or min(depths) < MIN_DEPTH or max(depths) > MAX_DEPTH_RATIO * extent:
        return False
    if any(cut):
        return True
    top, bottom = plates
    corners = np.stack([top.posterior, top.anterior, bottom.anterior, bottom.posterior])
    following = np.roll(corners, -1, axis=0)
    box = abs(float(np.sum(corners[:, 0] * following[:, 1] - corners[:, 1] * following[:, 0]))) / 2
    ordered = float(np.sum((top.at(0.5) - bottom.at(0.5)) * (top.normal + bottom.normal))) > 0
    rear = float((top.posterior - bottom.posterior) @ (top.normal + bottom.normal))
    front = float((top.anterior - bottom.anterior) @ (top.normal + bottom.normal))
    wedged = REAR_OVER_FRONT[0] * front <= rear <= REAR_OVER_FRONT[1] * front
    return ordered and wedged and FILL[0] <= area / max(box, 1e-6) <= FILL[1]


def _axis(plates: tuple[Endplate, Endplate], cut: tuple[bool, bool], up: Array) -> Array:
    normals = [plate.normal for plate, missing in zip(plates, cut, strict=True) if not missing]
    turned = unit2(np.sum(normals, axis=0)) if normals else up
    return turned if float(turned @ up) > 0.7 else up


def _plates(frame: LocalFrame, outline: Outline) -> tuple[Endplate, Endplate]:
    """Return the superior and the inferior endplate between the resting lines of an outline."""
    ends = _band(outline.back)
    sides = _band(outline.up)
    back, up = outline.back[ends], outline.up[sides]
    top = resting_line(back, outline.top[ends])
    below = resting_line(back, -outline.bottom[ends])
    bottom = (-below[0], -below[1])
    rear = resting_line(up, outline.rear[sides])
    ahead = resting_line(up, -outline.front[sides])
    front = (-ahead[0], -ahead[1])
    return (
        _plate(frame, top, front, rear, (outline.back, outline.top)),
        _plate(frame, bottom, front, rear, (outline.back, outline.bottom)),
    )


def _band(x: Array) -> NDArray[np.bool_]:
    low = x[0] + SIDE_BAND[0] * (x[-1] - x[0])
    high = x[0] + SIDE_BAND[1] * (x[-1] - x[0])
    return np.asarray((x >= low - 1e-9) & (x <= high + 1e-9))


def _plate(
    frame: LocalFrame,
    line: tuple[float, float],
    front: tuple[float, float],
    rear: tuple[float, float],
    contour: tuple[Array, Array],
) -> Endplate:
    anterior, posterior = crossing(line, front), crossing(line, rear)
    middle = (anterior[0] + posterior[0]) / 2
    height = median_near(*contour, middle)
    if height is None:
        height = line[0] * middle + line[1]
    corners = frame.to_section(
        np.array([anterior[0], middle, posterior[0]]), np.array([anterior[1], height, posterior[1]])
    )
    return Endplate(corners[0], corners[1], corners[2])


def find_sacral_endplate(
    patch: Patch, disc_centre: Array, disc_up: Array, canal: CanalLine | None
) -> Endplate | None:
    """Return the superior endplate of S1 from the mask of the sacrum below the lowest disc."""
    body = isolate_body(patch, canal)
    if body is None:
        return None
    frame = LocalFrame(disc_centre, disc_up)
    outline = trace(body, frame, (-32.0, 32.0, *SACRAL_WINDOW))
    if outline is None or np.ptp(outline.back) < 10.0:
        return None
    plate = _sacral_plate(frame, outline)
    fits = plate.depth >= MIN_DEPTH and float(plate.normal @ disc_up) > np.cos(np.deg2rad(MAX_SACRAL_TILT))
    return plate if fits else None


def _sacral_plate(frame: LocalFrame, outline: Outline) -> Endplate:
    """Return the endplate between the corners of the outline.

    S1 is a wedge with a rounded upper end: a line that rests on it leans on its front half and leaves the
    posterior corner in the middle of the disc. The corners are where the outline reaches furthest towards
    the front or the back and up at once.
    """
    ends = [_corner(outline, sign, steep) for sign, steep in zip((-1.0, 1.0), SACRAL_CORNERS, strict=True)]
    middle = (ends[0] + ends[1]) / 2
    height = median_near(outline.back, outline.top, float(middle[0]))
    if height is not None:
        middle[1] = height
    rim = np.stack([ends[0], middle, ends[1]])
    corners = frame.to_section(rim[:, 0], rim[:, 1])
    return Endplate(corners[0], corners[1], corners[2])


def _corner(outline: Outline, sign: float, steep: float) -> Array:
    """Return the upper corner (back, up) of an outline in front (``sign`` -1) or behind (1).

    It is where the edges beside the outermost point cross, so that rounding does not move it inwards.
    """
    wall = outline.rear if sign > 0 else outline.front
    back, up = np.concatenate([outline.back, wall]), np.concatenate([outline.top, outline.up])
    angle = np.deg2rad(steep)
    at = int(np.argmax(sign * back * np.cos(angle) + up * np.sin(angle)))
    corner = np.array((back[at], up[at]))
    inward, below = sign * (corner[0] - outline.back), corner[1] - outline.up
    top = (inward >= EDGE_MM[0]) & (inward <= EDGE_MM[1])
    side = (below >= EDGE_MM[0]) & (below <= EDGE_MM[1])
    if min(top.sum(), side.sum()) < 4:
        return corner
    plate = _wall(outline.back[top], outline.top[top])
    crossed = np.array(crossing(plate, _wall(outline.up[side], wall[side])))
    return crossed if float(np.linalg.norm(crossed - corner)) <= MAX_ROUNDING else corner


def _wall(x: Array, y: Array) -> tuple[float, float]:
    """Return slope and intercept of the line through an edge."""
    slope, intercept = np.polyfit(x, y, 1)
    return float(slope), float(intercept)
