"""Curved reformat: the picture follows the curve and says where each of its points lies."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.curved import CurvedPlane, values_at
from tests.render.samples import geometry, ramp_volume


def lordosis(count: int = 121) -> Array:
    """A line that bends to the front in the middle, from head to foot."""
    heights = np.linspace(60.0, -60.0, count)
    return np.stack([np.full(count, 5.0), 12.0 * np.cos(heights / 40.0), heights], axis=-1)


def test_a_coronal_picture_is_laid_flat_along_the_curve() -> None:
    curved = CurvedPlane(lordosis(), ImagePlane.CORONAL)
    length = float(np.linalg.norm(np.diff(lordosis(), axis=0), axis=1).sum())
    assert curved.length_mm == pytest.approx(length)
    assert curved.length_mm > 120.0
    middle = curved.place(0.0, curved.length_mm / 2, 0.0)
    assert np.allclose(middle, (5.0, 12.0, 0.0), atol=0.1)
    assert np.allclose(curved.place(8.0, curved.length_mm / 2, 0.0) - middle, (8.0, 0.0, 0.0))
    assert np.allclose(curved.place(0.0, curved.length_mm / 2, 3.0) - middle, (0.0, 3.0, 0.0))


def test_a_sagittal_picture_follows_the_curve_sideways_and_keeps_heights() -> None:
    heights = np.linspace(60.0, -60.0, 121)
    curve = np.stack([15.0 * np.sin(heights / 40.0), np.zeros(121), heights], axis=-1)
    curved = CurvedPlane(curve, ImagePlane.SAGITTAL)
    assert curved.length_mm == pytest.approx(120.0)
    place = curved.place(10.0, 20.0, 0.0)
    assert np.allclose(place, (15.0 * np.sin(1.0), 10.0, 40.0), atol=0.05)


@pytest.mark.parametrize("plane", [ImagePlane.CORONAL, ImagePlane.SAGITTAL])
def test_a_place_on_the_picture_is_found_again(plane: ImagePlane) -> None:
    curved = CurvedPlane(lordosis(), plane)
    across, along = curved.spot(curved.place(7.0, 50.0, 0.0))
    assert across == pytest.approx(7.0, abs=0.2)
    assert along == pytest.approx(50.0, abs=1.1)


def test_values_are_linear_between_voxels_and_absent_outside() -> None:
    grid = geometry("sagittal", degrees=11.0)
    volume = ramp_volume(grid, np.float32)
    inside = np.array([(2.0, 5.0, 7.0), (2.5, 5.0, 7.0), (3.0, 5.25, 7.5)])
    found = values_at(volume.array, grid, grid.index_to_world(inside))
    assert np.allclose(found, [10507.0, 13007.0, 15532.5], atol=0.1)
    assert np.isnan(values_at(volume.array, grid, grid.index_to_world([(9.0, 5.0, 7.0)]))).all()


def test_one_slice_alone_can_be_followed() -> None:
    grid = geometry("sagittal", shape=(1, 24, 20))
    volume = ramp_volume(grid)
    assert values_at(volume.array, grid, grid.index_to_world([(0.0, 3.0, 4.0)]))[0] == 304.0
