"""The list of series: middle slice, role, how sure, and how much of it was seen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import (
    QMetaObject,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from lvp_workstation.domain.study import Series, SeriesRole
from lvp_workstation.render.slice_scene import SliceScene
from lvp_workstation.render.slice_view import slice_view
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.intents import SERIES_MIME
from lvp_workstation.viewer.language import told, tr
from lvp_workstation.viewer.letters import scaled
from lvp_workstation.viewer.overlay_text import overlay_font

PICTURE = 104
LINE = 15
PADDING = 6
LINES = 3
_ITEM = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class SeriesItem(QListWidgetItem):
    """One series of the list."""

    def __init__(self, series: DisplaySeries) -> None:
        super().__init__()
        self.series = series
        self.picture: QImage | None = None
        self.hung = False
        self.setToolTip(tooltip(series))
        self.setData(Qt.ItemDataRole.AccessibleTextRole, " ".join(caption_lines(series)))
        self.setFlags(
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        )

    def make_picture(self) -> bool:
        """Take the picture of the middle slice; return whether it had arrived."""
        stack, array = self.series.stack, self.series.array
        middle = self.series.count // 2
        if stack is None or array is None or not self.series.is_ready(middle):
            return False
        scene = SliceScene()
        scene.set_image(array, stack.geometry)
        pixels = scene.render(slice_view(stack, middle, PICTURE, PICTURE), self.series.default_window)
        scene.dispose()
        self.picture = QImage(pixels.data, PICTURE, PICTURE, 4 * PICTURE, QImage.Format.Format_RGB32).copy()
        return True


class SeriesDelegate(QStyledItemDelegate):
    """Paints picture, words and the bar of what was seen."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of a row."""
        return QSize(PICTURE + 2 * PADDING, PICTURE + LINES * scaled(LINE) + 2 * PADDING + 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one series."""
        item = _item_of(self.parent(), index)
        if item is None:
            return
        box = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(box, palette.LOADING if chosen or item.hung else palette.BACKGROUND)
        left = box.left() + (box.width() - PICTURE) / 2
        top = box.top() + PADDING
        if item.picture is not None:
            painter.drawImage(QRectF(left, top, PICTURE, PICTURE), item.picture)
        painter.setPen(
            palette.FRAME_FOCUS if chosen else palette.FRAME_ACTIVE if item.hung else palette.FRAME
        )
        painter.drawRect(QRectF(left, top, PICTURE - 1, PICTURE - 1))
        _paint_words(
            painter,
            QRectF(box.left() + PADDING, top + PICTURE + 2, box.width() - 2 * PADDING, scaled(LINE)),
            item,
        )
        _paint_seen(painter, QRectF(left, top + PICTURE + LINES * scaled(LINE) + 5, PICTURE, 3), item.series)
        painter.restore()


class SeriesList(QListWidget):
    """The series of a study; a double click or Enter hangs one, dragging carries its key."""

    series_chosen = Signal(str)
    """Key of the series to hang in the active viewport."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(SeriesDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setAccessibleName(tr("Series"))
        self.setFixedWidth(scaled(PICTURE + 2 * PADDING + 12))
        self.setStyleSheet("QListWidget { background: black; outline: none; }")
        self._connections: list[QMetaObject.Connection] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._take_next_picture)
        self.itemActivated.connect(self._choose)

    def set_series(self, series: Sequence[DisplaySeries]) -> None:
        """Show these series, in this order."""
        for connection in self._connections:
            QObject.disconnect(connection)
        self.clear()
        self._connections = []
        for each in series:
            item = SeriesItem(each)
            self.addItem(item)
            self._connections += [
                each.slices_changed.connect(self._refresh),
                each.viewed_changed.connect(partial(self._repaint_item, item)),
            ]
        self._refresh()

    def set_hung(self, keys: frozenset[str]) -> None:
        """Mark the series that hang in a viewport."""
        for item in self._items():
            item.hung = item.series.key in keys
        self.viewport().update()

    def choose_next(self, step: int) -> str | None:
        """Select the next series (or the one before) and return its key."""
        if not self.count():
            return None
        self.setCurrentRow((self.currentRow() + step) % self.count())
        item = self.currentItem()
        return item.series.key if isinstance(item, SeriesItem) else None

    def mimeTypes(self) -> list[str]:
        """Return what dragging carries."""
        return [SERIES_MIME]

    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        """Return the key of the dragged series."""
        data = QMimeData()
        for item in items:
            if isinstance(item, SeriesItem):
                data.setData(SERIES_MIME, item.series.key.encode())
        return data

    def _items(self) -> list[SeriesItem]:
        every = (self.item(row) for row in range(self.count()))
        return [item for item in every if isinstance(item, SeriesItem)]

    def _choose(self, item: QListWidgetItem) -> None:
        if isinstance(item, SeriesItem):
            self.series_chosen.emit(item.series.key)

    def _refresh(self, _indices: object = None) -> None:
        self._timer.start()

    def _take_next_picture(self) -> None:
        """Take one missing picture, then let the event loop run."""
        for item in self._items():
            if item.picture is None and item.make_picture():
                self._repaint_item(item)
                self._timer.start()
                break

    def _repaint_item(self, item: SeriesItem) -> None:
        self.viewport().update(self.visualItemRect(item))


def caption_lines(series: DisplaySeries) -> tuple[str, str, str]:
    """Return role, description and size of a series."""
    decision = series.series.decision
    doubt = "" if decision.confidence >= 0.75 else "?"
    role = tr("other") if decision.role is SeriesRole.OTHER else tr(decision.role.caption) + doubt
    return (
        role,
        series.series.description,
        tr("{n} sl, seen {seen} %", n=series.count, seen=seen_percent(series)),
    )


def seen_percent(series: DisplaySeries) -> int:
    """Return the share of the slices that were seen, rounded down."""
    return int(100 * len(series.viewed) / series.count) if series.count else 0


def tooltip(series: DisplaySeries) -> str:
    """Return why the series has its role, and what is wrong with it."""
    head = series.series
    lines = [head.description or tr("(no description)"), _role_line(head)]
    lines += (
        [tr("{share} sure", share=f"{head.decision.confidence:.0%}")] if head.decision.confidence < 1 else []
    )
    return "\n".join([*lines, *(told(problem.text) for problem in head.problems)])


def _role_line(head: Series) -> str:
    return tr("Role {role}: {rule}", role=tr(head.role.caption), rule=told(head.decision.rule))


def _item_of(parent: object, index: _Index) -> SeriesItem | None:
    item = parent.item(index.row()) if isinstance(parent, SeriesList) else None
    return item if isinstance(item, SeriesItem) else None


def _paint_words(painter: QPainter, line: QRectF, item: SeriesItem) -> None:
    for n, text in enumerate(caption_lines(item.series)):
        painter.setFont(overlay_font(painter.font(), 12 if n == 0 else 11, bold=n == 0))
        painter.setPen(palette.TEXT if n < 2 else palette.TEXT_DIM)
        short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(line.width()))
        painter.drawText(line.translated(0, n * scaled(LINE)), Qt.AlignmentFlag.AlignLeft.value, short)


def _paint_seen(painter: QPainter, bar: QRectF, series: DisplaySeries) -> None:
    """Draw each slice of the stack as seen or not, in reading order."""
    painter.fillRect(bar, palette.UNSEEN)
    stack = series.stack
    if stack is None or not series.count:
        return
    cell = bar.width() / series.count
    seen = np.array([stack.number(index) - 1 for index in series.viewed], dtype=int)
    for n in seen.tolist():
        painter.fillRect(QRectF(bar.left() + n * cell, bar.top(), cell, bar.height()), palette.SEEN)
