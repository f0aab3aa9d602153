"""Window presets of the digit keys. MR values have no fixed scale, so presets follow the series."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from lvp_workstation.render.window import Window, auto_window

PRESETS: dict[int, tuple[str, float, float]] = {
    1: ("default", 1.0, 0.0),
    3: ("soft", 1.6, 0.15),
    4: ("hard", 0.6, 0.0),
    5: ("marrow and disc", 0.55, -0.2),
    6: ("fluid", 0.7, 0.35),
}
"""Digit to (name, factor of the default width, shift of the centre in default widths), our choice."""

AUTOMATIC = 2
"""Digit of the window found from the pixels."""


def preset_window(number: int, default: Window, array: NDArray[Any] | None) -> Window:
    """Return the window of a digit key; an unbound digit gives the default."""
    if number == AUTOMATIC and array is not None:
        return auto_window(array)
    _, factor, shift = PRESETS.get(number, PRESETS[1])
    return Window(default.centre + shift * default.width, default.width * factor)
