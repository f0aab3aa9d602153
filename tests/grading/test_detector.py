"""The class of a disc and its box on the mid-sagittal slice."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import BinaryGrade, Proposal
from lvp_workstation.domain.labelmap import DISC_BASE, LabelMap
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.grading.detector import DiscClass, classify, detect

AI = Provenance(Provenance.AI, "test", "")


def labels():
    """Three slices 4 mm apart, 1 x 0.5 mm pixels: disc 1 on all, disc 2 on the first two."""
    affine = np.eye(4)
    affine[:3, :3] = np.array([[-4.0, 0.0, 0.0], [0.0, 0.0, 0.5], [0.0, -1.0, 0.0]])
    codes = np.zeros((3, 40, 80), dtype=np.uint8)
    codes[:, 20:28, 20:60] = DISC_BASE + 1
    codes[:2, 5:10, 24:64] = DISC_BASE + 2
    return LabelMap(codes, VolumeGeometry(affine, codes.shape))


def contour(disc, none):
    shares = (("none", none), ("bulge", 1.0 - none))
    return Proposal("herniation", disc, AI, "none", shares)


def test_a_slip_goes_before_a_displaced_disc():
    assert classify(0.9, 0.4)[0] is DiscClass.SLIPPED
    assert classify(0.9, 0.1) == (DiscClass.DISPLACED, pytest.approx(0.81))
    assert classify(0.2, 0.1) == (DiscClass.NORMAL, pytest.approx(0.72))


def test_the_box_is_the_rectangle_of_the_mask_and_two_millimetres():
    slips = [BinaryGrade("slip_any", "D1", 0.6)]
    lower, upper = detect(labels(), [contour("D1", 0.9), contour("D2", 0.2)], slips)
    assert (lower.target, lower.kind, lower.score) == ("D1", DiscClass.SLIPPED, 0.6)
    assert upper.kind is DiscClass.DISPLACED
    box = np.array(lower.box)
    # Voxels 20-59 of half a millimetre and 20-27 of one: edges at 9.75, 29.75 and -19.5, -27.5.
    assert np.allclose([box[:, 1].min(), box[:, 1].max()], [9.75 - 2, 29.75 + 2])
    assert np.allclose([box[:, 2].min(), box[:, 2].max()], [-27.5 - 2, -19.5 + 2])
    assert np.ptp(box[:, 0]) == 0.0


def test_a_disc_without_a_grade_or_off_the_slice_is_not_detected():
    contours = [contour("D2", 0.2), Proposal("herniation", "D1", AI, not_assessable="low_signal", text="x")]
    assert [one.target for one in detect(labels(), contours, [])] == ["D2"]
    only_last = labels()
    codes = only_last.array.copy()
    codes[:2] = 0
    codes[2, 5:6, 24:28] = DISC_BASE + 2
    thin = LabelMap(codes, only_last.geometry)
    assert [one.target for one in detect(thin, [contour("D1", 0.9), contour("D2", 0.9)], [])] == ["D1"]
