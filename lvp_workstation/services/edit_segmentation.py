"""Edits of the segmentation: pure functions from a label array to a new one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.geometry import Array, Plane, plane_angle_deg
from lvp_workstation.domain.labelmap import BACKGROUND_CODE, LabelArray, LabelMap, code_of, instance_of
from lvp_workstation.measure.plane_voxels import Voxels, outline_voxels, stroke_voxels

_STEP_OF_RADIUS = 0.5
"""A stroke is sampled every half radius, so that the painted discs overlap (our choice)."""

ALONG_DEG = 1.0
"""A plane tilted less than this against the slices counts as one of them (our choice)."""
OUTSIDE = "The stroke lies outside the segmented series."
HIDDEN = "Nothing was changed: what lies here is not shown yet; lock your grades of its levels first (L)."
SAME = "Nothing was changed: all that lies here is so already."


def instance_at(labels: LabelMap, point_lps: ArrayLike) -> InstanceId | None:
    """Return the instance under a point in LPS mm, None on background and outside the grid."""
    index = np.rint(labels.geometry.world_to_index(point_lps)).astype(int)
    if (index < 0).any() or (index >= np.array(labels.geometry.shape)).any():
        return None
    return instance_of(int(labels.array[tuple(index)]))


def painted(
    labels: LabelMap,
    stroke_lps: Sequence[ArrayLike],
    radius_mm: float,
    instance: InstanceId | None,
    among: Collection[InstanceId] | None = None,
    normal: ArrayLike | None = None,
) -> LabelArray:
    """Return the label array after a round brush went along a stroke on a plane.

    Parameters
    ----------
    stroke_lps
        Points of the stroke, LPS mm; on the slices of the labels the slice is that of the first point.
    radius_mm
        Radius of the brush in the plane.
    instance
        What to paint; None erases.
    among
        Structures that may be erased or painted over; None stands for all. Background always may.
    normal
        Normal of the plane; None is a slice of the labels. On any other plane the voxels change that it shows
        under the brush.

    Raises
    ------
    UsageProblem
        When the stroke lies outside the segmented series, or nothing would change.
    """
    geometry = labels.geometry
    points = np.asarray(stroke_lps, dtype=np.float64).reshape(-1, 3)
    if normal is not None and not along_slices(labels, normal):
        voxels = stroke_voxels(geometry, points, radius_mm, np.asarray(normal, dtype=np.float64))
        return given_to(labels, voxels, instance, among)
    index = geometry.world_to_index(_densified(points, radius_mm))
    number = int(np.rint(index[0, 0]))
    if not 0 <= number < geometry.shape[0]:
        raise UsageProblem(OUTSIDE)
    touched = _near_stroke(geometry.shape[1:], index[:, 1:], np.array(geometry.spacing[1:]), radius_mm)
    places = np.argwhere(touched)
    return given_to(labels, np.insert(places, 0, number, axis=1), instance, among)


def along_slices(labels: LabelMap, normal: ArrayLike) -> bool:
    """Return whether a plane with this normal runs along the slices of the labels."""
    return plane_angle_deg(labels.geometry.slice_normal, normal) < ALONG_DEG


def given_to(
    labels: LabelMap, voxels: Voxels, instance: InstanceId | None, among: Collection[InstanceId] | None
) -> LabelArray:
    """Return the label array with voxels of shape (n, 3) given to a structure, where that is allowed.

    Raises
    ------
    UsageProblem
        When there is no voxel at all, or none that would change.
    """
    if not len(voxels):
        raise UsageProblem(OUTSIDE)
    code = BACKGROUND_CODE if instance is None else code_of(instance)
    changing = voxels[labels.array[tuple(voxels.T)] != code]
    if not len(changing):
        raise UsageProblem(SAME)
    if among is not None:
        allowed = [BACKGROUND_CODE, *(code_of(i) for i in among)]
        changing = changing[np.isin(labels.array[tuple(changing.T)], allowed)]
        if not len(changing):
            raise UsageProblem(HIDDEN)
    result = np.array(labels.array)
    result[tuple(changing.T)] = code
    return result


def outline_filled(
    labels: LabelMap,
    corners_lps: ArrayLike,
    normal: ArrayLike,
    instance: InstanceId | None,
    among: Collection[InstanceId] | None = None,
) -> LabelArray:
    """Return the label array with the inside of an outline on a plane given to a structure; None erases.

    ``corners_lps`` of shape (n, 3); ``normal`` and ``among`` as in `painted`.
    """
    corners = np.asarray(corners_lps, dtype=np.float64).reshape(-1, 3)
    voxels = outline_voxels(labels.geometry, corners, np.asarray(normal, dtype=np.float64))
    return given_to(labels, voxels, instance, among)


def cut_off(labels: LabelMap, instance: InstanceId, cut: Plane, other: InstanceId | None) -> LabelArray:
    """Return the label array with what a structure has beyond a plane given to another one; None deletes.

    Raises
    ------
    UsageProblem
        When the plane does not go through the structure.
    """
    voxels = np.argwhere(labels.mask(instance))
    far = cut.signed_distance(labels.geometry.index_to_world(voxels)) > 0
    if not far.any() or far.all():
        raise UsageProblem("The line does not go through this structure.")
    return given_to(labels, voxels[far], other, None)


def voxel_at(labels: LabelMap, point_lps: ArrayLike) -> tuple[int, int, int]:
    """Return the voxel at a point in LPS mm; raise `UsageProblem` outside the grid."""
    index = np.rint(labels.geometry.world_to_index(point_lps)).astype(int).reshape(3)
    if (index < 0).any() or (index >= np.array(labels.geometry.shape)).any():
        raise UsageProblem(OUTSIDE)
    return int(index[0]), int(index[1]), int(index[2])


def _densified(points: Array, radius_mm: float) -> Array:
    if len(points) == 1:
        return points
    step = max(radius_mm * _STEP_OF_RADIUS, 0.1)
    pieces = [
        np.linspace(a, b, max(2, int(np.ceil(np.linalg.norm(b - a) / step)) + 1)) for a, b in pairwise(points)
    ]
    return np.concatenate(pieces)


def _near_stroke(
    shape: tuple[int, ...], centres: Array, spacing: Array, radius_mm: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return the pixels whose centre is within the radius of any of the points (row, column)."""
    touched = np.zeros(shape, dtype=np.bool_)
    reach = np.ceil(radius_mm / spacing).astype(int) + 1
    for centre in centres:
        low = np.maximum(np.floor(centre).astype(int) - reach, 0)
        high = np.minimum(np.ceil(centre).astype(int) + reach + 1, shape)
        if (low >= high).any():
            continue
        rows = (np.arange(low[0], high[0]) - centre[0]) * spacing[0]
        columns = (np.arange(low[1], high[1]) - centre[1]) * spacing[1]
        inside = rows[:, None] ** 2 + columns[None, :] ** 2 <= radius_mm**2
        touched[low[0] : high[0], low[1] : high[1]] |= inside
    return touched


def relabelled(labels: LabelMap, instance: InstanceId, other: InstanceId) -> LabelArray:
    """Return the label array with every voxel of one structure given to another."""
    result = np.array(labels.array)
    result[labels.mask(instance)] = code_of(other)
    return result


def deleted(labels: LabelMap, instance: InstanceId) -> LabelArray:
    """Return the label array without a structure."""
    result = np.array(labels.array)
    result[labels.mask(instance)] = BACKGROUND_CODE
    return result
