"""Signal of discs, cerebrospinal fluid and marrow in the section, as ratios that need no calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.canal import CanalLine
from lvp_workstation.measure.outline import LocalFrame
from lvp_workstation.measure.result import ImageQuality
from lvp_workstation.measure.section import Patch
from lvp_workstation.measure.shapes import DiscShape

NUCLEUS_DEPTH = (0.28, 0.78)
"""Share of the disc's depth, from the front, that is the nucleus region (our choice: it lies a little
behind the middle)."""
NUCLEUS_HEIGHT = 0.55
"""Share of the local disc height around its middle that is sampled (our choice: avoids endplates)."""
CSF_WINDOW_MM = 30.0
"""The fluid is looked for this far above and below the disc (our choice: coil sensitivity is alike)."""
CSF_QUANTILE = 0.85
"""Quantile of the canal signal taken as fluid: roots and cord are darker (our choice)."""
MIN_SAMPLES = 12


@dataclass(frozen=True)
class DiscSignal:
    """Mean signals around a disc, stored values.

    Attributes
    ----------
    nucleus
        Mean of the nucleus region.
    spread
        Standard deviation of the nucleus region over its mean.
    annulus
        Mean of the outer front and back of the disc.
    csf
        Fluid of the canal near the disc, None where there is no canal, or where what the canal shows is
        darker than the nucleus: no disc holds more water than fluid, so none was sampled there.
    csf_point
        Section point the fluid is quoted at.
    """

    nucleus: float
    spread: float
    annulus: float
    csf: float | None
    csf_point: Array | None


def disc_signal(
    image: Patch, disc: DiscShape, canal: CanalLine | None, canal_image: Patch | None
) -> DiscSignal | None:
    """Return the signals of a disc, None when its mask is too small to sample."""
    values, share = _disc_samples(image, disc)
    nucleus = values[(share >= NUCLEUS_DEPTH[0]) & (share <= NUCLEUS_DEPTH[1])]
    outer = values[(share <= 0.14) | (share >= 0.88)]
    if nucleus.size < MIN_SAMPLES or outer.size < 4 or not nucleus.mean() > 0:
        return None
    csf, point = _fluid(disc, canal, canal_image)
    mean = float(nucleus.mean())
    if csf is not None and csf < mean:
        csf, point = None, None
    return DiscSignal(mean, float(nucleus.std()) / mean, float(outer.mean()), csf, point)


def _disc_samples(image: Patch, disc: DiscShape) -> tuple[Array, Array]:
    """Return image samples of the middle layer of a disc and their share of the depth from the front."""
    outline = disc.outline
    frame = LocalFrame(disc.centre, disc.up)
    levels = np.linspace(-NUCLEUS_HEIGHT / 2, NUCLEUS_HEIGHT / 2, 7)
    middle, height = (outline.top + outline.bottom) / 2, outline.top - outline.bottom
    up = middle + levels[:, None] * height
    back = np.broadcast_to(outline.back, up.shape)
    points = frame.origin + back[..., None] * frame.back + up[..., None] * frame.up
    depth = (outline.back - outline.back[0]) / max(float(np.ptp(outline.back)), 1e-6)
    return image.at(points).ravel(), np.broadcast_to(depth, up.shape).ravel()


def _fluid(
    disc: DiscShape, canal: CanalLine | None, image: Patch | None
) -> tuple[float | None, Array | None]:
    if canal is None or image is None:
        return None, None
    meeting = canal.meet(disc.centre, disc.up)
    level = float(disc.centre[1] if meeting is None else meeting[1])
    rows = -(np.arange(canal.patch.values.shape[0]) + canal.patch.row) * canal.patch.spacing[0]
    keep = (np.abs(rows - level) <= CSF_WINDOW_MM)[:, None] & (canal.patch.values >= 0.75)
    if keep.sum() < MIN_SAMPLES:
        return None, None
    value = float(np.quantile(image.values[keep], CSF_QUANTILE))
    if meeting is None:
        meeting = canal.patch.points(keep).mean(axis=0)
    return (value, meeting) if value > 0 else (None, None)


VOID_LEVEL = 0.15
"""Signal below this share of the bright marrow (90th percentile) of the same body is none (our choice; the
same body, since coil sensitivity falls towards the ends of the image)."""


def image_quality(images: list[tuple[Patch, Patch]]) -> ImageQuality:
    """Return noise and voids from (image, body mask) pairs of the section.

    The noise is the median absolute difference of neighbouring marrow voxels along the rows, which
    trabecular texture makes too large rather than too small.
    """
    cores = [(image.values, body.values >= 0.9) for image, body in images]
    cores = [(v, m) for v, m in cores if v.shape == m.shape and m.sum() >= MIN_SAMPLES]
    if not cores:
        return ImageQuality()
    level = float(np.median(np.concatenate([v[m] for v, m in cores])))
    steps = np.concatenate([np.abs(np.diff(v, axis=1))[m[:, 1:] & m[:, :-1]] for v, m in cores])
    noise = float(np.median(steps)) / (0.6745 * np.sqrt(2.0)) if steps.size else 0.0
    void = max(float((v[m] < VOID_LEVEL * np.quantile(v[m], 0.9)).mean()) for v, m in cores)
    return ImageQuality(level / noise if noise > 0 else None, void)


def marrow(image: Patch, body: Patch) -> float | None:
    """Return the median signal of the core of a body, None when it is too small."""
    core = body.values >= 0.9
    if core.sum() < MIN_SAMPLES or image.values.shape != body.values.shape:
        return None
    value = float(np.median(image.values[core]))
    return value if value > 0 else None
