"""Names follow the level map; instances, and with them grades, stay where they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvp_workstation.domain.anatomy import CANAL, SACRUM, LevelMap, mention, vertebra_id
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.labelmap import LabelMap, code_of, exported_label, instance_of
from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, VolumeGeometry


def discs(levels: LevelMap) -> list[str]:
    """Disc names from above, as the rail shows them."""
    return [levels.name(disc) for disc in reversed(levels.discs)]


@pytest.mark.parametrize(
    ("levels", "names"),
    [
        (LevelMap(6), ["T12-L1", "L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"]),
        (LevelMap(5, lumbar_count=4), ["T12-L1", "L1-L2", "L2-L3", "L3-L4", "L4-S1"]),
        (LevelMap(7, lumbar_count=6), ["T12-L1", "L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-L6", "L6-S1"]),
        (LevelMap(7, thoracic_count=13), ["T12-T13", "T13-L1", "L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"]),
        (LevelMap(7, thoracic_count=11), ["T10-T11", "T11-L1", "L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"]),
        (LevelMap(3, lowest=1), ["L2-L3", "L3-L4", "L4-L5"]),
    ],
)
def test_names_of_usual_and_transitional_spines(levels: LevelMap, names: list[str]) -> None:
    assert discs(levels) == names


@pytest.mark.parametrize(
    ("levels", "disc", "roots"),
    [
        (LevelMap(5), "D1", ("L5", "S1")),
        (LevelMap(5), "D2", ("L4", "L5")),
        (LevelMap(5, lumbar_count=4), "D1", ("L4", "S1")),
        (LevelMap(6, lumbar_count=6), "D1", ("L6", "S1")),
        (LevelMap(6, lumbar_count=6), "D2", ("L5", "L6")),
        (LevelMap(6), "D6", ("T12", "L1")),
        (LevelMap(7, thoracic_count=13), "D6", ("T13", "L1")),
    ],
)
def test_exiting_and_traversing_roots_follow_the_map(
    levels: LevelMap, disc: str, roots: tuple[str, str]
) -> None:
    assert levels.roots(disc) == roots


@pytest.mark.parametrize(
    ("levels", "instance", "value"),
    [
        (LevelMap(9), "V9", 29),
        (LevelMap(9), "V6", 32),
        (LevelMap(5), "V5", 41),
        (LevelMap(5), "V1", 45),
        (LevelMap(9), "D9", 80),
        (LevelMap(9), "D8", 81),
        (LevelMap(9), "D7", 82),
        (LevelMap(9), "D6", 91),
        (LevelMap(9), "D5", 92),
        (LevelMap(9), "D2", 95),
        (LevelMap(9), "D1", 100),
        (LevelMap(5, lumbar_count=4), "D1", 100),
        (LevelMap(6, lumbar_count=6), "D1", 100),
        (LevelMap(6, lumbar_count=6), "V1", 46),
        (LevelMap(6, lumbar_count=6), "D2", 96),
        (LevelMap(7, thoracic_count=13), "V6", 33),
        (LevelMap(7, thoracic_count=13), "D7", 83),
        (LevelMap(7, thoracic_count=13), "D6", 91),
        (LevelMap(3, lowest=1), "D1", 95),
        (LevelMap(5), SACRUM, 50),
        (LevelMap(5), CANAL, 2),
    ],
)
def test_exported_ids(levels: LevelMap, instance: str, value: int) -> None:
    assert exported_label(instance, levels).value == value


@st.composite
def level_maps(draw: st.DrawFn) -> LevelMap:
    lumbar, thoracic = draw(st.integers(4, 6)), draw(st.integers(11, 13))
    lowest = draw(st.integers(0, 4))
    count = draw(st.integers(0, min(12, lumbar + thoracic - lowest)))
    return LevelMap(count, lumbar, thoracic, lowest, confirmed_by=draw(st.sampled_from(["", "reader A"])))


@given(level_maps())
def test_every_name_leads_back_to_its_instance(levels: LevelMap) -> None:
    for instance in (*levels.vertebrae, *levels.discs):
        assert levels.instance_named(levels.name(instance)) == instance
    names = [levels.name(instance) for instance in (*levels.vertebrae, *levels.discs)]
    assert len(names) == len(set(names))


@given(level_maps())
def test_voxels_keep_their_instance_and_exports_translate_it(levels: LevelMap) -> None:
    instances = (*levels.vertebrae, *levels.discs, SACRUM, CANAL)
    codes = np.array([code_of(instance) for instance in instances], dtype=np.uint8)
    assert [instance_of(int(code)) for code in codes] == list(instances)
    axes = (SAGITTAL_CANONICAL[0], SAGITTAL_CANONICAL[1], SAGITTAL_CANONICAL[2])
    geometry = VolumeGeometry.from_axes((0, 0, 0), axes, (4, 1, 1), (1, 1, len(codes)))
    array, rows = LabelMap(codes.reshape(1, 1, -1), geometry).exported(levels)
    values = [value for value in array.ravel().tolist() if value]
    assert sorted(values) == [row.value for row in rows]


@given(level_maps(), st.integers(-3, 3))
def test_shifting_calls_each_vertebra_by_the_name_of_the_one_above(levels: LevelMap, steps: int) -> None:
    try:
        shifted = levels.shifted(steps)
    except UsageProblem:
        assert levels.lowest + steps < 0 or levels.lowest + steps + levels.vertebra_count > (
            levels.lumbar_count + levels.thoracic_count
        )
        return
    assert not shifted.confirmed_by
    assert shifted.vertebrae == levels.vertebrae
    for n in range(1, levels.vertebra_count + 1 - max(steps, 0)):
        if n + steps >= 1:
            assert shifted.name(vertebra_id(n)) == levels.vertebra_name(n + steps)
    assert shifted.shifted(-steps).named_alike(levels)


def test_one_vertebra_is_renamed_and_its_discs_with_it() -> None:
    levels = LevelMap(7, confirmed_by="reader A").relabelled("V6", "T13")
    assert (levels.name("V6"), levels.name("D6"), levels.name("D7")) == ("T13", "T13-L1", "T11-T13")
    assert levels.edited
    assert not levels.confirmed_by
    assert levels.shown_name("V6") == "T13?"


NONSENSE = [("V1", "L4"), ("D1", "L6"), ("V9", "T9"), ("V1", "S1"), ("V1", "x")]


@pytest.mark.parametrize(("instance", "name"), NONSENSE)
def test_a_name_that_makes_no_sense_is_refused(instance: str, name: str) -> None:
    with pytest.raises(UsageProblem):
        LevelMap(5).relabelled(instance, name)


@pytest.mark.parametrize(
    "make",
    [
        lambda: LevelMap(5, lumbar_count=3),
        lambda: LevelMap(5, thoracic_count=14),
        lambda: LevelMap(5, lowest=-1),
        lambda: LevelMap(18),
        lambda: LevelMap(5).shifted(-1),
    ],
)
def test_impossible_spines_are_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(UsageProblem):
        make()


def test_the_statement_always_says_how_the_levels_were_counted() -> None:
    assert "counted upward from the sacrum, five lumbar bodies assumed" in LevelMap(5).statement
    assert "sacrum not seen" in LevelMap(5, sacrum_seen=False).statement
    assert "six lumbar bodies" in LevelMap(5).with_counts(6).statement
    assert "confirmed by reader A" in LevelMap(5).confirmed("reader A").statement


def test_a_sentence_that_mentions_a_level_follows_its_name() -> None:
    text = f"The outline of {mention('D1')} and {mention('V2')} is poor, that of {mention(SACRUM)} is not."
    assert LevelMap(5).worded(text) == "The outline of L5-S1? and L4? is poor, that of sacrum? is not."
    six = LevelMap(5).with_counts(6).confirmed("reader A")
    assert six.worded(text) == "The outline of L6-S1 and L5 is poor, that of sacrum is not."


def test_the_count_of_a_reader_has_no_alternatives_of_the_program() -> None:
    counted = LevelMap(5, alternatives=("four or six lumbar bodies cannot be excluded",))
    for edited in (counted.with_counts(6), counted.shifted(1), counted.relabelled("V1", "L6")):
        assert edited.alternatives == ()
