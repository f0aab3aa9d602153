"""The axial network: from acquired axial series to the structures around every disc.

It learned from phantoms only. Whoever shows what rests on it says "synthetic training, not validated on
patients".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.axial_anatomy import AXIAL_CLASSES, AxialBlock
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.volume import Volume
from lvp_workstation.inference.axial_crop import AxialCrop, crop_around
from lvp_workstation.inference.bundle import ClassNames, ModelBundle, load_bundle
from lvp_workstation.inference.session import ORT_ERRORS, Float32, default_threads, open_network

AXIAL_MODEL = "axial_vnet"
AXIAL = ClassNames(frozenset(AXIAL_CLASSES), frozenset(AXIAL_CLASSES))
NEAR_MM = 4.5
"""A series whose nearest slice is further from the middle of a disc does not show it (our choice)."""


class AxialSegmenter:
    """Finds the structures around discs; holds no state between calls.

    Parameters
    ----------
    bundle
        The verified axial model.
    threads
        CPU threads; all cores of the process when None.

    Raises
    ------
    ModelProblem
        When the network cannot be loaded.
    """

    def __init__(self, bundle: ModelBundle, threads: int | None = None) -> None:
        self.bundle = bundle
        self.threads = threads or default_threads()
        try:
            self._session = open_network(bundle.model_path, self.threads)
        except ORT_ERRORS as error:
            raise ModelProblem(f"The axial model {bundle.model_path} cannot be loaded.") from error
        self._order = [bundle.classes.index(name) for name in AXIAL_CLASSES]

    @classmethod
    def packaged(cls, root: Path | None = None, threads: int | None = None) -> AxialSegmenter:
        """Return the segmenter of the newest packaged bundle; raise `ModelProblem` without a usable one."""
        return cls(load_bundle(AXIAL_MODEL, root=root, task=AXIAL), threads)

    def blocks(
        self,
        axials: Iterable[Volume],
        discs: Mapping[InstanceId, DiscLandmarks],
        notes: Mapping[int, str] | None = None,
        cancel: CancelToken | None = None,
    ) -> dict[InstanceId, AxialBlock]:
        """Return the structures around every disc that a series shows.

        Parameters
        ----------
        axials
            Axial T2 series in the frame of reference of the discs.
        discs
            Centroid and axis by disc.
        notes
            What must be said about a series, by its number among ``axials``.
        cancel
            Raising it stops between two discs.

        Raises
        ------
        Cancelled
            When told to stop.
        ModelProblem
            When the network cannot be run.
        """
        series = list(axials)
        found = {}
        for name, disc in discs.items():
            if cancel is not None:
                cancel.raise_if_cancelled()
            crops = [(n, crop) for n, volume in enumerate(series) if (crop := crop_around(volume, disc))]
            shown = [(n, crop) for n, crop in crops if min(map(abs, crop.offsets)) <= NEAR_MM]
            if not shown:
                continue
            number, best = max(shown, key=lambda row: _worth(row[1]))
            note = (notes or {}).get(number, "")
            chances = self.chances(best.network_input())
            found[name] = AxialBlock(disc, chances, best.geometry, best.offsets, best.source_sop_uids, note)
        return found

    def chances(self, image: Float32) -> Float32:
        """Return the probability of every class, (classes, slices, rows, columns), of (1, 1, S, R, C)."""
        try:
            (answer,) = self._session.run(None, {self._session.get_inputs()[0].name: image})
        except ORT_ERRORS as error:
            raise ModelProblem("The axial network could not be run.") from error
        return np.asarray(answer[0][self._order], dtype=np.float32)


def _worth(crop: AxialCrop) -> float:
    """Return how well a patch shows a disc: many slices, one of them near its middle, about in its plane."""
    tilt = abs(float(crop.geometry.slice_normal @ crop.geometry.directions[:, 0]))
    return len(crop.offsets) - min(map(abs, crop.offsets)) + 10.0 * tilt
