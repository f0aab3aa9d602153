"""One slice view: image, window and label overlay as a buffer of pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.render.label_lut import OverlayStyle, blend_table, grey_pixels, slot_table
from lvp_workstation.render.resample import Interpolation, Resampler
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.render.window import Window, grey, grey_table

Pixels = NDArray[np.uint32]
"""Shape (height, width), 0xAARRGGBB in native byte order."""

_OUTLINE_BIT = 128


class SliceScene:
    """Renders one volume, and labels over it, along any view.

    Nothing is interpolated between slices as long as the view lies on the centres of a slice.
    The stored values are interpolated first and windowed afterwards; labels are never
    interpolated.
    """

    def __init__(self) -> None:
        self._image: Resampler | None = None
        self._labels: Resampler | None = None
        self._slots = slot_table()
        self._greys = grey_pixels()
        self._window: tuple[Window, np.dtype[Any]] | None = None
        self._table: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)
        self._style: OverlayStyle | None = None
        self._blend: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)

    def set_image(self, array: NDArray[Any] | None, geometry: VolumeGeometry | None) -> None:
        """Show a voxel array, shared when its type allows it; None shows nothing."""
        self._image = self._replace(self._image, array, geometry, Interpolation.LINEAR)

    def set_labels(self, array: NDArray[np.uint8] | None, geometry: VolumeGeometry | None) -> None:
        """Lay instance codes over the image; None takes them away."""
        self._labels = self._replace(self._labels, array, geometry, Interpolation.NEAREST)

    def set_interpolation(self, interpolation: Interpolation) -> None:
        """Choose how image values between voxels are found."""
        if self._image is not None:
            self._image.set_interpolation(interpolation)

    def image_changed(self) -> None:
        """Take note that voxels of the image were written."""
        if self._image is not None:
            self._image.touch()

    def render(self, view: ViewTransform, window: Window, style: OverlayStyle | None = None) -> Pixels:
        """Return the pixels of a view; ``style`` None leaves the labels out."""
        if self._image is None:
            return np.full((view.height, view.width), 0xFF000000, dtype=np.uint32)
        return self.compose(self._image.cut(view), view, window, style)

    def compose(
        self, values: NDArray[Any], view: ViewTransform, window: Window, style: OverlayStyle | None = None
    ) -> Pixels:
        """Return the pixels of values that were cut elsewhere, with the labels on the plane of the view."""
        pixels = self._grey_pixels(values, window)
        if style is not None and self._labels is not None:
            self._lay_over(pixels, self._labels.cut(view), style)
        return pixels

    def dispose(self) -> None:
        """Let go of all voxels; may be called again."""
        for resampler in (self._image, self._labels):
            if resampler is not None:
                resampler.close()
        self._image = self._labels = None

    def _replace(
        self,
        old: Resampler | None,
        array: NDArray[Any] | None,
        geometry: VolumeGeometry | None,
        interpolation: Interpolation,
    ) -> Resampler | None:
        if old is not None:
            old.close()
        if array is None or geometry is None:
            return None
        return Resampler(array, geometry, interpolation)

    def _grey_pixels(self, values: NDArray[Any], window: Window) -> Pixels:
        if values.dtype.kind == "f":
            return np.take(self._greys, grey(values, window), mode="clip")
        if self._window != (window, values.dtype):
            self._table = self._greys[grey_table(window, values.dtype)]
            self._window = (window, values.dtype)
        return np.take(self._table, values.view(f"u{values.dtype.itemsize}"), mode="clip")

    def _lay_over(self, pixels: Pixels, codes: NDArray[np.uint8], style: OverlayStyle) -> None:
        """Blend the labels into the pixels, within the box that holds them."""
        box = labelled_box(codes)
        if box is None:
            return
        if self._style != style:
            self._blend, self._style = blend_table(style), style
        inside, region = codes[box], pixels[box]
        slots = np.take(self._slots, inside, mode="clip")
        if style.outline > 0:
            slots |= outline(inside, style.outline_width).view(np.uint8) * np.uint8(_OUTLINE_BIT)
        index = slots.astype(np.uint16)
        index <<= 8
        index |= region.astype(np.uint8)  # the lowest byte of a grey pixel is its level
        region[...] = np.take(self._blend, index, mode="clip")


def labelled_box(codes: NDArray[np.uint8]) -> tuple[slice, slice] | None:
    """Return the rows and columns that hold labels, with one pixel around them where there is room."""
    columns = np.flatnonzero(np.bitwise_or.reduce(codes, axis=0))
    if columns.size == 0:
        return None
    left, right = max(0, int(columns[0]) - 1), int(columns[-1]) + 2
    rows = np.flatnonzero(codes[:, left:right].max(axis=1))
    return slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2), slice(left, right)


def outline(codes: NDArray[np.uint8], width: int = 1) -> NDArray[np.bool_]:
    """Return the inner edge pixels of every labelled region, ``width`` pixels wide.

    A pixel is on the edge when a neighbour within ``width`` rows or columns has another code.
    """
    edge = np.zeros(codes.shape, dtype=np.bool_)
    for step in range(1, width + 1):
        across = codes[step:] != codes[:-step]
        edge[step:] |= across
        edge[:-step] |= across
        along = codes[:, step:] != codes[:, :-step]
        edge[:, step:] |= along
        edge[:, :-step] |= along
    edge &= codes != 0
    return edge
