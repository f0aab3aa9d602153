"""Start the workstation: one application, one context, one window."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from lvp_workstation.app.context import AppContext
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.people_actions import TITLE
from lvp_workstation.app.responsive import keep_responsive
from lvp_workstation.app.session_keeper import SessionKeeper
from lvp_workstation.app.settings import data_folder, load_settings, settings_file
from lvp_workstation.app.theme import apply_theme
from lvp_workstation.app.warm_up import WarmUp
from lvp_workstation.app.window_place import opens_maximised
from lvp_workstation.viewer.language import tr, use_language

log = logging.getLogger(__name__)
NONE_REFERENCES_PER_CALL = 0.5
DRIFT_CALLS = 2000


def none_references_drift() -> float:
    """Return how many references to None a Qt call that returns None costs.

    PySide6 6.12 on CPython 3.11 loses one each time and aborts after a few thousand calls.
    """
    application = QApplication.instance()
    if application is None:
        return 0.0
    before = sys.getrefcount(None)
    for _ in range(DRIFT_CALLS):
        application.setProperty("lvp_drift", 0)
        application.setObjectName("lvp")
    return (sys.getrefcount(None) - before) / DRIFT_CALLS


def run_workstation(paths: Sequence[Path]) -> int:
    """Open the window, on studies when paths are given; return when it is closed."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("LVP Workstation")
    if none_references_drift() < -NONE_REFERENCES_PER_CALL:
        text = "This PySide6 version is broken on Python 3.11; install PySide6-Essentials below 6.12."
        QMessageBox.critical(None, TITLE, text)
        return 1
    context = AppContext(load_settings(settings_file()), settings_file(), data_folder())
    context.start()
    session = SessionKeeper(data_folder(), context)
    station = Workstation(application, context, session)
    window = station.window
    sys.excepthook = _report_bugs(station)
    keep_responsive()
    window.showMaximized() if opens_maximised(context.settings.window) else window.show()
    WarmUp(window)
    station.begin(paths)
    code = application.exec()
    session.end()
    context.close()
    return code


class Workstation(QObject):
    """Holds the window, and puts another in its place when a setting changes every widget of it."""

    def __init__(self, application: QApplication, context: AppContext, session: SessionKeeper) -> None:
        super().__init__()
        self._application, self._context, self._session = application, context, session
        self.window = self._made()

    def _made(self) -> MainWindow:
        settings = self._context.settings
        apply_theme(self._application, settings.letters_percent)
        use_language(self._application, settings.language)
        window = MainWindow(self._context)
        window.studies.opening.connect(self._session.begin)
        window.rebuild_requested.connect(self.rebuild, Qt.ConnectionType.QueuedConnection)
        window.left.connect(self.start_over, Qt.ConnectionType.QueuedConnection)
        return window

    def begin(self, paths: Sequence[Path]) -> None:
        """Let somebody in; open the paths, or show the worklist and offer what a crash left open."""
        window = self.window
        if paths:
            window.open_paths(paths)
        else:
            window.pages.show_worklist()
            window.gate.opened.connect(self._offer, Qt.ConnectionType.SingleShotConnection)
        window.gate.start()
        window.pre_reads.start()

    def _offer(self) -> None:
        self.window.show_worklist()
        self._session.offer(self.window.open_paths, self.window)

    def start_over(self) -> None:
        """Open a window without a study: whoever worked has left."""
        self._replace()
        self._context.forget_volumes()
        self._session.end()
        self.begin(())

    def rebuild(self) -> None:
        """Close the window, which keeps everything, and open another one on the same study."""
        opened, study = self.window.studies.opened, self.window.studies.study
        at_worklist = not self.window.pages.reading_shown
        self._replace()
        self.window.gate.start()
        self.window.pre_reads.start()
        if at_worklist:
            self.window.show_worklist()
        else:
            self.window.show_images()  # with the keyboard: without a focus no shortcut works
        if study is not None:
            self.window.studies.show_opened(opened, study)

    def _replace(self) -> None:
        """Close the window and open another one in its place."""
        before, quits = self.window, self._application.quitOnLastWindowClosed()
        self._application.setQuitOnLastWindowClosed(False)
        before.close()
        before.deleteLater()
        self.window = self._made()
        self.window.setWindowState(before.windowState())
        self.window.show()
        self._application.setQuitOnLastWindowClosed(quits)


def _report_bugs(station: Workstation):  # type: ignore[no-untyped-def]
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("internal error", exc_info=(kind, error, trace))
        station.window.show_problem(tr("An internal error happened; your work so far is kept. See the log."))

    return hook
