"""What a series shows of the ordered anatomy, and how far its slices lie from the plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lvp_workstation.domain.anatomy import CANAL, SACRUM, InstanceId, disc_id, vertebra_id
from lvp_workstation.domain.geometry import Array, Plane, plane_angle_deg
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.landmarks import SpineLandmarks
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import ImagePlane, Volume, VolumeGeometry
from lvp_workstation.planning.clouds import clouds_of
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.planning.stack import AXIAL, CONTINUOUS, CORONAL, SAGITTAL, PlannedStack

LUMBAR = 5
FORAMEN_MM = 22.0
"""The foramen reaches so far to the side of its body's middle (our choice: half of the distance between the
pedicles, 11-12 mm, and three quarters of a pedicle)."""
CANAL_BEHIND_MM = 20.0
"""An axial stack must hold its disc and the canal so far behind the disc's posterior margin (our choice)."""
NARROW_MM2 = 75.0
"""Canal area in the plane of a disc from which on a level is called narrow (Schonstrom 1985: 75 mm2 for the
sac; the area of the mask is that of the canal, so this finds the clear cases only)."""
SECTION_MM = 3.0
FLUID_QUANTILE = 0.85
T2_LEAST, T1_MOST = 0.8, 1.1
"""Bright canal over marrow: T2 has more, T1 less (our choice; fluid is dark on T1 and bright on T2)."""
MARROW_FACTOR = 1.6
"""A body is abnormal when its marrow is so many times darker or brighter than the others' (our choice)."""
MIN_VOXELS = 60
KINDS = {
    ImagePlane.SAGITTAL: (SAGITTAL,),
    ImagePlane.AXIAL: (AXIAL, CONTINUOUS),
    ImagePlane.CORONAL: (CORONAL,),
}


def nearest_stack(geometry: VolumeGeometry, plan: ScanPlan) -> PlannedStack | None:
    """Return the proposed stack of the same kind that a volume comes nearest to, None without one."""
    kinds = KINDS[geometry.image_plane]
    stacks = [s for s in plan.stacks if s.kind in kinds and s.proposed]

    def distance(stack: PlannedStack) -> float:
        return _offset(geometry, stack) + plane_angle_deg(geometry.slice_normal, stack.normal)

    return min(stacks, key=distance, default=None)


def _offset(geometry: VolumeGeometry, stack: PlannedStack) -> float:
    assert stack.centre is not None
    return abs(float(Plane(geometry.centre, geometry.slice_normal).signed_distance(stack.centre)))


def anatomy_facts(
    geometry: VolumeGeometry, landmarks: SpineLandmarks, anatomy: ScanPlan, ordered: ScanPlan | None
) -> dict[str, float]:
    """Return the facts of `quality.KNOWN` that rest on anatomy.

    Parameters
    ----------
    geometry
        Of the acquired stack.
    landmarks, anatomy
        Where the spine is: from the series itself or an earlier one of the examination.
    ordered
        The plan that the series should follow; None when there was none.
    """
    facts: dict[str, float] = {}
    asked = None if ordered is None else nearest_stack(geometry, ordered)
    if asked is not None:
        facts["angle_deg"] = plane_angle_deg(geometry.slice_normal, asked.normal)
        facts["offset_mm"] = _offset(geometry, asked)
    if geometry.image_plane is ImagePlane.SAGITTAL:
        facts |= _sagittal_facts(geometry, landmarks, anatomy)
    elif geometry.image_plane is ImagePlane.AXIAL and asked is not None and asked.kind == AXIAL:
        assert asked.centre is not None
        held = np.array([asked.centre, asked.centre + CANAL_BEHIND_MM * asked.column])
        facts["outside_mm"] = float(outside_mm(geometry, held).max())
    return facts


def _sagittal_facts(
    geometry: VolumeGeometry, landmarks: SpineLandmarks, anatomy: ScanPlan
) -> dict[str, float]:
    plates = [
        plate
        for name in (SACRUM, *(vertebra_id(n) for n in range(1, LUMBAR + 1)))
        if name in landmarks.bodies
        for plate in (landmarks.bodies[name].superior, landmarks.bodies[name].inferior)
        if plate is not None
    ]
    corners = np.array([p for plate in plates for p in (plate.anterior, plate.posterior)]).reshape(-1, 3)
    facts = {"outside_mm": float(outside_mm(geometry, corners).max())} if len(corners) else {}
    middle = anatomy.of_kind(SAGITTAL)[0]
    if middle.centre is None:
        return facts
    left = middle.normal if middle.normal[0] > 0 else -middle.normal
    missed = outside_mm(geometry, foramen_points(landmarks, left)) > 0
    facts["foramina_missed"] = float(missed.sum())
    facts["aside_mm"] = float((geometry.centre - middle.centre) @ left)
    return facts


def foramen_points(landmarks: SpineLandmarks, left: Array) -> Array:
    """Return the outer ends of the foramina below each lumbar body, LPS mm, shape (n, 3)."""
    points = []
    for n in range(1, LUMBAR + 1):
        body = landmarks.bodies.get(vertebra_id(n))
        if body is not None and body.inferior is not None:
            behind = np.array(body.inferior.posterior)
            points += [behind + side * FORAMEN_MM * left for side in (-1, 1)]
    return np.array(points).reshape(-1, 3)


def outside_mm(geometry: VolumeGeometry, points: Array) -> Array:
    """Return how far LPS points of shape (n, 3) lie outside a grid along its worst axis, 0 inside."""
    index = geometry.world_to_index(points)
    size, step = np.array(geometry.shape), np.array(geometry.spacing)
    beyond = np.maximum(-0.5 - index, index - (size - 0.5)) * step
    return np.asarray(np.maximum(beyond.max(axis=1), 0.0))


def contrast_is_wrong(volume: Volume, labels: LabelMap, stated: Weighting) -> bool:
    """Return whether fluid and marrow contradict the weighting that the series says it has."""
    inside = volume.array[labels.array == CANAL_CODE]
    bone = volume.array[(labels.array >= VERTEBRA_BASE) & (labels.array < DISC_BASE)]
    if min(inside.size, bone.size) < MIN_VOXELS:
        return False
    ratio = float(np.quantile(inside, FLUID_QUANTILE)) / max(float(np.median(bone)), 1e-6)
    return (stated is Weighting.T2 and ratio < T2_LEAST) or (stated is Weighting.T1 and ratio > T1_MOST)


def marrow_abnormal(volume: Volume, labels: LabelMap) -> bool:
    """Return whether the marrow of some vertebra is much darker or brighter than that of the others."""
    medians = [
        float(np.median(volume.array[mask]))
        for code in range(VERTEBRA_BASE + 1, DISC_BASE)
        if int((mask := labels.array == code).sum()) >= MIN_VOXELS
    ]
    if len(medians) < 3:
        return False
    share = np.array(medians) / max(float(np.median(medians)), 1e-6)
    return bool(share.max() > MARROW_FACTOR or share.min() < 1 / MARROW_FACTOR)


def narrow_discs(labels: LabelMap, landmarks: SpineLandmarks) -> tuple[InstanceId, ...]:
    """Return the lumbar discs behind which the canal's section is narrow, the narrowest first."""
    canal = clouds_of(labels).get(CANAL)
    areas: Mapping[InstanceId, float] = {}
    if canal is not None:
        voxel = labels.geometry.voxel_volume
        found = {}
        for n in range(1, LUMBAR + 1):
            disc = landmarks.discs.get(disc_id(n))
            if disc is not None:
                up = (canal.points - np.array(disc.centroid)) @ np.array(disc.normal)
                found[disc_id(n)] = float((np.abs(up) <= SECTION_MM / 2).sum()) * voxel / SECTION_MM
        areas = found
    return tuple(sorted((d for d, area in areas.items() if 0 < area < NARROW_MM2), key=lambda d: areas[d]))
