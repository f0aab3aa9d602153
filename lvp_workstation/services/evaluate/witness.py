"""A network that remembers its last answer, so that voxel probabilities can be judged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.volume import Volume, to_canonical
from lvp_workstation.evaluation.calibration import Reliability, reliability
from lvp_workstation.evaluation.conventions import CLASS_OF, Reference
from lvp_workstation.evaluation.segmentation import ALL
from lvp_workstation.inference.preprocess import GridRecord, prepare
from lvp_workstation.inference.session import Float32, Network


class Witness:
    """Passes everything on to a network and keeps its last answer.

    Parameters
    ----------
    network
        What really runs.
    classes
        Names of the output channels.
    """

    def __init__(self, network: Network, classes: tuple[str, ...]) -> None:
        self._network = network
        self._channels = {name: n for n, name in enumerate(classes)}
        self._last: Float32 | None = None

    @property
    def provider(self) -> str:
        """Where the network runs."""
        return self._network.provider

    @property
    def threads(self) -> int:
        """CPU threads it uses."""
        return self._network.threads

    @property
    def note(self) -> str:
        """What the network says about itself."""
        return self._network.note

    def run(self, array: Float32, cancel: CancelToken | None = None) -> Float32:
        """Return the network's answer."""
        self._last = self._network.run(array, cancel)
        return self._last

    def voxel_reliability(self, volume: Volume, reference: Reference) -> dict[str, Reliability]:
        """Return how often voxels claimed for a structure are labelled so, by the claimed probability.

        Judged on the voxels of the network in its last answer, which must be of ``volume``: each is
        compared with the label nearest to its centre. When that answer was about a part only, the
        network is asked about the whole. Structures that the reference does not hold are not judged,
        nor is background.
        """
        ready = prepare(volume)
        record, last = ready.record, self._last
        if last is None or last.shape[-3:] != record.padded_shape:
            last = self.run(ready.array)
        slices, rows, columns = record.network.shape
        answer = last.reshape(last.shape[-4:])[:, :slices, :rows, :columns]
        winner, stated = answer.argmax(axis=0), answer.max(axis=0)
        truth = _on_network(volume, reference.classes, record)
        tables: dict[str, Reliability] = {
            s.value: _claims(winner == self._channels[s.value], stated, truth == CLASS_OF[s])
            for s in reference.structures
            if s.value in self._channels
        }
        return {ALL: sum(tables.values(), Reliability.empty()), **tables}


def _claims(claimed: NDArray[np.bool_], stated: Float32, right: NDArray[np.bool_]) -> Reliability:
    return reliability(stated[claimed], right[claimed])


def _on_network(volume: Volume, classes: NDArray[np.uint8], record: GridRecord) -> NDArray[np.uint8]:
    """Return the label nearest to the centre of each network voxel; the two grids are parallel."""
    labels = to_canonical(Volume(classes, volume.geometry))
    nearest = []
    for axis, size in enumerate(record.network.shape):
        index = np.zeros((size, 3))
        index[:, axis] = np.arange(size)
        place = record.canonical.world_to_index(record.network.index_to_world(index))[:, axis]
        nearest.append(np.clip(np.rint(place), 0, record.canonical.shape[axis] - 1).astype(np.intp))
    return np.asarray(labels.array[np.ix_(*nearest)])
