"""Find what can be read: folders, files, DICOMDIR, archives and research formats, headers only.

`iter_scan` yields one item after the other, so that series can be listed while scanning goes on;
`scan_paths` gathers them.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from lvp_workstation.domain.study import Problem
from lvp_workstation.io.archive import checked_members, is_archive
from lvp_workstation.io.dicomdir import missing_references
from lvp_workstation.io.header import DIRECTORY_STORAGE, Header, file_name, parse_header, read_header
from lvp_workstation.io.sources import ARCHIVE_ERRORS, member_path, read_member

RESEARCH_SUFFIXES = (".nii", ".nii.gz", ".mha", ".mhd", ".nrrd", ".nhdr")
COMPANION_SUFFIXES = (".raw", ".zraw")
"""Pixel files that belong to an .mhd or .nhdr header."""

IGNORED_NAMES = {".ds_store", "thumbs.db", "desktop.ini", "autorun.inf"}
RESULT_MARK = "analysis.json"
RESULT_FILES = frozenset(
    {
        RESULT_MARK,
        "segmentation.nii.gz",
        "segmentation.dcm",
        "labels.json",
        "draft_report.pdf",
        "overlay_sagittal.png",
    }
)
RESULT_PREFIX = "axial_segmentation_"
"""In a folder that holds an ``analysis.json`` these, and files that begin so, are results of this program,
not its input."""
TRUTH_FILE = "truth.json"
"""Beside every phantom."""
IGNORED_PREFIX = "._"
"""Files that systems leave behind (AppleDouble, thumbnails): passed over in silence."""


@dataclass(frozen=True)
class ResearchFile:
    """A NIfTI, MetaImage or NRRD file; it is read later by `io.nifti`."""

    path: str


ScanItem: TypeAlias = Header | ResearchFile | Problem


@dataclass(frozen=True)
class ScanResult:
    """What a scan found, in the order of the sorted paths."""

    headers: tuple[Header, ...] = ()
    research: tuple[ResearchFile, ...] = ()
    problems: tuple[Problem, ...] = ()


def scan_paths(
    paths: Iterable[str | Path],
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ScanResult:
    """Scan everything and return what was found.

    Raises
    ------
    Cancelled
        When ``cancel`` was raised.
    """
    return gathered(iter_scan(paths, progress, cancel))


def gathered(items: Iterable[ScanItem]) -> ScanResult:
    """Sort scanned items by their kind."""
    found = list(items)
    return ScanResult(
        tuple(i for i in found if isinstance(i, Header)),
        tuple(i for i in found if isinstance(i, ResearchFile)),
        tuple(i for i in found if isinstance(i, Problem)),
    )


def iter_scan(
    paths: Iterable[str | Path],
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Iterator[ScanItem]:
    """Yield headers, research files and problems as they are found.

    No problem with one file stops the scan; each becomes a `Problem` that names it.
    """
    problems: list[Problem] = []
    files = list(_unique(_walk(paths, problems, cancel)))
    yield from problems
    for done, path in enumerate(files):
        if cancel is not None:
            cancel.raise_if_cancelled()
        progress(Progress(done / len(files), f"Reading headers: {done + 1} of {len(files)} files"))
        yield from _scan_file(path, cancel)
    progress(Progress(1.0, f"Read the headers of {len(files)} files"))


def _unique(paths: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for path in paths:
        real = os.path.realpath(path)
        if real not in seen:
            seen.add(real)
            yield path


def _walk(paths: Iterable[str | Path], problems: list[Problem], cancel: CancelToken | None) -> Iterator[str]:
    for given in paths:
        path = Path(given)
        try:
            found = list(_walk_one(path, problems, cancel))
        except OSError as error:  # such as a name that is too long
            text = f"{path} cannot be read: {error.strerror}; check the name."
            problems.append(Problem("missing_path", text, str(path)))
        else:
            yield from found


def _walk_one(path: Path, problems: list[Problem], cancel: CancelToken | None) -> Iterator[str]:
    if path.is_dir():
        yield from _walk_folder(path, problems, cancel)
    elif path.name.upper() == "DICOMDIR" and path.is_file():
        yield from _walk_folder(path.parent, problems, cancel)
    elif path.is_file():
        yield str(path)
    else:
        problems.append(_absent(path))


def _absent(path: Path) -> Problem:
    if path.exists():
        return Problem("not_a_file", f"{path} is neither a file nor a folder; it was left out.", str(path))
    return Problem("missing_path", f"{path} does not exist; check the name.", str(path))


def _walk_folder(folder: Path, problems: list[Problem], cancel: CancelToken | None) -> Iterator[str]:
    def refused(error: OSError) -> None:
        where = error.filename or str(folder)
        text = f"The folder {where} cannot be read ({error.strerror}); check the permissions or the disk."
        problems.append(Problem("unreadable_folder", text, str(where)))

    seen = {os.path.realpath(folder)}
    for root, folders, names in os.walk(folder, onerror=refused, followlinks=True):
        if cancel is not None:
            cancel.raise_if_cancelled()
        folders[:] = [name for name in sorted(folders) if _is_new(os.path.join(root, name), seen)]
        results = {n for n in names if n in RESULT_FILES or n.startswith(RESULT_PREFIX)}
        if RESULT_MARK not in names:
            results = set()
        for name in sorted(set(names) - results - {TRUTH_FILE}):
            path = os.path.join(root, name)
            if not _ignored(name) and _is_regular(path):
                yield path


def _is_new(folder: str, seen: set[str]) -> bool:
    """Return whether a folder was not met before, by this or another name; links may lead in circles."""
    real = os.path.realpath(folder)
    if real in seen:
        return False
    seen.add(real)
    return True


def _ignored(name: str) -> bool:
    return name.startswith(IGNORED_PREFIX) or name.lower() in IGNORED_NAMES


def _is_regular(path: str) -> bool:
    """Return whether a path is a file; a pipe or device would block, a dead link is nothing."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def is_research(path: str) -> bool:
    """Return whether a path is named like a NIfTI, MetaImage or NRRD file."""
    return path.lower().endswith(RESEARCH_SUFFIXES)


def _is_companion(path: str) -> bool:
    stem, suffix = os.path.splitext(path)
    return suffix.lower() in COMPANION_SUFFIXES and any(
        os.path.exists(stem + header) for header in (".mhd", ".nhdr", ".MHD")
    )


def _scan_file(path: str, cancel: CancelToken | None) -> Iterator[ScanItem]:
    if is_research(path):
        yield ResearchFile(path)
    elif is_archive(path):
        yield from _scan_archive(path, cancel)
    elif not _is_companion(path):
        yield from _scan_dicom(path)


def _scan_dicom(path: str) -> Iterator[ScanItem]:
    try:
        header = read_header(path)
    except UnreadableInput as error:
        yield Problem("unreadable_file", str(error), path)
        return
    if header.sop_class == DIRECTORY_STORAGE:
        yield from missing_references(path)
    else:
        yield header


def _scan_archive(path: str, cancel: CancelToken | None) -> Iterator[ScanItem]:
    """Read the members of an archive in memory; nothing is extracted to disk."""
    name = file_name(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members, problems = checked_members(archive, path)
            yield from problems
            for info in members:
                if cancel is not None:
                    cancel.raise_if_cancelled()
                yield from _scan_member(archive, info, path)
    except PermissionError:
        text = f"The archive {name} may not be read by this user; ask for the right to read it."
        yield Problem("unreadable_file", text, path)
    except ARCHIVE_ERRORS as error:
        text = f"The archive {name} is damaged and cannot be opened ({error}); download or pack it again."
        yield Problem("corrupt_archive", text, path)


def _scan_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> Iterator[ScanItem]:
    member = member_path(path, info.filename)
    base = info.filename.rsplit("/", 1)[-1]
    if _ignored(base) or base.upper() == "DICOMDIR":
        return
    if is_research(base) or base.lower().endswith(".zip"):
        text = f"{base} lies inside the archive {file_name(path)}; unpack it first to open it."
        yield Problem("unpack_first", text, member)
        return
    try:
        yield parse_header(member, io.BytesIO(read_member(archive, info)))
    except UnreadableInput as error:
        yield Problem("unreadable_file", str(error), member)
