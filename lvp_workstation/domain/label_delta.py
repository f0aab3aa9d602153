"""Differences between two label arrays as runs: what a brush stroke changed, invertible."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.errors import ReadingStateError
from lvp_workstation.domain.labelmap import LabelArray

Run = tuple[int, int, int, int]
"""(start in the flattened array, length, code before, code after)."""

Box = tuple[tuple[int, int, int], tuple[int, int, int]]
"""First (slice, row, column) inside and first outside."""

CHANGED_ELSEWHERE = "The segmentation was changed by something else since this edit."


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
        result = np.array(array, order="C")
        if not self.runs:
            return result
        starts, lengths, before, after = np.array(self.runs, dtype=np.int64).T
        if (starts < 0).any() or int((starts + lengths).max()) > result.size:
            raise ReadingStateError(CHANGED_ELSEWHERE)
        offset = starts - np.concatenate(([0], np.cumsum(lengths)[:-1]))
        places = np.arange(int(lengths.sum())) + np.repeat(offset, lengths)
        flat = result.reshape(-1)
        if not (flat[places] == np.repeat(before, lengths)).all():
            raise ReadingStateError(CHANGED_ELSEWHERE)
        flat[places] = np.repeat(after, lengths)
        return result

    def inverted(self) -> LabelDelta:
        """Return the difference that undoes this one."""
        return LabelDelta(self.shape, tuple((s, n, after, before) for s, n, before, after in self.runs))

    @property
    def box(self) -> Box | None:
        """The smallest block that holds every changed voxel, None when nothing changed."""
        if not self.runs:
            return None
        starts = np.array([run[0] for run in self.runs])
        last = starts + np.array([run[1] for run in self.runs]) - 1
        low = [np.asarray(index) for index in np.unravel_index(starts, self.shape)]
        high = [np.asarray(index) for index in np.unravel_index(last, self.shape)]
        for axis in (1, 2):  # a run that goes on into the next row or slice covers the whole axis
            wraps = np.any([low[outer] != high[outer] for outer in range(axis)], axis=0)
            low[axis] = np.where(wraps, 0, low[axis])
            high[axis] = np.where(wraps, self.shape[axis] - 1, high[axis])
        first, end = [int(index.min()) for index in low], [int(index.max()) + 1 for index in high]
        return (first[0], first[1], first[2]), (end[0], end[1], end[2])

    def slices_of(self, code: int) -> frozenset[int]:
        """Return the slices on which voxels became or ceased to be a code."""
        size = self.shape[1] * self.shape[2]
        runs = [run for run in self.runs if code in run[2:]]
        spans = [range(start // size, (start + length - 1) // size + 1) for start, length, _, _ in runs]
        return frozenset(number for span in spans for number in span)

    @property
    def voxels(self) -> int:
        """Number of voxels changed."""
        return sum(run[1] for run in self.runs)
