"""Signs that a study is out of scope: voids beside the midline, dark marrow on T1, ghosts in the air."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import Volume
from lvp_workstation.measure.anatomy2d import SectionAnatomy
from lvp_workstation.measure.result import ScopeSigns
from lvp_workstation.measure.section import Block, Patch, Section
from lvp_workstation.measure.straight import companion_image

Mask = NDArray[np.bool_]

OFFSETS_MM = (-10.0, 0.0, 10.0)
"""Sections in which voids and dark marrow are looked for: to the roots of the pedicles (our choice)."""
VOID_LEVEL = 0.12
"""Signal below this share of the marrow is none (our choice; cortex has more, or is thin)."""
VOID_RADIUS_MM = 2.5
"""A void is at least so thick in all directions (our choice: cortex and vessels are thinner)."""
END_MM = 30.0
"""So far from the ends of the section, dark that comes in from there is no void (our choice: a body high)."""
RIM_MM = 4.0
"""Marrow nearer to the edge of a body is left out: endplate changes lie there (our choice)."""
DARK_T1 = 0.7
"""Marrow on T1 below this share of the median of its body, or of the spine where that is brighter, is dark
(our choice)."""
AIR_LEVEL = 0.08
"""Air has a smoothed signal below this share of the marrow (our choice)."""
SMOOTH_MM = 4.0
MIN_AIR_VOXELS = 2000
MIN_NOISE = 8.0
"""Air with a smaller median, in steps of the stored values, was cut off or rounded (our choice: noise of a
12-bit image lies well above, the 8-bit images of SPIDER below, whatever they were multiplied by): its
structure says nothing."""
SHIFTS = 12
"""Ghosts are looked for from so many voxels beside an edge on (our choice: nearer lies the edge's foot)."""
GHOST_SLICES = 5
"""Slices on each side of the middle one over which ghosts are averaged."""


def find_signs(
    block: Block, found: SectionAnatomy, bone: dict[int, float], volume: Volume, companion: Volume | None
) -> ScopeSigns:
    """Return the signs of a series.

    Parameters
    ----------
    found
        The midline section.
    bone
        Marrow signal of each body, stored values.
    volume
        The measured series.
    companion
        T1 beside it, None without one.
    """
    if not bone or block.image is None:
        return ScopeSigns()
    level = float(np.median(list(bone.values())))
    bodies = _on_section(list(found.body_masks.values()), block.codes.shape[1:])
    reach = (block.codes.shape[0] - 1) * block.spacing[0] / 2
    offsets = [offset for offset in OFFSETS_MM if abs(offset) <= reach]
    voids = [_void_area(Section(block, offset), bodies, level) for offset in offsets]
    ratio, dark = (None, None) if companion is None else _t1(block, found, bodies, companion, offsets)
    return ScopeSigns(max(voids, default=None), ratio, dark, _ghost(volume, level))


def _on_section(masks: list[Patch], shape: tuple[int, ...]) -> Mask:
    """Return the union of soft masks on the rows and columns of the block."""
    union = np.zeros(shape, dtype=bool)
    for mask in masks:
        rows, columns = mask.inside.shape
        part = union[mask.row : mask.row + rows, mask.column : mask.column + columns]
        part |= mask.inside[: part.shape[0], : part.shape[1]]
    return union


def _largest(mask: Mask, spacing: tuple[float, float]) -> float:
    """Return the area of the largest connected part, mm2."""
    labels, count = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())[1:] if count else np.zeros(1)
    return float(sizes.max()) * spacing[0] * spacing[1]


def _disc(radius: float, spacing: tuple[float, float]) -> Mask:
    rows, columns = (np.arange(-int(radius / s), int(radius / s) + 1) * s for s in spacing)
    return np.asarray(rows[:, None] ** 2 + columns[None, :] ** 2 <= radius**2)


def _void_area(section: Section, bodies: Mask, level: float) -> float:
    rows, columns = bodies.shape
    image = section.picture((slice(0, 0), slice(0, rows), slice(0, columns)))
    assert image is not None
    dark = image.values < VOID_LEVEL * level
    thick = ndimage.binary_opening(dark, _disc(VOID_RADIUS_MM, section.spacing))
    void = thick & bodies & _seen(section)[:, None] & ~_from_the_ends(thick, section.spacing[0])
    return _largest(void, section.spacing)


def _from_the_ends(dark: Mask, row_mm: float) -> Mask:
    """Return what is dark from the upper or lower end of the section to `END_MM` into it.

    There the coil sees little, and a corrected distortion leaves corners without any image.
    """
    parts, _ = ndimage.label(dark)
    near = np.arange(len(dark)) * row_mm <= END_MM
    ends = [(parts[end], rows[:, None]) for end, rows in ((0, near), (-1, near[::-1]))]
    found = [np.isin(parts, np.setdiff1d(edge, 0)) & rows for edge, rows in ends]
    return np.asarray(np.any(found, axis=0))


def _seen(section: Section) -> Mask:
    """Return which rows of a section lie inside the slab."""
    last = section.block.codes.shape[0] - 1
    return np.asarray((section.slices >= -0.5) & (section.slices <= last + 0.5))


def _t1(
    block: Block, found: SectionAnatomy, bodies: Mask, companion: Volume, offsets: list[float]
) -> tuple[float | None, float | None]:
    """Return marrow over disc on T1, and the largest dark area in the marrow."""
    middle = companion_image(found.section, companion).values
    discs = _on_section(list(found.disc_masks.values()), middle.shape)
    marrow, disc = _median(middle[_inner(bodies, found, 1.5)]), _median(middle[discs])
    if marrow is None or disc is None or marrow <= 0 or disc <= 0:
        return None, None
    areas = []
    for offset in offsets:
        section = Section(block, offset)
        image = companion_image(section, companion).values
        smooth = ndimage.gaussian_filter(np.nan_to_num(image, nan=marrow), 1.0 / section.spacing[0])
        inside = _inner(_bodies_at(section, found), found, RIM_MM)
        limit = DARK_T1 * _body_levels(middle, found, marrow)
        areas.append(_largest(inside & (smooth < limit), section.spacing))
    return marrow / disc, max(areas, default=None)


def _body_levels(image: Array, found: SectionAnatomy, least: float) -> Array:
    """Return the median of each body on its own place in the midline, ``least`` where that is darker."""
    levels = np.full(image.shape, least)
    for mask in found.body_masks.values():
        own = _on_section([mask], image.shape)
        levels[own] = max(least, _median(image[own]) or 0.0)
    return levels


def _bodies_at(section: Section, found: SectionAnatomy) -> Mask:
    """Return the bodies of a section: its vertebrae within the outline of the bodies of the midline."""
    shape = section.block.codes.shape[1:]
    midline = _on_section(list(found.body_masks.values()), shape)
    codes = [100 + n for n in found.body_masks]
    masks = [mask for mask in (section.mask(code) for code in codes) if mask is not None]
    return midline & _on_section(masks, shape)


def _inner(mask: Mask, found: SectionAnatomy, rim: float) -> Mask:
    """Return what lies deeper in a mask than a rim in mm."""
    return np.asarray(ndimage.distance_transform_edt(mask, sampling=found.section.spacing) > rim)


def _median(values: Array) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else None


def _ghost(volume: Volume, level: float) -> float | None:
    """Return how clearly the air repeats the edges of the body, None without enough air."""
    middle, count = volume.shape[0] // 2, volume.shape[0]
    chosen = range(max(0, middle - GHOST_SLICES), min(count, middle + GHOST_SLICES + 1))
    pixel = volume.geometry.spacing[1]
    found = []
    for axis in (0, 1):
        curves = [_repetition(volume.array[n].astype(np.float64), level, axis, pixel) for n in chosen]
        known = [curve for curve in curves if curve is not None]
        if known:
            found.append(_peak(np.mean(known, axis=0)))
    return max((value for value in found if value is not None), default=None)


def _repetition(image: Array, level: float, axis: int, pixel: float) -> Array | None:
    """Return the mean signal of the air at each distance from the edges of the body along an axis."""
    body = ndimage.gaussian_filter(image, SMOOTH_MM / pixel) >= AIR_LEVEL * level
    if (~body).sum() < MIN_AIR_VOXELS:
        return None
    if float(np.median(image[~body])) < MIN_NOISE * _step(image):
        return None
    edges = np.where(body, np.abs(np.diff(image, axis=axis, prepend=np.take(image, [0], axis))), 0.0)
    air = np.where(body, 0.0, image - float(np.median(image[~body])))
    seen = np.conj(np.fft.fft(edges, axis=axis))
    total = np.fft.ifft(np.fft.fft(air, axis=axis) * seen, axis=axis).real.sum(axis=1 - axis)
    times = np.fft.ifft(np.fft.fft(1.0 - body, axis=axis) * seen, axis=axis).real.sum(axis=1 - axis)
    mean = total / np.maximum(times, 1e-9)
    shifts = np.arange(SHIFTS, mean.size // 2)
    return np.asarray((mean[shifts] + mean[-shifts]) / 2)


def _step(image: Array) -> float:
    """Return the commonest distance between neighbouring stored values, 0 where there is one value only."""
    gaps = np.diff(np.unique(image))
    return float(np.median(gaps)) if gaps.size else 0.0


def _peak(curve: Array) -> float | None:
    """Return the highest point of a curve over its running median, in robust standard deviations."""
    rest = curve - ndimage.median_filter(curve, 15)
    spread = 1.4826 * float(np.median(np.abs(rest)))
    return float(rest.max()) / spread if spread > 1e-9 else None
