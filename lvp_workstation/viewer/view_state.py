"""Which slice a viewport shows and how: stack, slice, zoom, pan, window; no toolkit."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.render.offscreen import fit_scale
from lvp_workstation.render.stack import DisplayStack
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.render.window import Window

ZOOM_LIMITS = (0.25, 40.0)


class ViewState:
    """The view on one stack; sizes are in logical pixels of the viewport."""

    def __init__(self) -> None:
        self.stack: DisplayStack | None = None
        self.index = 0
        self.window = Window(0.5, 1.0)
        self.zoom = 1.0
        self._pan = np.zeros(2)
        self._axes: tuple[Array, Array] | None = None
        self._view: tuple[tuple[object, ...], ViewTransform] | None = None

    def show(self, stack: DisplayStack | None, index: int | None = None) -> None:
        """Take another stack, at its middle slice unless told, fitted to the view."""
        self.stack = stack
        self._axes = stack.axes if stack else None
        self.index = 0
        if stack is not None:
            self.go_to(stack.count // 2 if index is None else index)
        self.reset()

    def reset(self) -> None:
        """Fit the whole slice to the view."""
        self.zoom = 1.0
        self._pan = np.zeros(2)

    def go_to(self, index: int) -> bool:
        """Go to a slice index, clamped; return whether it changed."""
        if self.stack is None:
            return False
        wanted = int(np.clip(index, 0, self.stack.count - 1))
        changed = wanted != self.index
        self.index = wanted
        return changed

    def step(self, slices: int) -> bool:
        """Page forward in reading order by a number of slices; return whether the slice changed."""
        if self.stack is None:
            return False
        return self.go_to(self.index + (-slices if self.stack.reversed else slices))

    @property
    def plane(self) -> Plane | None:
        """The plane of the slice on screen."""
        return self.stack.slice_plane(self.index) if self.stack else None

    def transform(self, width: int, height: int) -> ViewTransform | None:
        """Return the camera for a view of this size, None without a stack."""
        if self.stack is None or self._axes is None or width < 1 or height < 1:
            return None
        key = (id(self.stack), self.index, self.zoom, *self._pan.tolist(), width, height)
        if self._view is None or self._view[0] != key:
            self._view = (key, self._make_view(self.stack, self._axes, width, height))
        return self._view[1]

    def _make_view(
        self, stack: DisplayStack, axes: tuple[Array, Array], width: int, height: int
    ) -> ViewTransform:
        right, down = axes
        centre = stack.slice_centre(self.index) + self._pan[0] * right + self._pan[1] * down
        return ViewTransform(centre, right, down, fit_scale(stack, width, height) / self.zoom, width, height)

    def zoom_by(self, factor: float, anchor: tuple[float, float], width: int, height: int) -> None:
        """Multiply the zoom; what lies under the pixel ``anchor`` stays there."""
        before = self.transform(width, height)
        if before is None:
            return
        self.zoom = float(np.clip(self.zoom * factor, *ZOOM_LIMITS))
        after = self.transform(width, height)
        if after is not None:
            self._move(before.pixel_to_world(anchor) - after.pixel_to_world(anchor))

    def pan_by(self, dx: float, dy: float, width: int, height: int) -> None:
        """Move the image by pixels."""
        view = self.transform(width, height)
        if view is not None:
            self._move(view.pixel_to_world((0.0, 0.0)) - view.pixel_to_world((dx, dy)))

    def centre_on(self, point: Array, width: int, height: int) -> None:
        """Bring an LPS point to the middle of the view."""
        view = self.transform(width, height)
        if view is not None:
            self._move(view.plane.project(point) - view.centre)

    def set_window(self, window: Window) -> bool:
        """Take a window; return whether it changed."""
        changed = window != self.window
        self.window = window
        return changed

    def _move(self, offset: Array) -> None:
        if self._axes is not None:
            self._pan = self._pan + np.array([offset @ self._axes[0], offset @ self._axes[1]])
