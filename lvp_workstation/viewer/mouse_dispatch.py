"""Turns mouse events into tool calls by the mouse map."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputEvent, QMouseEvent, QWheelEvent

from lvp_workstation.viewer.line_grips import Grip
from lvp_workstation.viewer.mouse_map import ACTIVE_TOOL, DEFAULT_PROFILE, MouseProfile
from lvp_workstation.viewer.tools import DEFAULT_TOOL
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget

_BUTTONS = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
}
_MODIFIERS = (
    (Qt.KeyboardModifier.ControlModifier, "ctrl"),
    (Qt.KeyboardModifier.ShiftModifier, "shift"),
    (Qt.KeyboardModifier.AltModifier, "alt"),
)
NOTCH = 120
CLICK_PIXELS = 3.0
"""A button that comes up within this distance was a click (our choice)."""


class MouseDispatch:
    """Holds the map, the active tool and the drag in progress of one viewport."""

    def __init__(self, target: ToolTarget, tools: Mapping[str, Tool]) -> None:
        self._target = target
        self._tools = tools
        self._profile = DEFAULT_PROFILE
        self._active = DEFAULT_TOOL
        self._dragging: Tool | None = None
        self._pressed: tuple[Qt.MouseButton, Pointer] | None = None
        self._moved = False
        self._wheel = 0

    @property
    def active_tool(self) -> str:
        """Id of the tool on the gesture ``active`` of the map."""
        return self._active

    @property
    def shows_brush(self) -> bool:
        """Whether the active tool paints."""
        return self._tools[self._active].shows_brush

    def set_profile(self, profile: MouseProfile) -> None:
        """Use another mouse map."""
        self.cancel()
        self._profile = profile

    def set_active_tool(self, tool_id: str) -> None:
        """Put a tool on the gesture ``active``."""
        if tool_id not in self._tools:
            raise KeyError(tool_id)
        self.cancel()
        self._active = tool_id

    def cancel(self) -> bool:
        """Give up the drag in progress; return whether there was one."""
        dragging, self._dragging, self._pressed = self._dragging, None, None
        if dragging is not None:
            dragging.cancel(self._target)
        return dragging is not None

    def press(self, event: QMouseEvent) -> None:
        """Begin the drag bound to a button; further buttons are ignored while one is down."""
        name = _BUTTONS.get(event.button())
        if name is None or self._pressed is not None:
            return
        pointer = pointer_of(event, event.position())
        self._pressed, self._moved = (event.button(), pointer), False
        self._dragging = self._line_tool(name, pointer) or self._tool(name, pointer)
        if self._dragging is not None:
            self._dragging.press(self._target, pointer)

    def move(self, event: QMouseEvent) -> None:
        """Go on with a drag, or hover."""
        pointer = pointer_of(event, event.position())
        if self._pressed is None:
            hovering = self._tool("move", pointer)
            if hovering is not None:
                hovering.hover(self._target, pointer)
            return
        start = self._pressed[1]
        self._moved |= abs(pointer.x - start.x) + abs(pointer.y - start.y) > CLICK_PIXELS
        if self._dragging is not None:
            self._dragging.drag(self._target, pointer)

    def release(self, event: QMouseEvent) -> str | None:
        """End the drag; return the name of the button when it was a mere click."""
        if self._pressed is None or event.button() != self._pressed[0]:
            return None
        dragging, self._dragging, self._pressed = self._dragging, None, None
        if dragging is not None:
            dragging.release(self._target, pointer_of(event, event.position()))
        return None if self._moved else _BUTTONS[event.button()]

    def double_click(self, event: QMouseEvent) -> None:
        """Run what is bound to a double-click of the left button."""
        pointer = pointer_of(event, event.position())
        tool = self._tool("double", pointer) if event.button() == Qt.MouseButton.LeftButton else None
        if tool is not None:
            tool.press(self._target, pointer)

    def wheel(self, event: QWheelEvent) -> None:
        """Turn wheel angles into notches; what is left over is kept for the next event."""
        delta = event.angleDelta()
        turn = delta.y() or delta.x()
        self._wheel = turn if self._wheel * turn < 0 else self._wheel + turn
        notches = int(self._wheel / NOTCH)
        self._wheel -= notches * NOTCH
        pointer = pointer_of(event, event.position())
        tool = self._tool("wheel", pointer)
        if notches and tool is not None:
            tool.wheel(self._target, pointer, notches)

    def grip_at(self, pointer: Pointer) -> Grip | None:
        """Return the reference line that a left press would take hold of."""
        if self._pressed is not None or self._line_tool("left", pointer) is None:
            return None
        return self._target.grip_at(pointer.x, pointer.y)

    def _line_tool(self, button: str, pointer: Pointer) -> Tool | None:
        """Return the tool for the line under the mouse; one that draws on the image goes before it."""
        if button != "left":
            return None
        below, chosen = self._tool("left", pointer), self._tool("line", pointer)
        if chosen is None or (below is not None and below.draws):
            return None
        return chosen if self._target.grip_at(pointer.x, pointer.y) is not None else None

    def _tool(self, gesture: str, pointer: Pointer) -> Tool | None:
        tool_id = self._profile.tool_for(gesture, pointer.modifiers)
        if tool_id is None:
            return None
        return self._tools.get(self._active if tool_id == ACTIVE_TOOL else tool_id)


def pointer_of(event: QInputEvent, position: QPointF) -> Pointer:
    """Return the place and the modifiers of a mouse event."""
    held = frozenset(name for flag, name in _MODIFIERS if event.modifiers() & flag)
    return Pointer(position.x(), position.y(), held)
