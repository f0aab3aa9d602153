"""Surfaces of labels: they lie where the voxels are, in the colours of the overlay, and can be cut open."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.labelmap import DISC_BASE, VERTEBRA_BASE, LabelMap
from lvp_workstation.render.label_lut import instance_colour
from lvp_workstation.render.slice_scene import Pixels
from lvp_workstation.render.surface_scene import SurfaceScene, surface_of
from lvp_workstation.render.view_transform import ViewTransform
from tests.render.samples import geometry

GRID = geometry("sagittal", shape=(12, 60, 50), spacing=(3.0, 1.0, 1.0), degrees=8.0)


def labels() -> LabelMap:
    codes = np.zeros(GRID.shape, dtype=np.uint8)
    codes[2:10, 8:24, 15:35] = VERTEBRA_BASE + 1
    codes[2:10, 30:46, 15:35] = DISC_BASE + 1
    return LabelMap(codes, GRID)


@pytest.fixture(scope="module")
def scene() -> Iterator[SurfaceScene]:
    """The surfaces of a vertebra above a disc."""
    scene = SurfaceScene(labels())
    yield scene
    scene.close()


def front() -> ViewTransform:
    """The view from the front onto the middle."""
    return ViewTransform(GRID.centre, (1, 0, 0), (0, 0, -1), 0.5, 160, 200)


def colour_at(pixels: Pixels, point: np.ndarray) -> np.ndarray:
    column, row = (int(each) for each in front().world_to_pixel(point))
    value = int(pixels[row, column])
    return np.array([value >> 16 & 255, value >> 8 & 255, value & 255], dtype=float)


def like(found: np.ndarray, instance: str) -> float:
    """The cosine between two colours."""
    wanted = np.array(instance_colour(instance), dtype=float)
    return float(found @ wanted / np.linalg.norm(found) / np.linalg.norm(wanted))


def test_a_surface_lies_where_the_voxels_are() -> None:
    box = np.array(surface_of(labels(), "V1").GetBounds()).reshape(3, 2)
    inside = GRID.index_to_world(np.argwhere(labels().mask("V1")))
    assert np.abs(box[:, 0] - inside.min(axis=0)).max() < 3.0
    assert np.abs(box[:, 1] - inside.max(axis=0)).max() < 3.0


def test_each_structure_has_the_colour_of_the_overlay(scene: SurfaceScene) -> None:
    pixels = scene.render(front())
    vertebra = colour_at(pixels, GRID.index_to_world((5.5, 15.5, 24.5)))
    disc = colour_at(pixels, GRID.index_to_world((5.5, 37.5, 24.5)))
    assert like(vertebra, "V1") > 0.98
    assert like(disc, "D1") > 0.98
    assert not (pixels[:3] & 0xFFFFFF).any()


def test_a_cut_takes_away_what_lies_before_it(scene: SurfaceScene) -> None:
    whole = scene.render(front())
    gone = scene.render(front(), Plane(GRID.centre + np.array((0, 300.0, 0)), (0, 1, 0)))
    assert (whole & 0xFFFFFF).any()
    assert not (gone & 0xFFFFFF).any()
    half = scene.render(front(), Plane(GRID.index_to_world((5.5, 26.0, 24.5)), (0, 0, 1)))
    assert colour_at(half, GRID.index_to_world((5.5, 15.5, 24.5))).any()
    assert not colour_at(half, GRID.index_to_world((5.5, 38.5, 24.5))).any()
    assert (scene.render(front()) == whole).all()
