"""Phantoms shared by the tests of this folder."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import Anatomy
from lvp_workstation.phantom.build import draw_anatomy
from lvp_workstation.phantom.presets import plan_of
from lvp_workstation.phantom.truth import truth_of


@lru_cache(maxsize=32)
def anatomy_of(preset: str, seed: int) -> Anatomy:
    """Return the anatomy of a preset without images."""
    return draw_anatomy(seed, plan_of(preset, seed))


@lru_cache(maxsize=32)
def truth(preset: str, seed: int) -> dict[str, Any]:
    """Return the truth of a preset without images."""
    return truth_of(anatomy_of(preset, seed), preset)


def fine_box(centre: np.ndarray, half: tuple[float, float, float], step: float) -> VolumeGeometry:
    """Return a fine grid around a point with the canonical sagittal axes."""
    shape = tuple(int(2 * h / step) + 1 for h in half)
    axes = ((-1, 0, 0), (0, 0, -1), (0, 1, 0))
    offset = sum(np.array(a, dtype=float) * h for a, h in zip(axes, half, strict=True))
    return VolumeGeometry.from_axes(centre - offset, axes, (step,) * 3, (shape[0], shape[1], shape[2]))
