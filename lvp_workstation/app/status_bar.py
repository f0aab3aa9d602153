"""The status bar: mode, reader, model and provider, progress with cancel, coverage, the notice."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from lvp_workstation.app import theme
from lvp_workstation.app.elided_label import ElidedLabel
from lvp_workstation.domain.progress import Progress
from lvp_workstation.domain.reading import Reading
from lvp_workstation.viewer.language import told, tr
from lvp_workstation.viewer.letters import scaled

NOTICE = "Research software · not a medical device"
MESSAGE_MS = 8000
MESSAGE_WIDTH = 260
"""Room that the message keeps while the facts beside it are shortened, in pixels (our choice)."""
SAVED_WIDTH = 96
"""Wide enough for five digits, so that the mark is never cut and nothing beside it moves."""
HEIGHT = 32
"""Fixed, so that the images do not move when progress comes and goes."""


class StatusBar(QWidget):
    """One line of facts; messages appear in the middle and fade, problems stay until the next one."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        self.setFixedHeight(scaled(HEIGHT))
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(14)
        self._mode, self._reader, self._model = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self._seen = QLabel()
        self._saved = QLabel()
        self._saved.setObjectName("saved")
        self._saved.setAccessibleName(tr("Saved"))
        self._saved.setMinimumWidth(scaled(SAVED_WIDTH))
        self._message = ElidedLabel()
        self._message.setMinimumWidth(MESSAGE_WIDTH)
        self._message.setAccessibleName(tr("Message"))
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setFixedWidth(scaled(180))
        self._bar.setRange(0, 1000)
        self._cancel = QPushButton(tr("Stop"))
        self._cancel.clicked.connect(self.cancel_requested)
        notice = QLabel(tr(NOTICE))
        notice.setObjectName("notice")
        for label in (self._mode, self._reader, self._model, self._seen, self._saved):
            layout.addWidget(label)
        layout.addWidget(self._message, 1)
        layout.addWidget(self._bar)
        layout.addWidget(self._cancel)
        layout.addWidget(notice)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._message.clear)
        self.end_progress()

    def set_mode(self, text: str) -> None:
        """Show the mode of reading."""
        self._mode.setText(told(text))

    def set_reader(self, text: str) -> None:
        """Show who reads."""
        self._reader.setText(text or tr("no reader named"))
        self._reader.setToolTip("" if text else tr("File > Reader's name"))
        self._reader.setStyleSheet("" if text else f"color: {theme.WARN.name()}")

    def set_model(self, text: str) -> None:
        """Show provider, model and time of the analysis."""
        self._model.setText(text)

    def set_seen(self, seen: int, total: int) -> None:
        """Show how many slices were displayed."""
        self._seen.setText(tr("seen {seen}/{total} slices", seen=seen, total=total) if total else "")

    def set_saved(self, steps: int | None) -> None:
        """Show that so many steps of the reading are on disk; None while the next one is being written."""
        self._saved.setText(
            tr("saving …") if steps is None else tr("✓ saved {steps}", steps=steps) if steps else ""
        )

    def say(self, text: str) -> None:
        """Show a message for a while, in the language of the interface; nothing to say changes nothing."""
        if not text:
            return
        text = told(text)
        self._message.setStyleSheet("")
        self._message.setText(text)
        self._message.setToolTip(text)
        self._timer.start(MESSAGE_MS)

    def warn(self, text: str) -> None:
        """Show a problem until something else is said, in the language of the interface."""
        text = told(text)
        self._timer.stop()
        self._message.setStyleSheet(f"color: {theme.WARN.name()}")
        self._message.setText(text)
        self._message.setToolTip(text)

    @property
    def mode(self) -> str:
        """Mode and state of the reading on screen."""
        return self._mode.text()

    @property
    def message(self) -> str:
        """The message on screen."""
        return self._message.text()

    def show_progress(self, progress: Progress) -> None:
        """Show how far a task is, with a button that stops it."""
        self._bar.show()
        self._cancel.show()
        self._bar.setValue(round(progress.fraction * 1000))
        self._bar.setFormat(told(progress.message))
        self._bar.setToolTip(told(progress.message))

    def end_progress(self) -> None:
        """Hide the progress."""
        self._bar.hide()
        self._cancel.hide()


def mode_and_state(reading: Reading) -> str:
    """Return in what mode a reading is read, how far it is, and that it is an addendum where it is one."""
    state = told(reading.state.caption)
    if reading.supersedes is not None:
        state = tr("addendum, {state}", state=state)
    return f"{told(reading.mode.caption)} · {state}"
