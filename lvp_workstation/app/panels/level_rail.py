"""The level rail: one click takes every viewport to a level; a mark tells what was done there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lvp_workstation.app import theme
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.reading_view import LevelRow, RailMark
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.letters import scaled

ROW_HEIGHT = 38
HEADER_HEIGHT = 34
"""Rows stand level with those of the findings grid."""

MARKS = {
    RailMark.NOT_LOOKED_AT: ("·", theme.DIM),
    RailMark.LOOKED_AT: ("◌", theme.DIM),
    RailMark.OPEN: ("○", theme.AI),
    RailMark.GRADED: ("●", theme.TEXT),
    RailMark.ACCEPTED: ("✓", theme.OK),
    RailMark.EDITED: ("✎", theme.WARN),
    RailMark.REJECTED: ("✗", theme.ALERT),
}

_BOTTOM_LEFT = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft


class LevelRail(QWidget):
    """A narrow column of levels, cranial at the top."""

    level_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LevelRow, ...] = ()
        self._current: InstanceId = ""
        self.setAccessibleName(tr("Levels"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(scaled(86), scaled(HEADER_HEIGHT) + scaled(ROW_HEIGHT) * 8)

    def set_rows(self, rows: tuple[LevelRow, ...]) -> None:
        """Show the levels of a reading."""
        self._rows = rows
        self.update()

    @property
    def rows(self) -> tuple[LevelRow, ...]:
        """The levels on screen, cranial to caudal."""
        return self._rows

    def set_current(self, target: InstanceId) -> None:
        """Mark the level the viewports are at."""
        self._current = target
        self.update()

    @property
    def current(self) -> InstanceId:
        """The level the viewports are at, empty before any jump."""
        return self._current

    def neighbour(self, step: int) -> InstanceId | None:
        """Return the level ``step`` rows further down, None at the ends."""
        targets = [row.target for row in self._rows]
        if not targets:
            return None
        if self._current not in targets:
            return targets[0 if step > 0 else -1]
        position = targets.index(self._current) + step
        return targets[position] if 0 <= position < len(targets) else None

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.PANEL)
        for n, row in enumerate(self._rows):
            self._paint_row(
                painter,
                QRect(
                    0, scaled(HEADER_HEIGHT) + 1 + n * scaled(ROW_HEIGHT), self.width(), scaled(ROW_HEIGHT)
                ),
                row,
            )
        painter.end()

    def _paint_row(self, painter: QPainter, rect: QRect, row: LevelRow) -> None:
        if row.target == self._current:
            painter.fillRect(rect, theme.RAISED)
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), theme.ACCENT)
        sign, colour = MARKS[row.mark]
        painter.setPen(QPen(colour))
        painter.drawText(
            QRect(rect.right() - 20, rect.top(), 18, rect.height()), Qt.AlignmentFlag.AlignCenter, sign
        )
        painter.setPen(QPen(theme.TEXT))
        name_box = rect.adjusted(8, 0, -20, -scaled(14) if row.locked else 0)
        painter.drawText(name_box, Qt.AlignmentFlag.AlignVCenter, row.name)
        if row.locked:
            painter.setPen(QPen(theme.DIM))
            painter.drawText(rect.adjusted(8, 0, -20, -4), _BOTTOM_LEFT, tr("locked"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        n = (int(event.position().y()) - scaled(HEADER_HEIGHT)) // scaled(ROW_HEIGHT)
        if event.button() == Qt.MouseButton.LeftButton and 0 <= n < len(self._rows):
            self.level_requested.emit(self._rows[n].target)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            n = (event.pos().y() - scaled(HEADER_HEIGHT)) // scaled(ROW_HEIGHT)
            if 0 <= n < len(self._rows):
                row = self._rows[n]
                exiting, traversing = row.roots
                roots = tr(
                    "exiting {exiting}, traversing {traversing}", exiting=exiting, traversing=traversing
                )
                text = f"{row.name}: {tr(row.mark.value)}\n{roots}"
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
