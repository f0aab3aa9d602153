"""Detected discs against labelled ones."""

from __future__ import annotations

import pytest

from lvp_workstation.evaluation.detection import DiscRow, curves, detection_figures, overlap

SLIP, BULGE, NORMAL = "spondylolisthesis", "bulge-or-herniation", "normal"


def box(low, high=None, depth=40.0):
    """A box in the plane x = 5 from one height to another."""
    high = low + 10.0 if high is None else high
    return ((5.0, 0.0, high), (5.0, depth, high), (5.0, depth, low), (5.0, 0.0, low))


def test_overlap_is_measured_in_the_plane_of_the_box():
    assert overlap(box(0), box(0)) == pytest.approx(1.0)
    assert overlap(box(0), box(5)) == pytest.approx(1 / 3)
    assert overlap(box(0), box(20)) == 0.0
    beside = tuple((x + 4.5, y, z) for x, y, z in box(0))
    assert overlap(box(0), beside) == pytest.approx(1.0)
    turned = tuple(box(0)[k] for k in (1, 2, 3, 0))
    assert overlap(turned, box(5)) == pytest.approx(1 / 3)


def labelled(level, kind, patient="a"):
    return DiscRow(patient, str(level), kind, box(40.0 * level))


def detected(level, kind, score, patient="a", shift=0.0):
    return DiscRow(patient, str(level), given=kind, score=score, given_box=box(40.0 * level + shift))


def test_average_precision_of_a_hand_made_curve():
    rows = [
        *(labelled(level, BULGE) for level in (1, 2, 3)),
        labelled(4, NORMAL),
        detected(1, BULGE, 0.9),
        detected(4, BULGE, 0.8),
        detected(2, BULGE, 0.7),
        detected(3, BULGE, 0.6, shift=8.0),
    ]
    found = {curve.kind: curve for curve in curves(rows)}
    # Right, wrong class, right, wrong place: precision 1, 1/2, 2/3, 1/2 at recall 1/3, 1/3, 2/3, 2/3.
    assert found[BULGE].area == pytest.approx(1 / 3 + 2 / 9)
    assert found[NORMAL].area == 0.0
    assert SLIP not in found


def test_a_disc_is_found_once_and_an_untold_class_counts_neither_way():
    rows = [
        labelled(1, SLIP),
        labelled(2, ""),
        detected(1, SLIP, 0.9),
        detected(1, SLIP, 0.8, shift=1.0),
        detected(2, SLIP, 0.95),
    ]
    curve = curves(rows)[0]
    assert curve.precision.tolist() == [1.0, 0.5]
    assert curve.area == 1.0


def test_the_table_judges_classes_by_level():
    pairs = [(NORMAL, NORMAL)] * 6 + [(NORMAL, BULGE), (BULGE, BULGE), (SLIP, BULGE), (BULGE, NORMAL)]
    rows = [DiscRow(str(n), "L4-L5", truth, named=given) for n, (truth, given) in enumerate(pairs)]
    rows.append(DiscRow("x", "L4-L5", "", named=SLIP))
    figures = detection_figures(rows)
    assert figures["sensitivity"].value == pytest.approx(2 / 3, abs=1e-4)
    assert figures["specificity"].value == pytest.approx(6 / 7, abs=1e-4)
    assert figures["accuracy"].value == 0.8
    assert figures[f"sensitivity_{SLIP}"].value == 0.0
    assert figures[f"specificity_{BULGE}"].value == pytest.approx(6 / 8)
    assert "map" not in figures
