"""Which slices of a series show a level, and how many of them were displayed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import LabelMap, code_of
from lvp_workstation.domain.volume import SLICE, VolumeGeometry


class LevelSlices:
    """The slices of each series on which a disc lies; found once for every series.

    Parameters
    ----------
    labels
        The segmentation; series count only in its frame of reference, or on its grid.
    levels
        The discs asked for.
    """

    def __init__(self, labels: LabelMap, levels: Sequence[InstanceId]) -> None:
        self.labels = labels
        self.levels = tuple(levels)
        self._points: dict[InstanceId, Array] | None = None
        self._known: dict[str, dict[InstanceId, frozenset[int]]] = {}

    def of(self, key: str, geometry: VolumeGeometry) -> dict[InstanceId, frozenset[int]]:
        """Return disc to the slice indices of the series with this key; discs it does not show are absent."""
        if key not in self._known:
            self._known[key] = self._find(geometry)
        return self._known[key]

    def _find(self, geometry: VolumeGeometry) -> dict[InstanceId, frozenset[int]]:
        grid = self.labels.geometry
        uid = grid.frame_of_reference_uid
        if not (grid.same_grid(geometry) or (uid and uid == geometry.frame_of_reference_uid)):
            return {}
        if self._points is None:
            self._points = _points(self.labels, self.levels)
        found = {disc: slices_through(points, geometry) for disc, points in self._points.items()}
        return {disc: slices for disc, slices in found.items() if slices}

    def fully_seen(
        self, target: InstanceId, series: Sequence[tuple[str, VolumeGeometry, frozenset[int]]]
    ) -> bool:
        """Whether every slice that shows a level was displayed, in each of some series (key, grid, seen)."""
        shown = [(self.of(key, geometry).get(target, frozenset()), seen) for key, geometry, seen in series]
        return any(slices for slices, _ in shown) and all(slices <= seen for slices, seen in shown)


def _points(labels: LabelMap, levels: Sequence[InstanceId]) -> dict[InstanceId, Array]:
    """Return the voxel centres of each disc, LPS mm of shape (n, 3)."""
    places = np.flatnonzero(np.isin(labels.array, [code_of(disc) for disc in levels]))
    codes = labels.array.reshape(-1)[places]
    voxels = np.stack(np.unravel_index(places, labels.array.shape), axis=-1)
    return {
        disc: labels.geometry.index_to_world(voxels[codes == code_of(disc)])
        for disc in levels
        if (codes == code_of(disc)).any()
    }


def slices_through(points: Array, geometry: VolumeGeometry) -> frozenset[int]:
    """Return the slices of a grid nearest to the points (LPS mm) that lie within its images."""
    index = np.rint(geometry.world_to_index(points)).astype(int)
    inside = ((index >= 0) & (index < geometry.shape)).all(axis=-1)
    return frozenset(int(n) for n in np.unique(index[inside][:, SLICE]))
