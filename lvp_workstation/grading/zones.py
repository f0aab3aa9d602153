"""Axial zone of a displaced disc, from how far behind it lies on each sagittal slice.

Zones after Fardon 2014 (nomenclature v2.0): central, with left and right central as its refinement,
subarticular and foraminal. Their limits are bony and differ between patients; sagittal slices give the
distance from the middle of the canal only, so the limits in mm are our choice.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.measure.result import SpineMeasures

CENTRAL_MM, SUBARTICULAR_MM = 7.0, 12.0
"""Distances from the middle of the canal to the medial edge of the facets and of the pedicle (our choice:
canals are 20-29 mm wide)."""
CLEAR_MM = 1.0
"""The disc must lie this much further back there than at the mirrored place (our choice: about one voxel).
A margin in front of the corner line counts as on it: where a mask misses a herniation it lies there, and the
healthy side would seem displaced."""
NEAR_PEAK_MM = 1.0
"""Slices within this depth of the deepest one share its place (our choice)."""


def displacement_place(measures: SpineMeasures, disc: InstanceId) -> float | None:
    """Return where a disc is displaced most, mm from the middle of the canal, positive to the left.

    None without several slices, or when neither side is clear: a side is stated only when it lies at least
    most of a slice from the middle and beyond `CLEAR_MM` deeper than its mirror image.
    """
    profile = dict(measures.bulge_profiles.get(disc, ()))
    if len(profile) < 3:
        return None
    deepest = max(profile, key=lambda offset: profile[offset])
    mirrored = min(profile, key=lambda offset: abs(offset + deepest))
    step = measures.coverage.slice_mm
    if abs(deepest) < 0.9 * min(step, 4.5) or profile[deepest] <= 0:
        return None
    if profile[deepest] - max(profile[mirrored], 0.0) < CLEAR_MM or abs(mirrored + deepest) > step:
        return None
    near = {x: d for x, d in profile.items() if x * deepest >= 0 and profile[deepest] - d < NEAR_PEAK_MM}
    weight = sum(max(d, 0.1) for d in near.values())
    return -sum(x * max(d, 0.1) for x, d in near.items()) / weight


def zone_of(place: float) -> str:
    """Return the axial zone of a place, mm from the middle of the canal, positive to the left."""
    side = "left" if place > 0 else "right"
    if abs(place) <= CENTRAL_MM:
        return f"{side} central"
    return f"{side} subarticular" if abs(place) <= SUBARTICULAR_MM else f"{side} foraminal"


def zone_sentence(measures: SpineMeasures, disc: InstanceId) -> str:
    """Return where the disc is displaced most in words, empty when no side is clear."""
    place = displacement_place(measures, disc)
    if place is None:
        return ""
    side = "left" if place > 0 else "right"
    return f"Displaced most {abs(place):.0f} mm {side} of the middle of the canal ({zone_of(place)} zone). "
