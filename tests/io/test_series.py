"""Grouping, sorting and geometry of stacks."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from lvp_workstation.domain.study import Study
from lvp_workstation.io.pixels import load_volume
from lvp_workstation.io.scan import scan_paths
from lvp_workstation.io.series import build_studies
from tests import dicom_factory as factory


def opened(folder: Path) -> tuple[Study, ...]:
    return build_studies(scan_paths([folder]).headers)


def test_a_stack_is_sorted_by_position_whatever_number_and_name_say(tmp_path: Path) -> None:
    images = factory.stack(9)
    numbers = list(range(9))
    random.Random(4).shuffle(numbers)
    for data, number in zip(images, numbers, strict=True):
        data.InstanceNumber = number + 1
    names = [f"{n:02d}" for n in random.Random(5).sample(range(99), 9)]
    factory.write(tmp_path, images, names)
    (study,) = opened(tmp_path)
    (series,) = study.series
    assert [f.sop_instance_uid for f in series.frames] == [d.SOPInstanceUID for d in images]
    assert series.geometry is not None
    assert series.geometry.spacing == pytest.approx((4.4, 0.8, 0.7))
    assert series.problems == ()
    volume = load_volume(series).volume
    assert np.array_equal(volume.array, np.stack([d.pixel_array for d in images]))
