"""A person's review of proposed stacks: the proposal never changes, and stands beside the result."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.geometry import LEFT, SUPERIOR, plane_angle_deg
from lvp_workstation.planning.review import Choice, PlanReview
from lvp_workstation.planning.stack import AXIAL
from tests.measure.model_spine import ModelSpine
from tests.planning.test_plan import plan_of

L45, L5S1 = "axial_L4-L5", "axial_L5-S1"


@pytest.fixture
def review() -> PlanReview:
    return PlanReview.of(plan_of(ModelSpine()))


def test_everything_ordered_has_to_be_decided_before_it_can_be_sent(review: PlanReview) -> None:
    assert set(review.open_names) == {
        "sagittal",
        "saturation",
        *(s.name for s in review.stacks if s.proposal.kind == AXIAL),
    }
    assert not review.sendable
    decided = review.rejected(L5S1).all_accepted()
    assert decided.sendable
    names = [stack.name for stack in decided.result()]
    assert L5S1 not in names
    assert L45 in names
    assert "continuous" not in names  # offered, and nobody asked for it


def test_a_nudge_keeps_the_proposal_and_asks_for_another_look(review: PlanReview) -> None:
    moved = review.accepted(L45).moved(L45, 2.0 * SUPERIOR)
    stack = moved.find(L45)
    assert stack.choice is Choice.OPEN
    assert stack.offset_mm == pytest.approx(2.0)
    turned = moved.turned(L45, LEFT, 5.0).accepted(L45)
    stack = turned.find(L45)
    assert (stack.word, stack.nudged) == ("nudged", True)
    assert stack.angle_deg == pytest.approx(5.0)
    assert stack.offset_mm == pytest.approx(2.0)  # it turns about its own middle
    assert stack.proposal is review.find(L45).proposal
    assert abs(float(stack.final.row @ stack.final.column)) < 1e-9
    sent = next(s for s in turned.all_accepted().result() if s.name == L45)
    assert plane_angle_deg(sent.normal, stack.proposal.normal) == pytest.approx(5.0)
    assert turned.reset(L45).find(L45).nudged is False


def test_a_turn_in_its_own_plane_is_a_nudge_as_well(review: PlanReview) -> None:
    normal = review.find(L45).proposal.normal
    assert review.turned(L45, normal, 10.0).find(L45).nudged


def test_what_has_no_place_cannot_be_accepted() -> None:
    spine = ModelSpine(count=2)
    review = PlanReview.of(plan_of(spine))
    assert review.find("sagittal").word == "declined"
    assert review.accepted("sagittal").find("sagittal").choice is Choice.OPEN
    assert review.moved("sagittal", LEFT).find("sagittal").nudged is False
    assert "sagittal" not in review.open_names  # it was declined: nothing there to decide
    with pytest.raises(KeyError):
        review.find("nothing")


def test_every_stack_that_is_sent_says_that_it_is_proposed(review: PlanReview) -> None:
    assert all(stack.proposed for stack in review.all_accepted().result())
    assert np.isfinite([s.centre for s in review.all_accepted().result()]).all()
