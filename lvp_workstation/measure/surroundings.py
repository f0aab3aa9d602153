"""Features of every disc that need the image around it: texture, surfaces, endplates, canal behind it.

They are no published measurements; graders use them. Names: see `disc_surroundings`.
"""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId, disc_id
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.measure.anatomy2d import SectionAnatomy
from lvp_workstation.measure.discs import MIN_POSTERIOR_HEIGHT, disc_frame
from lvp_workstation.measure.endplates import shape_features, strip_features
from lvp_workstation.measure.section import Patch
from lvp_workstation.measure.straight import StraightDisc, companion_image, section_image, straighten

Features = dict[tuple[InstanceId, str], float]
SIDES = (("upper", True), ("lower", False))
NUCLEUS = slice(7, 19)
"""Columns of the straightened disc that are the nucleus region, a little behind the middle (our choice)."""
MIDDLE = slice(9, 12)
OUTER, INNER = (1, 2, 6, 7), 4
FLOOR = 0.02
"""Least share of the marrow signal that a disc counts as: ln of less says nothing more (our choice)."""
CANAL_REACH_MM = 4.0
"""The front of the canal is compared with the corner line this far beyond the corners, mm (our choice)."""


def disc_surroundings(
    found: SectionAnatomy, weighting: Weighting, bone: dict[int, float], companion: Volume | None
) -> Features:
    """Return the features of all discs of a section.

    Parameters
    ----------
    bone
        Marrow signal of each body, stored values.
    companion
        A T1 series in the same frame of reference beside a measured T2; None without one.

    Returns
    -------
    dict
        ``aspect``, ``anterior_aspect``, ``middle_aspect``, ``posterior_aspect``: thickness of the disc mask
        over its depth; ``upper_*`` and ``lower_*``: shape of its surfaces, and on T2 the endplate signal
        (see `endplates`); the latter as ``t1_upper_*`` and ``t1_lower_*`` from T1; on T2
        ``texture_middle``, ``texture_bright`` (ln over marrow), ``texture_band``, ``texture_spread``;
        ``step_anterior`` and ``step_posterior``: how far the upper body lies in front of the lower one at its
        corners, mm; ``canal_gap`` and ``canal_gap_middle``: greatest and median distance of the front of the
        canal behind the line that joins the posterior corners, mm.
    """
    image = section_image(found.section)
    other = None if companion is None else companion_image(found.section, companion)
    features: Features = {}
    for n, disc in found.discs.items():
        rows = _canal_gap(found, n) | _steps(found, n)
        straight = None if image is None else straighten(image, disc, found.disc_up(n))
        if straight is not None:
            rows |= _surfaces(straight) | _marrow_strips(straight, weighting)
            near = [bone[k] for k in (n, n - 1) if k in bone]
            if near and weighting is Weighting.T2:
                rows |= _texture(straight.inside / float(np.mean(near)))
        if other is not None:
            rows |= _companion_strips(found, n, other)
        features |= {(disc_id(n), name): value for name, value in rows.items() if np.isfinite(value)}
    return features


def _surfaces(straight: StraightDisc) -> dict[str, float]:
    thick, depth = straight.top - straight.bottom, float(np.ptp(straight.back))
    found = {
        "aspect": float(thick.mean()) / depth,
        "anterior_aspect": float(thick[2:7].mean()) / depth,
        "middle_aspect": float(thick[9:15].mean()) / depth,
        "posterior_aspect": float(thick[17:22].mean()) / depth,
    }
    for side, upper in SIDES:
        found |= {f"{side}_{name}": value for name, value in shape_features(straight, upper).items()}
    return found


def _marrow_strips(straight: StraightDisc, weighting: Weighting) -> dict[str, float]:
    if weighting not in (Weighting.T1, Weighting.T2):
        return {}
    prefix = "t1_" if weighting is Weighting.T1 else ""
    return {
        f"{prefix}{side}_{name}": value
        for side, upper in SIDES
        for name, value in strip_features(straight, upper).items()
    }


def _companion_strips(found: SectionAnatomy, n: int, image: Patch) -> dict[str, float]:
    straight = straighten(image, found.discs[n], found.disc_up(n))
    return {} if straight is None else _marrow_strips(straight, Weighting.T1)


def _texture(signal: Array) -> dict[str, float]:
    """Return texture features of the inside of a disc, signal over marrow, shape (9, 24)."""
    nucleus = signal[1:8, NUCLEUS]
    if not np.isfinite(signal).all():
        return {}
    mean = max(float(nucleus.mean()), FLOOR)
    outer = max(float(signal[list(OUTER), NUCLEUS].mean()), FLOOR)
    return {
        "texture_middle": float(np.log(max(float(signal[2:7, MIDDLE].mean()), FLOOR))),
        "texture_bright": float(np.log(max(float(np.quantile(nucleus, 0.9)), FLOOR))),
        "texture_band": float(signal[INNER, NUCLEUS].mean()) / outer,
        "texture_spread": float(nucleus.std()) / mean,
    }


def _steps(found: SectionAnatomy, n: int) -> dict[str, float]:
    upper, lower = found.above(n), found.below(n)
    if upper is None or lower is None:
        return {}
    forward = -disc_frame(upper, lower).back
    return {
        "step_anterior": float((upper.anterior - lower.anterior) @ forward),
        "step_posterior": float((upper.posterior - lower.posterior) @ forward),
    }


def _canal_gap(found: SectionAnatomy, n: int) -> dict[str, float]:
    upper, lower = found.above(n), found.below(n)
    if found.canal is None or upper is None or lower is None:
        return {}
    low, high = lower.posterior, upper.posterior
    heights = np.linspace(low[1] - CANAL_REACH_MM, high[1] + CANAL_REACH_MM, 20)
    rise = float(high[1] - low[1])
    slope = float(high[0] - low[0]) / rise if rise >= MIN_POSTERIOR_HEIGHT else 0.0
    gap = found.canal.front_at(heights) - (low[0] + (heights - low[1]) * slope)
    gap = gap[np.isfinite(gap)]
    return {"canal_gap": float(gap.max()), "canal_gap_middle": float(np.median(gap))} if gap.size else {}
