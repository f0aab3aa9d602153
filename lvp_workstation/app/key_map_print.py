"""The key map and the mouse map on paper: a PDF to hang beside the screen."""

from __future__ import annotations

from html import escape
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QPageSize, QPdfWriter, QTextDocument

from lvp_workstation.app.actions import ACTIONS, Action, KeyMap
from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.mouse_map import MouseProfile
from lvp_workstation.viewer.mouse_words import rows_of

POINTS, DPI = 8, 300
STYLE = """<style>body { color: black; } h1 { font-size: 14pt; } h2 { font-size: 10pt; margin: 7px 0 2px 0; }
td { padding: 1px 12px 1px 0; }</style>"""


def key_map_html(keys: KeyMap, profile: MouseProfile) -> str:
    """Return the key map as rich text: the keys of each group, then what the mouse does."""
    parts = [STYLE, f"<h1>{escape(_title())}</h1>"]
    listed = sorted((a for a in ACTIONS if keys.get(a.id)), key=lambda action: _order(action))
    for category, actions in groupby(listed, key=lambda action: action.category):
        rows = [(", ".join(keys[action.id]), tr(action.title)) for action in actions]
        parts += [f"<h2>{escape(tr(category))}</h2>", _table(rows)]
    digits = tr("window presets of the images; grades in the findings grid")
    parts += [f"<h2>{tr('Digits')}</h2>", _table([("0 – 9", digits)])]
    title = tr("mouse: {profile}", profile=tr(profile.title))
    parts += [f"<h2>{escape(title)}</h2>", _table(rows_of(profile))]
    return "".join(parts)


def _title() -> str:
    return f"LVP Workstation · {tr('Key map')}"


def _order(action: Action) -> int:
    """Return the place of the group of an action, which keeps the order of the table."""
    return [each.category for each in ACTIONS].index(action.category)


def _table(rows: list[tuple[str, str]]) -> str:
    wide = "width='32%'"
    cells = "".join(
        f"<tr><td {wide}><b>{escape(left)}</b></td><td>{escape(right)}</td></tr>" for left, right in rows
    )
    return f"<table width='100%'>{cells}</table>"


def write_key_map(path: Path, keys: KeyMap, profile: MouseProfile) -> None:
    """Write the key map as a PDF.

    Raises
    ------
    OutputProblem
        When the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    except OSError as error:
        raise OutputProblem(f"{path} cannot be written: {error.strerror}.") from error
    writer = QPdfWriter(str(path))
    writer.setResolution(DPI)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))  # printing a document leaves a margin of its own
    writer.setTitle(_title())
    document = QTextDocument()
    font = document.defaultFont()
    font.setPointSize(POINTS)
    document.setDefaultFont(font)
    document.setHtml(key_map_html(keys, profile))
    document.print_(writer)
