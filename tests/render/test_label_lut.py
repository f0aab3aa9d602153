"""Colours of instances."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import CANAL_CODE, SACRUM_CODE, code_of
from lvp_workstation.render.convert import display_array, world_image
from lvp_workstation.render.label_lut import (
    PALETTES,
    SLOTS,
    OverlayStyle,
    blend_table,
    grey_pixels,
    instance_colour,
    slot_colours,
    slot_table,
)
from tests.render.samples import geometry, ramp_volume


def luminance(colour: tuple[int, int, int]) -> float:
    """Return the relative luminance, which every kind of colour vision keeps."""
    return float(np.dot(colour, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("palette", PALETTES)
def test_neighbours_never_share_a_colour(palette: str) -> None:
    for kind in "VD":
        for n in range(1, 20):
            assert instance_colour(f"{kind}{n}", palette) != instance_colour(f"{kind}{n + 1}", palette)
    assert not set(PALETTES[palette].vertebrae) & set(PALETTES[palette].discs)


@pytest.mark.parametrize("palette", PALETTES)
def test_neighbouring_discs_differ_in_lightness(palette: str) -> None:
    for first, second in itertools.combinations(PALETTES[palette].discs, 2):
        assert abs(luminance(first) - luminance(second)) > 15


def test_every_known_code_has_its_own_slot() -> None:
    table, colours = slot_table(), slot_colours()
    codes = [CANAL_CODE, SACRUM_CODE, *(code_of(f"{k}{n}") for k in "VD" for n in range(1, 50))]
    slots = table[codes]
    assert len(set(slots.tolist())) == len(codes)
    assert slots.max() < SLOTS - 1
    assert tuple(colours[table[code_of("D3")]]) == instance_colour("D3")
    assert table[0] == 0
    assert table[255] == SLOTS - 1


def test_background_is_never_tinted() -> None:
    table = blend_table(OverlayStyle(1.0, 1.0)).reshape(2, SLOTS, 256)
    assert np.array_equal(table[0, 0], grey_pixels())
    assert np.array_equal(table[1, 0], grey_pixels())


def test_world_images_carry_the_geometry_and_share_memory() -> None:
    grid = geometry("sagittal", degrees=12)
    volume = ramp_volume(grid)
    array = display_array(volume.array)
    assert np.shares_memory(array, volume.array)
    image = world_image(array, grid)
    point = [0.0, 0.0, 0.0]
    image.TransformContinuousIndexToPhysicalPoint([7.0, 5.0, 3.0], point)
    np.testing.assert_allclose(point, grid.index_to_world((3, 5, 7)), atol=1e-9)
    assert image.GetScalarComponentAsDouble(7, 5, 3, 0) == 3 * 5000 + 5 * 100 + 7
