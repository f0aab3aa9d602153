"""An image surface that can show slabs: the plane at once, coarsely where it is much work, then in full."""

from __future__ import annotations

from functools import partial
from typing import Any

from numpy.typing import NDArray

from lvp_workstation.render.label_lut import OverlayStyle
from lvp_workstation.render.resample import SlabMode
from lvp_workstation.render.slab import Slab, first_slab, slab_values, voxel_step_mm
from lvp_workstation.render.slice_scene import Pixels
from lvp_workstation.render.stack import DisplayStack, slab_stack
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer.image_surface import ImageSurface

AT_ONCE = 1_500_000
"""Values that may be cut in the UI thread for one frame: about 10 ms (our choice)."""

COARSENESS = (1, 2, 3, 4, 6, 8, 12, 16)

ORDER: tuple[SlabMode | None, ...] = (None, SlabMode.MAXIMUM, SlabMode.MEAN, SlabMode.MINIMUM)
"""The kinds of slab in the order in which one key goes through them."""

Key = tuple[object, ...]


class SlabSurface(ImageSurface):
    """Shows single slices, or slabs around them.

    A slab is always computed: acquired slices are left as they are, and shown again without it.
    """

    _deep: tuple[Key, NDArray[Any]] | None = None
    """What was cut last in full, and of what."""

    @property
    def slab(self) -> Slab | None:
        """The slab on screen."""
        return self.state.slab

    def set_slab(self, slab: Slab | None) -> None:
        """Show a slab around each slice, or single slices again."""
        stack, series = self.stack, self._series
        if stack is None or series is None or series.stack is None:
            return
        self.state.slab = slab
        wanted = self._stack_for(stack, slab)
        if wanted is stack:
            self.request_render()
            return
        self.state.show(wanted, self.state.index, keep_view=True)
        self._stack_changed()

    def _stack_for(self, stack: DisplayStack, slab: Slab | None) -> DisplayStack:
        """Return the slices to page through: other ones only where acquired slices become slabs or back."""
        own = self._series.stack if self._series is not None else None
        if not stack.on_source_grid or own is None or stack.acquired == (slab is None):
            return stack
        return own if slab is None else slab_stack(own.geometry)

    def next_slab_mode(self) -> None:
        """Go on to the next kind of slab, after the last back to single slices."""
        now = ORDER.index(self.slab.mode if self.slab else None)
        mode = ORDER[(now + 1) % len(ORDER)]
        if mode is None or self.stack is None:
            self.set_slab(None)
        else:
            self.set_slab(
                Slab(mode, self.slab.thickness_mm) if self.slab else first_slab(mode, self._voxel())
            )

    def step_slab(self, step: int) -> None:
        """Make the slab thicker (1) or thinner (-1); without one begin with the maximum."""
        if self.stack is not None:
            begun = self.slab.stepped(step, self._voxel()) if self.slab else None
            self.set_slab(begun or first_slab(SlabMode.MAXIMUM, self._voxel()))

    def _voxel(self) -> float:
        assert self.stack is not None
        return voxel_step_mm(self.stack.source, self.stack.normal)

    def _make_pixels(self, view: ViewTransform, style: OverlayStyle | None) -> Pixels:
        series, slab = self._series, self.slab
        if slab is None or series is None or series.array is None or series.geometry is None:
            return super()._make_pixels(view, style)
        cut = partial(slab_values, series.array, series.geometry)
        key: Key = (view.key, slab, id(series.array))
        if self._deep is not None and self._deep[0] == key:
            return self._scene.compose(self._deep[1], view, self.state.window, style)
        values = view.width * view.height * slab.samples(self._voxel())
        coarse = next((n for n in COARSENESS if values <= AT_ONCE * n * n), COARSENESS[-1])
        if coarse > 1:
            self._scheduler.worker.request(self, partial(cut, view, slab), partial(self._take_deep, key))
            view = view.scaled(1 / coarse)
        return self._scene.compose(cut(view, slab), view, self.state.window, style)

    def _take_deep(self, key: Key, values: NDArray[Any]) -> None:
        self._deep = (key, values)
        self.request_render()

    def _on_slices(self, indices: frozenset[int]) -> None:
        self._deep = None
        super()._on_slices(indices)
