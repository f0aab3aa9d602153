"""What this program writes as a DICOM segmentation it reads back as the same level ids."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.io.read_seg import read_segmentation, segmented_series
from tests import dicom_factory as factory
from tests.io.test_seg import GENERAL, LEVELS, first_series, written


@pytest.fixture
def seg(tmp_path: Path):
    factory.write(tmp_path / "s", factory.stack(4, **GENERAL))
    (series,) = first_series(tmp_path / "s")
    return (*written(tmp_path, series), series)


def test_the_ids_come_back_on_their_voxels(seg) -> None:
    path, label_map, series = seg
    expected, rows = label_map.exported(LEVELS)
    assert len(rows) == 4
    np.testing.assert_array_equal(read_segmentation(path, series.geometry), expected)


def test_it_tells_the_series_it_was_made_on(seg) -> None:
    path, _, series = seg
    assert segmented_series(path) == series.series_instance_uid
    assert segmented_series(Path(series.frames[0].path)) is None
    path.write_bytes(b"no DICOM")
    assert segmented_series(path) is None
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_segmentation(path, series.geometry)


def test_another_grid_is_refused(seg) -> None:
    path, _, series = seg
    affine = series.geometry.affine.copy()
    affine[:3, 3] += 0.4
    with pytest.raises(UnreadableInput, match="does not lie on"):
        read_segmentation(path, replace(series.geometry, affine=affine))
    smaller = VolumeGeometry(series.geometry.affine, (1, *series.geometry.shape[1:]))
    with pytest.raises(UnreadableInput, match="does not lie on"):
        read_segmentation(path, smaller)
