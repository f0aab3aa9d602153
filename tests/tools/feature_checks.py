"""What a reader does to look at images, for ``docs/features.md``, and what must come of it on screen or disk.

Places are those of the hanging of a study with sagittal T2 and T1 and axial T2: four images, the sagittals
above, the axial and the computed plane below.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.tools.real_window import Box, NotSeen, RealWindow, part_of

Check = Callable[[RealWindow], str]
SAG_T2: Box = (0.0735, 0.06, 0.370, 0.49)
SAG_T1: Box = (0.380, 0.06, 0.675, 0.49)
AXIAL: Box = (0.0735, 0.52, 0.370, 0.95)
COMPUTED: Box = (0.380, 0.52, 0.675, 0.95)
IMAGES: Box = (0.0735, 0.06, 0.675, 0.95)
SERIES: Box = (0.0, 0.04, 0.07, 0.8)
FINDINGS: Box = (0.686, 0.06, 0.99, 0.35)
STATUS: Box = (0.0, 0.972, 0.30, 0.998)
STRIP: Box = (0.370, 0.16, 0.376, 0.38)
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Put a check into the table under the name of its function."""
    CHECKS[function.__name__] = function
    return function


@check
def lumbar_protocol(window: RealWindow) -> str:
    """Four images hang without a click, each of them with a picture in it."""
    screen = window.screen()
    for box in (SAG_T2, SAG_T1, AXIAL, COMPUTED):
        if (part_of(screen, box).max(axis=-1) > 60).mean() < 0.05:
            raise NotSeen("a viewport is empty")
    return "sagittal T2, sagittal T1, axial T2 and a computed plane hang after opening"


@check
def oblique(window: RealWindow) -> str:
    """Dragging an end of the line of the computed plane in the sagittal image turns the plane."""
    before = window.screen()
    end = (0.863, 0.486)
    window.drag(SAG_T2, end, (end[0], end[1] + 0.03), (end[0], end[1] + 0.10))
    words = window.see_change(before, COMPUTED, 0.005, "the turned plane")
    window.keys("shift+l")
    return words


@check
def viewed_slices(window: RealWindow) -> str:
    """Paging marks slices as seen beside the image and in the status bar."""
    before = window.screen()
    window.keys("Home", *["Down"] * 7)
    strip = window.see_change(before, STRIP, 0.02, "indicator beside the image")
    return f"{strip}; {window.see_change(before, STATUS, 0.0005, 'count in the status bar')}"


@check
def choose_protocol(window: RealWindow) -> str:
    """H offers the protocols; the chosen one hangs the images in another way."""
    before = window.screen()
    window.keys("h")
    window.dialog("Hanging protocol")
    window.keys("Down", "Return")
    words = window.see_change(before, IMAGES, 0.10, "another protocol")
    window.keys("h")
    window.dialog("Hanging protocol")
    window.keys("Up", "Return")
    window.see_back(before, IMAGES, 0.10, "the first protocol again")
    return words


@check
def save_layout(window: RealWindow) -> str:
    """Ctrl+H keeps what is on screen as a hanging protocol of one's own."""
    window.keys("ctrl+h")
    window.dialog("Save this layout")
    window.keys("ctrl+a")
    window.type("mine")
    window.keys("Return")
    folder = window.data / "hanging"
    found = window.soon("a file of the layout", lambda: sorted(folder.glob("*.json")))
    return f"{found[0].name} was written"


@check
def series_drag(window: RealWindow) -> str:
    """A series is dragged from the list into a viewport."""
    before = window.screen()
    from_list, to_image = (0.033, 0.25), ((SAG_T2[0] + SAG_T2[2]) / 2, (SAG_T2[1] + SAG_T2[3]) / 2)
    window.drag((0.0, 0.0, 1.0, 1.0), from_list, (0.06, 0.25), (0.15, 0.26), to_image, to_image)
    words = window.see_change(before, SAG_T2, 0.10, "the other series in the viewport")
    window.keys("v", "Left")
    window.see_back(before, SAG_T2, 0.10, "the first series again")
    return words


@check
def linked_position(window: RealWindow) -> str:
    """Shift and the mouse in the sagittal image take the axial to the slice of that place."""
    window.mouse(SAG_T2, x=0.5, y=0.75)
    before = window.screen()
    with window.held("shift"):
        window.mouse(SAG_T2, "mousemove_relative 0 -90", x=0.5, y=0.75)
        window.mouse(SAG_T2, "mousemove_relative 2 0", x=0.5, y=0.45)
        return window.see_change(before, AXIAL, 0.05, "the axial follows the place")


@check
def reference_lines(window: RealWindow) -> str:
    """Paging the axial moves its line in the sagittal images."""
    before = window.screen()
    window.mouse(AXIAL, "click 5")
    words = window.see_change(before, SAG_T1, 0.0002, "its line in the sagittal T1")
    window.mouse(AXIAL, "click 4")
    return words


@check
def level_jump(window: RealWindow) -> str:
    """The key of the next level takes axial and computed plane there."""
    window.keys(*["bracketright"] * 5)
    before = window.screen()
    window.keys("bracketright")
    axial = window.see_change(before, AXIAL, 0.03, "axial at another level")
    return f"{axial}; {window.see_change(before, COMPUTED, 0.005, 'computed plane')}"


@check
def slab(window: RealWindow) -> str:
    """Shift+T lays a slab over the slices, and says so."""
    before = window.screen()
    window.keys("shift+t")
    words = window.see_change(before, SAG_T2, 0.02, "maximum of a slab")
    window.keys("shift+t", "shift+t", "shift+t")
    window.see_back(before, SAG_T2, 0.01, "single slices again")
    return words


@check
def curved(window: RealWindow) -> str:
    """Alt+7 lays the series flat along the canal; then its slices come back."""
    before = window.screen()
    window.keys("alt+7")
    words = window.see_change(before, SAG_T2, 0.10, "laid flat along the canal")
    for _ in range(3):
        window.keys("alt+7")
        if window.changed(before, SAG_T2) < 0.02:
            return words
    raise NotSeen("the slices did not come back")


@check
def surfaces(window: RealWindow) -> str:
    """Alt+5 shows the outlines as surfaces."""
    before = window.screen()
    window.keys("alt+5")
    words = window.see_change(before, SAG_T2, 0.20, "surfaces in 3-D")
    window.keys("alt+5")
    return words


@check
def presets(window: RealWindow) -> str:
    """A digit applies a window preset; another series keeps its own window; 1 brings the default back."""
    before = window.screen()
    window.keys("5")
    words = window.see_change(before, SAG_T2, 0.10, "preset 5")
    if window.changed(before, SAG_T1) > 0.01:
        raise NotSeen("the window of another series changed too")
    window.keys("1")
    window.see_back(before, SAG_T2, 0.01, "the default window")
    return words


@check
def window_drag(window: RealWindow) -> str:
    """A left drag changes the window; Shift+I swaps bright and dark."""
    before = window.screen()
    window.drag(SAG_T2, (0.75, 0.85), (0.9, 0.7), (0.95, 0.6))
    words = window.see_change(before, SAG_T2, 0.05, "window by left drag")
    window.keys("1", "shift+i")
    inverted = window.see_change(before, SAG_T2, 0.30, "inverted")
    window.keys("shift+i")
    return f"{words}; {inverted}"


@check
def cine(window: RealWindow) -> str:
    """Shift+C lets the slices run by themselves; Esc stops them."""
    window.keys("shift+c")
    before = window.screen()
    words = window.see_change(before, SAG_T2, 0.01, "running")
    window.keys("Escape")
    return words
