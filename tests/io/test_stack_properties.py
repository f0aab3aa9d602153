"""Properties of placed stacks: any orientation, spacing, shear and file order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lvp_workstation.io.grouping import by_orientation
from lvp_workstation.io.image_info import ImageInfo
from lvp_workstation.io.limits import MAX_STACKS
from lvp_workstation.io.stack_geometry import grids_of

angles = st.floats(0, 2 * np.pi)
spacings = st.floats(0.3, 8)


def rotation(a: float, b: float, c: float) -> np.ndarray[Any, Any]:
    def turn(angle: float, axis: int) -> np.ndarray[Any, Any]:
        i, j = [n for n in range(3) if n != axis]
        matrix = np.eye(3)
        matrix[i, i] = matrix[j, j] = np.cos(angle)
        matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
        return matrix

    return np.asarray(turn(a, 0) @ turn(b, 1) @ turn(c, 2))


def info(position: Any, axes: Any, spacing: tuple[float, float], number: int) -> ImageInfo:
    header: Any = SimpleNamespace(dataset={}, sop_uid=str(number))
    return ImageInfo(
        header=header,
        frame_index=0,
        rows=6,
        columns=5,
        position=np.array(position),
        orientation=np.concatenate([axes[:, 0], axes[:, 1]]),
        pixel_spacing=spacing,
        thickness=1.0,
        echo_time=None,
        echo_number=None,
        temporal_position=None,
        acquisition=None,
        image_type=(),
        instance=number,
    )


@settings(max_examples=60, deadline=None)
@given(
    angles,
    angles,
    angles,
    spacings,
    spacings,
    spacings,
    st.integers(1, 12),
    st.randoms(use_true_random=False),
    st.floats(-0.5, 0.5),
)
def test_every_image_keeps_its_place(
    a: float,
    b: float,
    c: float,
    step: float,
    down: float,
    across: float,
    count: int,
    order: Any,
    shear: float,
) -> None:
    axes = rotation(a, b, c)
    move = axes[:, 2] * step + axes[:, 0] * shear * step
    images = [info(np.array((3.0, -8, 40)) + n * move, axes, (down, across), n) for n in range(count)]
    shuffled = list(images)
    order.shuffle(shuffled)
    (grid,) = grids_of(shuffled, "s")
    assert [i.instance for i in grid.images if i] == list(range(count))
    for number, image in enumerate(images):
        corner = image.position + 5 * down * axes[:, 1] + 4 * across * axes[:, 0]
        np.testing.assert_allclose(grid.geometry.index_to_world((number, 0, 0)), image.position, atol=1e-6)
        np.testing.assert_allclose(grid.geometry.index_to_world((number, 5, 4)), corner, atol=1e-6)
    np.testing.assert_allclose(grid.geometry.slice_normal, axes[:, 2], atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-200, 200), min_size=1, max_size=25, unique_by=lambda v: round(v, 1)))
def test_any_positions_end_in_grids_that_hold_each_image_once(places: list[float]) -> None:
    axes = np.eye(3)
    images = [info((0, 0, z), axes, (1, 1), n) for n, z in enumerate(places)]
    grids = grids_of(images, "s")
    held = [i.instance for grid in grids for i in grid.images if i is not None]
    assert sorted(n for n in held if n is not None) == list(range(len(places)))
    for grid in grids:
        step = grid.geometry.spacing[0]
        for slot, image in enumerate(grid.images):
            if image is not None:
                off = abs(grid.geometry.index_to_world((slot, 0, 0))[2] - image.position[2])
                assert off <= step / 2 + 1e-6


def test_an_absurd_number_of_stacks_ends_in_time() -> None:
    rng = np.random.default_rng(5)
    places = rng.uniform(-1e6, 1e6, 6000)
    images = [info((0, 0, z), np.eye(3), (1, 1), n) for n, z in enumerate(places)]
    assert len(grids_of(images, "s")) == MAX_STACKS
    turned = [info((0, 0, n), rotation(*rng.uniform(0, 6, 3)), (1, 1), n) for n in range(3000)]
    assert len(by_orientation(turned)) > MAX_STACKS
