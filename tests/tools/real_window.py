"""The real program in a window of its own, with keys, a mouse and eyes."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lvp_workstation.app.settings import Settings
from lvp_workstation.domain.reading import Reading, ReadingMode
from tests.tools.program import Program, asked_again

T = TypeVar("T")
PATIENCE_S = 15.0
"""How long what follows a key may take on a busy machine."""
PAUSE_S = 0.25
DIFFERS = 24
"""Grey levels by which a pixel must change to count."""
CLIPBOARD = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
window = QWidget()
window.show()
def tell():
    size = app.clipboard().image().size()
    print(size.width(), size.height())
    app.quit()
QTimer.singleShot(1500, tell)
app.exec()
"""
"""A program that tells the size of the image in the clipboard, 0 0 without one."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the screen."""


class NotSeen(Exception):
    """What should have happened did not."""


def part_of(picture: NDArray[np.int16], box: Box) -> NDArray[np.int16]:
    """Return the part of a picture of the screen that lies in a box."""
    height, width = picture.shape[:2]
    left, top, right, bottom = box
    return picture[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]


class RealWindow(Program):
    """The program on the demo study with an empty data folder; the AI is shown at once (mode concurrent)."""

    def __init__(self, home: Path, screens: Path | None) -> None:
        super().__init__(home, Settings(reader="rows", mode=ReadingMode.CONCURRENT.value, language="en"))
        self._screens = screens

    def __enter__(self) -> RealWindow:
        self.start("demo")
        self.analysed()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    # -- hands --------------------------------------------------------------------------

    def rest(self) -> None:
        """Give the keyboard back to the images of the main window, whatever is open."""
        for _ in range(3):
            if self.title_in_front() and self.front() != self.window:
                self.keys("Escape")
        subprocess.run(["xdotool", "windowactivate", "--sync", self.window], check=False)
        self.keys("v")

    def keys(self, *keys: str) -> None:
        """Press keys one after the other in the window in front."""
        for key in keys:
            subprocess.run(["xdotool", "key", key], check=True)
            time.sleep(PAUSE_S)

    def type(self, text: str) -> None:
        """Type words."""
        subprocess.run(["xdotool", "type", "--delay", "40", text], check=True)
        time.sleep(PAUSE_S)

    def mouse(self, box: Box, *steps: str, x: float = 0.5, y: float = 0.5) -> None:
        """Put the mouse at a share of a box, then run further ``xdotool`` steps."""
        at = self._pixel(box, x, y)
        subprocess.run(["xdotool", "mousemove", *at, "sleep", "0.1", *" ".join(steps).split()], check=True)
        time.sleep(PAUSE_S)

    def drag(self, box: Box, *places: tuple[float, float], button: int = 1) -> None:
        """Drag from the first place through the others; places are shares of the box."""
        first, *others = (self._pixel(box, x, y) for x, y in places)
        steps = ["mousemove", *first, "sleep", "0.1", "mousedown", str(button), "sleep", "0.1"]
        for at in others:
            steps += ["mousemove", *at, "sleep", "0.1"]
        subprocess.run(["xdotool", *steps, "mouseup", str(button)], check=True)
        time.sleep(PAUSE_S)

    def clicks(self, box: Box, *places: tuple[float, float]) -> None:
        """Click at places, shares of the box."""
        for x, y in places:
            self.mouse(box, "click 1", x=x, y=y)

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """Hold a key down."""
        subprocess.run(["xdotool", "keydown", key], check=True)
        try:
            time.sleep(PAUSE_S)
            yield
        finally:
            subprocess.run(["xdotool", "keyup", key], check=True)

    def _pixel(self, box: Box, x: float, y: float) -> tuple[str, str]:
        height, width = self._size
        left, top, right, bottom = box
        return str(int((left + x * (right - left)) * width)), str(int((top + y * (bottom - top)) * height))

    # -- eyes ---------------------------------------------------------------------------

    def screen(self) -> NDArray[np.int16]:
        """Return the screen, rows x columns x RGB."""
        raw = subprocess.run(
            ["import", "-silent", "-window", "root", "png:-"], check=True, capture_output=True
        )
        return np.asarray(Image.open(io.BytesIO(raw.stdout)).convert("RGB"), dtype=np.int16)

    @cached_property
    def _size(self) -> tuple[int, int]:
        """Rows and columns of the screen."""
        rows, columns = self.screen().shape[:2]
        return rows, columns

    def picture(self, name: str) -> None:
        """Keep what the screen shows."""
        if self._screens is not None:
            self._screens.mkdir(parents=True, exist_ok=True)
            Image.fromarray(self.screen().astype(np.uint8)).save(self._screens / f"{name}.png")

    def changed(self, before: NDArray[np.int16], box: Box) -> float:
        """Return the share of the pixels of a box that are not what they were."""
        difference = np.abs(part_of(self.screen(), box) - part_of(before, box))
        return float((difference.max(axis=-1) > DIFFERS).mean())

    def see_change(self, before: NDArray[np.int16], box: Box, share: float, what: str) -> str:
        """Return in words how much of a box changed; fail when it stays below a share."""
        found = self.soon(what, lambda: self._at_least(before, box, share))
        return f"{what}: {found:.1%} of the pixels changed"

    def see_back(self, before: NDArray[np.int16], box: Box, share: float, what: str) -> None:
        """Wait until less than a share of a box differs from what it was."""
        self.soon(what, lambda: self.changed(before, box) < share)

    def _at_least(self, before: NDArray[np.int16], box: Box, share: float) -> float:
        found = self.changed(before, box)
        return found if found >= share else 0.0

    def soon(self, what: str, found: Callable[[], T | None]) -> T:
        """Return what a function finds, asked again for a while."""
        answer = asked_again(found, PATIENCE_S, 0.3)
        if answer is None:
            raise NotSeen(f"{what}: not within {PATIENCE_S:.0f} s")
        return answer

    def front(self) -> str:
        """Return the number of the window in front."""
        found = subprocess.run(["xdotool", "getactivewindow"], capture_output=True, text=True, check=False)
        return found.stdout.strip()

    def title_in_front(self) -> str:
        """Return the title of the window in front."""
        command = ["xdotool", "getactivewindow", "getwindowname"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def dialog(self, words: str) -> str:
        """Wait for a window whose title holds words, and return the title."""

        def found() -> str:
            title = self.title_in_front()
            return title if words in title else ""

        return self.soon(f"a window “{words}”", found)

    def clipboard_size(self) -> tuple[int, int]:
        """Return width and height of the image that another program finds in the clipboard."""
        found = subprocess.run(
            [sys.executable, "-c", CLIPBOARD], capture_output=True, text=True, check=False, timeout=60
        )
        width, height = (int(number) for number in found.stdout.split())
        if not width:
            raise NotSeen("no image in the clipboard")
        return width, height

    # -- what was kept ------------------------------------------------------------------

    def reading(self) -> Reading:
        """Return the stored reading."""
        return self.soon("the reading", self.stored)

    def kept(self, what: str, holds: Callable[[Reading], T | None]) -> T:
        """Wait until the stored reading holds something, and return it."""
        return self.soon(what, lambda: holds(self.reading()))
