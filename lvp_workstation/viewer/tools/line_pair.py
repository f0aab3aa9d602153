"""Two lines that are not joined: drag along the first endplate, then along the second."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget
from lvp_workstation.viewer.tools.distance import long_enough


class LinePairTool(Tool):
    """Measures what lies between two lines on the slice; the subclasses say what."""

    draws: ClassVar[bool] = True
    shape: ClassVar[MarkShape]

    def __init__(self) -> None:
        self._start: Pointer | None = None
        self._first: Array | None = None

    @property
    def waiting(self) -> bool:
        """Whether the first line is there and the second one is awaited."""
        return self._first is not None

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Begin a line."""
        self._start = pointer

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Show the lines so far."""
        line = self._line(target, pointer)
        if line is None:
            return
        if self._first is None:
            target.preview_mark((MarkShape.DISTANCE, line))
        else:
            target.preview_mark((self.shape, np.concatenate([self._first, line])))

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Keep the first line, or send both; a click in between draws nothing."""
        line, self._start = self._line(target, pointer), None
        if line is None:
            if self._first is None:
                target.preview_mark(None)
        elif self._first is None:
            self._first = line
            target.preview_mark((MarkShape.DISTANCE, line))
        else:
            points = np.concatenate([self._first, line])
            self.cancel(target)
            target.finish_mark(self.shape, points)

    def cancel(self, target: ToolTarget) -> None:
        """Drop both lines."""
        self._start = self._first = None
        target.preview_mark(None)

    def _line(self, target: ToolTarget, pointer: Pointer) -> Array | None:
        view, start = target.view(), self._start
        if view is None or start is None or not long_enough(start, pointer):
            return None
        return view.pixel_to_world([(start.x, start.y), (pointer.x, pointer.y)])
