"""What a tool sees of a viewport, and what a viewport calls on a tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.render.window import Window
from lvp_workstation.viewer.intents import LabelTool, PlaneMove, PlaneTurn
from lvp_workstation.viewer.line_grips import Grip
from lvp_workstation.viewer.reader_marks import MarkGrip


@dataclass(frozen=True)
class Pointer:
    """The mouse in logical pixels of the viewport, and the modifiers held."""

    x: float
    y: float
    modifiers: frozenset[str] = frozenset()
    rate: float = 1.0
    """How much faster than the mouse a drag goes."""


class ToolTarget(Protocol):
    """The viewport as tools see it."""

    @property
    def window(self) -> Window:
        """The window in use."""

    @property
    def default_window(self) -> Window:
        """The window of the series before anyone changed it."""

    @property
    def brush_radius_mm(self) -> float:
        """Radius of brush and eraser."""

    @property
    def slice_count(self) -> int:
        """Number of slices of the stack on screen."""

    def view(self) -> ViewTransform | None:
        """Return the camera in logical pixels."""

    def set_window(self, window: Window) -> None:
        """Show another window."""

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the image by pixels."""

    def zoom_by(self, factor: float, x: float, y: float) -> None:
        """Zoom around a pixel."""

    def scroll_by(self, slices: int) -> None:
        """Page in reading order."""

    def step_slab(self, step: int) -> None:
        """Make the slab thicker (1) or thinner (-1)."""

    def ask_cursor(self, point: Array) -> None:
        """Ask for the linked cursor at an LPS point."""

    def grip_at(self, x: float, y: float) -> Grip | None:
        """Return the reference line of a computed plane under a pixel."""

    def ask_plane(self, intent: PlaneMove | PlaneTurn) -> None:
        """Ask for the plane of another viewport to be moved or turned."""

    def ask_maximise(self) -> None:
        """Ask to fill the grid with this viewport, or to go back."""

    def preview_mark(self, drawn: tuple[MarkShape, Array] | None, instead_of: str = "") -> None:
        """Show a measurement while it is being drawn, or in place of the one with an id; None ends it."""

    def mark_at(self, x: float, y: float) -> MarkGrip | None:
        """Return the point of a measurement under a pixel."""

    def set_brush_preview(self, points: Array | None, erase: bool) -> None:
        """Draw the trail of a stroke while it is being painted, LPS mm points (n, 3)."""

    def finish_stroke(self, points: Array, erase: bool) -> None:
        """Send a finished stroke."""

    def finish_label(self, tool: LabelTool, points: Array, erase: bool = False) -> None:
        """Send what a tool that corrects the segmentation was told, LPS mm points (n, 3)."""

    def finish_mark(self, shape: MarkShape, points: Array) -> None:
        """Send a finished measurement."""

    def move_mark(self, mark_id: str, points: Array) -> None:
        """Ask for other points of a measurement."""


class Tool:
    """An interaction that does nothing; tools override what they react to."""

    tool_id: ClassVar[str] = ""
    shows_brush: ClassVar[bool] = False
    draws: ClassVar[bool] = False
    """Whether it marks the image, so that it must be able to begin on a reference line too."""

    @property
    def waiting(self) -> bool:
        """Whether it goes on with the mouse after the button came up; the next press is its own."""
        return False

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """React to the button going down."""

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """React to the mouse moving with the button down."""

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """React to the button coming up."""

    def hover(self, target: ToolTarget, pointer: Pointer) -> None:
        """React to the mouse moving with no button down."""

    def wheel(self, target: ToolTarget, pointer: Pointer, notches: int) -> None:
        """React to the wheel; ``notches`` is positive away from the reader."""

    def double_click(self, target: ToolTarget, pointer: Pointer) -> None:
        """React to a double-click while it is `waiting`."""

    def cancel(self, target: ToolTarget) -> None:
        """Give up what is half done."""


class DragTool(Tool):
    """A tool that works on the mouse movement since the last event."""

    def __init__(self) -> None:
        self._last: Pointer | None = None
        self._start: Pointer | None = None

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Remember where the drag starts."""
        self._start = self._last = pointer

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Hand the movement over."""
        if self._last is not None and self._start is not None:
            dx, dy = pointer.x - self._last.x, pointer.y - self._last.y
            self._last = pointer
            self.moved(target, dx * pointer.rate, dy * pointer.rate, self._start)

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """End the drag."""
        self._start = self._last = None

    def moved(self, target: ToolTarget, dx: float, dy: float, start: Pointer) -> None:
        """React to a movement by (dx, dy) pixels of a drag that began at ``start``."""
