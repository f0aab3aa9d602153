"""Window centre and width on stored values, and the tables that apply them.

Rescale slope and intercept of MR images are ignored when window values are applied
(IHE Basic Image Review).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

AUTO_PERCENTILES = (1.0, 99.0)
"""Share of the voxels that the automatic window leaves black and white, in percent (our choice)."""

_SAMPLES = 200_000
GREYS = 256


@dataclass(frozen=True)
class Window:
    """Window centre and width in stored values; ``inverted`` shows bright as dark."""

    centre: float
    width: float
    inverted: bool = False

    def __post_init__(self) -> None:
        if not self.width > 0:
            raise ValueError("a window has a positive width")

    @property
    def low(self) -> float:
        """Lower edge of the window."""
        return self.centre - self.width / 2

    @property
    def high(self) -> float:
        """Upper edge of the window."""
        return self.centre + self.width / 2

    def scaled(self, factor: float) -> Window:
        """Return the window with its width multiplied, around the same centre."""
        return replace(self, width=self.width * factor)


def grey(values: NDArray[Any], window: Window) -> NDArray[np.uint8]:
    """Return the grey levels of stored values.

    Integers follow the LINEAR function of DICOM PS3.3 C.11.2.1.2.1 (for widths of at least 1),
    floating-point values LINEAR_EXACT.
    """
    exact = np.issubdtype(values.dtype, np.floating) or window.width <= 1
    half = 0.0 if exact else 0.5
    width = window.width - 2 * half
    numbers = values.astype(np.float32)
    if values.dtype.kind == "f":
        numbers = np.nan_to_num(numbers, copy=False, nan=0.0, posinf=window.high, neginf=window.low)
    scaled = (numbers - np.float32(window.centre - half)) / np.float32(width) + 0.5
    levels = np.clip(scaled * (GREYS - 1) + 0.5, 0, GREYS - 1).astype(np.uint8)
    return np.asarray(GREYS - 1 - levels if window.inverted else levels, dtype=np.uint8)


def grey_table(window: Window, dtype: np.dtype[Any]) -> NDArray[np.uint8]:
    """Return the grey level of every value of an 8- or 16-bit integer type.

    The table is indexed by the bit pattern of the value read as unsigned.
    """
    unsigned = np.dtype(f"u{dtype.itemsize}")
    patterns = np.arange(1 << (8 * dtype.itemsize), dtype=unsigned)
    return grey(patterns.view(dtype), window)


def auto_window(array: NDArray[Any]) -> Window:
    """Return a window from the percentiles of a voxel array."""
    step = max(1, int(np.ceil(array.size / _SAMPLES)))
    sample = array.reshape(-1)[::step] if array.flags.c_contiguous else array[:, ::3, ::3].reshape(-1)
    values = sample[np.isfinite(sample)] if np.issubdtype(array.dtype, np.floating) else sample
    if values.size == 0:
        return Window(0.5, 1.0)
    low, high = (float(v) for v in np.percentile(values, AUTO_PERCENTILES))
    if high <= low:
        low, high = float(values.min()), float(values.max())
    return Window((low + high) / 2, max(high - low, 1.0 if array.dtype.kind in "iu" else 1e-6))
