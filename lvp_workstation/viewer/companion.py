"""An earlier examination beside the one that is read: its own labels, level names and places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.linked_views import Place
from lvp_workstation.viewer.spaces import Rigid, fit_by_levels


@dataclass(frozen=True, eq=False)
class Companion:
    """What the viewports need of an earlier examination.

    Attributes
    ----------
    layer
        Its labels as they may be shown, and its level names.
    places
        Level name to middle and plane of the disc, LPS mm of its own space.
    """

    study_uid: str
    layer: LabelLayer
    places: Mapping[str, Plane]

    @classmethod
    def build(
        cls, study_uid: str, labels: LabelMap, levels: LevelMap, places: Mapping[str, Plane]
    ) -> Companion:
        """Find where its names belong; its outlines are not shown yet."""
        layer = LabelLayer.build(labels, levels)
        nothing = labels.with_array(np.zeros_like(labels.array))
        return cls(study_uid, replace(layer, label_map=nothing), places)

    def with_outlines(self, labels: LabelMap) -> Companion:
        """Return the companion with these outlines over its images."""
        return replace(self, layer=replace(self.layer, label_map=labels))

    @property
    def frame_of_reference_uid(self) -> str:
        """The frame of reference of its labels."""
        return self.layer.label_map.geometry.frame_of_reference_uid

    def place(self, name: str) -> Place | None:
        """Return where a level lies in it, by the name on the screen; None when it has none."""
        plain = name.removesuffix("?")
        plane = self.places.get(plain)
        if plane is None:
            return None
        return Place(plane.point, name, self.frame_of_reference_uid, plane, self.study_uid)

    def fit(self, current: LabelLayer) -> tuple[Rigid, float] | None:
        """Return the movement from the space of other labels to its own, and what is left (mm).

        Both columns are matched by the names of vertebrae and discs.
        """
        own, other = _middles(self.layer), _middles(current)
        common = sorted(own.keys() & other.keys())
        return fit_by_levels([other[name] for name in common], [own[name] for name in common])


def _middles(layer: LabelLayer) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return plain name to the middle of its vertebra or disc; names that stand twice are left out."""
    names = [layer.names.get(anchor.instance, "").removesuffix("?") for anchor in layer.anchors]
    return {
        name: anchor.middle
        for name, anchor in zip(names, layer.anchors, strict=True)
        if name and names.count(name) == 1
    }
