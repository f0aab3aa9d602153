"""Acquired axial T2 series beside the measured one: which discs they cross, and which shows a disc best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.geometry import Array, angle_deg, vector
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.study import Series, SeriesRole, Study
from lvp_workstation.domain.volume import Volume, VolumeGeometry

HALF_DISC_MM = 4.0
"""An axial image this near to the centre of a disc still crosses it: half a disc height (our choice)."""
MAX_TILT_DEG = 30.0
"""An axial image that lies flatter to the disc than this shows its plane (our choice)."""


def axial_cover(study: Study, discs: Mapping[InstanceId, DiscLandmarks]) -> frozenset[InstanceId]:
    """Return the discs that an image of an axial T2 series crosses."""
    grids = [s.geometry for s in study.series if s.role is SeriesRole.AX_T2 and s.geometry is not None]
    return frozenset(
        disc
        for disc, found in discs.items()
        if any(_inside(grid, grid.world_to_index(found.centroid)) for grid in grids)
    )


def _inside(grid: VolumeGeometry, index: Array) -> bool:
    """Whether an index lies in a grid, or half a disc above or below its slices."""
    place, margin = vector(index), vector((HALF_DISC_MM / grid.spacing[0], 0.0, 0.0)) + 0.5
    return bool((place >= -margin).all() and (place <= vector(grid.shape) - 1 + margin).all())


def load_axials(
    study: Study,
    series: Series,
    load: Callable[[Series, CancelToken | None], Volume],
    cancel: CancelToken | None = None,
) -> tuple[Volume, ...]:
    """Return the axial T2 series that lie in the same frame of reference as a series.

    Without a common FrameOfReferenceUID positions cannot be compared. One that cannot be read is passed
    over; opening the study has said so.
    """
    frame = _frame_of(series)
    return _load(study, load, cancel, lambda other: bool(frame) and other == frame)


def load_foreign_axials(
    study: Study,
    series: Series,
    load: Callable[[Series, CancelToken | None], Volume],
    cancel: CancelToken | None = None,
) -> tuple[Volume, ...]:
    """Return the axial T2 series of a study that lie in another frame of reference than a series.

    Their positions are comparable only as far as the patient lay still: whoever uses them must say so. One
    that cannot be read is passed over.
    """
    frame = _frame_of(series)
    return _load(study, load, cancel, lambda other: bool(frame) and other not in ("", frame))


def _frame_of(series: Series) -> str:
    return "" if series.geometry is None else series.geometry.frame_of_reference_uid


def _load(
    study: Study,
    load: Callable[[Series, CancelToken | None], Volume],
    cancel: CancelToken | None,
    wanted: Callable[[str], bool],
) -> tuple[Volume, ...]:
    """Return the readable axial T2 series whose FrameOfReferenceUID is wanted."""
    found = []
    for other in study.series:
        if other.role is not SeriesRole.AX_T2 or other.geometry is None or not wanted(_frame_of(other)):
            continue
        try:
            found.append(load(other, cancel))
        except UnreadableInput:
            continue
    return tuple(found)


def axial_through(axials: Iterable[Volume], disc: DiscLandmarks) -> Volume | None:
    """Return the axial series with the slice nearest to the middle of a disc and about in its plane.

    None where no slice crosses the disc.
    """
    near = [(_distance(v.geometry, disc), n, v) for n, v in enumerate(axials) if _shows(v.geometry, disc)]
    return min(near)[2] if near else None


def shows_plane(grid: VolumeGeometry, disc: DiscLandmarks) -> bool:
    """Return whether the slices of a grid lie about in the plane of a disc."""
    tilt = angle_deg(grid.slice_normal, disc.normal)
    return min(tilt, 180.0 - tilt) <= MAX_TILT_DEG


def _shows(grid: VolumeGeometry, disc: DiscLandmarks) -> bool:
    crosses = _inside(grid, grid.world_to_index(disc.centroid)) and _distance(grid, disc) <= HALF_DISC_MM
    return crosses and shows_plane(grid, disc)


def _distance(grid: VolumeGeometry, disc: DiscLandmarks) -> float:
    """Return the distance of the nearest slice from the middle of a disc, mm."""
    place = float(vector(grid.world_to_index(disc.centroid))[0])
    nearest = min(max(round(place), 0), grid.shape[0] - 1)
    return abs(place - nearest) * grid.spacing[0]
