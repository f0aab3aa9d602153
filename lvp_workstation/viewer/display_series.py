"""A series on screen: pixels that may still be arriving, its window, and which slices were seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.study import Series, Study
from lvp_workstation.domain.volume import SLICE, Volume, VolumeGeometry
from lvp_workstation.render.body_box import Extent, body_extent
from lvp_workstation.render.convert import display_array
from lvp_workstation.render.stack import DisplayStack, acquired_stack
from lvp_workstation.render.window import Window, auto_window


class DisplaySeries(QObject):
    """The pixels of one stack, shared by every viewport and thumbnail that shows it.

    Slices are handed over one by one while they are decoded (`put_slice`), or all at once
    (`set_volume`). The window is found once and never changes by itself.
    """

    slices_changed = Signal(object)
    """frozenset of slice indices whose pixels are new."""
    array_replaced = Signal()
    """The voxel array is another one now; views must take it anew."""
    window_changed = Signal()
    """The reader chose another window for the series."""
    viewed_changed = Signal()
    """A slice was painted for the first time."""

    def __init__(self, series: Series, study: Study | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.series = series
        self.study = study
        self._geometry = series.geometry
        self._stack: DisplayStack | None = None
        self._array: NDArray[Any] | None = None
        count = series.geometry.shape[SLICE] if series.geometry else 0
        self._ready = np.zeros(count, dtype=np.bool_)
        self._viewed: set[int] = set()
        self._skipped: set[int] = set()
        self._default_window: Window | None = None
        self._window: Window | None = None
        self._volume: Volume | None = None
        self._body: tuple[Extent, Extent] | None = None
        self.key_images: frozenset[int] = frozenset()
        self.earlier = False
        """Whether it belongs to an earlier examination that hangs beside the one that is read."""

    @property
    def key(self) -> str:
        """The key of the stack in its study."""
        return self.series.key

    @property
    def geometry(self) -> VolumeGeometry | None:
        """The voxel grid, None when the files carry no usable geometry."""
        return self._geometry

    @property
    def stack(self) -> DisplayStack | None:
        """The slices as acquired."""
        if self._stack is None or self._stack.geometry is not self._geometry:
            self._stack = acquired_stack(self._geometry) if self._geometry else None
        return self._stack

    @property
    def array(self) -> NDArray[Any] | None:
        """The voxels so far, black where a slice is still missing; None before the first slice."""
        return self._array

    @property
    def volume(self) -> Volume | None:
        """The whole volume once it was given."""
        return self._volume

    @property
    def count(self) -> int:
        """Number of slices."""
        return len(self._ready)

    @property
    def complete(self) -> bool:
        """Whether every slice has its pixels."""
        return bool(self._ready.all()) and self._array is not None

    @property
    def viewed(self) -> frozenset[int]:
        """Indices of the acquired slices that were painted on screen."""
        return frozenset(self._viewed)

    @property
    def skipped(self) -> frozenset[int]:
        """Indices of the slices that were paged over without being painted, then or since."""
        return frozenset(self._skipped)

    @property
    def default_window(self) -> Window:
        """The stated window of the series, or the one found from its first pixels."""
        return self._default_window or Window(0.5, 1.0)

    @property
    def window(self) -> Window:
        """The window a reader last chose for the series, at first the default."""
        return self._window or self.default_window

    @property
    def body(self) -> tuple[Extent, Extent] | None:
        """Rows and columns between which the patient lies, from the first slice that arrived."""
        return self._body

    @property
    def lossy(self) -> str:
        """What is known of a lossy compression; empty when there was none."""
        if self._volume is not None and self._volume.lossy:
            return self._volume.lossy
        return "lossy" if str(self.series.attributes.get("LossyImageCompression", "")) == "01" else ""

    @property
    def synthetic(self) -> bool:
        """Whether the pixels are a phantom's, never a patient's."""
        return self.series.synthetic or (self._volume is not None and self._volume.synthetic)

    def is_ready(self, index: int) -> bool:
        """Whether a slice has its pixels."""
        return 0 <= index < len(self._ready) and bool(self._ready[index])

    def value_at(self, point: Array) -> float | None:
        """Return the stored value of the voxel at an LPS point, None outside or before it arrived."""
        if self._geometry is None or self._array is None:
            return None
        index = np.rint(self._geometry.world_to_index(point)).astype(int)
        inside = bool((index >= 0).all() and (index < self._geometry.shape).all())
        return float(self._array[tuple(index)]) if inside and self.is_ready(int(index[0])) else None

    def remember_window(self, window: Window) -> None:
        """Keep the window a reader chose; every view of the series takes it."""
        if window != self._window:
            self._window = window
            self.window_changed.emit()

    def put_slice(self, index: int, pixels: NDArray[Any]) -> None:
        """Take the pixels of one slice, shape (rows, columns)."""
        self.put_slices([(index, pixels)])

    def put_slices(self, arrived: Sequence[tuple[int, NDArray[Any]]]) -> None:
        """Take the pixels of some slices (index, pixels of shape (rows, columns)), and tell once."""
        for index, pixels in arrived:
            array = self._array_for(pixels)
            array[index] = pixels
            self._ready[index] = True
        self.slices_changed.emit(frozenset(index for index, _ in arrived))

    def _array_for(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Return the array that a slice is written into; the first slice also states window and body."""
        if self._geometry is None:
            raise ValueError("a series without geometry cannot be shown as a stack")
        if self._array is None:
            self._array = np.zeros(self._geometry.shape, dtype=display_array(pixels[None]).dtype)
            self._take_default(pixels[None])
            self._body = body_extent(pixels)
            self.array_replaced.emit()
        if not np.can_cast(pixels.dtype, self._array.dtype, "same_kind"):
            self._array = self._array.astype(np.result_type(self._array.dtype, np.float32))
            self.array_replaced.emit()
        return self._array

    def set_volume(self, volume: Volume, display: NDArray[Any] | None = None) -> None:
        """Take the whole volume; ``display`` is its `display_array` when a worker already made it."""
        self._volume = volume
        self._geometry = volume.geometry
        self._array = display_array(volume.array) if display is None else display
        self._ready = np.ones(volume.shape[SLICE], dtype=np.bool_)
        if volume.window is not None and volume.window[1] > 0 and self._default_window is None:
            self._default_window = Window(*volume.window)
        self._body = self._body or body_extent(self._array[self.count // 2])
        self._take_default(self._array[self.count // 3 : max(1, -(-2 * self.count // 3))])
        self.array_replaced.emit()
        self.slices_changed.emit(frozenset(range(self.count)))

    def set_default_window(self, centre: float, width: float) -> None:
        """State the window of the series before its first pixels arrive."""
        if width > 0:
            self._default_window = Window(centre, width)

    def mark_viewed(self, index: int) -> None:
        """Take note that a slice was painted."""
        if index not in self._viewed:
            self._viewed.add(index)
            self._skipped.discard(index)
            self.viewed_changed.emit()

    def mark_skipped(self, indices: frozenset[int]) -> None:
        """Take note that slices were paged over and not painted."""
        missed = indices - self._viewed - self._skipped
        if missed:
            self._skipped |= missed
            self.viewed_changed.emit()

    def restore_viewed(self, indices: frozenset[int]) -> None:
        """Take over which slices were seen in an earlier sitting."""
        self._viewed |= {i for i in indices if 0 <= i < self.count}
        self._skipped -= self._viewed
        self.viewed_changed.emit()

    def _take_default(self, pixels: NDArray[Any]) -> None:
        if self._default_window is None:
            self._default_window = auto_window(pixels)
