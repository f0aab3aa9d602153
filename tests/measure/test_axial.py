"""Axial measures: on blocks drawn by hand, and on the exact labels of a phantom against its truth."""

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.axial_anatomy import ARCH, AXIAL_CLASSES, AxialBlock
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.measure.axial import AxialMeasures, measure_axial
from lvp_workstation.measure.axial_lines import SOURCE
from lvp_workstation.phantom.axial_labels import axial_labels
from lvp_workstation.phantom.build import draw_anatomy
from lvp_workstation.phantom.presets import plan_of
from lvp_workstation.phantom.truth import truth_of
from tests.measure.axial_blocks import AP, PEDICLE, WALL, WIDTH, block, fragment, mound, squeezed

AI = Provenance(Provenance.AI, "axial_vnet", "", "1.0.0")
SEED = 610_004


def of(**blocks: AxialBlock) -> AxialMeasures:
    return measure_axial(blocks, AI)


def test_sac_of_known_size() -> None:
    found = of(D1=block()).measurements
    assert found["D1", "sac_area"].value == pytest.approx(np.pi / 4 * AP * WIDTH, rel=0.04)
    assert found["D1", "sac_ap"].value == pytest.approx(AP, abs=0.5)


def test_a_smaller_section_at_the_disc_is_a_loss_of_area() -> None:
    lost = [of(D1=block(squeezed(share))).features["D1"]["loss_block"] for share in (0.0, 0.3, 0.7)]
    assert lost == pytest.approx([0.0, 0.3, 0.7], abs=0.06)


@pytest.mark.parametrize("room", [1.5, 2.5, 4.0])
def test_height_of_the_recess(room: float) -> None:
    found = of(D1=block(room=room)).measurements
    assert found["D1", "recess_height_left"].value == pytest.approx(room, abs=0.6)
    assert found["D1", "recess_height_right"].value == pytest.approx(6.0, abs=0.5)
    assert found["D1", "recess_angle_left"].value < found["D1", "recess_angle_right"].value


def closing(x: np.ndarray, y: np.ndarray, offset: float, labels: np.ndarray) -> None:
    """Let a facet fill the left recess from 9.5 mm beside the midline to the pedicle."""
    if offset < 3:
        labels[(x > 9.5) & (x < PEDICLE + 1) & (y > WALL - 2) & (y < WALL + 9) & (labels == 0)] = ARCH


def test_a_facet_that_closes_the_recess_of_s1_is_no_pedicle() -> None:
    found = of(D1=block(closing, 0.5)).measurements
    assert found["D1", "recess_height_left"].value < 1.5
    assert found["D1", "recess_height_right"].value > 5.0


def without_right_pedicle(x: np.ndarray, y: np.ndarray, offset: float, labels: np.ndarray) -> None:
    """Take the right pedicle away and leave its facet."""
    labels[(x < -PEDICLE + 1) & (y < WALL + 6.0) & (labels == ARCH)] = 0


def test_a_pedicle_that_is_not_seen_lies_as_far_out_as_the_other() -> None:
    found = of(D2=block(without_right_pedicle, name="D2"))
    assert found.measurements["D2", "recess_height_right"].value == pytest.approx(6.0, abs=0.5)
    assert found.features["D2"]["pedicle_right"] == found.features["D2"]["pedicle_left"]


def test_a_slice_below_the_facet_says_nothing_about_the_recess() -> None:
    def unroofed(x: np.ndarray, y: np.ndarray, offset: float, labels: np.ndarray) -> None:
        """Take the facet of the left recess out of every slice below the disc."""
        if offset < -3:
            labels[(x > 0) & (x < PEDICLE) & (labels == ARCH)] = 0

    found = of(D2=block(unroofed, room=2.5, name="D2")).measurements["D2", "recess_height_left"]
    assert found.value == pytest.approx(2.5, abs=0.6)


def test_the_recess_between_two_slices() -> None:
    def steep(x: np.ndarray, y: np.ndarray, offset: float, labels: np.ndarray) -> None:
        """Let the left facet reach 3 mm further forward in the slice of the disc than below it."""
        if abs(offset) < 3:
            beside = (x > PEDICLE - 4) & (x < PEDICLE) & (y > WALL + 1.5) & (y < WALL + 20)
            labels[beside & (labels == 0)] = ARCH

    rows = of(D2=block(steep, room=4.5, name="D2")).features["D2"]
    assert rows["recess_least_left"] == pytest.approx(1.5, abs=0.5)
    assert rows["recess_least_left"] < rows["recess_between_left"] < 4.5
    assert rows["recess_least_right"] == pytest.approx(6.0, abs=0.5)


def test_thickness_of_the_flavum_on_both_sides() -> None:
    found = of(D1=block()).measurements
    left, right = (found["D1", f"flavum_thickness_{side}"].value for side in ("left", "right"))
    assert left == pytest.approx(right, abs=0.3)
    assert left == pytest.approx(3.5 / np.cos(np.radians(40)), abs=1.5)


def test_a_protrusion_has_depth_base_and_side() -> None:
    rows = of(D1=block(mound(5.0, 4.0, 12.0))).features["D1"]
    assert rows["material_depth"] == pytest.approx(4.0, abs=0.9)
    assert rows["material_lateral"] == pytest.approx(5.0, abs=0.8)
    assert rows["material_base"] > rows["material_dome"]
    assert rows["material_joined"] == 1.0


def test_a_fragment_is_free_and_lies_where_it_was_drawn() -> None:
    rows = of(D1=block(fragment(-4.0, 8.8, 3.0))).features["D1"]
    assert rows["material_joined"] == 0.0
    assert rows["material_offset"] == pytest.approx(8.8, abs=0.5)
    assert rows["material_lateral"] == pytest.approx(-4.0, abs=0.8)


def test_a_fragment_seen_from_two_discs_counts_once() -> None:
    above = block(fragment(0.0, -8.8, 2.0), name="D2", place=18.0)
    below = block(fragment(0.0, 8.8, 3.0))
    found = of(D1=below, D2=above)
    assert set(found.material) == {"D1"}
    assert "material_depth" not in found.features["D2"]


def test_every_measurement_carries_the_mark_and_its_image() -> None:
    for measurement in of(D1=block(mound(5.0, 4.0, 12.0))).measurements.values():
        assert measurement.source.startswith(SOURCE)
        assert measurement.provenance.name == "axial_vnet"
        assert len(measurement.source_sop_uids) == 1


def test_an_empty_block_gives_nothing() -> None:
    one = block()
    empty = np.zeros_like(one.probabilities)
    empty[0] = 1.0
    found = of(D1=AxialBlock(one.disc, empty, one.geometry, one.offsets))
    assert not found.measurements
    assert not found.material


@cache
def phantom() -> SimpleNamespace:
    """Return a phantom's truth and what is measured on its exact labels, 4.4 mm slices."""
    anatomy = draw_anatomy(SEED, plan_of("evaluation", SEED))
    truth: dict[str, Any] = truth_of(anatomy, "evaluation")["levels"]
    blocks = {}
    for disc in anatomy.discs[-5:]:
        left, back, up = disc.frame.axes
        offsets = np.arange(-2, 3) * 4.4
        corner = disc.frame.origin + 14 * back - 55.5 * 0.7 * (left + back) + offsets[0] * up
        grid = VolumeGeometry.from_axes(corner, (up, back, left), (4.4, 0.7, 0.7), (5, 112, 112))
        labels = axial_labels(anatomy, grid)
        chances = np.stack([(labels == k).astype(np.float32) for k in range(len(AXIAL_CLASSES))])
        chances = ndimage.gaussian_filter(chances, (0, 0, 0.6, 0.6))
        marks = DiscLandmarks(disc.name, tuple(disc.frame.origin), tuple(up))
        blocks[disc.name] = AxialBlock(marks, chances, grid, tuple(offsets))
    return SimpleNamespace(truth=truth, found=measure_axial(blocks, AI), discs=list(blocks))


def errors(name: str) -> list[float]:
    one = phantom()
    pairs = [
        (one.found.measurements.get((d, name)), one.truth[d]["measurements"].get(name)) for d in one.discs
    ]
    return [m.value - t["value"] for m, t in pairs if m is not None and t is not None]


def test_sac_on_exact_labels() -> None:
    assert np.median(np.abs(errors("sac_ap"))) < 0.7
    relative = [
        abs(
            phantom().found.measurements[d, "sac_area"].value
            / phantom().truth[d]["measurements"]["sac_area"]["value"]
            - 1
        )
        for d in phantom().discs
    ]
    assert np.median(relative) < 0.08


def test_flavum_on_exact_labels() -> None:
    assert np.median(np.abs(errors("flavum_thickness_left") + errors("flavum_thickness_right"))) < 0.5


def test_recess_on_exact_labels() -> None:
    one = phantom()
    pairs = [
        (
            one.found.measurements[d, f"recess_height_{side}"].value,
            one.truth[d]["measurements"][f"recess_height_{side}"]["value"],
        )
        for d in one.discs
        for side in ("left", "right")
        if (d, f"recess_height_{side}") in one.found.measurements
    ]
    assert len(pairs) >= 9
    assert np.mean([abs(min(a, 6.0) - min(b, 6.0)) for a, b in pairs]) < 0.7


def test_material_on_exact_labels_is_that_of_the_herniated_discs() -> None:
    one = phantom()
    kinds = {d: one.truth[d]["grades"]["herniation"]["grade"] for d in one.discs}
    herniated = {d for d, kind in kinds.items() if kind not in ("none", "bulge")}
    assert set(one.found.material) == herniated
