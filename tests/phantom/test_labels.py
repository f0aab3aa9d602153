"""The label maps agree with the exact truth, and carry the right ids."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.build import draw_anatomy
from lvp_workstation.phantom.generate import label_volume
from lvp_workstation.phantom.labels import face_gap
from lvp_workstation.phantom.pathology import Plan
from tests.phantom.conftest import anatomy_of, fine_box, truth

STEP = 0.5


def sagittal() -> VolumeGeometry:
    axes = ((1, 0, 0), (0, 0, -1), (0, 1, 0))
    return VolumeGeometry.from_axes((-44.0, -80.0, 170.0), axes, (4.0, 1.0, 1.0), (23, 330, 200))


def expected_ids(lumbar_count: int) -> set[int]:
    discs = {80, 81, 82} | set(range(91, 91 + lumbar_count)) | {100}
    return {2, 29, 30, 31, 32, 50} | set(range(41, 41 + lumbar_count)) | discs


@pytest.mark.parametrize("count", [4, 5, 6])
def test_every_lumbar_count_has_its_ids(count: int) -> None:
    labels = label_volume(draw_anatomy(3, Plan(lumbar_count=count)), sagittal())
    assert set(np.unique(labels)) - {0} == expected_ids(count)


def test_the_lowest_disc_lies_on_the_sacrum() -> None:
    labels = label_volume(anatomy_of("normal", 4), sagittal())
    rows = {value: np.nonzero(labels == value)[1].mean() for value in (45, 100, 50)}
    assert rows[45] < rows[100] < rows[50]


def test_labels_do_not_depend_on_the_axis_order_or_direction() -> None:
    geometry = sagittal()
    labels = label_volume(anatomy_of("herniation", 1), geometry)
    other = geometry.permuted((2, 0, 1)).flipped(1)
    again = label_volume(anatomy_of("herniation", 1), other)
    differing = (np.flip(again, 1) != labels.transpose(2, 0, 1)).sum()
    assert differing <= 5e-4 * (labels > 0).sum()  # rounding on surfaces only


def test_posterior_elements_belong_to_the_vertebra() -> None:
    anatomy = anatomy_of("normal", 4)
    body = anatomy.vertebra("L3")
    grid = fine_box(body.frame.origin, (45.0, 30.0, 75.0), 1.0)
    inside = label_volume(anatomy, grid) == body.label
    local = body.frame.to_local(grid.index_to_world(np.argwhere(inside)))
    assert local[:, 1].max() > body.posterior_wall + body.canal_ap + 15  # spinous process
    assert local[:, 0].max() > 35
    assert local[:, 0].min() < -35  # transverse processes on both sides


@pytest.mark.parametrize(("preset", "seed", "level"), [("normal", 2, "L3-L4"), ("degenerate", 3, "L4-L5")])
def test_disc_centroid_is_that_of_its_voxels(preset: str, seed: int, level: str) -> None:
    anatomy = anatomy_of(preset, seed)
    disc = anatomy.disc(level)
    grid = fine_box(disc.frame.origin, (34.0, 16.0, 30.0), STEP)
    voxels = np.argwhere(label_volume(anatomy, grid) == disc.label)
    centroid = grid.index_to_world(voxels).mean(axis=0)
    assert np.linalg.norm(centroid - truth(preset, seed)["levels"][level]["centroid_lps"]) < 0.6


def test_middle_disc_height_is_that_of_the_voxels() -> None:
    anatomy = anatomy_of("normal", 2)
    disc = anatomy.disc("L3-L4")
    frame = disc.frame
    axes = (frame.axes[0], frame.axes[1], frame.axes[2])
    origin = frame.to_world((0.0, 0.0, -12.0))
    line = VolumeGeometry.from_axes(origin, axes, (1.0, 1.0, 0.05), (1, 1, 481))
    height = (label_volume(anatomy, line) == disc.label).sum() * 0.05 + 2 * face_gap(disc)
    measured = truth("normal", 2)["levels"]["L3-L4"]["measurements"]["disc_height_middle"]["value"]
    assert height == pytest.approx(measured, abs=0.4)


@pytest.mark.parametrize(("preset", "seed"), [("normal", 2), ("stenosis", 2), ("herniation", 3)])
def test_sac_area_is_that_of_the_voxels(preset: str, seed: int) -> None:
    anatomy = anatomy_of(preset, seed)
    disc = anatomy.disc("L4-L5")
    left, back, up = disc.frame.axes
    origin = disc.frame.to_world((-20.0, 5.0, 0.0))
    plane = VolumeGeometry.from_axes(origin, (up, back, left), (1.0, 0.2, 0.2), (1, 200, 200))
    area = (label_volume(anatomy, plane) == 2).sum() * 0.04
    measured = truth(preset, seed)["levels"]["L4-L5"]["measurements"]["sac_area"]["value"]
    assert area == pytest.approx(measured, rel=0.04, abs=2.0)


def test_slip_is_that_of_the_voxels() -> None:
    anatomy = anatomy_of("listhesis", 1)
    disc = anatomy.disc("L4-L5")
    walls = []
    for body, height in ((disc.upper, -disc.upper.height / 2 + 4), (disc.lower, disc.lower.height / 2 - 4)):
        axes = (body.frame.axes[0], body.frame.axes[2], body.frame.axes[1])
        start = body.frame.to_world((0.0, 0.0, height))
        line = VolumeGeometry.from_axes(start, axes, (1.0, 1.0, 0.1), (1, 1, 260))
        inside = label_volume(anatomy, line).ravel() == body.label
        end = int(np.nonzero(~inside)[0][0])
        walls.append(disc.frame.to_local(line.index_to_world((0, 0, end)))[1])
    measured = truth("listhesis", 1)["levels"]["L4-L5"]["measurements"]["slip"]["value"]
    assert walls[1] - walls[0] == pytest.approx(measured, abs=1.2)
