"""Differences between two label arrays as runs: what a brush stroke changed, invertible."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.errors import ReadingStateError
from lvp_workstation.domain.labelmap import LabelArray

Run = tuple[int, int, int, int]
"""(start in the flattened array, length, code before, code after)."""


def labels_sha256(array: LabelArray) -> str:
    """Return the SHA-256 of a label array, shape included."""
    head = ",".join(str(n) for n in array.shape).encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


@dataclass(frozen=True)
class LabelDelta:
    """Run-length difference between two label arrays of one shape (slices, rows, columns)."""

    shape: tuple[int, int, int]
    runs: tuple[Run, ...]

    @classmethod
    def between(cls, before: LabelArray, after: LabelArray) -> LabelDelta:
        """Return what turns ``before`` into ``after``."""
        if before.shape != after.shape:
            raise ValueError("label arrays of different shapes have no difference")
        old, new = before.ravel(), after.ravel()
        changed = np.flatnonzero(old != new)
        if changed.size == 0:
            return cls((before.shape[0], before.shape[1], before.shape[2]), ())
        breaks = (np.diff(changed) != 1) | (np.diff(old[changed].astype(np.int16)) != 0)
        breaks |= np.diff(new[changed].astype(np.int16)) != 0
        starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
        lengths = np.diff(np.concatenate((starts, [changed.size])))
        first = changed[starts]
        rows = zip(first, lengths, old[first], new[first], strict=True)
        runs = tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in rows)
        return cls((before.shape[0], before.shape[1], before.shape[2]), runs)

    def applied(self, array: LabelArray) -> LabelArray:
        """Return a new array with the difference applied.

        Raises
        ------
        ReadingStateError
            When the array is not the one the difference starts from.
        """
        if array.shape != self.shape:
            raise ReadingStateError("The segmentation has another size than the edit expects.")
        result = array.copy()
        flat = result.reshape(-1)
        for start, length, before, after in self.runs:
            piece = flat[start : start + length]
            if not (piece == before).all():
                raise ReadingStateError("The segmentation was changed by something else since this edit.")
            piece[:] = after
        return result

    def inverted(self) -> LabelDelta:
        """Return the difference that undoes this one."""
        return LabelDelta(self.shape, tuple((s, n, after, before) for s, n, before, after in self.runs))

    @property
    def voxels(self) -> int:
        """Number of voxels changed."""
        return sum(run[1] for run in self.runs)
