"""Turns mouse events into tool calls by the mouse map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputEvent, QMouseEvent, QWheelEvent

from lvp_workstation.viewer.line_grips import Grip
from lvp_workstation.viewer.mouse_map import ACTIVE_TOOL, DEFAULT_PROFILE, MouseProfile
from lvp_workstation.viewer.reader_marks import MarkGrip
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
FAST = 4.0
"""How much faster a drag goes while the modifier for it is held (our choice)."""
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
        self._waiting: Tool | None = None
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
        half_done, self._dragging, self._pressed = self._dragging or self._waiting, None, None
        self._waiting = None
        if half_done is not None:
            half_done.cancel(self._target)
        return half_done is not None

    def drop_waiting(self) -> None:
        """Give up what waits for a further click: another slice is shown."""
        if self._waiting is not None and self._dragging is None:
            self.cancel()

    def press(self, event: QMouseEvent) -> None:
        """Begin the drag bound to a button; further buttons are ignored while one is down."""
        name = _BUTTONS.get(event.button())
        if name is None or self._pressed is not None:
            return
        pointer = self._pointer(event)
        self._pressed, self._moved = (event.button(), pointer), False
        waiting = self._waiting if name == "left" else None
        handle = self._mark_tool(name, pointer) or self._line_tool(name, pointer)
        self._dragging = waiting or handle or self._tool(name, pointer)
        if self._dragging is not None:
            self._dragging.press(self._target, pointer)

    def move(self, event: QMouseEvent) -> None:
        """Go on with a drag, or hover."""
        pointer = self._pointer(event)
        if self._pressed is None:
            hovering = self._waiting or self._tool("move", pointer)
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
        ending = dragging is not None and dragging is self._waiting
        if dragging is not None:
            dragging.release(self._target, self._pointer(event))
            if ending or dragging.waiting:
                self._waiting = dragging if dragging.waiting else None
        return None if self._moved or ending else _BUTTONS[event.button()]

    def double_click(self, event: QMouseEvent) -> None:
        """Let the tool that waits end, else run what is bound to a double-click of the left button."""
        pointer = pointer_of(event, event.position())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._waiting is not None:
            self._waiting.double_click(self._target, pointer)
            self._waiting = self._waiting if self._waiting.waiting else None
            return
        tool = self._tool("double", pointer)
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

    def grip_at(self, pointer: Pointer) -> Grip | MarkGrip | None:
        """Return the measurement or the reference line that a left press would take hold of."""
        if self._pressed is not None or self._waiting is not None:
            return None
        if self._mark_tool("left", pointer) is not None:
            return self._target.mark_at(pointer.x, pointer.y)
        if self._line_tool("left", pointer) is None:
            return None
        return self._target.grip_at(pointer.x, pointer.y)

    def _pointer(self, event: QMouseEvent) -> Pointer:
        """Return the mouse with the speed that the map gives drags under the modifiers held."""
        pointer = pointer_of(event, event.position())
        fast = bool(self._profile.faster) and self._profile.faster in pointer.modifiers
        return replace(pointer, rate=FAST) if fast else pointer

    def _mark_tool(self, button: str, pointer: Pointer) -> Tool | None:
        """Return the tool for the point of a measurement under the mouse; a brush goes before it."""
        below, chosen = self._tool("left", pointer), self._tool("mark", pointer)
        if button != "left" or chosen is None or (below is not None and below.shows_brush):
            return None
        return chosen if self._target.mark_at(pointer.x, pointer.y) is not None else None

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
