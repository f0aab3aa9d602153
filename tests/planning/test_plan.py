"""Planes on a spine of boxes: every one of them is known exactly."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.geometry import Array, plane_angle_deg
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.measure.spine import find_landmarks, measure_spine
from lvp_workstation.planning.plan import ScanPlan, plan_scan
from lvp_workstation.planning.protocol import PlanProtocol, read_protocol
from tests.measure.model_spine import PROVENANCE, ModelSpine

STEP = 35.0
"""Height of a body and a disc of the model, mm."""


def protocol(name: str = "lumbar_routine") -> PlanProtocol:
    text = asset_path("resources", "protocols", f"{name}.toml").read_text(encoding="utf-8")
    return read_protocol(name, tomllib.loads(text))


def planned(labels: LabelMap, spine: ModelSpine, order: PlanProtocol | None = None) -> ScanPlan:
    image = spine.image(labels)
    landmarks = measure_spine(labels, spine.levels, image, Weighting.T2, PROVENANCE).landmarks
    return plan_scan(labels, spine.levels, landmarks, order or protocol())


@cache
def plan_of(spine: ModelSpine) -> ScanPlan:
    return planned(spine.labels(spine.grid(4.0, 0.8, 15)), spine)


def turned(labels: LabelMap, yaw: float, roll: float) -> tuple[LabelMap, Array]:
    """Return the same voxels in a patient turned about the long axis and tilted sideways, and the turn."""
    a, b = np.radians([yaw, roll])
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    turn = about_z @ about_y
    affine = labels.geometry.affine.copy()
    affine[:3] = turn @ affine[:3]
    return LabelMap(labels.array, VolumeGeometry(affine, labels.geometry.shape)), turn


def disc_up(pitch: float) -> Array:
    angle = np.radians(pitch)
    return np.array([0.0, np.sin(angle), np.cos(angle)])


@pytest.mark.parametrize("pitch", [-20.0, 0.0, 25.0])
def test_axial_stacks_lie_in_the_discs(pitch: float) -> None:
    plan = plan_of(ModelSpine(pitch=pitch))
    up = disc_up(pitch)
    levels = [stack.level for stack in plan.of_kind("axial")]
    assert levels == ["L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"]
    for number, stack in zip(range(5, 0, -1), plan.of_kind("axial"), strict=True):
        assert stack.proposed
        middle = ((number - 1) * STEP + 4.5) * up
        assert plane_angle_deg(stack.normal, up) < 1.0
        assert abs(stack.plane.signed_distance(middle)) < 0.5


def test_every_stack_has_square_axes_in_the_order_of_dicom() -> None:
    plan = plan_of(ModelSpine(pitch=10.0))
    expected = {
        "sagittal": ((0, 1, 0), (0, 0, -1), (-1, 0, 0)),
        "axial": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        "continuous": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        "coronal": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
        "saturation": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    }
    for stack in plan.stacks:
        axes = np.array([stack.row, stack.column, stack.normal])
        assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-6)
        for axis, near in zip(axes, expected[stack.kind], strict=True):
            assert axis @ np.array(near, dtype=float) > 0.9, stack.name


@pytest.mark.parametrize(("yaw", "roll"), [(0.0, 0.0), (6.0, 0.0), (0.0, 7.0), (-5.0, 6.0)])
def test_the_mid_plane_follows_rotation_and_tilt(yaw: float, roll: float) -> None:
    spine = ModelSpine()
    labels, turn = turned(spine.labels(spine.grid(4.0, 0.8, 15)), yaw, roll)
    stack = planned(labels, spine).of_kind("sagittal")[0]
    assert stack.proposed
    assert plane_angle_deg(stack.normal, turn @ np.array([1.0, 0.0, 0.0])) < 1.0
    bodies = np.array([turn @ np.array([0.0, 0.0, (n - 1) * STEP + 22.0]) for n in range(1, 6)])
    assert np.abs(stack.plane.signed_distance(bodies)).max() < 0.8


def test_a_leaning_spine_gets_a_leaning_plane() -> None:
    stack = plan_of(ModelSpine(shift=8.0)).of_kind("sagittal")[0]
    lean = np.degrees(np.arctan2(8.0, 100.0))
    straight = plane_angle_deg(stack.normal, (1.0, 0.0, 0.0))
    # boxes are sheared, not turned: their discs stay level, so the plane goes a part of the way
    assert 0.2 * lean < straight <= lean + 0.5


def test_the_sagittal_stack_reaches_both_foramina() -> None:
    plan = plan_of(ModelSpine())
    stack = plan.of_kind("sagittal")[0]
    ends = np.array([[side * 30.0, 15.0, (n - 1) * STEP + 4.5] for n in range(1, 6) for side in (-1, 1)])
    assert stack.holds(ends).all()
    assert not plan.warnings


def test_too_few_sagittal_slices_are_told() -> None:
    order = protocol()
    few = replace(order, sagittal=replace(order.sagittal, count=7, count_max=9))
    spine = ModelSpine()
    plan = planned(spine.labels(spine.grid(4.0, 0.8, 15)), spine, few)
    assert plan.of_kind("sagittal")[0].count == 9
    assert [w.code for w in plan.warnings] == ["foramina_uncovered"]


def test_canal_that_no_angled_slice_shows_is_measured_and_offered() -> None:
    plan = plan_of(ModelSpine())
    assert plan.cover is not None
    depth = 4 * 4.4 + 4.0  # 35 mm from disc to disc less the slices of a stack, behind three bodies
    assert [stretch.level for stretch in plan.cover.unimaged] == ["L3", "L4", "L5"]
    assert plan.cover.unimaged_mm == pytest.approx(3 * (STEP - depth), abs=3.0)
    assert plan.cover.length_mm == pytest.approx(3 * STEP, abs=STEP / 3)
    continuous = plan.of_kind("continuous")[0]
    gaps = np.array([stretch.start for stretch in plan.cover.unimaged])
    assert continuous.proposed
    assert continuous.holds(gaps).all()
    assert "continuous" in plan.optional


def test_neighbours_that_would_cross_in_the_canal_give_up_slices_in_pairs() -> None:
    order = protocol()
    thick = replace(order, axial=replace(order.axial, count=9, count_max=9))
    spine = ModelSpine()
    plan = planned(spine.labels(spine.grid(4.0, 0.8, 15)), spine, thick)
    stacks = plan.of_kind("axial")
    assert min(s.count for s in stacks) < 9
    assert all(s.count % 2 == 1 and s.count >= 3 for s in stacks)
    assert {w.code for w in plan.warnings} == {"fewer_slices"}
    line = np.array([[0.0, 26.0, z] for z in np.arange(-5.0, 170.0, 0.5)])
    shared = sum(stack.holds(line).astype(int) for stack in stacks)
    assert shared.max() <= 1


def test_the_band_stays_in_front_of_every_vertebra() -> None:
    plan = plan_of(ModelSpine())
    band = plan.of_kind("saturation")[0]
    front = np.array([[0.0, -17.0, z] for z in np.arange(0.0, 170.0, 5.0)])
    distance = -(band.plane.signed_distance(front)) + band.half_depth_mm
    assert distance.max() < 0
    assert distance.max() == pytest.approx(-8.0, abs=1.5)


def test_a_missing_disc_is_declined_and_the_others_stay() -> None:
    spine = ModelSpine()
    labels = spine.labels(spine.grid(4.0, 0.8, 15))
    codes = np.where(labels.array == DISC_BASE + 2, 0, labels.array).astype(np.uint8)
    plan = planned(LabelMap(codes, labels.geometry), spine)
    declined = [stack for stack in plan.of_kind("axial") if not stack.proposed]
    assert [stack.level for stack in declined] == ["L4-L5"]
    assert declined[0].confidence == 0.0
    assert "L4-L5" in declined[0].declined


def wedged(spine: ModelSpine) -> LabelMap:
    """Return labels in which the disc L3-L4 lost a wedge from its upper surface."""
    labels = spine.labels(spine.grid(4.0, 0.8, 15))
    codes = labels.array.copy()
    slices, rows, columns = np.nonzero(codes == DISC_BASE + 3)
    lost = rows - rows.min() < (columns - columns.min()) * 0.2
    codes[slices[lost], rows[lost], columns[lost]] = 0
    return LabelMap(codes, labels.geometry)


def test_one_misshapen_mask_does_not_turn_the_plane() -> None:
    stack = planned(wedged(ModelSpine()), ModelSpine()).of_kind("axial")[2]
    assert stack.level == "L3-L4"
    assert stack.proposed
    assert plane_angle_deg(stack.normal, (0.0, 0.0, 1.0)) < 1.5  # the surface of the mask tilts by 5 degrees


def test_ways_that_disagree_beyond_the_limit_decline_the_plane() -> None:
    spine, order = ModelSpine(), protocol()
    labels = wedged(spine)
    bones = np.isin(labels.array, (VERTEBRA_BASE + 2, VERTEBRA_BASE + 3))
    codes = np.where(bones, 0, labels.array).astype(np.uint8)  # only the disc itself is left
    strict = replace(order, limits=replace(order.limits, disagreement_deg=0.05))
    stack = planned(LabelMap(codes, labels.geometry), spine, strict).of_kind("axial")[2]
    assert not stack.proposed
    assert stack.confidence == 0.0
    assert "degrees apart" in stack.declined


def test_discs_without_canal_behind_them_are_declined() -> None:
    """As in a strong scoliosis, where the slab of images runs beside the middle of the spine below."""
    spine = ModelSpine()
    labels = spine.labels(spine.grid(4.0, 0.8, 15))
    below = labels.geometry.world_to_index((0.0, 0.0, 1.5 * STEP))[1]  # the middle of L4
    codes = labels.array.copy()
    lower = codes[:, int(below) :]
    lower[lower == CANAL_CODE] = 0
    stacks = planned(LabelMap(codes, labels.geometry), spine).of_kind("axial")
    assert [s.level for s in stacks if not s.proposed] == ["L5-S1"]
    assert "No canal was seen behind L5-S1" in stacks[-1].declined


def test_a_lone_body_gives_no_mid_plane() -> None:
    spine = ModelSpine(count=2)
    plan = planned(spine.labels(spine.grid(4.0, 0.8, 15)), spine)
    sagittal = plan.of_kind("sagittal")[0]
    assert not sagittal.proposed
    assert sagittal.centre is None
    assert "mid-plane" in sagittal.declined
    assert [s.proposed for s in plan.of_kind("axial")] == [False, False, False, True, True]


def test_an_uncertain_numbering_never_looks_complete() -> None:
    spine = ModelSpine()
    labels, levels, volume = spine.case(4.0, 0.8, 15)
    landmarks, _ = find_landmarks(labels, volume)
    order = protocol()
    sure = plan_scan(labels, replace(levels, confidence=0.9), landmarks, order)
    unsure = plan_scan(labels, replace(levels, confidence=0.2), landmarks, order)
    assert all(stack.proposed for stack in sure.of_kind("axial"))
    further = unsure.of_kind("axial")[-1]
    assert (further.name, further.centre) == ("axial_below_L5-S1", None)
    assert "may have been left out" in further.declined
    assert len(unsure.of_kind("axial")) == len(sure.of_kind("axial")) + 1
    upper = replace(order, levels=("L1-L2",))
    assert len(plan_scan(labels, replace(levels, confidence=0.2), landmarks, upper).of_kind("axial")) == 1
