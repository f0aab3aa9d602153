"""What the console can do, as data: buttons and keys are made from this table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ConsoleAction:
    """One thing a technologist can do.

    ``handler`` is the name of a method of the window; ``button`` its caption, empty for keys alone.
    """

    handler: str
    title: str
    keys: tuple[str, ...]
    button: str = ""


ACTIONS: tuple[ConsoleAction, ...] = (
    ConsoleAction("accept", "Accept the selected stack where it lies", ("Return", "Enter"), "Accept"),
    ConsoleAction("reject", "Reject the selected stack", ("X",), "Reject"),
    ConsoleAction("reset", "Put the selected stack back to its proposal", ("R",), "Reset"),
    ConsoleAction("accept_all", "Accept every stack that is open", ("A",), "Accept all"),
    ConsoleAction("send", "Send the accepted stacks to the scanner", ("S",), "SEND"),
    ConsoleAction("next_stack", "Next stack", ("Tab", "]")),
    ConsoleAction("previous_stack", "Previous stack", ("Shift+Tab", "[")),
    ConsoleAction("move_up", "Move by 1 mm towards the head or to the left; with Shift 0.2 mm", ("Up",)),
    ConsoleAction("move_down", "Move by 1 mm towards the feet or to the right; with Shift 0.2 mm", ("Down",)),
    ConsoleAction("move_up_little", "Move by 0.2 mm", ("Shift+Up",)),
    ConsoleAction("move_down_little", "Move by 0.2 mm back", ("Shift+Down",)),
    ConsoleAction("turn_left", "Turn by 1 degree against the clock; with Shift 0.2 degrees", ("Left",)),
    ConsoleAction("turn_right", "Turn by 1 degree with the clock; with Shift 0.2 degrees", ("Right",)),
    ConsoleAction("turn_left_little", "Turn by 0.2 degrees", ("Shift+Left",)),
    ConsoleAction("turn_right_little", "Turn by 0.2 degrees back", ("Shift+Right",)),
    ConsoleAction("show_keys", "This list", ("F1",)),
)
