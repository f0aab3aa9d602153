"""Pixels and patient space map to each other exactly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvp_workstation.domain.geometry import Plane, orientation_letters
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.slice_view import slice_view
from lvp_workstation.render.stack import acquired_stack, oblique_stack, orthogonal_stack
from lvp_workstation.render.view_transform import ViewTransform
from tests.render.samples import AXES, geometry

FLIPS = list(itertools.product((False, True), repeat=3))


@pytest.mark.parametrize("plane", AXES)
@pytest.mark.parametrize("flips", FLIPS)
@pytest.mark.parametrize("degrees", [0.0, 12.0])
def test_pixels_and_points_round_trip(plane: str, flips: tuple[bool, bool, bool], degrees: float) -> None:
    grid = geometry(plane, flips=flips, degrees=degrees)
    stacks = [acquired_stack(grid), *(orthogonal_stack(grid, p) for p in ImagePlane)]
    stacks.append(oblique_stack(grid, Plane(grid.centre, (0.1, 0.3, 0.9))))
    pixels = np.array([(0.0, 0.0), (12.5, 99.0), (200.0, 300.0), (-40.0, 7.25)])
    for stack in stacks:
        view = slice_view(stack, stack.count // 2, 200, 300)
        points = view.pixel_to_world(pixels)
        np.testing.assert_allclose(view.world_to_pixel(points), pixels, atol=1e-9)
        np.testing.assert_allclose(view.depth(points), 0, atol=1e-9)


@pytest.mark.parametrize("plane", AXES)
@pytest.mark.parametrize("flips", FLIPS)
def test_hanging_follows_the_patient(plane: str, flips: tuple[bool, bool, bool]) -> None:
    view = slice_view(acquired_stack(geometry(plane, flips=flips, degrees=12)), 2, 100, 100)
    expected = {
        "sagittal": ((0, 1, 0), (0, 0, -1)),
        "coronal": ((1, 0, 0), (0, 0, -1)),
        "axial": ((1, 0, 0), (0, 1, 0)),
    }[plane]
    assert view.right @ expected[0] > 0.9
    assert view.down @ expected[1] > 0.9


LETTERS = {"sagittal": "APHF", "axial": "RLAP", "coronal": "RLHF"}


@pytest.mark.parametrize("plane", AXES)
@pytest.mark.parametrize("flips", FLIPS)
@pytest.mark.parametrize("turned", [False, True])
def test_letters_of_supine_prone_and_decubitus_series(
    plane: str, flips: tuple[bool, bool, bool], turned: bool
) -> None:
    """Positions differ in the directions of rows and columns only; the screen is always hung the same."""
    grid = geometry(plane, flips=flips)
    grid = grid.permuted((0, 2, 1)) if turned else grid
    view = slice_view(acquired_stack(grid), 2, 100, 100)
    left, right = orientation_letters(-view.right), orientation_letters(view.right)
    assert left + right + orientation_letters(-view.down) + orientation_letters(view.down) == LETTERS[plane]


@pytest.mark.parametrize("plane", ["axial", "coronal"])
@pytest.mark.parametrize("flips", FLIPS)
def test_the_patients_left_is_at_the_viewers_right(plane: str, flips: tuple[bool, bool, bool]) -> None:
    grid = geometry(plane, flips=flips, degrees=12)
    view = slice_view(acquired_stack(grid), 3, 100, 100)
    x, _ = view.world_to_pixel(grid.centre + np.array((5.0, 0.0, 0.0)))
    assert x > 50


def test_the_whole_slice_fits() -> None:
    grid = geometry("axial", degrees=12)
    stack = acquired_stack(grid)
    view = slice_view(stack, 3, 321, 210)
    corners = view.world_to_pixel(stack.corners(3))
    assert corners.min() >= -1e-6
    assert corners[:, 0].max() <= 321 + 1e-6
    assert corners[:, 1].max() <= 210 + 1e-6
    assert np.isclose(np.ptp(corners[:, 1]), 210)


@given(st.floats(0.5, 4.0), st.integers(10, 400), st.integers(10, 400))
def test_scaling_keeps_the_field_of_view(factor: float, width: int, height: int) -> None:
    view = ViewTransform((1, 2, 3), (0, 1, 0), (0, 0, -1), 0.7, width, height)
    fine = view.scaled(factor)
    np.testing.assert_allclose(fine.centre, view.centre)
    assert abs(fine.width * fine.mm_per_pixel - width * 0.7) <= fine.mm_per_pixel


def test_pixel_matrix_points_at_pixel_centres() -> None:
    view = ViewTransform((1, 2, 3), (0, 1, 0), (0, 0, -1), 0.5, 40, 30)
    np.testing.assert_allclose((view.pixel_matrix() @ (4, 9, 0, 1))[:3], view.pixel_to_world((4.5, 9.5)))


def test_a_skewed_view_is_refused() -> None:
    with pytest.raises(ValueError, match="perpendicular"):
        ViewTransform((0, 0, 0), (1, 0, 0), (1, 1, 0), 1.0, 10, 10)
