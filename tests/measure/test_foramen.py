"""Foramina of a phantom with perfect masks: their sides, sizes and fat, and what narrow slabs withhold."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.spine import measure_spine
from lvp_workstation.phantom import presets
from lvp_workstation.phantom.generate import make_phantom
from lvp_workstation.phantom.instances import instance_labels
from lvp_workstation.phantom.pathology import LevelPathology, Plan
from tests.measure.model_spine import PROVENANCE


def _closed_on_the_left(_: np.random.Generator) -> Plan:
    levels = {n: LevelPathology(pfirrmann=1) for n in range(9)}
    return Plan(age=35.0, levels={**levels, 1: LevelPathology(pfirrmann=2, foramen_left=0.95)})


@lru_cache(maxsize=1)
def imaged() -> tuple[Volume, LabelMap, LevelMap]:
    """Return a healthy phantom whose left foramen at L4-L5 is closed, with its exact labels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(presets.PRESETS, "closed left", _closed_on_the_left)
        study = make_phantom(31, "closed left", ("sag_t2",), planes_per_slice=1)
    volume = study.series[0].volume
    bare = Volume(volume.array, volume.geometry)
    return bare, *instance_labels(study, bare.geometry)


@lru_cache(maxsize=2)
def measured(weighting: Weighting = Weighting.T2) -> SpineMeasures:
    volume, labels, levels = imaged()
    return measure_spine(labels, levels, volume, weighting, PROVENANCE)


def test_every_line_of_a_side_lies_on_that_side() -> None:
    middle = measured().landmarks.discs["D2"].centroid[0]
    lines = [m for m in measured().measurements.values() if m.name.startswith("foramen")]
    assert len(lines) >= 12
    for line in lines:
        sign = 1.0 if line.name.endswith("left") else -1.0
        assert all(sign * (point[0] - middle) > 5.0 for point in line.points_lps)
        assert line.uncertainty is not None


def test_fat_is_lost_on_the_closed_side_only() -> None:
    def contact(disc: str, side: str) -> float:
        names = ("anterior", "posterior", "above", "below")
        shares = [measured().feature(disc, f"foramen_fat_{name}_{side}") for name in names]
        return float(np.mean([share for share in shares if share is not None]))

    assert contact("D2", "left") < 0.5
    assert contact("D2", "right") > 0.7


def test_a_narrow_slab_does_not_reach_the_foramina() -> None:
    volume, labels, levels = imaged()
    keep = slice(5, 10)
    affine = volume.geometry.affine.copy()
    affine[:3, 3] = volume.geometry.index_to_world((keep.start, 0, 0))
    _, rows, columns = volume.shape
    geometry = VolumeGeometry(affine, (keep.stop - keep.start, rows, columns))
    narrow = Volume(np.ascontiguousarray(volume.array[keep]), geometry)
    cut = LabelMap(np.ascontiguousarray(labels.array[keep]), geometry)
    found = measure_spine(cut, levels, narrow, Weighting.T2, PROVENANCE)
    assert {found.unseen["D2", side].code for side in ("left", "right")} == {"needs_parasagittal"}
    assert not [m for m in found.measurements.values() if m.name.startswith("foramen")]


def test_slices_far_apart_may_pass_a_foramen_by() -> None:
    volume, labels, levels = imaged()
    affine = volume.geometry.affine.copy()
    affine[:3, 0] *= 2
    geometry = VolumeGeometry(affine, labels.array[::2].shape)
    image = Volume(np.ascontiguousarray(volume.array[::2]), geometry)
    half = LabelMap(np.ascontiguousarray(labels.array[::2]), geometry)
    assert geometry.spacing[0] > 7.0
    found = measure_spine(half, levels, image, Weighting.T2, PROVENANCE)
    assert {found.unseen["D2", side].code for side in ("left", "right")} == {"slices_too_far_apart"}
    assert not [m for m in found.measurements.values() if m.name.startswith("foramen")]


def test_bone_between_body_and_arch_near_the_midline_is_no_pedicle() -> None:
    volume, labels, levels = imaged()
    middle = float(volume.geometry.world_to_index(measured().landmarks.discs["D2"].centroid).ravel()[0])
    keep = slice(round(middle) - 3, round(middle) + 4)
    affine = volume.geometry.affine.copy()
    affine[:3, 3] = volume.geometry.index_to_world((keep.start, 0, 0))
    affine[:3, 0] *= 3.0 / volume.geometry.spacing[0]
    _, rows, columns = volume.shape
    geometry = VolumeGeometry(affine, (keep.stop - keep.start, rows, columns))
    image = Volume(np.ascontiguousarray(volume.array[keep]), geometry)
    near = LabelMap(np.ascontiguousarray(labels.array[keep]), geometry)
    found = measure_spine(near, levels, image, Weighting.T2, PROVENANCE)
    assert {found.unseen["D2", side].code for side in ("left", "right")} == {"needs_parasagittal"}
    assert not [m for m in found.measurements.values() if m.name.startswith("foramen")]


def test_dark_fat_is_not_read() -> None:
    unseen = measured(Weighting.STIR).unseen
    assert {unseen["D2", side].code for side in ("left", "right")} == {"fat_suppressed"}
