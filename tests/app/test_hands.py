"""Palette of commands, keys and mouse of one's own, key map on paper, context menus, colours and letters."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from lvp_workstation.app.action_places import CONTEXT_MENUS, TOOLBAR
from lvp_workstation.app.actions import ACTIONS
from lvp_workstation.app.dialogs.command_palette import Command, CommandPalette, ranked
from lvp_workstation.app.dialogs.key_map import KeyMapDialog
from lvp_workstation.app.dialogs.mouse_map import MouseMapDialog
from lvp_workstation.app.key_changes import action_named, changed_from, refusal
from lvp_workstation.app.key_map_print import write_key_map
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.settings import Settings, load_settings
from lvp_workstation.app.theme import apply_theme
from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.phantom.generate import PhantomStudy
from lvp_workstation.render.label_lut import PALETTES, instance_colour
from lvp_workstation.viewer.letters import scaled
from lvp_workstation.viewer.mouse_map import DEFAULT_PROFILE, PROFILES, profile_named
from lvp_workstation.viewer.mouse_words import GESTURES, TOOL_WORDS, bound, tools_for
from tests.app.phantom_window import TestContext

KEYS = {"tool.window": ("W",), "tool.zoom": ("Z",), "grid.edit": ("E",), "help.keys": ("F1",)}
IDS = {action.id for action in ACTIONS}


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, phantom: PhantomStudy) -> MainWindow:
    """The window without a study."""
    made = MainWindow(TestContext(tmp_path, phantom, Settings(reader="reader A")))
    qtbot.addWidget(made, before_close_func=lambda each: each.context.close())
    made.show()
    return made


def test_tool_bar_and_context_menus_name_actions_of_the_table() -> None:
    assert {*TOOLBAR, *(i for menu in CONTEXT_MENUS.values() for i in menu)} <= IDS


def test_what_is_typed_finds_a_command_by_beginnings_and_by_other_words() -> None:
    commands = [
        Command(title, group, list, also=also)
        for title, group, also in (
            ("Reset the view", "View", ""),
            ("撤销", "编辑", "Undo Edit"),
            ("Previous level", "Levels", ""),
        )
    ]
    assert [c.title for c in ranked(commands, "lev")] == ["Previous level"]
    assert [c.title for c in ranked(commands, "undo")] == ["撤销"]
    assert [c.title for c in ranked(commands, "the re")] == ["Reset the view"]
    assert ranked(commands, "nothing of the kind") == []
    assert len(ranked(commands, "")) == 3


def test_the_palette_runs_what_was_typed(window: MainWindow, qtbot: QtBot) -> None:
    window._actions["help.commands"].trigger()
    palette = window.findChild(CommandPalette)
    assert palette is not None
    QTest.keyClicks(palette.line, "zoom")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.viewports.tool == "zoom"
    assert palette.isHidden()


def test_the_palette_says_that_nothing_fits_and_waits(window: MainWindow, qtbot: QtBot) -> None:
    window._actions["help.commands"].trigger()
    palette = window.findChild(CommandPalette)
    assert palette is not None
    QTest.keyClicks(palette.line, "zzz")
    assert "No command" in palette.list.item(0).text()
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert not palette.isHidden()
    palette.reject()


def test_the_mode_is_found_by_the_name_of_a_mode() -> None:
    mode = next(action for action in ACTIONS if action.id == "ai.mode")
    command = Command(mode.title, mode.category, list, also=mode.also)
    assert ranked([command], "concurrent") == [command]


def test_a_clash_of_keys_is_refused_with_a_sentence() -> None:
    zoom = action_named("tool.zoom")
    assert "“Window / level”" in refusal(KEYS, zoom, "W")
    assert "“Edit the grade”" in refusal(KEYS, zoom, "E")  # a key of the window is heard in the grid, too
    assert refusal(KEYS, action_named("tool.delete_mark"), "E") == ""  # the images are not the grid
    assert "digits" in refusal(KEYS, zoom, "3")
    assert "keyboard" in refusal(KEYS, zoom, "Tab")
    assert "held" in refusal(KEYS, action_named("ai.peek"), "Ctrl+Alt+F9")
    assert refusal(KEYS, zoom, "Ctrl+Alt+F9") == ""


def test_keys_are_changed_kept_and_heard_at_once(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = KeyMapDialog(
        window.context.key_map(), window.context.shipped_keys(), window._take_keys, list, window
    )
    qtbot.addWidget(dialog)
    dialog.show_keys_of("tool.zoom")
    dialog.key.setKeySequence(QKeySequence("W"))
    dialog.replace()
    assert "Window / level" in dialog.told.text()
    assert window.context.settings.keys == {}
    dialog.key.setKeySequence(QKeySequence("Ctrl+Alt+F9"))
    dialog.add()
    assert load_settings(tmp_path / "settings.json").keys == {"tool.zoom": ["Z", "Ctrl+Alt+F9"]}
    assert QKeySequence("Ctrl+Alt+F9") in window._actions["tool.zoom"].shortcuts()
    dialog.clear()
    assert window._actions["tool.zoom"].shortcuts() == []
    dialog.restore()
    assert window.context.settings.keys == {}
    assert changed_from(KEYS, {**KEYS, "tool.zoom": ()}) == {"tool.zoom": []}


def test_gestures_are_bound_anew_for_one_mouse_map(window: MainWindow, qtbot: QtBot) -> None:
    dialog = MouseMapDialog("default", {}, window._take_mouse, window)
    qtbot.addWidget(dialog)
    dialog.bind("middle", "scroll")
    dialog.bind("double", "")
    assert window.mouse_map().tool_for("middle") == "scroll"
    assert not window.mouse_map().tool_for("double")
    dialog.profile.setCurrentIndex(1)
    assert window.mouse_map() == profile_named("stack_scroll")
    dialog.profile.setCurrentIndex(0)
    dialog.restore()
    assert window.mouse_map() == DEFAULT_PROFILE
    assert window.context.settings.mouse == {}


def test_every_gesture_of_the_shipped_maps_can_be_edited() -> None:
    for profile in PROFILES:
        for gesture, tool in profile.bindings.items():
            if gesture not in ("line", "mark"):
                assert tool in tools_for(gesture)
                assert tool in TOOL_WORDS
    assert bound(DEFAULT_PROFILE, {"wheel": "maximise", "unheard": "pan"}) == DEFAULT_PROFILE
    assert all(tools_for(gesture) for gesture in GESTURES)


def test_the_key_map_is_printed(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "keys.pdf"
    write_key_map(path, window.context.key_map(), window.mouse_map())
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())
    for words in ("Ctrl+K", "Lock all levels and show the AI", "Ctrl + wheel", "Hanging"):
        assert words in text
    with pytest.raises(OutputProblem, match="keys"):
        write_key_map(path / "below.pdf", {}, DEFAULT_PROFILE)


def test_each_panel_has_a_context_menu_of_its_actions(window: MainWindow) -> None:
    for panel, ids in CONTEXT_MENUS.items():
        menu = window.context_menu(panel)
        assert [action.objectName() for action in menu.actions()] == list(ids)
        menu.close()


def test_palettes_tell_vertebrae_from_discs_by_lightness_or_hue_and_are_chosen(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in PALETTES:
        assert instance_colour("V2", name) != instance_colour("D2", name)
        assert instance_colour("V2", name) != instance_colour("V3", name)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("for red-green blindness", True))
    window.choose_palette()
    assert window.viewports.overlay_style.palette == "red_green"
    assert load_settings(tmp_path / "settings.json").palette == "red_green"


def test_letters_and_what_holds_them_grow(qapp: QApplication) -> None:
    font, style, colours = qapp.font(), qapp.styleSheet(), qapp.palette()
    try:
        apply_theme(qapp, 150)
        assert scaled(12) == 18
        assert "18px" in qapp.styleSheet()
    finally:
        qapp.setFont(font)
        qapp.setStyleSheet(style)
        qapp.setPalette(colours)


def test_the_tool_bar_is_shown_on_demand(window: MainWindow, tmp_path: Path) -> None:
    bar = window._toolbar
    assert bar is not None
    assert bar.isHidden()
    window.toggle_toolbar()
    assert not bar.isHidden()
    assert load_settings(tmp_path / "settings.json").toolbar
