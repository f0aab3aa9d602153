"""Change a measurement: drag one of its points."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import moved
from lvp_workstation.viewer.reader_marks import MarkGrip
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget
from lvp_workstation.viewer.tools.distance import long_enough


class MarkPointsTool(Tool):
    """Lets a point of a measurement follow the mouse; changes nothing until the button comes up."""

    tool_id: ClassVar[str] = "mark_points"

    def __init__(self) -> None:
        self._grip: MarkGrip | None = None
        self._start: Pointer | None = None

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Take hold of the point under the mouse."""
        self._grip, self._start = target.mark_at(pointer.x, pointer.y), pointer

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Show the measurement as it would be."""
        points = self._points(target, pointer)
        if self._grip is not None and points is not None:
            target.preview_mark((self._grip.mark.shape, points), instead_of=self._grip.mark.mark_id)

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Send the points."""
        grip, points = self._grip, self._points(target, pointer)
        self.cancel(target)
        if grip is not None and points is not None:
            target.move_mark(grip.mark.mark_id, points)

    def cancel(self, target: ToolTarget) -> None:
        """Put the point back."""
        self._grip = self._start = None
        target.preview_mark(None)

    def _points(self, target: ToolTarget, pointer: Pointer) -> Array | None:
        view, grip = target.view(), self._grip
        if view is None or grip is None or self._start is None or not long_enough(self._start, pointer):
            return None
        to = view.pixel_to_world((pointer.x, pointer.y))
        return moved(grip.mark.shape, grip.mark.points, grip.number, to)
