"""Every text that a user can see has its Chinese beside it, and no widget is given a bare English one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lvp_workstation.app.actions import ACTIONS, MENUS
from lvp_workstation.domain.sentences import placeholders
from lvp_workstation.viewer.language import LANGUAGES, translations

PACKAGE = Path(__file__).parents[2] / "lvp_workstation"
SCREENS = sorted([*(PACKAGE / "app").rglob("*.py"), *(PACKAGE / "viewer").rglob("*.py")])
OTHER_LANGUAGES = tuple(code for code in LANGUAGES if code != "en")

SHOWN_BY = frozenset(
    [
        "setText",
        "setToolTip",
        "setWindowTitle",
        "setAccessibleName",
        "setAccessibleDescription",
        "setPlaceholderText",
        "setTitle",
        "setStatusTip",
        "setWhatsThis",
        "setInformativeText",
        "setPrefix",
        "setSuffix",
        "setFormat",
        "setHeaderLabels",
        "setHorizontalHeaderLabels",
        "setSpecialValueText",
        "addMenu",
        "addButton",
        "addRow",
        "addTab",
        "addSection",
        "say",
        "warn",
        "set_hint",
        "QLabel",
        "ElidedLabel",
        "QPushButton",
        "QToolButton",
        "QCheckBox",
        "QRadioButton",
        "QGroupBox",
        "QAction",
        "QTableWidgetItem",
        "getText",
        "getItem",
        "getMultiLineText",
        "getExistingDirectory",
        "getOpenFileNames",
        "getOpenFileName",
        "getSaveFileName",
        "information",
        "question",
        "warning",
        "critical",
        "about",
        "QMessageBox",
        "show_problem",
    ]
)
"""Calls whose texts a user reads."""

COMMAND_LINE = frozenset(
    f"app/{name}"
    for name in [
        "audit_command.py",
        "cli.py",
        "evaluate_command.py",
        "evaluate_options.py",
        "headless.py",
        "plan_command.py",
        "scanner_command.py",
        "scanner_options.py",
    ]
)
"""The command line speaks English."""

STILL_ENGLISH = frozenset(
    [
        "app/dialogs/critical.py",
        "app/dialogs/marks.py",
        "app/dialogs/report_text.py",
        "app/dialogs/result_sets.py",
        "app/dialogs/sign.py",
        "app/finding_actions.py",
        "app/level_actions.py",
        "app/main.py",
        "app/main_window.py",
        "app/mark_actions.py",
        "app/panels/evidence_panel.py",
        "app/panels/findings_grid.py",
        "app/panels/level_rail.py",
        "app/panels/notes_panel.py",
        "app/panels/reason_list.py",
        "app/panels/report_panel.py",
        "app/panels/words_editor.py",
        "app/protocol_actions.py",
        "app/reading_controller.py",
        "app/report_actions.py",
        "app/segmentation_actions.py",
        "app/session_keeper.py",
        "app/settings.py",
        "app/signed_reports.py",
        "app/status_bar.py",
        "app/view_actions.py",
        "app/window_actions.py",
        "viewer/thumbnails.py",
        "viewer/viewport.py",
    ]
)
"""Files whose texts are to be translated; the list only shrinks."""

WORD = re.compile(r"[A-Za-z]{3,}")


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call of a file with the plain name of what is called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            yield (
                function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", ""),
                node,
            )


def written() -> Iterator[tuple[str, str]]:
    """Yield (file, text) for every text that is written in the code or in a table of it."""
    for path in SCREENS:
        for called, call in calls(path):
            if called == "tr" and call.args and isinstance(call.args[0], ast.Constant):
                yield f"{name_of(path)}:{call.lineno}", str(call.args[0].value)
    for action in ACTIONS:
        for text in (action.title, action.category, action.context.value):
            yield f"action {action.id}", text
    yield from (("menus", title) for title in MENUS)


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_text_of_the_interface_is_said_in_every_language(language: str) -> None:
    known = translations(language)
    assert sorted({f"{where}: {text}" for where, text in written() if text not in known}) == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_what_varies_in_a_text_is_kept_in_every_language(language: str) -> None:
    known = translations(language)
    assert [text for text, said in known.items() if placeholders(text) != placeholders(said)] == []


def test_texts_are_not_put_together_before_they_are_translated() -> None:
    joined = [
        f"{name_of(path)}:{call.lineno}"
        for path in SCREENS
        for called, call in calls(path)
        if called in ("tr", "told") and call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert joined == []


def bare_texts(node: ast.AST) -> Iterator[str]:
    """Yield texts with a word in an expression, save what is translated or only compared and looked up."""
    if isinstance(node, ast.Call | ast.Compare | ast.Subscript | ast.Lambda):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.search(node.value):
        yield node.value
    if isinstance(node, ast.IfExp):
        yield from bare_texts(node.body)
        yield from bare_texts(node.orelse)
        return
    for child in ast.iter_child_nodes(node):
        yield from bare_texts(child)


def bare() -> list[str]:
    """Return where a widget is given a text that is not translated."""
    found = []
    for path in SCREENS:
        if name_of(path) in COMMAND_LINE | STILL_ENGLISH or name_of(path).startswith("app/bench"):
            continue
        for called, call in calls(path):
            if called in SHOWN_BY:
                texts = [t for a in (*call.args, *(k.value for k in call.keywords)) for t in bare_texts(a)]
                found += [f"{name_of(path)}:{call.lineno}: {text}" for text in texts]
    return found


def test_widgets_are_given_translated_texts_only() -> None:
    assert bare() == []
