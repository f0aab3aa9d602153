"""Angles of the whole spine are measured where the endplate of S1 is to be believed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lvp_workstation.measure.records import record_study
from lvp_workstation.measure.shapes import Endplate


def endplate(front_lower: float) -> Endplate:
    """Return an endplate 30 mm deep whose front lies lower than its back by an angle in degrees."""
    angle = np.deg2rad(front_lower)
    ahead = np.array((-np.cos(angle), -np.sin(angle)))
    return Endplate(30.0 * ahead, 15.0 * ahead, np.zeros(2))


def measured(above: Endplate | None, sacral: Endplate) -> list[str]:
    """Return the names of what is recorded of the study."""
    names: list[str] = []
    found = SimpleNamespace(discs={1: None}, bodies={}, above=lambda n: above, below=lambda n: sacral)
    levels = SimpleNamespace(lowest=0, instance_named=lambda name: None)
    record_study(found, levels, SimpleNamespace(add=lambda target, name, *_, **__: names.append(name)))
    return names


@pytest.mark.parametrize("above", [20.0, 38.0, None])
def test_the_slope_is_that_of_the_endplate_below_l5(above: float | None) -> None:
    assert measured(None if above is None else endplate(above), endplate(40.0)) == ["sacral_slope"]


def test_an_endplate_of_s1_that_contradicts_l5_gives_no_angle() -> None:
    assert measured(endplate(35.0), endplate(-13.0)) == []
