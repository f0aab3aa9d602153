"""Hand-made measures, so that grading rules are tested without images."""

from __future__ import annotations

from types import MappingProxyType

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Formula, Measurement, Provenance
from lvp_workstation.domain.landmarks import DiscLandmarks, SpineLandmarks
from lvp_workstation.domain.study import Weighting
from lvp_workstation.measure.result import Coverage, ImageQuality, SpineMeasures

PROVENANCE = Provenance(Provenance.AI, "made by hand", "2026-01-01T00:00:00Z")
NORMAL: dict[str, float] = {
    "disc_height_middle": 10.5,
    "disc_height_posterior": 7.5,
    "slip": 0.2,
    "slip_percent": 0.6,
    "sac_ap": 13.0,
    "canal_ap": 16.0,
    "disc_csf_ratio": 0.5,
    "disc_bulge_depth": 0.0,
}
FEATURES: dict[str, float] = {
    "disc_marrow_ratio": 1.3,
    "nucleus_annulus_ratio": 3.2,
    "nucleus_spread": 0.2,
    "bulge_signed": -0.5,
    "displacement": -0.5,
    "canal_gap": 1.0,
    "canal_gap_middle": 0.5,
    "aspect": 0.29,
    "anterior_aspect": 0.29,
    "middle_aspect": 0.31,
    "posterior_aspect": 0.23,
    "sac_narrowest": 12.0,
    "canal_class_ap": 13.3,
}
WORN: dict[str, float] = {"disc_height_middle": 4.5, "disc_height_posterior": 2.5, "disc_csf_ratio": 0.06}
WORN_FEATURES: dict[str, float] = {
    "disc_marrow_ratio": 0.15,
    "nucleus_annulus_ratio": 0.95,
    "aspect": 0.12,
    "anterior_aspect": 0.14,
    "middle_aspect": 0.11,
    "posterior_aspect": 0.1,
}


def measurement(target: InstanceId, name: str, value: float) -> Measurement:
    """Return a measurement with a given value."""
    if name == "disc_csf_ratio":
        points = ((0.0, 0.0, 0.0), (0.0, 20.0, 0.0))
        return Measurement(name, target, Formula.SAMPLE_RATIO, points, PROVENANCE, (value, 1.0))
    if name.startswith("slip"):
        percent = name == "slip_percent"
        size = value / 100.0 * 35.0 if percent else value
        ends = ((0.0, 0.0, 0.0), (0.0, -size, 9.0), (0.0, 0.0, 0.0), (0.0, -35.0, 0.0))
        formula = Formula.SIGNED_PERCENT if percent else Formula.SIGNED_DISTANCE
        return Measurement(name, target, formula, ends, PROVENANCE, uncertainty=0.4)
    ends = ((0.0, 0.0, 0.0), (0.0, 0.0, value))
    return Measurement(name, target, Formula.DISTANCE, ends, PROVENANCE, uncertainty=0.4)


def spine(
    changes: dict[int, dict[str, float | None]] | None = None,
    features: dict[int, dict[str, float]] | None = None,
    profiles: dict[int, tuple[float, ...]] | None = None,
    *,
    count: int = 5,
    weighting: Weighting = Weighting.T2,
    sagittal: bool = True,
    quality: ImageQuality | None = None,
    tilt: tuple[float, ...] = (),
) -> SpineMeasures:
    """Return a healthy spine with changes by disc number; None removes a measurement."""
    found: dict[tuple[InstanceId, str], Measurement] = {}
    known: dict[tuple[InstanceId, str], float] = {}
    discs, margins = {}, {}
    for n in range(1, count + 1):
        disc, bone = f"D{n}", f"V{n}"
        found[bone, "height_middle"] = measurement(bone, "height_middle", 26.0)
        values = {**NORMAL, **((changes or {}).get(n, {}))}
        found |= {(disc, name): measurement(disc, name, v) for name, v in values.items() if v is not None}
        known |= {(disc, name): v for name, v in {**FEATURES, **((features or {}).get(n, {}))}.items()}
        depths = (profiles or {}).get(n, (-0.5, -0.4, -0.5, -0.3, -0.6))
        margins[disc] = tuple(zip((-9.0, -4.5, 0.0, 4.5, 9.0), depths, strict=True))
        lean = tilt[n - 1] if tilt else 0.0
        discs[disc] = DiscLandmarks(disc, (0.0, 0.0, 35.0 * n), (lean, 0.0, 1.0))
    return SpineMeasures(
        weighting,
        Coverage(15, 4.4, 0.7, sagittal),
        MappingProxyType(found),
        SpineLandmarks(discs=MappingProxyType(discs)),
        MappingProxyType(known),
        MappingProxyType(margins),
        quality=quality or ImageQuality(12.0, 0.0),
    )
