"""What `measure_spine` returns: measurements with their points, landmarks and features for graders."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Measurement
from lvp_workstation.domain.landmarks import SpineLandmarks
from lvp_workstation.domain.study import Problem, Weighting


@dataclass(frozen=True)
class Coverage:
    """What the measured series covers.

    Attributes
    ----------
    slices
        Number of slices.
    slice_mm
        Distance between slices, mm.
    pixel_mm
        In-plane voxel spacing, mm.
    sagittal
        Whether the series is sagittal.
    """

    slices: int
    slice_mm: float
    pixel_mm: float
    sagittal: bool


@dataclass(frozen=True)
class ImageQuality:
    """Quality of the image where the spine is; None where it cannot be told.

    Attributes
    ----------
    snr
        Median marrow signal over the noise of the marrow.
    void_share
        Largest share of a vertebral body without signal.
    """

    snr: float | None = None
    void_share: float | None = None


@dataclass(frozen=True)
class ScopeSigns:
    """Signs that grades may not hold; None where they could not be looked for.

    Attributes
    ----------
    void_mm2
        Largest area without signal within the outline of the bodies, in any section out to the pedicles.
    t1_over_disc
        Median marrow over median disc on T1; marrow that is replaced is no brighter than disc.
    dark_t1_mm2
        Largest area of dark marrow on T1, away from the edges of the body.
    ghost
        How far the air repeats the edges of the body at one distance, in standard deviations over distances:
        motion during the acquisition does so along the phase-encoding axis.
    """

    void_mm2: float | None = None
    t1_over_disc: float | None = None
    dark_t1_mm2: float | None = None
    ghost: float | None = None


@dataclass(frozen=True)
class SpineMeasures:
    """All measurements of one series.

    Attributes
    ----------
    measurements
        By (instance, name); study measurements under `STUDY_TARGET`. What could not be measured is
        absent.
    landmarks
        Corners, endplates, disc axes, canal centreline.
    features
        By (instance, name): further numbers that graders use and that are no published measurement,
        such as ``bulge_signed`` (mm) or ``nucleus_spread`` (ratio).
    bulge_profiles
        Disc to (lateral offset from the midline in mm, positive to the patient's right; posterior
        displacement in mm, negative in front of the corner line), in order of offset.
    weighting
        Contrast of the series.
    crops
        Disc to its picture for a learned grader, see `crop.disc_crops`.
    unseen
        By (disc, ``left`` or ``right``): why the foramen of that side was not measured.
    problems
        What limits the measurements, one sentence each.
    quality
        Noise and signal voids of the image.
    signs
        Signs that grades may not hold, see `signs`.
    """

    weighting: Weighting
    coverage: Coverage
    measurements: MappingProxyType[tuple[InstanceId, str], Measurement] = field(
        default_factory=lambda: MappingProxyType({})
    )
    landmarks: SpineLandmarks = field(default_factory=SpineLandmarks)
    features: MappingProxyType[tuple[InstanceId, str], float] = field(
        default_factory=lambda: MappingProxyType({})
    )
    bulge_profiles: MappingProxyType[InstanceId, tuple[tuple[float, float], ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    crops: MappingProxyType[InstanceId, NDArray[np.float32]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    unseen: MappingProxyType[tuple[InstanceId, str], Problem] = field(
        default_factory=lambda: MappingProxyType({})
    )
    problems: tuple[Problem, ...] = ()
    quality: ImageQuality = ImageQuality()
    signs: ScopeSigns = ScopeSigns()

    def value(self, instance: InstanceId, name: str) -> float | None:
        """Return the value of a measurement, None when it is absent."""
        found = self.measurements.get((instance, name))
        return None if found is None else found.value

    def feature(self, instance: InstanceId, name: str) -> float | None:
        """Return a feature, or a measurement's value, None when both are absent."""
        found = self.features.get((instance, name))
        return self.value(instance, name) if found is None else found

    def of(self, instance: InstanceId) -> dict[str, Measurement]:
        """Return the measurements of one instance by name."""
        return {name: m for (target, name), m in self.measurements.items() if target == instance}

    @property
    def discs(self) -> tuple[InstanceId, ...]:
        """Discs with landmarks, caudal to cranial."""
        return tuple(self.landmarks.discs)
