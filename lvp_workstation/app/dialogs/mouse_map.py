"""Dialog that chooses one of the mouse maps and binds its gestures anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app.dialogs.sign import plain_table
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.letters import comfortable
from lvp_workstation.viewer.mouse_map import PROFILES, profile_named
from lvp_workstation.viewer.mouse_words import GESTURES, TOOL_WORDS, bound, tools_for

Own = Mapping[str, Mapping[str, str]]
"""Name of a profile to gestures that the user bound anew."""


class MouseMapDialog(QDialog):
    """Three profiles, each with the user's own gestures; ``change`` gets profile and all own gestures."""

    def __init__(
        self,
        profile: str,
        own: Own,
        change: Callable[[str, dict[str, dict[str, str]]], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Mouse map"))
        comfortable(self, 520, 620)
        self._own = {name: dict(gestures) for name, gestures in own.items()}
        self._change = change
        self.profile = QComboBox()
        self.profile.setAccessibleName(tr("Mouse map"))
        for each in PROFILES:
            self.profile.addItem(tr(each.title), each.name)
        self.profile.setCurrentIndex(self.profile.findData(profile_named(profile).name))
        self.table = self._table()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        shipped = buttons.addButton(tr("As shipped"), QDialogButtonBox.ButtonRole.ResetRole)
        shipped.clicked.connect(self.restore)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(tr("Mouse map"), self.profile)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.table)
        layout.addWidget(buttons)
        self.profile.currentIndexChanged.connect(lambda _index: self._profile_chosen())
        self._fill()

    @property
    def _name(self) -> str:
        return str(self.profile.currentData())

    def _table(self) -> QTableWidget:
        table = plain_table((tr("Gesture"), tr("Does")), tr("Gestures of the mouse"))
        table.setRowCount(len(GESTURES))
        table.setTabKeyNavigation(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for row, (gesture, words) in enumerate(GESTURES.items()):
            table.setItem(row, 0, QTableWidgetItem(tr(words)))
            box = QComboBox()
            box.setAccessibleName(tr(words))
            for tool in tools_for(gesture):
                box.addItem(tr(TOOL_WORDS[tool]), tool)
            box.activated.connect(lambda _index, g=gesture, b=box: self.bind(g, str(b.currentData())))
            table.setCellWidget(row, 1, box)
        return table

    def _fill(self) -> None:
        """Show what each gesture does in the chosen map."""
        profile = bound(profile_named(self._name), self._own.get(self._name, {}))
        for row, gesture in enumerate(GESTURES):
            box = self.table.cellWidget(row, 1)
            if isinstance(box, QComboBox):
                box.setCurrentIndex(max(0, box.findData(profile.bindings.get(gesture, ""))))

    def _profile_chosen(self) -> None:
        self._fill()
        self._tell()

    def bind(self, gesture: str, tool: str) -> None:
        """Bind a gesture of the chosen map; an empty tool unbinds it."""
        own = self._own.setdefault(self._name, {})
        if profile_named(self._name).bindings.get(gesture, "") == tool:
            own.pop(gesture, None)
        else:
            own[gesture] = tool
        self._tell()

    def restore(self) -> None:
        """Give the chosen map its shipped gestures."""
        self._own.pop(self._name, None)
        self._fill()
        self._tell()

    def _tell(self) -> None:
        self._change(self._name, {name: dict(own) for name, own in self._own.items() if own})
