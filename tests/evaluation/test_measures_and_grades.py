"""Figures of measurements and grades whose answer is known."""

import numpy as np
import pytest

from lvp_workstation.evaluation.grades import GradeRow, order_of, scale_results
from lvp_workstation.evaluation.measures import MeasureRow, measure_figures, plain_name


def measured(values, name="slip", unit="mm"):
    return [
        MeasureRow(f"p{n // 2}", f"L{n}", name, unit, truth, value) for n, (truth, value) in enumerate(values)
    ]


def test_error_bias_limits_and_coverage_of_a_measure():
    found = measure_figures(measured([(10.0, 11.0), (20.0, 19.0), (30.0, 33.0), (40.0, None)]))
    errors = np.array([1.0, -1.0, 3.0])
    assert found["mae_slip"].value == pytest.approx(5 / 3, abs=1e-4)
    assert found["bias_slip"].value == pytest.approx(1.0)
    assert found["limit_low_slip"].value == pytest.approx(1.0 - 1.96 * errors.std(ddof=1), abs=1e-4)
    assert found["limit_high_slip"].value == pytest.approx(1.0 + 1.96 * errors.std(ddof=1), abs=1e-4)
    assert (found["coverage_slip"].value, found["coverage_slip"].n) == (0.75, 4)
    assert "mae_percent_slip" not in found
    assert found["mae_slip"].low < found["mae_slip"].value < found["mae_slip"].high


def test_areas_have_a_relative_error_and_what_was_never_measured_no_figure():
    rows = measured([(100.0, 110.0), (200.0, 190.0)], "sac_area", "mm2")
    assert measure_figures(rows)["mae_percent_sac_area"].value == pytest.approx(7.5)
    assert measure_figures(measured([(1.0, None), (2.0, None)])) == {}


def graded(rows, key):
    return [GradeRow(f"p{n // 2}", f"D{n}", key, *row) for n, row in enumerate(rows)]


def test_an_ordered_scale_has_kappa_within_one_and_the_area_of_not_normal():
    rows = [
        ("1", "1", 0.1),
        ("2", "2", 0.2),
        ("3", "4", 0.9),
        ("4", "4", 0.8),
        ("5", "3", 0.7),
        ("1", None, None),
    ]
    (result,) = scale_results(graded(rows, "pfirrmann"))
    assert result.order == ("1", "2", "3", "4", "5")
    assert result.table.sum() == 5
    assert result.table[2, 3] == 1
    figures = {name: figure.value for name, figure in result.figures.items()}
    assert figures["coverage_pfirrmann"] == pytest.approx(5 / 6, abs=1e-4)
    assert figures["agreement_pfirrmann"] == pytest.approx(0.6)
    assert figures["within_one_pfirrmann"] == pytest.approx(0.8)
    assert figures["auc_pfirrmann"] == 1.0  # I and II are normal, and score below all others
    assert 0.5 < figures["kappa_pfirrmann"] < 1.0


def test_a_relevant_stenosis_is_moderate_or_worse():
    rows = [
        ("normal", "mild", 0.9, 0.1),
        ("mild", "mild", 0.4, 0.2),
        ("moderate", "severe", 0.3, 0.7),
        ("severe", "severe", 0.8, 0.9),
    ]
    (result,) = scale_results(graded(rows, "central_canal"))
    assert result.figures["auc_relevant_central_canal"].value == 1.0
    assert result.figures["auc_central_canal"].value < 1.0
    (other,) = scale_results(graded([("3", "4", 0.9), ("1", "1", 0.1)], "pfirrmann"))
    assert "auc_relevant_pfirrmann" not in other.figures


def test_a_binary_scale_has_an_area_and_no_kappa():
    rows = [("true", "true", 0.9), ("false", "true", 0.6), ("true", "false", 0.4), ("false", "false", 0.1)]
    (result,) = scale_results(graded(rows, "disc_bulging"))
    assert result.order == ("false", "true")
    assert result.figures["auc_disc_bulging"].value == 0.75
    assert "kappa_disc_bulging" not in result.figures
    assert result.area is not None
    assert result.area[1] < 0.75 < result.area[2]


def test_grades_without_probability_keep_their_agreement():
    (result,) = scale_results(graded([("A1", "A1", None), ("B", "C", None)], "schizas"))
    assert result.figures["agreement_schizas"].value == 0.5
    assert "auc_schizas" not in result.figures
    assert result.area is None


def test_a_scale_that_was_never_graded_has_no_result():
    assert scale_results(graded([("1", None, None)], "genant")) == []


def test_sides_are_judged_together_in_the_order_of_the_scale():
    assert plain_name("lateral_recess_left") == plain_name("lateral_recess_right") == "lateral_recess"
    assert order_of("lateral_recess", ["severe"]) == ("normal", "mild", "moderate", "severe")
    assert order_of("unknown", ["10", "9", "none"]) == ("9", "10", "none")
