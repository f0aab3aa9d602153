"""Every text that a user can see has its Chinese beside it, and no widget is given a bare English one."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from lvp_workstation.app import (
    finding_actions,
    label_actions,
    main_window,
    mark_actions,
    protocol_actions,
    report_links,
    segmentation_actions,
    setting_actions,
    status_bar,
    window_actions,
)
from lvp_workstation.app.actions import ACTIONS, MENUS
from lvp_workstation.app.dialogs import critical, marks, sign
from lvp_workstation.app.panels import evidence_panel, findings_model, report_panel
from lvp_workstation.app.tool_hints import HINTS
from lvp_workstation.assets import asset_path
from lvp_workstation.domain import disagreements, result_sets
from lvp_workstation.domain.findings import GRID_SCALES, NO_REASON, REJECT_REASONS, FindingStatus
from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.domain.reader_marks import shape_words
from lvp_workstation.domain.reading import STUDY_ROWS, ReadingMode, ReadingState
from lvp_workstation.domain.reading_view import RailMark
from lvp_workstation.domain.sentences import placeholders
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer import image_surface
from lvp_workstation.viewer.hanging_files import load_protocols
from lvp_workstation.viewer.hanging_saved import SeriesRule
from lvp_workstation.viewer.language import LANGUAGES, translations
from lvp_workstation.viewer.mouse_map import PROFILES
from lvp_workstation.viewer.mouse_words import GESTURES, TOOL_WORDS

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


PROTOCOLS = load_protocols(asset_path("resources", "hanging"))
TABLES: dict[str, Iterable[str]] = {
    "hints": (main_window.ANALYSING, main_window.CHOOSE_LEVEL, main_window.NO_LEVELS, report_panel.HINT),
    "measurements": (marks.NOTHING, mark_actions.NOT_KEPT_SIGNED, mark_actions.NOT_KEPT_WITHOUT_READING),
    "normal levels": (finding_actions.NONE_QUALIFIES, finding_actions.NONE_BECAUSE),
    "program": (window_actions.ABOUT, window_actions.READERS_NAME, status_bar.NOTICE, image_surface.EMPTY),
    "modes": (*protocol_actions.MODES, *(mode.caption for mode in ReadingMode)),
    "states": [state.caption for state in ReadingState],
    "signing": sign.COLUMNS,
    "critical findings": critical.CRITICAL_FINDINGS,
    "rejections": (*REJECT_REASONS, NO_REASON),
    "rows of the report": STUDY_ROWS.values(),
    "scales": [text for scale in GRID_SCALES for text in (scale.caption, scale.source)],
    "grades": {grade for scale in GRID_SCALES for grade in scale.grades if not grade.isdigit()},
    "short grades": (*findings_model.SHORT.values(), *findings_model.UNTYPED.values()),
    "headers": findings_model.HEADERS.values(),
    "decisions": evidence_panel.ACTION_WORDS.values(),
    "marks of levels": list(RailMark),
    "status": list(FindingStatus),
    "differences": (*disagreements.Kind, *result_sets.Kind),
    "shapes": map(shape_words, MarkShape),
    "tools": HINTS.values(),
    "cuts": (*itertools.chain(*label_actions.SIDES), segmentation_actions.NOT_SHOWN),
    "statements": report_links.CAPTIONS.values(),
    "mouse maps": [profile.title for profile in PROFILES],
    "roles": [role.caption for role in SeriesRole],
    "planes": list(ImagePlane),
    "layouts": [protocol.title for protocol in PROTOCOLS],
    "stages": [stage.title for protocol in PROTOCOLS for stage in protocol.stages if stage.title],
    "rules": list(SeriesRule),
    "gestures": (*GESTURES.values(), *TOOL_WORDS.values()),
    "palettes": setting_actions.PALETTE_WORDS.values(),
}
"""Texts that stand in tables of the code and are translated where they are shown."""

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
    for where, texts in TABLES.items():
        yield from ((where, text) for text in texts)


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


def logs(call: ast.Call) -> bool:
    """Return whether a call writes into the log, which speaks English."""
    owner = getattr(call.func, "value", None)
    return isinstance(owner, ast.Name) and owner.id == "log"


def bare() -> list[str]:
    """Return where a widget is given a text that is not translated."""
    found = []
    for path in SCREENS:
        if name_of(path) in COMMAND_LINE or name_of(path).startswith("app/bench"):
            continue
        for called, call in calls(path):
            if called in SHOWN_BY and not logs(call):
                texts = [t for a in (*call.args, *(k.value for k in call.keywords)) for t in bare_texts(a)]
                found += [f"{name_of(path)}:{call.lineno}: {text}" for text in texts]
    return found


def test_widgets_are_given_translated_texts_only() -> None:
    assert bare() == []
