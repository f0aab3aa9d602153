"""What the axial network adds to an analysis: measurements and grades that are marked, and kept apart.

The network learned from phantoms only. Its findings go to ``analysis.json`` with their mark; on screen they
are off until the reader switches them on, and then follow the rules of every grade that was not validated on
patients: no acceptance in bulk, no line of the impression.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.axial_anatomy import AxialBlock, AxialStructures
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.study import Problem
from lvp_workstation.domain.volume import Volume
from lvp_workstation.grading.axial import AxialGrades, grade_axial, without_scope
from lvp_workstation.inference.axial import AxialSegmenter
from lvp_workstation.measure.axial import AxialMeasures, measure_axial

OTHER_FRAME = (
    "axial images of another frame of reference, placed as if the patient had not moved between the series"
)


@dataclass(frozen=True, eq=False)
class AxialFindings:
    """What was found on axial images.

    Attributes
    ----------
    structures
        Around every disc that a series shows.
    measures, grades
        What was measured of them, and the grades that rest on it.
    name, version, sha256, threads
        Of the axial model.
    """

    structures: Mapping[InstanceId, AxialStructures]
    measures: AxialMeasures
    grades: AxialGrades
    name: str
    version: str
    sha256: str
    threads: int

    def withheld(self, reason: Problem) -> AxialFindings:
        """Return the findings without grades, for a reason that concerns the whole examination."""
        return replace(self, grades=without_scope(self.grades, reason.code, reason.text))


class AxialReader:
    """Reads axial series with a model that is loaded on first use.

    Parameters
    ----------
    load
        Gives the segmenter; raises `ModelProblem` when there is no usable one.
    """

    def __init__(self, load: Callable[[], AxialSegmenter] = AxialSegmenter.packaged) -> None:
        self._load = load
        self._segmenter: AxialSegmenter | None = None
        self._lock = threading.Lock()

    def read(
        self,
        axials: Sequence[Volume],
        discs: Mapping[InstanceId, DiscLandmarks],
        time_utc: str,
        foreign: bool = False,
        cancel: CancelToken | None = None,
    ) -> tuple[AxialFindings | None, tuple[Problem, ...]]:
        """Return the findings, None without a disc on an axial image, and what must be said.

        Parameters
        ----------
        axials
            Axial T2 series.
        discs
            Centroid and axis by disc, LPS.
        time_utc
            Written into every value.
        foreign
            The series lie in another frame of reference than the discs.
        """
        if not axials:
            return None, ()
        try:
            segmenter = self._ready()
            notes = dict.fromkeys(range(len(axials)), OTHER_FRAME) if foreign else {}
            blocks = segmenter.blocks(axials, discs, notes, cancel)
        except ModelProblem as error:
            return None, (Problem("axial_model", f"Axial images were not measured: {error}"),)
        if not blocks:
            return None, ()
        said = (Problem("axial_frame", f"Measured: {OTHER_FRAME}."),) if foreign else ()
        return _findings(segmenter, blocks, time_utc), said

    def _ready(self) -> AxialSegmenter:
        with self._lock:
            if self._segmenter is None:
                self._segmenter = self._load()
            return self._segmenter


def _findings(
    segmenter: AxialSegmenter, blocks: Mapping[InstanceId, AxialBlock], time_utc: str
) -> AxialFindings:
    bundle = segmenter.bundle
    uids = tuple(sorted({uid for block in blocks.values() for uid in block.source_sop_uids}))
    provenance = Provenance(Provenance.AI, bundle.name, time_utc, bundle.version, bundle.sha256, uids)
    measures = measure_axial(blocks, provenance)
    grades = grade_axial(measures, provenance)
    structures = {disc: block.structures for disc, block in blocks.items()}
    measures = replace(measures, material={})  # holds the probabilities, which nobody needs any more
    return AxialFindings(
        structures, measures, grades, bundle.name, bundle.version, bundle.sha256, segmenter.threads
    )
