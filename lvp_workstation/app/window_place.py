"""Where the main window opens: as it was left where that screen still exists, always inside a screen.

A first start fills the screen: images are read as large as they can be.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QWidget

USUAL = (1640, 960)
"""Size of the window once a first start is no longer maximised, where there is room (our choice)."""

FRAME = 36
"""Height above the window that the title bar of a desktop may need, in logical pixels (our choice)."""

REACHABLE = 120
"""A window that was left with less than this on a screen is brought back to one (our choice)."""


def opening_place(kept: Sequence[int], screens: Sequence[QRect]) -> QRect:
    """Return the geometry of the window.

    Parameters
    ----------
    kept
        x, y, width and height as the window was left, see `place_of`; empty for a first start.
    screens
        The available rectangles of the screens there are now, the primary one first; at least one.
    """
    wanted = QRect(*kept[:4]) if len(kept) >= 4 else None
    home = next((screen for screen in screens if wanted and _reachable(wanted, screen)), screens[0])
    room = home.adjusted(0, min(FRAME, home.height() // 8), 0, 0)
    size = (wanted.width(), wanted.height()) if wanted is not None else USUAL
    width, height = min(size[0], room.width()), min(size[1], room.height())
    x, y = (wanted.x(), wanted.y()) if wanted is not None else (room.x(), room.y())
    x = max(room.left(), min(x, room.right() + 1 - width))
    y = max(room.top(), min(y, room.bottom() + 1 - height))
    return QRect(x, y, width, height)


def _reachable(window: QRect, screen: QRect) -> bool:
    shared = window.intersected(screen)
    return shared.width() >= min(REACHABLE, window.width()) and shared.height() >= min(
        REACHABLE, window.height()
    )


def place_window(window: QWidget, kept: Sequence[int]) -> None:
    """Give a window its place on the screens there are."""
    primary = QApplication.primaryScreen()
    screens = sorted(QApplication.screens(), key=lambda screen: screen is not primary)
    window.setGeometry(opening_place(kept, [screen.availableGeometry() for screen in screens]))


def opens_maximised(kept: Sequence[int]) -> bool:
    """Return whether the window was left maximised, or was never left."""
    return not kept or (len(kept) > 4 and kept[4] == 1)


def place_of(window: QWidget) -> list[int]:
    """Return where a window is, for `place_window`: x, y, width, height, and 1 when it is maximised."""
    now = window.normalGeometry() if window.isMaximized() or window.isFullScreen() else window.geometry()
    return [now.x(), now.y(), now.width(), now.height(), int(window.isMaximized())]
