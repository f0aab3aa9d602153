"""Axial structures on the images they were found on, and as marked DICOM segmentations."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import highdicom as hd
import numpy as np
import pytest

from lvp_workstation.domain.axial_anatomy import DISC, SAC, AxialStructures
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.study import Patient, RoleDecision, SeriesRole
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.inference.axial_crop import crop_around
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, write_series
from lvp_workstation.services.axial_masks import (
    AXIAL_SEGMENTATIONS,
    NOTE,
    drawn,
    write_axial_segmentations,
)
from lvp_workstation.services.open_study import open_paths

LEFT, BACK, UP = np.eye(3)
TILT = 0.2
NORMAL = np.array([0.0, -np.sin(TILT), np.cos(TILT)])
PLANE_BACK = np.array([0.0, np.cos(TILT), np.sin(TILT)])
DISC_AT = DiscLandmarks("D1", (0.0, -14.0, 0.0), (0.0, float(NORMAL[1]), float(NORMAL[2])))


def grid(slices: int = 5) -> VolumeGeometry:
    """An axial block tilted as the disc is; rows to Posterior, columns to Left, slices upward."""
    origin = -2.0 * 4.4 * NORMAL - 48.0 * LEFT - 48.0 * PLANE_BACK
    return VolumeGeometry.from_axes(
        origin, (NORMAL, PLANE_BACK, LEFT), (4.4, 0.8, 0.8), (slices, 120, 120), "2.25.7"
    )


def patch(geometry: VolumeGeometry) -> AxialStructures:
    """The structures of a patch around the disc: a sac left of the middle, a disc before it."""
    crop = crop_around(Volume(np.ones(geometry.shape, np.float32), geometry), DISC_AT)
    assert crop is not None
    labels = np.zeros(crop.image.shape, dtype=np.uint8)
    labels[1:3, 50:70, 60:80] = SAC
    labels[2, 20:45, 40:80] = DISC
    return AxialStructures(labels, crop.geometry)


def centre_of(mask: np.ndarray[Any, Any], geometry: VolumeGeometry) -> np.ndarray[Any, Any]:
    return np.asarray(geometry.index_to_world(np.argwhere(mask)).mean(axis=0))


def test_structures_are_drawn_where_they_were_found():
    geometry = grid()
    found = patch(geometry)
    numbers = drawn({"D1": found}, geometry)
    assert set(np.unique(numbers)) == {0, SAC, DISC}
    for kind in (SAC, DISC):
        apart = centre_of(numbers == kind, geometry) - centre_of(found.labels == kind, found.geometry)
        assert np.linalg.norm(apart) < 0.3
        volumes = [
            (n.astype(bool)).sum() * g.voxel_volume
            for n, g in ((numbers == kind, geometry), (found.labels == kind, found.geometry))
        ]
        assert volumes[0] == pytest.approx(volumes[1], rel=0.05)


def test_slices_between_those_of_the_patch_stay_empty():
    geometry = grid()
    found = patch(geometry)
    affine = geometry.affine.copy()
    affine[:3, 3] += affine[:3, 0] / 2
    assert not drawn({"D1": found}, VolumeGeometry(affine, geometry.shape)).any()


def test_each_stack_has_an_object_that_says_it_is_not_validated(tmp_path):
    target = StudyToWrite("axial", Patient("TEST-1"))
    image = Volume(np.full(grid().shape, 100, np.uint16), grid())
    write_series(tmp_path / "in", target, MrProtocol("AX T2", number=1), image)
    (study,) = open_paths([tmp_path / "in"]).studies
    (series,) = study.series
    series = replace(series, decision=RoleDecision(SeriesRole.AX_T2, "stated"))
    assert series.geometry is not None
    axial = SimpleNamespace(
        structures={"D1": patch(series.geometry)}, name="axial_vnet", version="1.0.0", sha256="ab" * 32
    )
    analysis: Any = SimpleNamespace(study=replace(study, series=(series,)), axial=axial)
    (path,) = write_axial_segmentations(tmp_path, analysis)
    assert path.name == AXIAL_SEGMENTATIONS[0]
    seg: Any = hd.seg.segread(str(path))
    labels = [seg.get_segment_description(n).segment_label for n in seg.segment_numbers]
    assert labels == ["dural sac", "Intervertebral disc"]
    assert all(item.SegmentDescription == NOTE for item in seg.SegmentSequence)
    assert "not validated on patients" in seg.SeriesDescription
    volume = seg.get_volume(combine_segments=True)
    world = np.argwhere(volume.array == 1) @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    assert (
        np.linalg.norm(
            world.mean(axis=0)
            - centre_of(axial.structures["D1"].labels == SAC, axial.structures["D1"].geometry)
        )
        < 0.3
    )


def test_without_axial_findings_nothing_is_written(tmp_path):
    analysis: Any = SimpleNamespace(axial=None)
    assert write_axial_segmentations(tmp_path, analysis) == ()
    assert list(tmp_path.iterdir()) == []
