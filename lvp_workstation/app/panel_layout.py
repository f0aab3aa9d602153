"""How the parts of the main window are arranged: series, images, levels and findings."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from lvp_workstation.app.panels.findings_grid import FindingsGrid
from lvp_workstation.app.panels.level_rail import LevelRail
from lvp_workstation.viewer.letters import scaled

Box = TypeVar("Box", bound=QBoxLayout)
COMPACT_BELOW = 1500
"""Width of the window below which levels and findings are drawn closer (our choice)."""
LOW_BELOW = 768
"""Height of the body below which evidence and report make do with the second heights (our choice)."""
EVIDENCE_HEIGHTS, REPORT_HEIGHTS = (110, 48), (140, 64)


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
        self._rail = rail
        self._grid, self._evidence, self._report, _ = findings
        self.series = _left(*left)
        self.findings = _right(rail, findings)
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
        low = self.height() < LOW_BELOW
        self._evidence.setMinimumHeight(scaled(EVIDENCE_HEIGHTS[low]))
        self._report.setMinimumHeight(scaled(REPORT_HEIGHTS[low]))
        self._follow(self.width() < scaled(COMPACT_BELOW))

    def _follow(self, compact: bool) -> None:
        if compact is self._compact:
            return
        self._compact = compact
        self._grid.set_compact(compact)
        for part in (self._grid.parentWidget(), self.findings):
            layout = part.layout() if part is not None else None
            if layout is not None:  # else the splitter still goes by the width before
                layout.activate()
        need = self._rail.sizeHint().width() + self._grid.minimumWidth()
        self._splitter.setSizes([self.series.width(), self.width() - self.series.width() - need, need])


def _left(chooser: QWidget, series: QWidget) -> QWidget:
    side = QWidget()
    column = _tight(QVBoxLayout(side))
    column.addWidget(chooser)
    column.addWidget(series, 1)
    side.setFixedWidth(series.width() + 4)
    return side


def _right(rail: QWidget, findings: tuple[QWidget, QWidget, QWidget, QWidget]) -> QWidget:
    grid, evidence, report, notes = findings
    column_widget = QWidget()
    column = _tight(QVBoxLayout(column_widget))
    column.addWidget(grid)
    column.addWidget(evidence)
    column.addWidget(report, 1000)
    column.addStretch(1)
    column.addWidget(notes)
    right = QWidget()
    row = _tight(QHBoxLayout(right))
    row.addWidget(rail)
    row.addWidget(column_widget, 1)
    return right


def _tight(layout: Box) -> Box:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout
