"""Features that set a disc against others: of its level, and of the same patient."""

from __future__ import annotations

import pytest

from lvp_workstation.grading.central_canal import grade_central_canal
from lvp_workstation.grading.features import USUAL_SAC_MM, disc_features, endplate_features
from tests.grading.measures_factory import PROVENANCE, spine

DISCS = ("D1", "D2", "D3", "D4", "D5")


def test_a_sac_is_compared_with_what_is_usual_at_its_level() -> None:
    measures = spine()
    beyond = [disc_features(measures, disc)["sac_for_level"] for disc in DISCS]
    assert beyond == pytest.approx([12.0 - usual for usual in USUAL_SAC_MM[:5]])


def test_one_diameter_is_narrower_at_a_higher_level() -> None:
    measures = spine(features={n: {"sac_narrowest": 9.0} for n in range(1, 6)})
    normal = [dict(grade_central_canal(measures, disc, PROVENANCE).probabilities)["normal"] for disc in DISCS]
    assert normal == sorted(normal, reverse=True)
    assert normal[0] > normal[-1] + 0.05


def test_the_endplates_of_the_other_discs_are_heard() -> None:
    answers = {
        n: {
            "learned_endplate_upper": float(n),
            "learned_endplate_lower": float(n),
            "learned_modic": -float(n),
        }
        for n in range(1, 6)
    }
    measures = spine(features=answers)
    found = endplate_features(measures, "D5", True)
    assert found["learned_own"] == 5.0
    assert found["others_endplate"] == pytest.approx((1 + 2 + 3 + 4) / 4)
    assert found["others_modic"] == pytest.approx(-(1 + 2 + 3 + 4) / 4)


def test_one_other_disc_is_no_pattern() -> None:
    measures = spine(features={n: {"learned_modic": 1.0} for n in (1, 2)})
    assert "others_modic" not in endplate_features(measures, "D1", False)
