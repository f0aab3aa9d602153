"""A reader that presses keys and chooses from menus at random, and watches the saved mark."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.findings import GRID_SCALES, REJECT_REASONS
from lvp_workstation.services.reading_state import ReadingSnapshot
from lvp_workstation.viewer.intents import BrushStroke
from tests.prove.kill_state import digest

STEP_MS = 4
WORDS = ("Conus at L1.", "Nothing else.", "wie zuvor", "与之前相同", "")


class Robot(QObject):
    """Presses one key after the other; tells each saved mark once it was painted."""

    def __init__(
        self,
        tell: Callable[..., None],
        chance: random.Random,
        sign_after: int,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._tell = tell
        self._chance = chance
        self._sign_after = sign_after
        self._edits = 0
        self._told = ""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)
        self._window: MainWindow | None = None

    def begin(self) -> None:
        """Wait for the window, then read."""
        found = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        if not found:
            QTimer.singleShot(5, self.begin)
            return
        self._window = found[0]
        self._mark().installEventFilter(self)
        self._timer.start(STEP_MS)

    def _mark(self) -> QLabel:
        assert self._window is not None
        mark = self._window.findChild(QLabel, "saved")
        assert isinstance(mark, QLabel)
        return mark

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at the mark each time it is painted."""
        if event.type() == QEvent.Type.Paint and self._window is not None:
            text, snapshot = self._mark().text(), self._window.readings.snapshot
            if "saved" in text and text != self._told and snapshot is not None:
                self._told = text
                QTimer.singleShot(0, lambda: self._painted(text, snapshot))
        return False

    def _painted(self, text: str, snapshot: ReadingSnapshot) -> None:
        """The mark stands on the screen now: tell what it says was saved."""
        self._tell("mark", snapshot.reading.reading_id, text.split()[-1], digest(snapshot))

    # -- what a reader does -----------------------------------------------------------------

    def _step(self) -> None:
        window = self._window
        assert window is not None
        reading = window.readings.reading
        if reading is None or not reading.levels or "saving" in self._mark().text():
            return
        if reading.state.signed:
            window.readings.begin_addendum("a second look")
            return
        self._edits += 1
        if self._sign_after and self._edits > self._sign_after:
            window.readings.run(edits.confirm_numbering)
            window.readings.sign("reader A", window.coverage())
            return
        self._chance.choice(self._deeds())()

    def _deeds(self) -> list[Callable[[], None]]:
        """Grades most often; the rest as it comes."""
        press = [self._grade] * 6
        return [*press, self._undo, self._undo, self._redo, self._text, self._decide, self._lock, self._paint]

    def _grade(self) -> None:
        assert self._window is not None
        grid = self._window.grid
        row = self._chance.randrange(grid.model().rowCount())
        grid.setCurrentIndex(grid.model().index(row, self._chance.randrange(len(GRID_SCALES))))
        QTest.keyClick(grid, Qt.Key(Qt.Key.Key_0.value + self._chance.randrange(6)))

    def _undo(self) -> None:
        self._trigger("edit.undo")

    def _redo(self) -> None:
        self._trigger("edit.redo")

    def _lock(self) -> None:
        if self._chance.random() < 0.1:  # else nothing would be left to undo
            self._trigger("ai.lock")

    def _trigger(self, action: str) -> None:
        assert self._window is not None
        self._window._actions[action].trigger()

    def _text(self) -> None:
        assert self._window is not None
        words = self._chance.choice(WORDS)
        self._window.readings.run(lambda reading, author: edits.set_text(reading, "other", words, author))

    def _decide(self) -> None:
        """Accept or reject the focused proposal; before the lock the program refuses."""
        assert self._window is not None
        key = self._window.grid.key_of_current()
        if key is None:
            return
        reason = self._chance.choice(REJECT_REASONS[:-1])
        if self._chance.random() < 0.5:
            self._window.accept_finding()
        else:
            self._window.readings.run(lambda r, author: edits.reject(r, key, author, reason))

    def _paint(self) -> None:
        """Draw a short stroke in a disc whose contour is shown."""
        window = self._window
        assert window is not None
        shown = [i for i in window.screen_state.shown_instances() if i.startswith("D")]
        labels = window.screen_state.labels
        if not shown or labels is None or not window.screen_state.has_analysis:
            return
        voxels = np.argwhere(labels.mask(self._chance.choice(sorted(shown))))
        if not len(voxels):
            return
        at = labels.geometry.index_to_world(voxels[self._chance.randrange(len(voxels))].astype(float))
        points = np.stack([at, at + 2.0])
        normal = labels.geometry.slice_normal
        erase, frame = self._chance.random() < 0.3, labels.geometry.frame_of_reference_uid
        window.paint_stroke(BrushStroke(points, 2.0, erase, normal, "", None, frame))
