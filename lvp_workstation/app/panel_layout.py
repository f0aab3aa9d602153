"""How the parts of the main window are arranged: series, images, levels and findings, status."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

Box = TypeVar("Box", bound=QBoxLayout)
LEFT_WIDTH, RIGHT_WIDTH = 140, 608


def arrange(
    left: tuple[QWidget, QWidget],
    middle: QWidget,
    rail: QWidget,
    findings: tuple[QWidget, QWidget, QWidget, QWidget],
    status: QWidget,
) -> QWidget:
    """Return the body of the window; images get every pixel that the panels do not need.

    Parameters
    ----------
    left
        Chooser of the study above the list of series.
    findings
        Grid and evidence at the top, the report in the middle, notes at the bottom.
    """
    chooser, series = left
    side = QWidget()
    column = _tight(QVBoxLayout(side))
    column.addWidget(chooser)
    column.addWidget(series, 1)
    side.setFixedWidth(series.width() + 4)
    splitter = QSplitter(Qt.Orientation.Horizontal)
    for widget in (side, middle, _right(rail, findings)):
        splitter.addWidget(widget)
    splitter.setStretchFactor(1, 1)
    splitter.setSizes([LEFT_WIDTH, 4000, RIGHT_WIDTH])
    splitter.setCollapsible(0, False)
    splitter.setCollapsible(1, False)
    body = QWidget()
    layout = _tight(QVBoxLayout(body))
    layout.addWidget(splitter, 1)
    layout.addWidget(status)
    return body


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
