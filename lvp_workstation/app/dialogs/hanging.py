"""Dialogs of hanging protocols: choose one, and save what is on screen as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app.dialogs.sign import plain_table
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.viewer.hanging import HangingProtocol
from lvp_workstation.viewer.hanging_saved import SeriesRule, ShownCell
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.letters import comfortable

_ID = int(Qt.ItemDataRole.UserRole)


class HangingDialog(QDialog):
    """The protocols there are; those that do not fit the study are grey.

    ``fits`` tells whether a protocol can hang the study on screen, ``delete`` removes one of the user's.
    """

    def __init__(
        self,
        protocols: Sequence[HangingProtocol],
        current: str,
        preferred: str,
        fits: Callable[[HangingProtocol], bool],
        delete: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Hanging protocol"))
        comfortable(self, 520, 420)
        self._delete = delete
        self._own = {p.protocol_id for p in protocols if p.own}
        self._preferred = preferred
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Hanging protocols"))
        for protocol in protocols:
            self._add(protocol, fits(protocol), current)
        self.first = QCheckBox(tr("Use it first for every study it fits"))
        self._remove = QPushButton(tr("Delete this layout"))
        self._remove.clicked.connect(self._delete_current)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._hang = buttons.addButton(tr("Hang"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._hang.setDefault(True)
        buttons.addButton(self._remove, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.list, self.first, buttons):
            layout.addWidget(widget)
        self.list.currentItemChanged.connect(lambda *_: self._follow())
        self.list.itemActivated.connect(lambda _item: self.accept())
        self.list.setFocus()
        self._follow()

    @property
    def chosen(self) -> str:
        """Id of the protocol that was chosen."""
        item = self.list.currentItem()
        return str(item.data(_ID)) if item is not None else ""

    def _add(self, protocol: HangingProtocol, fits: bool, current: str) -> None:
        count = len(protocol.stages)
        words = [protocol.title if protocol.own else tr(protocol.title)]
        words += [tr("{n} stages", n=count)] if count > 1 else []
        words += [tr("own")] if protocol.own else []
        item = QListWidgetItem(" · ".join(words))
        item.setData(_ID, protocol.protocol_id)
        if not fits:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setToolTip(tr("This study lacks a series that the protocol needs."))
        self.list.addItem(item)
        if protocol.protocol_id == current:
            self.list.setCurrentItem(item)

    def _follow(self) -> None:
        self._hang.setEnabled(bool(self.chosen))
        self._remove.setVisible(self.chosen in self._own)
        self.first.setChecked(bool(self.chosen) and self.chosen == self._preferred)

    def _delete_current(self) -> None:
        self._delete(self.chosen)
        self._own.discard(self.chosen)
        self.list.takeItem(self.list.currentRow())
        self._follow()


class SaveLayoutDialog(QDialog):
    """Names a layout and says by what each of its series is found in the next study."""

    def __init__(self, cells: Sequence[ShownCell], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Save this layout for lumbar MRI"))
        comfortable(self, 640, 380)
        self._shown = tuple(cells)
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("such as: my lumbar layout"))
        self.automatic = QCheckBox(tr("Use it by itself for every study that has the series it needs"))
        self.automatic.setChecked(True)
        self._rules: list[QComboBox] = []
        self._needed: list[QCheckBox] = []
        self.table = self._table()
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        save = buttons.button(QDialogButtonBox.StandardButton.Save)
        save.setEnabled(False)
        self.name.textChanged.connect(lambda text: save.setEnabled(bool(text.strip())))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(tr("Name"), self.name)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(QLabel(tr("In the next study each viewport shows:")))
        for widget in (self.table, self.automatic, buttons):
            layout.addWidget(widget)

    def _table(self) -> QTableWidget:
        headers = (tr("Viewport"), tr("Now"), tr("Found by"), tr("Needed"))
        table = plain_table(headers, tr("Viewports of the layout"))
        table.setRowCount(len(self._shown))
        for row, cell in enumerate(self._shown):
            table.setItem(row, 0, QTableWidgetItem(str(row + 1)))
            table.setItem(row, 1, QTableWidgetItem(words_of(cell)))
            rule, needed = self._rule_box(cell), QCheckBox()
            needed.setChecked(cell.series is not None)
            needed.setEnabled(cell.series is not None)
            needed.setAccessibleName(tr("Viewport {n} is needed", n=row + 1))
            table.setCellWidget(row, 2, rule)
            table.setCellWidget(row, 3, needed)
            self._rules.append(rule)
            self._needed.append(needed)
        table.resizeColumnsToContents()
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return table

    def _rule_box(self, cell: ShownCell) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(tr("Found by"))
        box.setEnabled(cell.series is not None)
        known = cell.series is not None and cell.series.role is not SeriesRole.OTHER
        for rule in SeriesRule:
            if known or rule is SeriesRule.PLANE:
                box.addItem(tr(rule.value), rule)
        return box

    @property
    def title(self) -> str:
        """The name that was typed."""
        return self.name.text().strip()

    def cells(self) -> tuple[ShownCell, ...]:
        """Return the cells with what was chosen for each."""
        return tuple(
            replace(cell, rule=SeriesRule(box.currentData()), required=needed.isChecked())
            for cell, box, needed in zip(self._shown, self._rules, self._needed, strict=True)
        )


def words_of(cell: ShownCell) -> str:
    """Return what a viewport shows, in words."""
    if cell.series is None:
        return "–"
    role = cell.series.role
    name = cell.series.description if role is SeriesRole.OTHER else tr(role.caption)
    if cell.reformat is None:
        return name
    return tr("{series}, computed {plane}", series=name, plane=tr(cell.reformat.value))
