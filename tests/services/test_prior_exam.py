"""What changed since an earlier examination, and what is not told before a level is revealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from lvp_workstation.domain.anatomy import InstanceId, LevelMap
from lvp_workstation.domain.annotations import STUDY_TARGET, Formula, Measurement, Provenance
from lvp_workstation.domain.labelmap import DISC_BASE, LabelMap
from lvp_workstation.domain.reading import Reading, ReadingMode
from lvp_workstation.domain.reading_shown import as_shown
from lvp_workstation.domain.study import Patient, Study
from lvp_workstation.services.level_places import place_in
from lvp_workstation.services.prior_exam import PriorExam, compared_measures
from tests.render.samples import geometry

LEVELS = LevelMap(5)
BY_AI = Provenance(Provenance.AI, "net", "2026-01-01T00:00:00Z")


def height(target: InstanceId, mm: float, error: float | None = 0.5, name: str = "canal_ap") -> Measurement:
    points = ((0.0, 0.0, 0.0), (0.0, mm, 0.0))
    return Measurement(name, target, Formula.DISTANCE, points, BY_AI, uncertainty=error)


def keyed(*measurements: Measurement) -> Mapping[tuple[InstanceId, str], Measurement]:
    return {(each.target, each.name): each for each in measurements}


def exam(*measurements: Measurement, levels: LevelMap = LEVELS) -> PriorExam:
    grid = geometry("sagittal")
    labels = LabelMap(np.zeros(grid.shape, dtype=np.uint8), grid)
    return PriorExam(Study("1.2", Patient("P"), ()), labels, levels, keyed(*measurements), "analysed")


def reading(*measurements: Measurement, mode: ReadingMode = ReadingMode.CONCURRENT) -> Reading:
    empty = Reading("r", "1.1", Patient("P"), mode)
    return replace(empty, level_map=LEVELS, measurements=keyed(*measurements))


def test_a_difference_stands_beside_its_error() -> None:
    (row,) = compared_measures(reading(height("D1", 12.0, 0.3)), exam(height("D1", 14.0, 0.4)))
    assert row.level == "L5-S1"
    assert (row.before, row.now, row.unit) == (14.0, 12.0, "mm")
    assert row.difference == pytest.approx(-2.0)
    assert row.error == pytest.approx(1.96 * 0.5)
    assert row.beyond_error


def test_a_small_difference_is_within_the_error_and_an_unknown_error_is_said() -> None:
    (small,) = compared_measures(reading(height("D1", 12.0)), exam(height("D1", 12.5)))
    assert small.beyond_error is False
    (unknown,) = compared_measures(reading(height("D1", 12.0)), exam(height("D1", 22.5, None)))
    assert unknown.error is None
    assert unknown.beyond_error is None


def test_levels_are_matched_by_name_not_by_number() -> None:
    """The lowest disc of the earlier images was out of the field of view now: D1 is called L4-L5."""
    now = replace(reading(height("D1", 12.0)), level_map=LEVELS.shifted(1))
    assert now.level_map is not None
    assert now.level_map.name("D1") == LEVELS.name("D2") == "L4-L5"
    (row,) = compared_measures(now, exam(height("D1", 1.0), height("D2", 13.0)))
    assert row.before == 13.0


def test_what_one_examination_lacks_is_left_out() -> None:
    assert compared_measures(reading(height("D1", 12.0)), exam(height("D2", 12.5))) == ()


def test_nothing_is_compared_before_the_level_is_revealed() -> None:
    now = as_shown(reading(height("D1", 12.0), height("D2", 11.0), mode=ReadingMode.INDEPENDENT_FIRST))
    before = exam(height("D1", 14.0), height("D2", 14.0))
    assert compared_measures(now, before) == ()
    own = reading(height("D1", 12.0), height("D2", 11.0), mode=ReadingMode.INDEPENDENT_FIRST)
    assert compared_measures(own, before) == ()
    one = replace(own, locked=frozenset({"D1"}), revealed=frozenset({"D1"}))
    assert [row.target for row in compared_measures(one, before)] == ["D1"]


def test_rows_go_from_above_and_the_study_comes_last() -> None:
    names = ("D1", "D2", "V2", STUDY_TARGET)
    now = reading(*(height(target, 12.0) for target in names))
    rows = compared_measures(now, exam(*(height(target, 13.0) for target in names)))
    assert [row.target for row in rows] == ["V2", "D2", "D1", STUDY_TARGET]


def test_the_place_of_a_disc_is_its_middle_and_its_plane() -> None:
    grid = geometry("sagittal", shape=(9, 60, 50))
    codes = np.zeros(grid.shape, dtype=np.uint8)
    codes[1:8, 28:32, 10:40] = DISC_BASE + 2
    labels = LabelMap(codes, grid)
    place = place_in(labels, "D2")
    assert place is not None
    assert np.allclose(place.point, grid.index_to_world((4, 29.5, 24.5)))
    assert place.normal[2] == pytest.approx(1.0, abs=1e-3)
    assert place_in(labels, "D1") is None
