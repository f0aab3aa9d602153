"""Which slice a viewport shows and how: stack, slice, zoom, pan, window; no toolkit."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.render.body_box import Extent
from lvp_workstation.render.slab import Slab
from lvp_workstation.render.slice_view import fit_scale
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
        self.slab: Slab | None = None
        self.zoom = 1.0
        self._pan = np.zeros(2)
        self._axes: tuple[Array, Array] | None = None
        self._body: Array | None = None
        self._fit_body = False
        self._view: tuple[tuple[object, ...], ViewTransform] | None = None

    def show(self, stack: DisplayStack | None, index: int | None = None, keep_view: bool = False) -> None:
        """Take another stack, at its middle slice unless told, fitted to the view unless kept."""
        self.stack = stack
        self._axes = stack.axes if stack else None
        self.index = 0
        if stack is not None:
            self.go_to(stack.count // 2 if index is None else index)
        if not keep_view:
            self._body = None
            self.reset()

    def turn(self, stack: DisplayStack, anchor: Array, width: int, height: int) -> None:
        """Take the slice of another stack that goes through an LPS point, which stays where it is on screen.

        The scale stays as well, although the extent of the slices differs.
        """
        before = self.transform(width, height)
        self.show(stack, stack.nearest_index(anchor), keep_view=True)
        fitted = self.transform(width, height)
        if before is None or fitted is None:
            return
        self.zoom *= fitted.mm_per_pixel / before.mm_per_pixel
        after = self.transform(width, height)
        if after is not None:
            self._move(
                after.pixel_to_world(after.world_to_pixel(anchor))
                - after.pixel_to_world(before.world_to_pixel(anchor))
            )

    def reset(self) -> None:
        """Fit the patient to the view, see `set_body`; the whole slice when that is not known."""
        self.zoom = 1.0
        self._pan = np.zeros(2)
        self._fit_body = self._body is not None

    def show_whole_slice(self) -> None:
        """Fit the whole slice to the view."""
        self.reset()
        self._fit_body = False

    def set_body(self, rows: Extent, columns: Extent) -> None:
        """State where in a slice the patient is (voxels, outer edges), so that air need not be shown."""
        if self.stack is None or not self.stack.acquired:
            return
        box = [(self.index, r - 0.5, c - 0.5) for r in rows for c in columns]
        self._body = self.stack.geometry.index_to_world(box) - self.stack.slice_centre(self.index)
        self._fit_body = True

    @property
    def has_body(self) -> bool:
        """Whether it is known where the patient is."""
        return self._body is not None

    @property
    def at_home(self) -> bool:
        """Whether the reader has neither zoomed nor panned."""
        return self.zoom == 1.0 and not self._pan.any()

    def fill(self, width: int, height: int) -> None:
        """Enlarge the slice until it covers the view; what leaves the view can be reached by panning."""
        self.show_whole_slice()
        if self.stack is not None and width > 0 and height > 0:
            across, along = self.stack.size_mm
            self.zoom = fit_scale(self.stack, width, height) / min(across / width, along / height)

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
        key = (id(self.stack), self.index, self.zoom, *self._pan.tolist(), width, height, self._fit_body)
        if self._view is None or self._view[0] != key:
            self._view = (key, self._make_view(self.stack, self._axes, width, height))
        return self._view[1]

    def _make_view(
        self, stack: DisplayStack, axes: tuple[Array, Array], width: int, height: int
    ) -> ViewTransform:
        right, down = axes
        scale, (x, y) = self._home(stack, axes, width, height)
        centre = stack.slice_centre(self.index) + (x + self._pan[0]) * right + (y + self._pan[1]) * down
        return ViewTransform(centre, right, down, scale / self.zoom, width, height)

    def _home(
        self, stack: DisplayStack, axes: tuple[Array, Array], width: int, height: int
    ) -> tuple[float, tuple[float, float]]:
        """Return scale and offset of the view before any zoom and pan."""
        if self._body is None or not self._fit_body:
            return fit_scale(stack, width, height), (0.0, 0.0)
        x, y = self._body @ axes[0], self._body @ axes[1]
        scale = max(float(np.ptp(x)) / width, float(np.ptp(y)) / height)
        return scale, (float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2)

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
