"""The folder results are written into: made when it is absent, tried, and removed when nothing came of it."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lvp_workstation.domain.errors import OutputProblem

STAGING_PREFIX = ".lvp_staging_"
ABANDONED_SECONDS = 86_400.0
"""A staging folder this old belongs to a run that was killed; no run takes a day (our choice)."""


@contextmanager
def output_folder(folder: Path) -> Iterator[None]:
    """Make a folder that can be written; when what happens inside fails, folders made here go again.

    Raises
    ------
    OutputProblem
        When the folder cannot be written.
    """
    try:
        made = [path for path in (folder, *folder.parents) if not path.exists()]
    except OSError as error:  # such as a name that is too long
        raise refusal(folder, error) from error
    try:
        require_writable(folder)
        _sweep(folder)
        yield
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.rmdir()  # an empty one only
        raise


def _sweep(folder: Path) -> None:
    """Remove what killed runs left in a folder: it holds images of a patient, hidden."""
    for left in folder.glob(f"{STAGING_PREFIX}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def require_writable(folder: Path) -> None:
    """Make a folder and try it; raise `OutputProblem` when it cannot be written."""
    if folder.exists() and not folder.is_dir():
        raise OutputProblem(f"{folder} is a file; give a folder for the results.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=folder):
            pass
    except OSError as error:
        raise refusal(folder, error) from error


def refusal(folder: Path, error: OSError) -> OutputProblem:
    """Return the sentence for a folder that the system refuses to write, whatever a library made of it."""
    found = re.search(r"\[Errno \d+\] ([^:\n]+)", str(error))
    reason = error.strerror or (found[1] if found else str(error).partition("\n")[0])
    return OutputProblem(f"{folder} cannot be written: {reason.rstrip('.')}.")


def refused(error: OSError | OutputProblem) -> OSError | None:
    """Return the refusal of the system behind an error, None when there is none."""
    cause = error.__cause__ if isinstance(error, OutputProblem) else error
    return cause if isinstance(cause, OSError) else None
