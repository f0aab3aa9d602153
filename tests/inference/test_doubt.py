"""The chance of a poor outline follows the confidence of its voxels."""

import pytest

from lvp_workstation.inference.doubt import poor_chance, poor_chances


def test_the_chance_falls_as_the_confidence_rises():
    chances = [poor_chance(c) for c in (0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.99
    assert chances[-1] < 0.001


def test_it_is_even_where_half_of_the_instances_of_the_fit_were_poor():
    assert poor_chance(0.8164) == pytest.approx(0.5, abs=0.01)


def test_canal_and_sacrum_are_left_out():
    assert set(poor_chances({"V1": 0.9, "D1": 0.8, "CANAL": 0.9, "SACRUM": 0.9})) == {"V1", "D1"}
