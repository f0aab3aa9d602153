"""Which slices of a series show a level."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.labelmap import DISC_BASE, LabelMap
from lvp_workstation.services.coverage import LevelSlices
from tests.render.samples import geometry

GRID = geometry("sagittal", shape=(9, 60, 50))


def labels() -> LabelMap:
    codes = np.zeros(GRID.shape, dtype=np.uint8)
    codes[2:7, 10:20, 10:30] = DISC_BASE + 2
    codes[3:6, 40:50, 10:30] = DISC_BASE + 1
    return LabelMap(codes, GRID)


def test_each_level_names_the_slices_it_lies_on() -> None:
    found = LevelSlices(labels(), ("D2", "D1", "D7")).of("a", GRID)
    assert found == {"D2": frozenset(range(2, 7)), "D1": frozenset(range(3, 6))}


def test_an_axial_series_shows_a_level_on_the_slices_at_its_height() -> None:
    axial = geometry("axial", shape=(30, 60, 60), spacing=(2.0, 1.0, 1.0))
    found = LevelSlices(labels(), ("D2", "D1")).of("ax", axial)
    heights = axial.index_to_world([(n, 30, 30) for n in sorted(found["D2"])])[:, 2]
    rows = GRID.index_to_world([(4, 10, 20), (4, 19, 20)])[:, 2]
    assert rows.min() - 1 <= heights.min()
    assert heights.max() <= rows.max() + 1
    assert not found["D1"] & found["D2"]


def test_another_frame_of_reference_tells_nothing() -> None:
    assert LevelSlices(labels(), ("D1",)).of("b", geometry("sagittal", frame="9.9")) == {}


def test_a_level_is_seen_when_all_its_slices_were() -> None:
    slices = LevelSlices(labels(), ("D2", "D1"))
    assert slices.fully_seen("D1", [("a", GRID, frozenset({3, 4, 5}))])
    assert not slices.fully_seen("D1", [("a", GRID, frozenset({3, 5}))])
    assert not slices.fully_seen("D7", [("a", GRID, frozenset(range(9)))])
    assert not slices.fully_seen("D1", [])
