"""A population of phantoms has the sizes of the tables that it was drawn from.

Bounds are the published mean plus or minus one published SD for means, and 0.5-1.6 times the published SD
for the spread between persons.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from lvp_workstation.phantom import dimensions as dim
from lvp_workstation.phantom.anatomy import Anatomy
from lvp_workstation.phantom.exact import body_heights, disc_heights
from tests.phantom.conftest import anatomy_of

PERSONS = 40
ANTERIOR = {"L1": (25.0, 2.2), "L2": (26.4, 2.0), "L3": (27.3, 2.1), "L4": (27.2, 2.2), "L5": (28.0, 2.1)}
"""Anterior height of the body, mm: Gilad 1985 and Bonczar 2024 blended, SD Gilad."""
CANAL = {"L1": (16.0, 2.35), "L2": (14.7, 2.15), "L3": (13.7, 2.3), "L4": (12.8, 2.25), "L5": (13.7, 2.2)}
"""Sagittal bony canal on MRI, mm: Pierro 2017, both sexes."""
MIDDLE = {
    "L1-L2": (6.6, 1.4),
    "L2-L3": (7.9, 1.6),
    "L3-L4": (8.8, 1.6),
    "L4-L5": (9.3, 1.8),
    "L5-S1": (8.1, 1.9),
}
"""Middle disc height, mm: Shin 2024, CT; MRI values lie about 1.2 mm higher (`dimensions`)."""
MRI_EXCESS = 1.2
LORDOSIS = (36.8, 13.2)
"""Supine lordosis, degrees: PMC6680033."""


@lru_cache(maxsize=1)
def people() -> tuple[Anatomy, ...]:
    return tuple(anatomy_of("normal", 3000 + n) for n in range(PERSONS))


def check(values: list[float], mean: float, sd: float, spread: tuple[float, float] = (0.5, 1.6)) -> None:
    assert np.mean(values) == pytest.approx(mean, abs=sd)
    assert spread[0] * sd < np.std(values) < spread[1] * sd


@pytest.mark.parametrize("name", ANTERIOR)
def test_body_heights(name: str) -> None:
    both_sexes = (1 + dim.FEMALE_SCALE) / 2
    mean, sd = ANTERIOR[name]
    check([body_heights(a.vertebra(name))["anterior"].length for a in people()], mean * both_sexes, sd)


@pytest.mark.parametrize("name", CANAL)
def test_canal_diameters(name: str) -> None:
    check([a.vertebra(name).canal_ap for a in people()], *CANAL[name])


@pytest.mark.parametrize("name", MIDDLE)
def test_disc_heights(name: str) -> None:
    mean, sd = MIDDLE[name]
    check([disc_heights(a.disc(name))["middle"].length for a in people()], mean + MRI_EXCESS, sd)


def test_lordosis() -> None:
    angles = []
    for anatomy in people():
        upper, lower = (anatomy.vertebra(n).endplate_normal(True) for n in ("L1", "S1"))
        angles.append(float(np.degrees(np.arctan2(upper[1], upper[2]) - np.arctan2(lower[1], lower[2]))))
    check(angles, *LORDOSIS)


def test_sac_areas_fall_towards_the_sacrum() -> None:
    """The prior of `dimensions.SAC_AREA` (ours), at most 0.85 of what the canal holds."""
    means = []
    for name, level in (("L1-L2", "L1"), ("L3-L4", "L3"), ("L5-S1", "L5")):
        areas = []
        for anatomy in people():
            tables, disc = anatomy.canal_free, anatomy.disc(name)
            at = int(np.argmin(np.linalg.norm(tables.curve - disc.frame.to_world((0, 24, 0)), axis=1)))
            depth = tables.sac_back[at] - tables.sac_front[at]
            areas.append(float(np.pi / 2 * depth * tables.sac_half_width[at]))
        means.append(float(np.mean(areas)))
        assert means[-1] == pytest.approx(dim.SAC_AREA[level], abs=1.3 * dim.SAC_AREA_SD)
    assert means[0] > means[1] > means[2]
