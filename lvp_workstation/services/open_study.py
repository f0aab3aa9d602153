"""Open what a user points at: DICOM and research files become studies; volumes load on demand."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lvp_workstation.domain.errors import NothingReadable, UnreadableInput, UsageProblem
from lvp_workstation.domain.progress import CancelToken, ProgressCallback, ignore_progress
from lvp_workstation.domain.study import OtherObject, Problem, Series, SeriesRole, Study
from lvp_workstation.io import nifti, pixels
from lvp_workstation.io.decode import FrameDecoder
from lvp_workstation.io.header import Header
from lvp_workstation.io.pixels import LoadedVolume, SliceCallback, ignore_slice
from lvp_workstation.io.scan import ResearchFile, ScanItem, ScanResult, gathered, iter_scan
from lvp_workstation.io.studies import build_studies
from lvp_workstation.services.prior_studies import identity_conflicts, with_priors

MAX_SAME_PROBLEMS = 10
"""Problems of one code that are listed one by one; the rest is counted (our choice)."""

PARTIAL_SECONDS = 0.3
"""Least time between two partial lists while scanning goes on (our choice)."""

PARTIAL_SHARE = 4.0
"""A partial list waits this many times as long as the last one took to make."""

CACHE_BYTES = 1024**3
"""Pixels kept in memory: several lumbar studies of 40-100 MB (our choice)."""


@dataclass(frozen=True)
class OpenedInput:
    """What was found in the given paths."""

    studies: tuple[Study, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def others(self) -> tuple[OtherObject, ...]:
        """Objects that are not image stacks, of all studies."""
        return tuple(other for study in self.studies for other in study.others)

    @property
    def files(self) -> frozenset[str]:
        """Paths of everything that was read, images and other objects."""
        series = (one for study in self.studies for one in study.series)
        frames = (frame.path for one in series for frame in one.frames)
        return frozenset((*frames, *(other.path for other in self.others)))

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """Problems of the input, of the studies and of the series, in this order."""
        of_studies = (p for study in self.studies for p in study.problems)
        of_series = (p for study in self.studies for series in study.series for p in series.problems)
        return (*self.problems, *of_studies, *of_series)


PartialCallback = Callable[[OpenedInput], None]


def ignore_partial(_: OpenedInput) -> None:
    """Take a partial list and do nothing with it."""


def open_paths(
    paths: Iterable[str | Path],
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
    role: SeriesRole | None = None,
    on_partial: PartialCallback = ignore_partial,
) -> OpenedInput:
    """Scan paths and return every study found; no pixels are read.

    Parameters
    ----------
    role
        What research files show, when the user states it.
    on_partial
        Called now and then with what is known so far, so that series can be listed meanwhile.

    Raises
    ------
    NothingReadable
        When no image, research file or other DICOM object could be read.
    Cancelled
        When ``cancel`` was raised.
    """
    given, items = list(paths), list[ScanItem]()
    due = time.monotonic() + PARTIAL_SECONDS
    for item in iter_scan(given, progress, cancel):
        items.append(item)
        if on_partial is not ignore_partial and time.monotonic() >= due:
            due = _show_partial(items, on_partial)
    opened = _opened(gathered(items), role)
    if not opened.studies:
        raise NothingReadable(_nothing(given, opened.problems))
    return opened


def _show_partial(items: list[ScanItem], on_partial: PartialCallback) -> float:
    """Show what is known so far; return when to do so again, later the longer it took."""
    began = time.monotonic()
    on_partial(OpenedInput(build_studies(item for item in items if isinstance(item, Header))))
    now = time.monotonic()
    return now + max(PARTIAL_SECONDS, PARTIAL_SHARE * (now - began))


def _opened(scanned: ScanResult, role: SeriesRole | None) -> OpenedInput:
    problems = list(scanned.problems)
    studies: list[Study] = []
    for study in build_studies(scanned.headers):
        if study.series or study.others:
            studies.append(study)
        else:
            problems.extend(study.problems)
    for file in scanned.research:
        studies.extend(_research_study(file, role, problems))
    problems.extend(identity_conflicts(studies))
    return OpenedInput(with_priors(studies), summarised(problems))


def _research_study(file: ResearchFile, role: SeriesRole | None, problems: list[Problem]) -> list[Study]:
    try:
        return [nifti.read_study(file.path, role)]
    except UnreadableInput as error:
        problems.append(Problem("unreadable_file", str(error), file.path))
        return []


def _nothing(paths: Sequence[str | Path], problems: tuple[Problem, ...]) -> str:
    if not problems:
        named = ", ".join(str(path) for path in paths)
        return f"Nothing was found: {named} holds no files. Name the folder or file that holds the images."
    return "\n".join(["Nothing could be read.", *(p.text for p in problems)])


def summarised(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems with long runs of one kind shortened to a count."""
    seen: Counter[str] = Counter()
    kept: list[Problem] = []
    for problem in problems:
        seen[problem.code] += 1
        if seen[problem.code] <= MAX_SAME_PROBLEMS:
            kept.append(problem)
    more = [
        Problem(code, f"And {count - MAX_SAME_PROBLEMS} more of this kind ({code.replace('_', ' ')}).")
        for code, count in seen.items()
        if count > MAX_SAME_PROBLEMS
    ]
    return (*kept, *more)


class VolumeCache:
    """Keeps loaded volumes up to a number of bytes; the one unused for longest goes first."""

    def __init__(self, limit_bytes: int = CACHE_BYTES) -> None:
        self._limit = limit_bytes
        self._volumes: OrderedDict[tuple[str, ...], LoadedVolume] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> LoadedVolume | None:
        """Return a kept volume, None when it is not there."""
        with self._lock:
            if key in self._volumes:
                self._volumes.move_to_end(key)
            return self._volumes.get(key)

    def put(self, key: tuple[str, ...], loaded: LoadedVolume) -> None:
        """Keep a volume, dropping others when there are too many."""
        with self._lock:
            self._volumes[key] = loaded
            self._volumes.move_to_end(key)
            while len(self._volumes) > 1 and self._size() > self._limit:
                self._volumes.popitem(last=False)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._volumes.clear()

    def _size(self) -> int:
        return sum(kept.volume.array.nbytes for kept in self._volumes.values())


class VolumeLoader:
    """Loads volumes of series, DICOM and research alike, and keeps the last ones.

    Parameters
    ----------
    cache
        Where loaded volumes are kept; None keeps nothing.
    decoder
        Where compressed frames are decoded; None decodes in this process.
    workers
        Threads that decode at a time; None takes the number of CPU cores.
    """

    def __init__(
        self,
        cache: VolumeCache | None = None,
        decoder: FrameDecoder | None = None,
        workers: int | None = None,
    ) -> None:
        self._cache = cache
        self._decoder = decoder
        self._workers = workers
        self._guard = threading.Lock()
        self._locks: dict[tuple[str, ...], threading.Lock] = {}

    def load(
        self,
        series: Series,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
        on_slice: SliceCallback = ignore_slice,
    ) -> LoadedVolume:
        """Return the volume of a series; see `load_volume`."""
        key = (series.key, *(f"{frame.path}#{frame.frame_index}" for frame in series.frames))
        with self._one_at_a_time(key):
            known = self._cache.get(key) if self._cache else None
            if known is not None:
                return known
            loaded = load_volume(series, progress, cancel, on_slice, self._decoder, self._workers)
            if self._cache:
                self._cache.put(key, loaded)
            return loaded

    def _one_at_a_time(self, key: tuple[str, ...]) -> threading.Lock:
        """Return the lock of a volume: who asks while it is being loaded waits for the loaded one."""
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())


def load_volume(
    series: Series,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
    on_slice: SliceCallback = ignore_slice,
    decoder: FrameDecoder | None = None,
    workers: int | None = None,
) -> LoadedVolume:
    """Read the pixels of a series.

    Parameters
    ----------
    on_slice
        Called with (slice number, stored values) as slices arrive, the middle one first.

    Raises
    ------
    UnreadableInput
        When no image of the series could be decoded.
    Cancelled
        When ``cancel`` was raised.
    """
    if not nifti.is_research_series(series):
        return pixels.load_volume(series, progress, cancel, on_slice, decoder, workers)
    volume = nifti.load_research_volume(series)
    for number in pixels.middle_outward(volume.shape[0]):
        on_slice(number, volume.array[number])
    return LoadedVolume(volume, series)


def find_series(opened: OpenedInput, key: str) -> tuple[Study, Series]:
    """Return the study and stack with a series key or SeriesInstanceUID.

    Raises
    ------
    UsageProblem
        When no study holds it.
    """
    for study in opened.studies:
        series = study.find_series(key)
        if series is not None:
            return study, series
    raise UsageProblem(f"no series {key!r} in the input")
