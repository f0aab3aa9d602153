"""What a study offers to grading besides the measurements."""

from __future__ import annotations

from dataclasses import dataclass

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.study import SeriesRole, Weighting


@dataclass(frozen=True)
class GradingContext:
    """Series and circumstances of a study.

    Attributes
    ----------
    weighting
        Contrast of the measured series.
    roles
        Roles of all series of the study.
    contrast_agent
        Whether a contrast agent was given before the measured series, None when in doubt.
    slices, slice_spacing_mm
        Of the measured series.
    axial_cover
        Discs that an axial T2 series crosses.
    seen
        Contrast that the image itself shows beyond doubt, None when it does not.
    """

    weighting: Weighting
    roles: frozenset[SeriesRole] = frozenset()
    contrast_agent: bool | None = None
    slices: int = 0
    slice_spacing_mm: float = 0.0
    axial_cover: frozenset[InstanceId] = frozenset()
    seen: Weighting | None = None

    @property
    def contradicted(self) -> bool:
        """Whether fluid is bright where the weighting says dark, or dark where it says bright."""
        if self.seen is None or Weighting.OTHER in (self.seen, self.weighting):
            return False
        return (self.seen is Weighting.T1) != (self.weighting is Weighting.T1)
