"""Handlers of what a user may choose about the program itself, and of the ways to run its actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, SignalInstance
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QToolBar, QWidget

from lvp_workstation.app.action_places import CONTEXT_MENUS, TOOLBAR
from lvp_workstation.app.actions import ACTIONS
from lvp_workstation.app.dialogs.command_palette import Command, CommandPalette
from lvp_workstation.app.dialogs.key_map import KeyMapDialog
from lvp_workstation.app.dialogs.mouse_map import MouseMapDialog
from lvp_workstation.app.key_changes import HELD, changed_from
from lvp_workstation.app.key_map_print import write_key_map
from lvp_workstation.app.panels.evidence_panel import EvidencePanel
from lvp_workstation.app.peek import PeekKey
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.viewer.language import LANGUAGES, system_language, tr
from lvp_workstation.viewer.mouse_map import MouseProfile
from lvp_workstation.viewer.thumbnails import SeriesList

KEY_MAP_NAME, PDF_FILES = "lvp_key_map.pdf", "PDF (*.pdf)"
LETTERS = (100, 125, 150, 200)
"""Sizes of letters to choose from, percent (our choice)."""
PALETTE_WORDS = {
    "default": "as shipped",
    "red_green": "for red-green blindness",
    "blue_yellow": "for blue-yellow blindness",
    "grey": "lightness only",
}
"""Palettes of `render.label_lut` in words."""


class SettingActions(WindowParts):
    """Language, letters, colours, keys, mouse; palette of commands, tool bar, context menus."""

    rebuild_requested: SignalInstance
    go_to_level: Callable[[str], None]
    hang_by: Callable[[str], None]
    series_list: SeriesList
    evidence: EvidencePanel
    mouse_map: Callable[[], MouseProfile]
    use_mouse_profile: Callable[[], None]
    _peek_key: PeekKey
    _toolbar: QToolBar | None = None

    # -- what a user may choose -------------------------------------------------------------

    def choose_language(self) -> None:
        """Ask for the language of the interface; the window is made anew in it, on the same study."""
        settings = self.context.settings
        codes, names = list(LANGUAGES), list(LANGUAGES.values())
        current = settings.language if settings.language in codes else system_language()
        chosen = self._ask(tr("Language"), tr("Language of the program:"), names, codes.index(current))
        if chosen is not None and codes[chosen] != current:
            settings.language = codes[chosen]
            self.save_settings()
            self.rebuild_requested.emit()

    def choose_letters(self) -> None:
        """Ask how large letters are; the window is made anew with them."""
        settings = self.context.settings
        names = [f"{percent} %" for percent in LETTERS]
        now = LETTERS.index(settings.letters_percent) if settings.letters_percent in LETTERS else 0
        chosen = self._ask(tr("Size of letters"), tr("Letters and what holds them:"), names, now)
        if chosen is not None and LETTERS[chosen] != settings.letters_percent:
            settings.letters_percent = LETTERS[chosen]
            self.save_settings()
            self.rebuild_requested.emit()

    def choose_palette(self) -> None:
        """Ask for the colours of segmented structures."""
        settings = self.context.settings
        names, keys = [tr(words) for words in PALETTE_WORDS.values()], list(PALETTE_WORDS)
        now = keys.index(settings.palette) if settings.palette in keys else 0
        chosen = self._ask(tr("Colours of structures"), tr("Colours:"), names, now)
        if chosen is not None:
            settings.palette = keys[chosen]
            self.save_settings()
            self.use_palette()

    def use_palette(self) -> None:
        """Draw structures in the colours of the settings."""
        style = self.viewports.overlay_style
        self.viewports.set_overlay_style(replace(style, palette=self.context.settings.palette))

    def _ask(self, title: str, words: str, names: Sequence[str], now: int) -> int | None:
        """Return the number of what was chosen from a list, None when nothing was."""
        name, ok = QInputDialog.getItem(self._widget(), title, words, list(names), now, False)
        return names.index(name) if ok else None

    # -- keys and mouse ---------------------------------------------------------------------

    def show_key_map(self) -> None:
        """Show every action with its keys, and let them be changed."""
        dialog = KeyMapDialog(
            self.context.key_map(),
            self.context.shipped_keys(),
            self._take_keys,
            self.print_key_map,
            self._widget(),
        )
        dialog.exec()

    def _take_keys(self, keys: dict[str, tuple[str, ...]]) -> None:
        self.context.settings.keys = changed_from(self.context.shipped_keys(), keys)
        self.save_settings()
        self.use_keys()

    def use_keys(self) -> None:
        """Give every action its keys; the key that hides the AI is held, not pressed, see `PeekKey`."""
        keys = self.context.key_map()
        for action in ACTIONS:
            own = keys.get(action.id, ()) if action.id != HELD else ()
            self._actions[action.id].setShortcuts([QKeySequence(key) for key in own])
        self._peek_key.set_keys(keys.get(HELD, ()))

    def print_key_map(self) -> None:
        """Ask for a file and write the key map as a PDF."""
        name, _ = QFileDialog.getSaveFileName(self._widget(), tr("Key map as PDF"), KEY_MAP_NAME, PDF_FILES)
        if not name:
            return
        try:
            write_key_map(Path(name), self.context.key_map(), self.mouse_map())
        except OutputProblem as problem:
            self.status.warn(str(problem))
        else:
            self.status.say(tr("The key map is {path}", path=name))

    def edit_mouse(self) -> None:
        """Choose a mouse map and bind its gestures."""
        settings = self.context.settings
        MouseMapDialog(settings.mouse_profile, settings.mouse, self._take_mouse, self._widget()).exec()

    def _take_mouse(self, profile: str, own: dict[str, dict[str, str]]) -> None:
        self.context.settings.mouse_profile, self.context.settings.mouse = profile, own
        self.save_settings()
        self.use_mouse_profile()

    # -- ways to run an action --------------------------------------------------------------

    def show_commands(self) -> None:
        """Offer everything that can be done now, to be found by a few letters."""
        palette = CommandPalette(self._commands(), self._widget())
        corner = self._widget().mapToGlobal(QPoint((self._widget().width() - palette.width()) // 2, 60))
        palette.move(corner)
        palette.open()

    def _commands(self) -> list[Command]:
        keys = self.context.key_map()
        found = [
            Command(
                self._actions[action.id].text().replace("&", ""),
                tr(action.category),
                self._actions[action.id].trigger,
                ", ".join(keys.get(action.id, ())),
                f"{action.title} {action.category} {action.also}",
            )
            for action in ACTIONS
            if self._actions[action.id].isEnabled() and action.id != "help.commands"
        ]
        found += [
            Command(row.name, tr("Levels"), partial(self.go_to_level, row.target)) for row in self.rail.rows
        ]
        if self.studies.study is not None:
            for protocol in self.context.protocols(self.status.warn):
                title = protocol.title if protocol.own else tr(protocol.title)
                run = partial(self.hang_by, protocol.protocol_id)
                found.append(Command(title, tr("Hanging"), run, also=protocol.title))
        return found

    def make_toolbar(self) -> QToolBar:
        """Return the tool bar, shown when the settings say so."""
        bar = QToolBar(tr("Tool bar"))
        bar.setObjectName("toolbar")
        bar.setAccessibleName(tr("Tool bar"))
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        for action_id in TOOLBAR:
            bar.addAction(self._actions[action_id])
        bar.setVisible(self.context.settings.toolbar)
        self._toolbar = bar
        return bar

    def toggle_toolbar(self) -> None:
        """Show or hide the tool bar."""
        if self._toolbar is not None:
            self.context.settings.toolbar = self._toolbar.isHidden()
            self._toolbar.setVisible(self.context.settings.toolbar)
            self.save_settings()

    def order_focus(self) -> None:
        """Let Tab go from left to right: series, images, findings, evidence, report."""
        chain: list[QWidget] = [self.series_list, *self.viewports.viewports]
        chain += [self.grid, self.evidence, self.report.page]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    def connect_context_menus(self) -> None:
        """Give each panel its context menu: right click, Menu key or Shift+F10."""
        self.viewports.layout_changed.connect(self.order_focus)
        self.order_focus()
        panels = {
            "grid": self.grid,
            "rail": self.rail,
            "series": self.body.series,
            "report": self.report.page,
        }
        for name, panel in panels.items():
            panel.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            panel.customContextMenuRequested.connect(
                lambda at, n=name, p=panel: self.context_menu(n).popup(_on_screen(p, at))
            )

    def context_menu(self, panel: str) -> QMenu:
        """Return a menu of the actions of a panel; it goes when it is closed."""
        menu = QMenu(self._widget())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._actions[action_id] for action_id in CONTEXT_MENUS[panel]])
        return menu


def _on_screen(panel: QWidget, at: QPoint) -> QPoint:
    return panel.mapToGlobal(at)
