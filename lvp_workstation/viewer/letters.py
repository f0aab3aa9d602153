"""How large letters are, and with them everything that must hold letters.

The size is that of the application's font, which the theme sets from the user's settings; widgets ask for it
when they are built or painted.
"""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

USUAL_PIXELS = 12
"""Size of letters at 100 % (our choice)."""
SCREEN_SHARE = 0.9
"""Most of a screen that a dialog takes (our choice)."""


def letter_scale() -> float:
    """Return the size of letters as a factor; 1 where no theme was applied."""
    pixels = QGuiApplication.font().pixelSize() if QGuiApplication.instance() is not None else -1
    return pixels / USUAL_PIXELS if pixels > 0 else 1.0


def scaled(pixels: float) -> int:
    """Return a length that was chosen for letters of 100 % as it must be now."""
    return round(pixels * letter_scale())


def comfortable(dialog: QWidget, width: int, height: int) -> None:
    """Give a dialog a size chosen for letters of 100 %, grown with them as far as the screen has room."""
    room = dialog.screen().availableSize() * SCREEN_SHARE
    dialog.resize(min(scaled(width), room.width()), min(scaled(height), room.height()))
