"""How the parts of the main window are arranged: series, images, levels and findings."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app.panels.findings_grid import FindingsGrid
from lvp_workstation.app.panels.level_rail import HEADER_HEIGHT, ROW_HEIGHT, LevelRail
from lvp_workstation.viewer.letters import scaled

Box = TypeVar("Box", bound=QBoxLayout)
COMPACT_BELOW = 1500
"""Width of the window below which levels and findings are drawn closer (our choice)."""
LOW_BELOW = 768
"""Height of the body below which evidence and report make do with the second heights (our choice)."""
LEAST_ROWS = 3
"""Levels that stay in view in the lowest window; the others are scrolled to (our choice)."""
EVIDENCE_HEIGHTS, REPORT_HEIGHTS = (110, 48), (140, 64)


class LevelTable(QScrollArea):
    """Levels and findings side by side; where the window is too low for all rows, they scroll together."""

    def __init__(self, rail: LevelRail, grid: FindingsGrid) -> None:
        super().__init__()
        self._rail, self._grid = rail, grid
        self._inside = QWidget()
        row = _tight(QHBoxLayout(self._inside))
        row.addWidget(rail)
        row.addWidget(grid, 1)
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(scaled(HEADER_HEIGHT) + LEAST_ROWS * scaled(ROW_HEIGHT))
        grid.row_shown.connect(self._show_row)
        grid.resized.connect(self._resized)

    def fit(self) -> int:
        """Be as wide as the columns need, and a scroll bar where there is one; return the width."""
        bar = self.verticalScrollBar()
        width = self.sizeHint().width() + (bar.sizeHint().width() if bar.isVisible() else 0)
        self.setMinimumWidth(width)
        return width

    def sizeHint(self) -> QSize:
        """Return the size at which nothing has to be scrolled."""
        return QSize(self._rail.sizeHint().width() + self._grid.minimumWidth(), self._grid.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the scroll bar when it comes."""
        super().resizeEvent(event)
        self.fit()

    def _resized(self) -> None:
        self._inside.setMinimumHeight(self._grid.height())
        self.updateGeometry()

    def _show_row(self, row: QRect) -> None:
        middle = row.center()
        self.ensureVisible(self._rail.width() + middle.x(), middle.y(), 0, row.height())


class Body(QWidget):
    """The body of the window; images get every pixel that the panels do not need.

    The panel of levels and findings is as wide as its columns need, closer in a narrow window. It and the
    series can be put away.

    Parameters
    ----------
    left
        Chooser of the study above the list of series.
    findings
        Grid and evidence at the top, the report in the middle, notes at the bottom.
    """

    def __init__(
        self,
        left: tuple[QWidget, QWidget],
        middle: QWidget,
        rail: LevelRail,
        findings: tuple[FindingsGrid, QWidget, QWidget, QWidget],
    ) -> None:
        super().__init__()
        self._grid, self._evidence, self._report, _ = findings
        self.series = _left(*left)
        self._table = LevelTable(rail, self._grid)
        self.findings = _right(self._table, findings[1:])
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        for widget in (self.series, middle, self.findings):
            self._splitter.addWidget(widget)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setCollapsible(0, False)
        self._splitter.setCollapsible(1, False)
        layout = _tight(QVBoxLayout(self))
        layout.addWidget(self._splitter, 1)
        self._compact: bool | None = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the panels closer, or with more room, where the new width calls for it."""
        super().resizeEvent(event)
        low = self.height() < scaled(LOW_BELOW)
        self._evidence.setMinimumHeight(scaled(EVIDENCE_HEIGHTS[low]))
        self._report.setMinimumHeight(scaled(REPORT_HEIGHTS[low]))
        self._follow(self.width() < scaled(COMPACT_BELOW))

    def _follow(self, compact: bool) -> None:
        if compact is self._compact:
            return
        self._compact = compact
        self._grid.set_compact(compact)
        need = self._table.fit()
        layout = self.findings.layout()
        if layout is not None:  # else the splitter still goes by the width before
            layout.activate()
        self._splitter.setSizes([self.series.width(), self.width() - self.series.width() - need, need])


def _left(chooser: QWidget, series: QWidget) -> QWidget:
    side = QWidget()
    column = _tight(QVBoxLayout(side))
    column.addWidget(chooser)
    column.addWidget(series, 1)
    side.setFixedWidth(series.width() + 4)
    return side


def _right(table: QWidget, below: tuple[QWidget, QWidget, QWidget]) -> QWidget:
    evidence, report, notes = below
    right = QWidget()
    column = _tight(QVBoxLayout(right))
    column.addWidget(table)
    column.addWidget(evidence)
    column.addWidget(report, 1000)
    column.addStretch(1)
    column.addWidget(notes)
    return right


def _tight(layout: Box) -> Box:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout
