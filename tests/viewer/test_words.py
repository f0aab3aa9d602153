"""Captions, thumbnails, mouse map, level names."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.study import Patient, Problem, RoleDecision, SeriesRole
from lvp_workstation.render.stack import acquired_stack
from lvp_workstation.render.window import Window
from lvp_workstation.viewer import captions
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.mouse_map import DEFAULT_PROFILE, PROFILES
from lvp_workstation.viewer.thumbnails import SERIES_MIME, SeriesItem, SeriesList, tooltip
from lvp_workstation.viewer.tools import make_tools
from lvp_workstation.viewer.viewport_words import badges
from tests.render.samples import blocks, geometry
from tests.viewer.conftest import make_series, shown_series


def test_identity_says_what_is_absent() -> None:
    assert captions.identity_lines(Patient("")) == ("(no name)", "(no patient ID)", "born (unknown)")
    assert captions.patient_name("山田^太郎") == "山田, 太郎"
    assert captions.patient_name("DOE") == "DOE"


def test_technique_and_numbers() -> None:
    series = make_series(RepetitionTime="3500.0", EchoTime=98, MagneticFieldStrength=1.5)
    assert captions.series_lines(series)[-1] == "TR 3500  TE 98  1.5 T"
    assert captions.window_line(Window(450, 900)) == "W 900  L 450"
    stack = acquired_stack(geometry())
    assert captions.slice_line(stack, stack.index(2)) == "2/7"
    assert captions.iso_date("2026") == "2026"


def test_warnings_are_badges() -> None:
    series = make_series(LossyImageCompression="01", SliceThickness="4")
    shown = DisplaySeries(series)
    assert [b.text for b in badges(shown, acquired_stack(geometry()))] == ["ACQUIRED 4.0 mm", "LOSSY"]


def test_every_binding_names_a_tool() -> None:
    tools = {*make_tools(), "active"}
    for profile in PROFILES:
        assert set(profile.bindings.values()) <= tools
    assert DEFAULT_PROFILE.tool_for("wheel", frozenset({"ctrl"})) == "zoom"
    assert DEFAULT_PROFILE.tool_for("left", frozenset({"alt"})) == "active"
    assert DEFAULT_PROFILE.tool_for("move") is None
    assert DEFAULT_PROFILE.tool_for("move", frozenset({"shift", "ctrl"})) is None
    assert DEFAULT_PROFILE.with_binding("left", "scroll").tool_for("left") == "scroll"


def test_level_names_stand_at_the_bodies() -> None:
    label_map = blocks(geometry())
    layer = LabelLayer.build(label_map, LevelMap(2))
    assert [a.instance for a in layer.anchors] == ["D1", "V1", "D2", "V2"]
    assert layer.names == {"D1": "L5-S1?", "V1": "L5?", "D2": "L4-L5?", "V2": "L4?"}
    assert layer.with_levels(LevelMap(2, confirmed_by="A. Reader")).names["V1"] == "L5"
    middle = layer.anchors[2].middle
    np.testing.assert_allclose(
        middle, label_map.geometry.index_to_world(np.argwhere(label_map.mask("D2"))).mean(0), atol=2
    )
    assert layer.instance_at(middle) == "D2"
    assert layer.instance_at(middle + 500) is None
    assert layer.level_at(Plane(middle + np.array((0, 0, 300)), (0, 0, 1))) == ""


def test_a_tilted_slice_is_named_by_what_it_cuts() -> None:
    label_map = blocks(geometry())
    layer = LabelLayer.build(label_map, LevelMap(2))
    lowest = label_map.geometry.index_to_world((3, 11.4, 5))
    assert layer.level_at(Plane(lowest, (0, 0, 1))) == "L4-L5?"
    assert layer.level_at(Plane(lowest - (0, 0, 0.9), (0, 0, 1))) == "L5?"


def test_an_empty_label_map_has_no_names() -> None:
    empty = blocks(geometry()).with_array(np.zeros(geometry().shape, np.uint8))
    assert LabelLayer.build(empty, LevelMap(0)).anchors == ()


def test_thumbnails_come_with_the_middle_slice(qtbot: QtBot) -> None:
    loading = DisplaySeries(make_series())
    listed = SeriesList()
    qtbot.addWidget(listed)
    listed.set_series([loading, shown_series(SeriesRole.SAG_T1)])
    listed.show()
    first, second = (listed.item(n) for n in range(2))
    assert isinstance(first, SeriesItem)
    assert isinstance(second, SeriesItem)
    qtbot.waitUntil(lambda: second.picture is not None)
    assert first.picture is None
    loading.put_slice(3, np.arange(480, dtype=np.uint16).reshape(24, 20))
    qtbot.waitUntil(lambda: first.picture is not None)
    loading.mark_viewed(3)
    listed.set_hung(frozenset({loading.key}))
    listed.grab()
    assert bytes(listed.mimeData([first]).data(SERIES_MIME).data()).decode() == loading.key
    with qtbot.waitSignal(listed.series_chosen) as chosen:
        listed.setCurrentRow(0)
        qtbot.keyClick(listed, Qt.Key.Key_Return)
    assert chosen.args == [loading.key]
    assert listed.choose_next(1) is not None


def test_the_tooltip_tells_the_rule_and_the_problems() -> None:
    series = make_series()
    object.__setattr__(series, "problems", (Problem("gap", "A slice is missing."),))
    object.__setattr__(series, "decision", RoleDecision(SeriesRole.SAG_T2, "TE 98 ms", 0.6))
    text = tooltip(DisplaySeries(series))
    assert "TE 98 ms" in text
    assert "60% sure" in text
    assert "A slice is missing." in text


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float64])
def test_slices_of_any_type_are_taken(qtbot: QtBot, dtype: type) -> None:
    loading = DisplaySeries(make_series())
    loading.put_slice(3, np.full((24, 20), 7, dtype=dtype))
    loading.put_slice(2, np.full((24, 20), 300.5, dtype=np.float32))
    assert loading.value_at(geometry().index_to_world((3, 2, 2))) == 7
    assert loading.value_at(geometry().index_to_world((0, 2, 2))) is None
    assert loading.value_at(geometry().index_to_world((30, 2, 2))) is None
    assert not loading.complete
    loading.restore_viewed(frozenset({1, 99}))
    assert loading.viewed == {1}
