"""The technologist's window: composes images, lights, stacks and buttons, and carries out what is asked."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app import theme
from lvp_workstation.app.console.decision_writer import DecisionWriter, OpenLog
from lvp_workstation.app.console.feed import ConsoleFeed, Prepared
from lvp_workstation.app.console.keys import ACTIONS, ConsoleAction
from lvp_workstation.app.console.model import FINE, MOVE_MM, TURN_DEG, ConsoleModel, Records
from lvp_workstation.app.console.pictures import ConsolePictures, series_frame
from lvp_workstation.app.console.widgets import LARGE, MIDDLE, SMALL, Light, SenderNotes, StackList, label
from lvp_workstation.app.console.words import stack_name
from lvp_workstation.app.task_runner import TaskRunner
from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.planning.canal import CanalCover
from lvp_workstation.planning.review import PlanReview
from lvp_workstation.planning.stack import AXIAL, SAGITTAL
from lvp_workstation.planning.suggest import Suggestion
from lvp_workstation.services.acquisition.news import Arrived, Broken, Doors, Happened
from lvp_workstation.services.acquisition.room import Event
from lvp_workstation.viewer.captions import patient_name
from lvp_workstation.viewer.language import told, tr
from lvp_workstation.viewer.render_scheduler import RenderScheduler

PANEL_WIDTH = 520
BUTTON_HEIGHT, SEND_HEIGHT = 68, 92
"""Heights in pixels (our choice: 18 and 25 mm on a screen of 0.27 mm pixels)."""
UPWARD = (1.0, 0.1, 1.0)
"""LPS direction that the key "up" means: to the left for sagittal slices, to the head for axial ones."""
WAITING = "Waiting for the scanner"
NOT_KEPT = "Nothing was sent, because the decision could not be logged."


class ConsoleWindow(QMainWindow):
    """One window at the scanner.

    Parameters
    ----------
    feed
        News of the receivers.
    open_log
        Opens the log of decisions; called on the worker of the database.
    who
        Who decides, for the log.
    """

    def __init__(self, feed: ConsoleFeed, open_log: OpenLog, who: str) -> None:
        super().__init__()
        self.model = ConsoleModel()
        self.runner = TaskRunner(self)
        self._feed = feed
        self._log = DecisionWriter(self.runner, open_log, who, lambda error: self._trouble(str(error)))
        self._scheduler = RenderScheduler(parent=self)
        self.setWindowTitle(tr("Scanner console · LVP Workstation"))
        self._build()
        self._make_keys()
        feed.told.connect(self.take)
        self._show_all()

    # -- building -----------------------------------------------------------------------

    def _build(self) -> None:
        self.pictures = ConsolePictures(self._scheduler)
        self.coverage, self.quality = Light(tr("COVERAGE")), Light(tr("QUALITY"))
        self.stacks, self.notes = StackList(), SenderNotes()
        self.patient, self.state = label(LARGE), label(MIDDLE)
        self.next_series, self.canal = label(SMALL, bold=False), label(SMALL, bold=False)
        self.doors = label(SMALL, bold=False)
        self.state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.doors.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._buttons = {a.handler: self._button(a) for a in ACTIONS if a.button}
        head = QHBoxLayout()
        for part, stretch in ((self.patient, 3), (self.state, 4), (self.doors, 3)):
            head.addWidget(part, stretch)
        middle = QHBoxLayout()
        middle.addWidget(self.pictures, 1)
        middle.addWidget(self._panel())
        whole = QVBoxLayout()
        whole.addLayout(head)
        whole.addLayout(middle, 1)
        whole.addWidget(self.notes)
        body = QWidget()
        body.setLayout(whole)
        self.setCentralWidget(body)
        for view in (self.pictures.sagittal, self.pictures.coronal):
            view.stack_chosen.connect(self.choose)
            view.stack_moved.connect(self.move_stack)
            view.stack_turned.connect(self.turn_stack)
        self.stacks.stack_chosen.connect(self.choose)

    def _panel(self) -> QWidget:
        panel = QWidget()
        panel.setFixedWidth(PANEL_WIDTH)
        column = QVBoxLayout(panel)
        column.setContentsMargins(6, 0, 0, 0)
        for part in (self.coverage, self.quality, self.next_series):
            column.addWidget(part)
        column.addWidget(self.stacks, 1)
        column.addWidget(self.canal)
        grid = QGridLayout()
        for number, handler in enumerate(("accept", "reject", "accept_all", "reset")):
            grid.addWidget(self._buttons[handler], number // 2, number % 2)
        column.addLayout(grid)
        column.addWidget(self._buttons["send"])
        return panel

    def _button(self, action: ConsoleAction) -> QPushButton:
        button = QPushButton(f"{tr(action.button)}   {action.keys[0]}")
        large = action.handler == "send"
        button.setMinimumHeight(SEND_HEIGHT if large else BUTTON_HEIGHT)
        button.setStyleSheet(f"font-size: {LARGE if large else MIDDLE}px; font-weight: bold;")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(tr(action.title))
        button.clicked.connect(getattr(self, action.handler))
        return button

    def _make_keys(self) -> None:
        for action in ACTIONS:
            for key in action.keys:
                QShortcut(QKeySequence(key), self).activated.connect(getattr(self, action.handler))

    # -- news ---------------------------------------------------------------------------

    def take(self, news: object) -> None:
        """Take what the receivers told."""
        if isinstance(news, Prepared):
            self._log.write(self.model.take_judged(news.news))
            self.pictures.show_judged(news)
            self._show_all()
        elif isinstance(news, Arrived):
            self.model.take_arrived(news)
            self.pictures.show_slice(news.one, self._middle())
            self._show_head()
            self._show_plan()
        elif isinstance(news, Happened) and self.model.take_event(news.event):
            self._show_notes()
        elif isinstance(news, Doors):
            self.model.doors = news.open
            self._show_head()
        elif isinstance(news, Broken):
            self.model.broken = news.text
            self._show_head()
            self._show_notes()

    def _middle(self) -> Plane | None:
        stack = next((s.final for s in self.model.review.stacks if s.proposal.kind == SAGITTAL), None)
        return None if stack is None or stack.centre is None else stack.plane

    # -- intents ------------------------------------------------------------------------

    def choose(self, name: str) -> None:
        """Select a stack."""
        self.model.choose(name)
        self._show_stacks()

    def next_stack(self) -> None:
        """Select the next stack."""
        self.model.step(1)
        self._show_stacks()

    def previous_stack(self) -> None:
        """Select the stack before."""
        self.model.step(-1)
        self._show_stacks()

    def accept(self) -> None:
        """Accept the selected stack."""
        self._changed(self.model.accept())

    def reject(self) -> None:
        """Reject the selected stack."""
        self._changed(self.model.reject())

    def accept_all(self) -> None:
        """Accept what is open."""
        self._changed(self.model.accept_all())

    def reset(self) -> None:
        """Put the selected stack back to its proposal."""
        self._changed(self.model.reset())

    def move_stack(self, name: str, by_mm: Array) -> None:
        """Move a stack by an LPS vector."""
        self.model.move(name, by_mm)
        self._show_stacks()

    def turn_stack(self, name: str, axis: Array, degrees: float) -> None:
        """Turn a stack about its middle."""
        self.model.turn(name, axis, degrees)
        self._show_stacks()

    def send(self) -> None:
        """Log the final planes, then send them."""
        sending = self.model.sending()
        if sending is None:
            return
        release, records = sending
        self.model.sent = True

        def written() -> None:
            self._feed.gateway.release(release.key, release.series, release.stacks)

        def failed(error: Exception) -> None:
            self.model.sent = False
            self._trouble(f"{NOT_KEPT} {error}")
            self._show_all()

        self._log.write(records, written, failed)
        self._show_all()

    def move_up(self) -> None:
        """Move the selected stack towards the head, or to the left."""
        self._nudge(MOVE_MM)

    def move_down(self) -> None:
        """Move it towards the feet, or to the right."""
        self._nudge(-MOVE_MM)

    def move_up_little(self) -> None:
        """Move it up a little."""
        self._nudge(MOVE_MM * FINE)

    def move_down_little(self) -> None:
        """Move it down a little."""
        self._nudge(-MOVE_MM * FINE)

    def turn_left(self) -> None:
        """Turn the selected stack against the clock in the view that shows it."""
        self._tilt(-TURN_DEG)

    def turn_right(self) -> None:
        """Turn it with the clock."""
        self._tilt(TURN_DEG)

    def turn_left_little(self) -> None:
        """Turn it a little against the clock."""
        self._tilt(-TURN_DEG * FINE)

    def turn_right_little(self) -> None:
        """Turn it a little with the clock."""
        self._tilt(TURN_DEG * FINE)

    def show_keys(self) -> None:
        """Tell every key."""
        lines = [f"{', '.join(a.keys)}: {tr(a.title)}" for a in ACTIONS]
        box = QMessageBox(self)
        box.setWindowTitle(tr("Keys of the console"))
        box.setText("\n".join(lines))
        box.setWindowModality(Qt.WindowModality.NonModal)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.show()

    def _nudge(self, mm: float) -> None:
        chosen = self.model.chosen
        if chosen is None:
            return
        normal = chosen.final.normal
        upward = normal if float(normal @ UPWARD) >= 0 else -normal
        self.move_stack(chosen.name, mm * upward)

    def _tilt(self, degrees: float) -> None:
        chosen = self.model.chosen
        if chosen is None:
            return
        sideways = chosen.proposal.kind == SAGITTAL
        view = (self.pictures.coronal if sideways else self.pictures.sagittal).view()
        if view is not None:
            self.turn_stack(chosen.name, view.normal, degrees)

    def _changed(self, records: Records) -> None:
        self._log.write(records)
        self._show_stacks()

    def _trouble(self, text: str) -> None:
        self.model.take_event(Event(0.0, "failed", text, time.time()))
        self._show_notes()

    # -- showing ------------------------------------------------------------------------

    def _show_all(self) -> None:
        coverage, quality = self.model.lamps()
        self.coverage.show_lamp(coverage)
        self.quality.show_lamp(quality)
        outcome = self.model.outcome
        suggested = outcome.suggestions if outcome is not None else ()
        self.next_series.setText(
            ""
            if not suggested
            else tr(
                "Next: {series} ({because})", series=_series(suggested[0]), because=told(suggested[0].because)
            )
        )
        self._show_head()
        self._show_stacks()
        self._show_notes()

    def _show_head(self) -> None:
        model = self.model
        one = model.arriving.one if model.arriving else None
        if one is None and model.outcome is not None and model.outcome.stack.slices:
            one = model.outcome.stack.slices[0]
        who = f"{patient_name(one.patient.name)}   {one.patient.patient_id}".strip() if one else ""
        self.patient.setText(who)
        self.state.setText(self._state_words())
        doors = "   ".join(f"{name} {port}" for name, port in model.doors)
        self.doors.setText("" if model.broken else doors)

    def _state_words(self) -> str:
        model = self.model
        if model.broken:
            return tr("NOT RECEIVING")
        if model.arriving is not None:
            of = f" / {model.arriving.expected}" if model.arriving.expected else ""
            return f"{model.arriving.title}   {model.arriving.count}{of}"
        if model.sent:
            return tr("Planes sent")
        if model.review.open_names:
            return tr("{count} planes to decide", count=len(model.review.open_names))
        if model.can_send:
            return tr("Ready to send")
        return tr(WAITING)

    def _show_stacks(self) -> None:
        model = self.model
        self.stacks.show_stacks(model.rows, model.selected, self._levels())
        free = model.planned is not None and not model.sent
        for handler, button in self._buttons.items():
            button.setEnabled(free if handler != "send" else model.can_send)
        send = theme.OK.darker(150).name() if model.can_send else theme.RAISED.name()
        self._buttons["send"].setStyleSheet(f"font-size: {LARGE}px; font-weight: bold; background: {send};")
        self.state.setText(self._state_words())
        self._show_plan()

    def _show_plan(self) -> None:
        model = self.model
        planned = model.planned
        same = planned is not None and self.pictures.frame_uid == series_frame(planned)
        cover = model.cover() if same else None
        review = model.review if same else PlanReview(())
        names = {s.name: stack_name(s, self._levels().get(s.name, "")) for s in review.stacks}
        self.pictures.show_plan(review, model.selected, names, cover)
        self.canal.setText(self._remark(cover))

    def _remark(self, cover: CanalCover | None) -> str:
        """Return why the selected stack has no proposal, else what of the canal no slice shows."""
        chosen = self.model.chosen
        if chosen is not None and chosen.proposal.declined:
            return told(chosen.proposal.declined)
        if cover is None or not cover.unimaged:
            return ""
        return tr(
            "{missing} of {whole} mm of canal L3-S1 unimaged: the continuous stack is offered.",
            missing=f"{cover.unimaged_mm:.0f}",
            whole=f"{cover.length_mm:.0f}",
        )

    def _levels(self) -> dict[str, str]:
        found = self.model.planned.found if self.model.planned is not None else None
        if found is None:
            return {}
        axial = [s for s in self.model.review.stacks if s.proposal.kind == AXIAL and s.proposal.instance]
        return {s.name: found.levels.shown_name(s.proposal.instance) for s in axial}

    def _show_notes(self) -> None:
        self.notes.show_events(tuple(self.model.troubles), self.model.broken)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Shut the doors; decisions on their way to the log are still written."""
        self._feed.gateway.stop()
        self.runner.close()
        self.pictures.dispose()
        super().closeEvent(event)


def _series(suggestion: Suggestion) -> str:
    """Return what to scan next as it is written: the caption of a known kind of series, and where."""
    known = {role.value: role.caption for role in SeriesRole}
    where = f" {', '.join(suggestion.levels)}" if suggestion.levels else ""
    return f"{known.get(suggestion.series) or told(suggestion.series)}{where}"
