"""Which series of a study is tried first for a lumbar spine, and what is said when none shows one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from lvp_workstation.domain.analysis_request import AnalysisRequest
from lvp_workstation.domain.errors import NoLumbarSeries, UnreadableInput, UsageProblem
from lvp_workstation.domain.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from lvp_workstation.domain.study import Series, SeriesRole, Study
from lvp_workstation.domain.volume import ImagePlane, Volume
from lvp_workstation.io.plausible import ABSURD_SIZE

PREFERENCE: tuple[SeriesRole, ...] = (
    SeriesRole.SAG_T2,
    SeriesRole.SAG_T2_FS,
    SeriesRole.SAG_STIR,
    SeriesRole.SAG_DIXON_WATER,
    SeriesRole.SAG_T1,
    SeriesRole.SAG_DIXON_IN,
    SeriesRole.SAG_DIXON_FAT,
    SeriesRole.SAG_DIXON_OPP,
    SeriesRole.SAG_T1_GD,
    SeriesRole.OTHER,
)
"""Which sagittal series is segmented first: the one that the grades need most."""

MAX_TRIES = 4
"""Series in which a lumbar spine is looked for before giving up (our choice)."""

VolumeLoader = Callable[[Series, CancelToken | None], Volume]


def candidates(study: Study, request: AnalysisRequest) -> tuple[Series, ...]:
    """Return the series to try, best first.

    Raises
    ------
    UsageProblem
        When the requested series is not in the study.
    """
    if request.series:
        series = study.find_series(request.series)
        if series is None:
            known = ", ".join(s.series_instance_uid for s in study.series) or "none"
            raise UsageProblem(f"There is no series {request.series} in the study; it has: {known}.")
        return (series,) if _believable(series) else ()
    usable = [s for s in study.series if _believable(s) and _may_be_sagittal(s)]
    return tuple(sorted(usable, key=_rank)[:MAX_TRIES])


def _believable(series: Series) -> bool:
    """Return whether the series has positions, and images that a patient fits."""
    return series.geometry is not None and not any(p.code == ABSURD_SIZE for p in series.problems)


def _may_be_sagittal(series: Series) -> bool:
    if series.plane is not ImagePlane.SAGITTAL:
        return _nearly_isotropic(series)
    return series.role in PREFERENCE or series.role in (SeriesRole.LOC, SeriesRole.MYELO)


def _nearly_isotropic(series: Series) -> bool:
    """A 3-D acquisition may have been stored in any plane."""
    if series.geometry is None or series.role not in PREFERENCE:
        return False
    spacing = series.geometry.spacing
    return max(spacing) <= 2.0 * min(spacing) and min(series.geometry.shape) > 1


def _rank(series: Series) -> tuple[int, float]:
    role = series.role
    place = PREFERENCE.index(role) if role in PREFERENCE else len(PREFERENCE)
    assert series.geometry is not None
    return place, -float(series.geometry.shape[0])


def readable(
    study: Study,
    load: VolumeLoader,
    request: AnalysisRequest,
    unreadable: list[UnreadableInput],
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Iterator[tuple[Series, Volume, float]]:
    """Yield the series to try, best first, with their volumes and the seconds that reading took.

    What cannot be read is passed over and appended to ``unreadable``. Raises `UsageProblem` when the
    requested series does not exist.
    """
    for series in candidates(study, request):
        began = time.perf_counter()
        progress(Progress(0.0, f"Reading {series.description or series.role.caption}"))
        try:
            volume = load(series, cancel)
        except UnreadableInput as error:
            unreadable.append(error)
            continue
        yield series, volume, time.perf_counter() - began


def added(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Return the sums of seconds by step."""
    return {step: one.get(step, 0.0) + other.get(step, 0.0) for step in {**one, **other}}


def nothing_lumbar(
    spent: Mapping[str, float],
    unreadable: Sequence[UnreadableInput],
    outcome: str = "No lumbar spine was found",
    wanted: str = "sagittal MR series",
) -> UnreadableInput | NoLumbarSeries:
    """Return why no series of a study served: ``outcome``, and what was ``wanted`` when none was tried.

    ``spent`` are the seconds by step: a series was tried when one was loaded.
    """
    tried = "load" in spent
    if unreadable and not tried:
        return unreadable[0]
    why = "no series shows at least three discs and three vertebrae in a column."
    if not tried:
        why = f"the study holds no {wanted} with known positions."
    return NoLumbarSeries(" ".join([f"{outcome}: {why}", *map(str, unreadable)]), spent)
