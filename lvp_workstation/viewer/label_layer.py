"""Labels and level names ready to be drawn in any plane."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import InstanceId, LevelMap, Structure
from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.domain.labelmap import SACRUM_CODE, LabelMap, instance_of, structure_of

BODY_DEPTH_MM = 32.0
"""Depth behind the anterior margin that counts as vertebral body when a name is placed (our choice)."""

LEVEL_REACH_MM = 25.0
"""Farthest distance beyond the ends of the column at which a plane still carries a name (our choice)."""

_STRIDE = 3
_POSTERIOR = 1


@dataclass(frozen=True, eq=False)
class LevelAnchor:
    """Where the name of a vertebra or disc is drawn: middle and anterior margin, LPS mm."""

    instance: InstanceId
    middle: Array
    anterior: Array

    @property
    def is_disc(self) -> bool:
        """Whether the name belongs to a disc."""
        return structure_of(self.instance) is Structure.DISC


@dataclass(frozen=True, eq=False)
class LabelLayer:
    """A label map with the names and places of its vertebrae and discs."""

    label_map: LabelMap
    names: Mapping[InstanceId, str]
    anchors: tuple[LevelAnchor, ...]

    @classmethod
    def build(cls, label_map: LabelMap, levels: LevelMap | None) -> LabelLayer:
        """Find where names belong (about 10 ms for a lumbar volume); no level map gives no names."""
        anchors = _find_anchors(label_map)
        return cls(label_map, _names(anchors, levels), anchors)

    def with_levels(self, levels: LevelMap | None) -> LabelLayer:
        """Return the layer under other level names."""
        return replace(self, names=_names(self.anchors, levels))

    def level_at(self, plane: Plane) -> str:
        """Return the name of the vertebra or disc in which a transverse plane cuts the column, or nothing."""
        distances = [float(plane.signed_distance(anchor.middle)) for anchor in self.anchors]
        for n, (below, above) in enumerate(itertools.pairwise(distances)):
            if (below < 0) != (above < 0):
                lower, upper = self.anchors[n], self.anchors[n + 1]
                point = lower.middle + below / (below - above) * (upper.middle - lower.middle)
                near = lower if abs(below) <= abs(above) else upper
                return self.names.get(self.instance_at(point) or "", self.names.get(near.instance, ""))
        nearest = min(zip(self.anchors, distances, strict=True), key=lambda pair: abs(pair[1]), default=None)
        if nearest is None or abs(nearest[1]) > LEVEL_REACH_MM:
            return ""
        return self.names.get(nearest[0].instance, "")

    def instance_at(self, point: Array) -> InstanceId | None:
        """Return the instance at an LPS point, None for background or outside."""
        index = np.rint(self.label_map.geometry.world_to_index(point)).astype(int)
        if (index < 0).any() or (index >= self.label_map.geometry.shape).any():
            return None
        return instance_of(int(self.label_map.array[tuple(index)]))


def _names(anchors: tuple[LevelAnchor, ...], levels: LevelMap | None) -> dict[InstanceId, str]:
    return {a.instance: levels.shown_name(a.instance) for a in anchors} if levels else {}


def _find_anchors(label_map: LabelMap) -> tuple[LevelAnchor, ...]:
    """Return the anchors of all vertebrae and discs, from caudal to cranial by place in the array."""
    sparse = np.ascontiguousarray(label_map.array[:, ::_STRIDE, ::_STRIDE])
    places = np.flatnonzero(sparse > SACRUM_CODE)
    codes = sparse.reshape(-1)[places]
    order = np.argsort(codes, kind="stable")
    codes, places = codes[order], places[order]
    voxels = np.stack(np.unravel_index(places, sparse.shape), axis=-1) * (1, _STRIDE, _STRIDE)
    found, starts = np.unique(codes, return_index=True)
    anchors = []
    for code, cloud in zip(found, np.split(voxels, starts[1:]), strict=False):
        instance = instance_of(int(code))
        if instance is not None:
            anchors.append(_anchor(instance, label_map.geometry.index_to_world(cloud)))
    return tuple(sorted(anchors, key=lambda a: float(a.middle[2])))


def _anchor(instance: InstanceId, points: NDArray[np.float64]) -> LevelAnchor:
    front = float(np.percentile(points[:, _POSTERIOR], 2))
    body = points[points[:, _POSTERIOR] <= front + BODY_DEPTH_MM]
    middle = body.mean(axis=0)
    anterior = middle.copy()
    anterior[_POSTERIOR] = front
    return LevelAnchor(instance, middle, anterior)
