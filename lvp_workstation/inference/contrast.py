"""T1, T2 or STIR from the signal itself, for research files that carry no TR, TE or TI.

Fluid is darker than marrow on T1 and brighter on T2; on STIR (and other fat-suppressed T2) fluid is
bright, and fat is not. Measured on 116 mid-sagittal SPIDER images (49 T1, 61 T2, 6 T2 SPACE) with the
regions that this package segments: canal over marrow 0.37-0.95 on T1 and 1.26-5.4 on T2; fat over canal
0.73 or more in 95 % of the T2. No real STIR was at hand: 25 phantoms have 0.30-0.45 there. Fat over canal
alone takes slim patients with much fluid for STIR (2 of 18 SPIDER volumes, 0.50 and 0.55), so fat over marrow
counts as well: 1.95-5.4 on 15 SPIDER T2 volumes, 0.95-1.36 on three STIR phantoms, where both are suppressed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import COLUMN, Volume, to_canonical

FLUID_LIMIT = 1.1
"""Canal over marrow between T1 (below) and T2 (above)."""
FAT_LIMIT = 0.56
"""Fat over canal between fat-suppressed (below) and plain T2 (above)."""
FAT_MARROW_LIMIT = 1.6
"""Fat over marrow between fat-suppressed (below) and plain T2 (above)."""
STIR_FLUID = 1.8
"""Canal over marrow that STIR reaches at least; marrow is fatty and therefore suppressed, too."""
DARKEST = 0.01
"""Fluid counts as at least this share of marrow: where grey levels are inverted it is the darkest of all."""
_WIDTH = 0.12
_FAT_WIDTH = 0.1
_FAT_REACH = (5.0, 90.0)
_MIN_VOXELS = 40


@dataclass(frozen=True)
class ContrastEstimate:
    """The weighting recognised from signal.

    Attributes
    ----------
    weighting
        T1, T2 or STIR; OTHER when the regions are too small to tell.
    confidence
        0-1.
    rule
        What decided, in words, for the tooltip.
    ratios
        ``csf_marrow``, ``fat_csf``, ``fat_marrow``, ``disc_marrow``.
    """

    weighting: Weighting
    confidence: float
    rule: str
    ratios: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


def recognise_contrast(volume: Volume, labels: LabelMap) -> ContrastEstimate:
    """Return the weighting of a volume whose vertebrae, discs and canal are segmented.

    Parameters
    ----------
    volume
        Any orientation; only ratios of stored values above the background are used.
    labels
        On the same grid.
    """
    canonical = to_canonical(volume)
    image = np.asarray(canonical.array, dtype=np.float32)
    codes = to_canonical(Volume(labels.array, labels.geometry)).array
    ratios = _ratios(image, codes, canonical.geometry.spacing[COLUMN])
    if not ratios:
        return ContrastEstimate(Weighting.OTHER, 0.0, "canal and vertebrae are too small to compare")
    fluid, fat = ratios["csf_marrow"], ratios["fat_csf"]
    p_t2 = _logistic(float(np.log(fluid / FLUID_LIMIT)) / _WIDTH)
    suppressed = _suppressed(fat, ratios["fat_marrow"]) if fluid >= STIR_FLUID else 0.0
    shares = {
        Weighting.T1: 1.0 - p_t2,
        Weighting.T2: p_t2 * (1.0 - suppressed),
        Weighting.STIR: p_t2 * suppressed,
    }
    best = max(shares, key=lambda key: shares[key])
    marrow = ratios["fat_marrow"]
    rule = (
        f"canal {fluid:.2f} x marrow, fat {fat:.2f} x canal and {marrow:.2f} x marrow: "
        "recognised from signal, no TR/TE"
    )
    return ContrastEstimate(best, round(shares[best], 3), rule, MappingProxyType(ratios))


def _ratios(image: NDArray[np.float32], codes: NDArray[np.uint8], spacing: float) -> dict[str, float]:
    """Return signal ratios above the background level, empty when a region is too small."""
    canal = image[codes == CANAL_CODE]
    marrow = image[(codes > VERTEBRA_BASE) & (codes < DISC_BASE)]
    disc = image[codes > DISC_BASE]
    if min(canal.size, marrow.size, disc.size) < _MIN_VOXELS:
        return {}
    floor = float(np.percentile(image[:: max(1, image.shape[0] // 8)], 2.0))
    fluid, fatty = float(np.percentile(canal, 75.0)) - floor, float(np.median(marrow)) - floor
    fat = float(np.percentile(_behind_canal(image, codes, spacing), 95.0)) - floor
    if min(fatty, fat) <= 0.0:
        return {}
    fluid = max(fluid, DARKEST * fatty)
    nucleus = float(np.percentile(disc, 75.0)) - floor
    return {
        "csf_marrow": fluid / fatty,
        "fat_csf": fat / fluid,
        "fat_marrow": fat / fatty,
        "disc_marrow": nucleus / fatty,
    }


def _suppressed(fat_csf: float, fat_marrow: float) -> float:
    """Return the chance that fat is suppressed, from two signs taken as independent (our choice)."""
    signs = float(np.log(FAT_LIMIT / fat_csf) + np.log(FAT_MARROW_LIMIT / fat_marrow))
    return _logistic(signs / _FAT_WIDTH)


def _behind_canal(
    image: NDArray[np.float32], codes: NDArray[np.uint8], spacing: float
) -> NDArray[np.float32]:
    """Return the image behind the canal, up to 90 mm: fat, muscle and skin; on canonical axes."""
    canal = codes == CANAL_CODE
    columns = codes.shape[2]
    last = columns - 1 - np.argmax(canal[:, :, ::-1], axis=2)
    last = np.where(canal.any(axis=2), last, columns)[:, :, None]
    distance = (np.arange(columns)[None, None, :] - last) * spacing
    behind = (distance >= _FAT_REACH[0]) & (distance <= _FAT_REACH[1]) & (codes == 0)
    found = image[behind]
    return np.asarray(found if found.size >= _MIN_VOXELS else image[codes == 0])


def _logistic(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -50.0, 50.0))))
