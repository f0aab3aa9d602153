"""What a reader does to measure, correct, grade and report for the rows of ``docs/features.md``."""

from __future__ import annotations

import json
import subprocess

from lvp_workstation.domain.findings import FindingStatus
from lvp_workstation.domain.reader_marks import ReaderMark
from lvp_workstation.domain.reading import Reading
from tests.tools.feature_checks import AXIAL, CHECKS, FINDINGS, IMAGES, SAG_T1, SAG_T2, check
from tests.tools.real_window import Box, NotSeen, RealWindow

CORNER: Box = (0.360, 0.036, 0.3755, 0.055)
"""Upper right corner of the first image."""
__all__ = ["CHECKS"]


def new_mark(window: RealWindow, before: Reading, *shapes: str) -> ReaderMark:
    """Return the measurement that was not there before."""

    def found(reading: Reading) -> ReaderMark | None:
        new = [mark for key, mark in reading.marks.items() if key not in before.marks]
        return new[0] if new and new[0].shape.value in shapes else None

    return window.kept(f"a stored {' or '.join(shapes)}", found)


@check
def measuring(window: RealWindow) -> str:
    """Distance, angle and ellipse are drawn and kept with their values."""
    before = window.reading()
    window.keys("d")
    window.drag(SAG_T2, (0.3, 0.75), (0.45, 0.8), (0.5, 0.85))
    length = new_mark(window, before, "distance")
    before = window.reading()
    window.keys("r")
    window.drag(SAG_T2, (0.3, 0.5), (0.35, 0.55), (0.4, 0.6))
    region = new_mark(window, before, "ellipse")
    before = window.reading()
    window.keys("a")
    window.drag(SAG_T2, (0.2, 0.3), (0.3, 0.3), (0.35, 0.3))
    window.clicks(SAG_T2, (0.33, 0.42))
    angle = new_mark(window, before, "angle")
    window.keys("w")
    signal = f"mean {region.signal.mean:.0f}" if region.signal is not None else "no signal"
    return (
        f"{length.shape.value}, {region.shape.value} ({signal}) and {angle.shape.value} stand in the reading"
    )


@check
def cobb(window: RealWindow) -> str:
    """Shift+A: two lines give a Cobb angle."""
    before = window.reading()
    window.keys("shift+a")
    window.drag(SAG_T2, (0.35, 0.2), (0.45, 0.2), (0.55, 0.21))
    window.drag(SAG_T2, (0.35, 0.6), (0.45, 0.62), (0.55, 0.65))
    new_mark(window, before, "cobb")
    window.keys("w")
    return "a Cobb angle stands in the reading"


@check
def undo(window: RealWindow) -> str:
    """Ctrl+Z takes the last measurement away, Ctrl+Y brings it back, both in the database."""
    count = len(window.reading().marks)
    window.keys("ctrl+z")
    window.kept("one measurement less", lambda reading: len(reading.marks) == count - 1)
    window.keys("ctrl+y")
    window.kept("the measurement again", lambda reading: len(reading.marks) == count)
    return f"{count} → {count - 1} → {count} measurements stored"


@check
def key_image(window: RealWindow) -> str:
    """K marks the slice, and the list of measurements names it."""
    before = window.screen()
    window.keys("k")
    words = window.see_change(before, CORNER, 0.01, "mark of a key image")
    window.keys("m")
    window.dialog("Measurements and key images")
    return words


@check
def copy_image(window: RealWindow) -> str:
    """Ctrl+C puts the image into the clipboard, where another program finds it."""
    window.keys("ctrl+c")
    width, height = window.clipboard_size()
    return f"an image of {width} x {height} pixels is in the clipboard"


@check
def level_names(window: RealWindow) -> str:
    """Shifting the labels renames the levels in every plane, grid and reading; undo takes it back."""
    first = window.reading().level_map
    before = window.screen()
    window.keys("ctrl+Up")
    window.kept("other names", lambda reading: reading.level_map != first)
    places = {"sagittal T2": SAG_T2, "sagittal T1": SAG_T1, "axial": AXIAL, "grid": FINDINGS}
    words = [window.see_change(before, box, 0.0001, name) for name, box in places.items()]
    window.keys("ctrl+z")
    window.kept("the first names", lambda reading: reading.level_map == first)
    return "; ".join(words)


@check
def peek(window: RealWindow) -> str:
    """Held Space hides everything of the AI; it is back when the key is let go."""
    before = window.screen()
    with window.held("space"):
        words = window.see_change(before, SAG_T2, 0.01, "hidden while held")
    window.see_back(before, SAG_T2, 0.005, "the overlay again")
    return words


@check
def worklist(window: RealWindow) -> str:
    """F2 shows the worklist in the place of the images, F3 the images again."""
    before = window.screen()
    window.keys("F2")
    words = window.see_change(before, IMAGES, 0.30, "the worklist")
    window.keys("F3")
    window.see_back(before, IMAGES, 0.05, "the images again")
    return words


@check
def accept_and_reject(window: RealWindow) -> str:
    """In the findings grid Return accepts a grade of the AI, X rejects one; both are recorded beside it."""
    window.keys("g", "Home", "Return", "Right", "x", "Escape")

    def statuses(reading: Reading) -> set[FindingStatus]:
        return {finding.status for finding in reading.findings.values()}

    window.kept("an acceptance", lambda reading: FindingStatus.ACCEPTED in statuses(reading))
    window.kept("a rejection", lambda reading: FindingStatus.REJECTED in statuses(reading))
    return "accepted and rejected stand in the reading beside what the AI proposed"


@check
def analysis(window: RealWindow) -> str:
    """The analysis ran by itself beside the window; its outlines and grades belong to the reading."""
    reading = window.reading()
    if not reading.labels_sha256 or not any(f.proposal for f in reading.findings.values()):
        raise NotSeen("no result of the analysis in the reading")
    return f"{len(reading.levels)} levels, outlines {reading.labels_sha256[:8]}"


@check
def segmentation(window: RealWindow) -> str:
    """A stroke of the brush changes the outlines of the reading."""
    window.keys("Home", *["Down"] * 7, "b")
    first = window.reading().labels_sha256
    window.drag(SAG_T2, (0.42, 0.45), (0.44, 0.40), (0.47, 0.38))
    window.kept("other outlines", lambda reading: reading.labels_sha256 != first)
    window.keys("ctrl+z", "w")
    window.kept("the first outlines", lambda reading: reading.labels_sha256 == first)
    return "a stroke was kept and undone"


@check
def own_window(window: RealWindow) -> str:
    """Ctrl+F11 puts the findings into a window of their own, and takes them back."""

    def windows() -> int:
        command = ["xdotool", "search", "--onlyvisible", "--name", "."]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return len(found.split())

    before = windows()
    window.keys("ctrl+F11")
    window.soon("one window more", lambda: windows() > before)
    subprocess.run(["xdotool", "windowactivate", "--sync", window.window], check=False)
    window.keys("ctrl+F11")
    window.soon("one window again", lambda: windows() == before)
    return "one window more, and back"


@check
def keys_and_mouse(window: RealWindow) -> str:
    """F1 shows every key for changing; a mouse map chosen by the command palette is kept in the settings."""
    window.keys("F1")
    window.dialog("Key map")
    window.keys("Escape", "ctrl+k")
    window.dialog("Commands")
    window.type("stack scroll")
    window.keys("Return")
    settings = window.home / "lvp_workstation" / "settings.json"
    window.soon("the mouse map", lambda: json.loads(settings.read_text())["mouse_profile"] == "stack_scroll")
    before = window.screen()
    window.drag(SAG_T2, (0.8, 0.5), (0.8, 0.6), (0.8, 0.7))
    words = window.see_change(before, SAG_T2, 0.02, "left drag now pages")
    window.keys("ctrl+k")
    window.dialog("Commands")
    window.type("mouse: default")
    window.keys("Return")
    return words


@check
def report_as_pdf(window: RealWindow) -> str:
    """Signing writes the report as a PDF into the folder of signed reports."""
    window.keys("c", "ctrl+shift+s")
    window.dialog("Sign")
    window.keys("Return")
    window.kept("the signature", lambda reading: reading.state.signed)
    found = window.soon("the PDF", lambda: sorted((window.data / "reports").rglob("*.pdf")))
    return f"{found[0].name}, {found[0].stat().st_size // 1024} kB"


@check
def killed(window: RealWindow) -> str:
    """The program is killed; the next start brings the same reading back."""
    before = window.reading()
    window.kill()
    window.start("demo")
    after = window.reading()
    if (after.marks, after.findings, after.labels_sha256) != (
        before.marks,
        before.findings,
        before.labels_sha256,
    ):
        raise NotSeen("the reading is not what it was")
    return f"{len(after.marks)} measurements and every grade as before"
