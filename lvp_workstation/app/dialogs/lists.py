"""Dialog of the named lists and of how the studies on each are read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.domain.people import ReadingRules
from lvp_workstation.domain.reading import ReadingMode, RevealBy
from lvp_workstation.domain.worklist import Worklist
from lvp_workstation.viewer.language import told, tr

CHOICES: tuple[tuple[str, ReadingRules | None], ...] = (
    ("as each reader does", None),
    ("manual", ReadingRules(ReadingMode.MANUAL, RevealBy.LEVEL)),
    ("independent first, by level", ReadingRules(ReadingMode.INDEPENDENT_FIRST, RevealBy.LEVEL)),
    ("independent first, by study", ReadingRules(ReadingMode.INDEPENDENT_FIRST, RevealBy.STUDY)),
    ("concurrent", ReadingRules(ReadingMode.CONCURRENT, RevealBy.LEVEL)),
    ("AI second", ReadingRules(ReadingMode.AI_SECOND, RevealBy.LEVEL)),
)


class ListsDialog(QDialog):
    """Emits a list as it shall be; `set_lists` brings them as they are then."""

    put_requested = Signal(object)
    """`Worklist` that is new or changed."""

    def __init__(self, lists: Sequence[Worklist], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Lists"))
        self.setMinimumWidth(520)
        layout = QVBoxLayout(self)
        words = QLabel(
            tr("A list may say in which mode new readings of its studies begin; those begun keep theirs.")
        )
        words.setWordWrap(True)
        layout.addWidget(words)
        self._rows = QWidget()
        self._form = QFormLayout(self._rows)
        layout.addWidget(self._rows)
        self._name = QLineEdit()
        self._name.setPlaceholderText(tr("Name of a new list"))
        self._name.setAccessibleName(tr("Name of a new list"))
        add = QPushButton(tr("Add"))
        add.clicked.connect(self._add)
        line = QHBoxLayout()
        line.addWidget(self._name, 1)
        line.addWidget(add)
        layout.addLayout(line)
        self.set_lists(lists)

    def set_lists(self, lists: Sequence[Worklist]) -> None:
        """Show the lists as they are now."""
        while self._form.rowCount():
            self._form.removeRow(0)
        for named in lists:
            self._form.addRow(named.name, self._rules(named))

    def _rules(self, named: Worklist) -> QComboBox:
        box = QComboBox()
        for words, rules in CHOICES:
            box.addItem(told(words), rules)
        box.setCurrentIndex([rules for _, rules in CHOICES].index(named.rules))
        box.activated.connect(lambda n: self.put_requested.emit(Worklist(named.name, CHOICES[n][1])))
        return box

    def _add(self) -> None:
        name = self._name.text().strip()
        if name:
            self._name.clear()
            self.put_requested.emit(Worklist(name))
