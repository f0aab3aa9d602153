"""The real program, read by a robot that presses keys at random and is killed at any instant.

It runs `app.main.run_workstation` as ``lvp`` does. What it tells the driver goes through a pipe: a line
``mark`` once the saved mark was painted, and a line when a journal write, a signing or a migration
begins, so that the driver can kill at that instant. Nothing of the program is changed but for these
lines.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROGRAM_ARGUMENTS = 4


def tell(pipe: int, *words: object) -> None:
    """Write one line into the pipe, with the time; the kernel keeps it whatever happens to this process."""
    line = " ".join(str(word) for word in (*words, time.monotonic_ns()))
    os.write(pipe, f"{line}\n".encode())


def announce(pipe: int, name: str, module: Any, function: str) -> None:
    """Say when a function of the program begins and when it has ended."""
    whole: Callable[..., Any] = getattr(module, function)

    def told(*arguments: Any, **options: Any) -> Any:
        tell(pipe, f"{name}-begins")
        try:
            return whole(*arguments, **options)
        finally:
            tell(pipe, f"{name}-ended")

    setattr(module, function, told)


def run(study: Path, pipe: int, seed: int, sign_after: int) -> int:
    """Open the study and read it until killed."""
    from alembic import command
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from lvp_workstation.app import main, reading_controller
    from lvp_workstation.store import repositories
    from tests.prove.kill_robot import Robot

    announce(pipe, "journal", repositories, "append_record")
    announce(pipe, "signing", reading_controller, "sign_reading")
    announce(pipe, "migration", command, "upgrade")
    application = QApplication(sys.argv[:1])
    robot = Robot(lambda *words: tell(pipe, *words), random.Random(seed), sign_after, application)
    QTimer.singleShot(0, robot.begin)
    tell(pipe, "started")
    return main.run_workstation([study])


def arguments(words: list[str]) -> tuple[Path, int, int, int]:
    """Return study, pipe, seed and after how many edits to sign (0: never)."""
    study, pipe, seed, sign_after = words
    return Path(study), int(pipe), int(seed), int(sign_after)


if __name__ == "__main__":
    sys.exit(run(*arguments(sys.argv[1:])))
