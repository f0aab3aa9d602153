"""The stated chance of a poor outline against what came of it."""

from types import SimpleNamespace

import pytest

from lvp_workstation.evaluation.scoring import ImageScore, InstanceScore
from lvp_workstation.services.evaluate.outline_chances import (
    OutlineChance,
    chance_figures,
    chance_section,
    chance_table,
    stated_chances,
)


def rows(*outcomes, patient="a", unseen=None):
    return [OutlineChance(patient, chance, poor, unseen) for chance, poor in outcomes]


def test_only_instances_with_a_stated_chance_are_judged():
    instances = (
        InstanceScore("vertebra", 0.9, 0.95, "V1"),
        InstanceScore("disc", 0.7, 0.5, "D1"),
        InstanceScore("vertebra", 0.5, 0.2, "V9"),
    )
    score = ImageScore({}, {}, {}, instances=instances)
    segmentation = SimpleNamespace(poor_chances={"V1": 0.1, "D1": 0.8})
    assert stated_chances(segmentation, score) == [(0.1, False), (0.8, True)]


def test_the_figures_are_those_of_the_outcomes():
    told = rows((0.1, False), (0.2, False), (0.9, True)) + rows((0.8, True), (0.3, True), patient="b")
    figures = chance_figures(told)
    assert figures["brier_instance_failure"].value == pytest.approx((0.01 + 0.04 + 0.01 + 0.04 + 0.49) / 5)
    assert figures["ece_instance_failure"].value == pytest.approx((0.1 + 0.2 + 0.1 + 0.2 + 0.7) / 5)
    assert figures["auc_chance_of_failure"].value == 1.0
    assert sum(chance_table(told).counts) == 5
    section = chance_section(told, figures)
    words = section.blocks[0].text
    assert "3 of 5 vertebrae and discs" in words
    assert "Stated 0.3-0.4: 1, mean 0.30, seen 1.00." in words


def test_patients_never_trained_on_have_figures_of_their_own():
    told = rows((0.1, True), unseen=False) + rows((0.1, False), (0.9, True), patient="b", unseen=True)
    figures = chance_figures(told)
    assert figures["brier_instance_failure_unseen"].value == pytest.approx(0.01)
    assert figures["brier_instance_failure"].value > 0.2


def test_nothing_stated_is_nothing_told():
    assert chance_figures([]) == {}
    assert chance_section([], {}) is None
