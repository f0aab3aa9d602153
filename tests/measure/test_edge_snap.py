"""Lines drawn near endplates lie on them afterwards: repeatably, near the exact truth, from pixels alone."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import MarkShape, value_of
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.measure.edge_snap import EdgeImage, snapped, snapped_line

SHAPE = (3, 120, 120)
SPACING = 0.5
DOWN = np.array((0.0, 0.0, -1.0))


def image_of(disc_signal: float, tilt: float = 0.0) -> EdgeImage:
    """Marrow beside a disc 8.5 mm high: dark lines on the pixels 4.5 and 5 mm from its middle at z = 0."""
    geometry = VolumeGeometry.from_axes(
        (-4.0, -30.0, 30.0), ((1, 0, 0), (0, 0, -1), (0, 1, 0)), (4.0, SPACING, SPACING), SHAPE
    )
    index = np.stack(np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij"), axis=-1).astype(float)
    points = geometry.index_to_world(index)
    height = np.abs(points[..., 2] - tilt * points[..., 1])
    array = np.where(height > 5.0, 400.0, np.where(height > 4.0, 60.0, disc_signal))
    return EdgeImage(array, geometry, geometry.slice_normal)


def lines(off: float, turned: float = 0.0) -> Array:
    """Two lines beside the disc, drawn ``off`` mm too far outside and turned by ``turned`` mm."""
    z = 4.0 + off
    return np.array([(0, -12, z), (0, 12, z + turned), (0, -12, -z), (0, 12, -z - turned)], dtype=float)


@pytest.mark.parametrize("disc_signal", [60.0, 250.0, 900.0])
@pytest.mark.parametrize(("off", "turned"), [(1.5, 0.0), (-1.2, 0.8), (0.0, 0.0), (0.8, -1.5)])
def test_endplates_are_found_beside_dark_grey_and_bright_discs(
    disc_signal: float, off: float, turned: float
) -> None:
    image = image_of(disc_signal)
    found = snapped(MarkShape.DISC_HEIGHT, lines(off, turned), image)
    assert value_of(MarkShape.DISC_HEIGHT, found) == pytest.approx(8.5, abs=0.5)
    again = snapped(MarkShape.DISC_HEIGHT, lines(0.0), image)
    np.testing.assert_allclose(found[:, 2], again[:, 2], atol=0.35)
    np.testing.assert_allclose(found[:, 1], [-12, 12, -12, 12], atol=0.3)


def test_a_line_follows_a_tilted_endplate() -> None:
    found = snapped_line(np.array([(0.0, -12.0, -4.5), (0.0, 12.0, -4.5)]), DOWN, image_of(250.0, 0.06))
    assert (found[1, 2] - found[0, 2]) / 24.0 == pytest.approx(0.06, abs=0.015)


def test_without_an_edge_nothing_moves() -> None:
    image = image_of(250.0)
    flat = EdgeImage(np.full(SHAPE, 100.0), image.geometry, image.normal)
    for shape in (MarkShape.DISC_HEIGHT, MarkShape.LORDOSIS):
        assert (snapped(shape, lines(1.0), flat) == lines(1.0)).all()
    away = lines(16.0)[:2]
    assert (snapped_line(away, DOWN, image) == away).all()


def test_other_measurements_stay_as_they_were_drawn() -> None:
    points = lines(1.0)
    assert snapped(MarkShape.COBB, points, image_of(250.0)) is points
    across = points[:2]
    assert snapped(MarkShape.CANAL_AP, across, image_of(250.0)) is across
