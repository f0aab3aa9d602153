"""``lvp console``: the window at the scanner, its receivers, and the log of decisions."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from lvp_workstation.app.console.feed import ConsoleFeed
from lvp_workstation.app.console.window import ConsoleWindow
from lvp_workstation.app.context import AppContext
from lvp_workstation.app.responsive import keep_responsive
from lvp_workstation.app.scanner_command import gateway_settings, make_judge
from lvp_workstation.app.settings import data_folder, load_settings, settings_file
from lvp_workstation.app.theme import apply_theme
from lvp_workstation.services.acquisition.gateway_process import GatewayProcess
from lvp_workstation.viewer.language import use_language

ANSWER_S = 1800.0
"""A scanner that waits for planes is kept so long: a person looks at them (our choice)."""


def run_console(options: argparse.Namespace) -> int:
    """Open the console and return when it is closed."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("LVP Workstation")
    apply_theme(application)
    settings = load_settings(settings_file())
    use_language(application, settings.language)
    context = AppContext(settings, settings_file(), data_folder())
    judge = partial(make_judge, options.protocol, data_folder(), options.threads)
    doors = gateway_settings(options, hold=True, answer_s=ANSWER_S)
    feed = ConsoleFeed(lambda told: GatewayProcess(judge, doors, told))
    window = ConsoleWindow(feed, context.decision_log, options.who or settings.reader)
    keep_responsive()
    window.showMaximized()
    code = application.exec()
    context.close()
    return code
