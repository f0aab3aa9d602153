"""Endplates of a disc: signal of the marrow beside them, the dark line itself, and the shape of its surface.

Every signal is the natural logarithm of a ratio to the core of the same body, 9-14 mm from the disc, which
needs no calibration and cancels the fall-off of surface coils.
"""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.straight import REACH_MM, StraightDisc

CORE_MM = (9.0, 14.0)
"""Distance from the disc of the marrow that serves as reference (our choice: nearer than the middle of a
lumbar body, further than most Modic changes reach)."""
STRIPS_MM = {"near": (2.0, 5.0), "mid": (5.0, 9.0)}
"""Strips beside the endplate, mm from the disc (our choice; the first 2 mm hold the dark line)."""
THIRDS = (slice(1, 8), slice(8, 16), slice(16, 23))
"""Columns of the anterior, middle and posterior third of the disc's depth."""
LINE_MM = 3.0
"""The dark line of the endplate is looked for this far from the surface of the mask, mm (our choice)."""
FLOOR = 0.05
"""Least share of the reference that a signal counts as: ln of less says nothing more (our choice)."""
EDGE = slice(2, 22)
"""Columns whose surface is judged: the rims are rounded."""


def strip_features(straight: StraightDisc, upper: bool) -> dict[str, float]:
    """Return the signal features of one endplate; empty when the body is not in the image.

    ``near_max|min|mean`` and ``mid_max|min|mean``: ln of a strip's signal over the core, over the thirds of
    the depth; ``near_spread`` and ``mid_spread``: standard deviation along the strip; ``line``: ln of the
    darkest signal at the surface; ``line_spread``: its standard deviation along the surface;
    ``core_spread``: standard deviation over mean of the core.
    """
    samples = straight.body(upper)
    core = _between(samples, *CORE_MM)[:, 3:21]
    level = _median(core)
    if level is None or level <= 0:
        return {}
    found = {"core_spread": float(np.nanstd(core)) / level}
    for name, (low, high) in STRIPS_MM.items():
        strip = _between(samples, low, high)
        thirds = [_median(strip[:, columns]) for columns in THIRDS]
        known = [_log(value, level) for value in thirds if value is not None]
        if len(known) == len(THIRDS):
            found |= {f"{name}_max": max(known), f"{name}_min": min(known)}
            found |= {
                f"{name}_mean": float(np.mean(known)),
                f"{name}_spread": float(np.nanstd(strip)) / level,
            }
    dark = _between(samples, 0.0, LINE_MM)[:, EDGE]
    if np.isfinite(dark).all():
        line = np.log(np.maximum(dark.min(axis=0), FLOOR * level) / level)
        found |= {"line": float(line.mean()), "line_spread": float(line.std())}
    return found


def shape_features(straight: StraightDisc, upper: bool) -> dict[str, float]:
    """Return the shape of the surface of the disc mask at one endplate, mm.

    ``rough``: root mean square distance from a parabola; ``step``: greatest distance from it;
    ``hollow``: height of the parabola over its chord, positive where the disc bulges into the body.
    """
    surface = (straight.top if upper else -straight.bottom)[EDGE]
    place = straight.back[EDGE] - straight.back[EDGE].mean()
    curve = np.polyfit(place, surface, 2)
    rest = surface - np.polyval(curve, place)
    half = float(np.ptp(place)) / 2
    return {
        "rough": float(np.sqrt(np.mean(rest**2))),
        "step": float(np.abs(rest).max()),
        "hollow": float(-curve[0] * half**2),
    }


def _between(samples: Array, low: float, high: float) -> Array:
    """Return the rows at some distances from the disc."""
    return np.asarray(samples[np.flatnonzero(np.clip(REACH_MM, low, high) == REACH_MM)])


def _median(values: Array) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size >= 0.6 * values.size else None


def _log(value: float, level: float) -> float:
    return float(np.log(max(value, FLOOR * level) / level))
