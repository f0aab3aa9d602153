"""Hanging protocols in the window: chosen, stepped through, saved, preferred, kept with the reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QInputDialog
from pytestqt.qtbot import QtBot

from lvp_workstation.app.dialogs.hanging import HangingDialog, SaveLayoutDialog
from lvp_workstation.app.settings import load_settings
from lvp_workstation.viewer.hanging_files import read_protocol
from tests.app.conftest import Opener

ACCEPTED = QDialog.DialogCode.Accepted


def test_a_layout_is_chosen_stepped_through_and_saved_as_ones_own(
    open_window: Opener, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("concurrent")
    level = window.rail.current
    assert len(window.viewports.viewports) == 3

    def choose_teaching(dialog: HangingDialog) -> QDialog.DialogCode:
        rows = [dialog.list.item(n) for n in range(dialog.list.count())]
        row = next(n for n, item in enumerate(rows) if item.text().startswith("Teaching"))
        dialog.list.setCurrentRow(row)
        dialog.first.setChecked(True)
        return ACCEPTED

    monkeypatch.setattr(HangingDialog, "exec", choose_teaching)
    window.choose_hanging()
    assert len(window.viewports.viewports) == 1
    assert load_settings(tmp_path / "settings.json").hanging == "teaching"
    window.previous_stage()
    assert "5/5" in window.status.message
    assert len(window.viewports.viewports) == 3
    assert window.rail.current == level

    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("2 × 2", True))
    window.choose_grid()
    assert len(window.viewports.viewports) == 4
    assert window.hanging_state() == {"hanging": "", "stage": 0, "grid": [2, 2]}

    def save(dialog: SaveLayoutDialog) -> QDialog.DialogCode:
        dialog.name.setText("Four views")
        return ACCEPTED

    monkeypatch.setattr(SaveLayoutDialog, "exec", save)
    window.save_hanging()
    saved = read_protocol(tmp_path / "data" / "hanging" / "my_four_views.json")
    assert (saved.stages[0].rows, saved.stages[0].columns) == (2, 2)
    window.hang_by("one_sagittal")
    assert len(window.viewports.viewports) == 3
    window.context.settings.hanging = ""
    assert window.plan_for_study().title == "Four views"  # a study like this one is hung so by itself

    window.restore_hanging({"hanging": "teaching", "stage": 1})
    assert len(window.viewports.viewports) == 2
    window._delete_layout("my_four_views")
    assert window.plan_for_study().protocol == "one_sagittal"
