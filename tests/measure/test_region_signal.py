"""Signal inside outlines: the pixels whose centre lies inside, nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.measure.region_signal import mark_signal

GEOMETRY = VolumeGeometry.from_axes(
    (0.0, 0.0, 0.0), ((1, 0, 0), (0, 0, -1), (0, 1, 0)), (4.0, 0.5, 0.5), (3, 40, 40)
)
ARRAY = np.arange(3 * 40 * 40, dtype=np.uint16).reshape(3, 40, 40)


def corners(*index: tuple[float, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return (row, column) places of the middle slice as LPS points."""
    return GEOMETRY.index_to_world(np.array([(1.0, r, c) for r, c in index]))


@pytest.mark.parametrize("shape", [MarkShape.POLYGON, MarkShape.FREEHAND])
def test_a_rectangle_encloses_its_pixels_whichever_way_it_was_drawn(shape: MarkShape) -> None:
    box = corners((9.5, 19.5), (9.5, 24.5), (13.5, 24.5), (13.5, 19.5))
    inside = ARRAY[1, 10:14, 20:25].astype(float)
    for points in (box, box[::-1]):
        signal = mark_signal(shape, ARRAY, GEOMETRY, 1, points)
        assert signal is not None
        assert (signal.pixels, signal.mean, signal.minimum, signal.maximum) == (
            20,
            inside.mean(),
            inside.min(),
            inside.max(),
        )
        assert signal.deviation == pytest.approx(inside.std())


def test_an_outline_beyond_the_image_counts_what_lies_on_it() -> None:
    signal = mark_signal(
        MarkShape.POLYGON, ARRAY, GEOMETRY, 1, corners((-5, -5), (-5, 1.5), (1.5, 1.5), (1.5, -5))
    )
    assert signal is not None
    assert signal.pixels == 4


def test_a_hollow_outline_leaves_its_bay_out() -> None:
    bay = corners((0, 0), (0, 20), (20, 20), (20, 0), (15, 0), (15, 15), (5, 15), (5, 0))
    inside = mark_signal(MarkShape.FREEHAND, ARRAY, GEOMETRY, 1, bay)
    whole = mark_signal(MarkShape.FREEHAND, ARRAY, GEOMETRY, 1, bay[:4])
    assert inside is not None
    assert whole is not None
    assert whole.pixels - inside.pixels == pytest.approx(150, abs=25)


def test_a_point_tells_its_pixel_and_nothing_beside_the_image() -> None:
    signal = mark_signal(MarkShape.POINT, ARRAY, GEOMETRY, 1, corners((7.2, 8.4)))
    assert signal is not None
    assert (signal.pixels, signal.mean) == (1, float(ARRAY[1, 7, 8]))
    assert mark_signal(MarkShape.POINT, ARRAY, GEOMETRY, 1, corners((-3, 8))) is None
    assert mark_signal(MarkShape.DISTANCE, ARRAY, GEOMETRY, 1, corners((1, 1), (5, 5))) is None
    assert mark_signal(MarkShape.POLYGON, ARRAY, GEOMETRY, 7, corners((1, 1), (5, 5), (1, 5))) is None
