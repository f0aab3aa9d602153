"""The column is found in a coarse look; whatever is doubtful is looked at as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.inference import focus
from lvp_workstation.inference.focus import MARGIN, coarse, focused
from lvp_workstation.inference.preprocess import PAD_VALUE, PLANE_MULTIPLE, SLICE_MULTIPLE

SHAPE = (16, 304, 304)
COLUMN = (slice(3, 13), slice(0, 290), slice(130, 200))


class Bright:
    """Calls bright voxels foreground, and remembers the sizes it was asked for."""

    def __init__(self, blind_below=0.0):
        self.sizes = []
        self._blind_below = blind_below

    def __call__(self, array):
        self.sizes.append(array.shape[2:])
        assert [
            n % m
            for n, m in zip(array.shape[2:], (SLICE_MULTIPLE, PLANE_MULTIPLE, PLANE_MULTIPLE), strict=True)
        ] == [0, 0, 0]
        threshold = self._blind_below if len(self.sizes) == 1 else 0.0
        found = (array[0, 0] > threshold).astype(np.float32)
        return np.stack([1 - found, found])[None]


def image(column=COLUMN, shape=SHAPE):
    """Return an input with a bright column."""
    array = np.full((1, 1, *shape), PAD_VALUE, dtype=np.float32)
    array[0, 0, *column] = 1.0
    return array


def test_only_the_column_is_looked_at_closely_and_the_answer_is_that_of_the_whole():
    network, array = Bright(), image()
    answer = focused(network, array)
    np.testing.assert_array_equal(answer, Bright()(array))
    first, second = network.sizes
    assert np.prod(first) < 0.15 * array.size
    assert np.prod(second) < 0.6 * array.size
    assert second[2] >= 70 + 2 * MARGIN


@pytest.mark.parametrize("left", range(1, 18, 3))
def test_the_box_begins_where_the_strides_of_the_whole_image_do(left):
    starts = []
    array = image((COLUMN[0], COLUMN[1], slice(100 + left, 150 + left)))
    array[0, 0, 0, 0] = np.linspace(-0.9, -0.1, SHAPE[2])

    def network(part):
        starts.append(np.flatnonzero(array[0, 0, 0, 0] == part[0, 0, 0, 0, 0]))
        return Bright()(part)

    focused(network, array)
    assert starts[1] % PLANE_MULTIPLE == 0


def test_a_faint_part_that_the_coarse_look_misses_is_not_lost():
    array = image()
    array[0, 0, 5, 100:150, 60:130] = 0.3
    network = Bright(blind_below=0.5)
    np.testing.assert_array_equal(focused(network, array), Bright()(array))
    assert network.sizes[-1] == SHAPE


@pytest.mark.parametrize(
    "column",
    [
        pytest.param((slice(0, 0), slice(0, 0), slice(0, 0)), id="nothing"),
        pytest.param((slice(3, 13), slice(100, 160), slice(30, 90)), id="a low blob"),
        pytest.param((slice(0, 16), slice(0, 304), slice(10, 300)), id="nearly everything"),
    ],
)
def test_what_is_no_column_is_looked_at_as_a_whole(column):
    network, array = Bright(), image(column)
    np.testing.assert_array_equal(focused(network, array), Bright()(array))
    assert network.sizes[-1] == SHAPE


def test_a_small_input_is_looked_at_once():
    network, array = Bright(), image((slice(0, 4), slice(0, 290), slice(130, 200)), (4, 304, 304))
    focused(network, array)
    assert network.sizes == [(4, 304, 304)]


@pytest.mark.parametrize("shape", [(4, 304, 320), (12, 336, 240), (32, 256, 272)])
def test_the_coarse_input_fits_the_network(shape):
    found = coarse(np.zeros((1, 1, *shape), dtype=np.float32))
    assert found.shape[2] <= 8
    assert all(n % m == 0 for n, m in zip(found.shape[2:], (4, 16, 16), strict=True))
    assert found.shape[3] >= shape[1] // 2


def test_a_huge_image_without_a_column_is_not_looked_at_as_a_whole(monkeypatch):
    """A wrong pixel size once took all memory of the machine."""
    network, array = Bright(), image((slice(0, 1), slice(0, 40), slice(0, 40)))
    monkeypatch.setattr(focus, "MAX_WHOLE", array.size - 1)
    answer = focused(network, array)
    assert len(network.sizes) == 1
    assert answer.shape == (1, 2, *SHAPE)
    assert (answer[:, 0] == 1.0).all()
