"""Write files so that a reader sees the old content or the new one, never a half."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from lvp_workstation.domain.errors import OutputProblem

_NEW_FILE_MODE = 0o666


def _current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_with(path: Path, write: Callable[[Path], None]) -> Path:
    """Let ``write`` fill a temporary file beside ``path``, then put it in place at once.

    The temporary file carries the suffixes of ``path``, because some libraries choose the format
    by them. It is removed when writing fails.

    Raises
    ------
    OutputProblem
        When the folder or the disk refuses.
    """
    suffix = "".join(path.suffixes[-2:])
    try:
        handle, name = tempfile.mkstemp(prefix=".lvp_", suffix=suffix, dir=path.parent)
    except OSError as error:
        raise OutputProblem(f"{path.parent} cannot be written: {error.strerror or error}") from error
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        _settle(temporary, path)
    except OSError as error:
        raise OutputProblem(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _settle(temporary: Path, path: Path) -> None:
    with temporary.open("rb+") as stream:
        os.fsync(stream.fileno())
    temporary.chmod(_NEW_FILE_MODE & ~_current_umask())
    os.replace(temporary, path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, data: bytes) -> Path:
    """Write bytes atomically."""

    def write(temporary: Path) -> None:
        temporary.write_bytes(data)

    return write_with(path, write)


def write_text(path: Path, text: str) -> Path:
    """Write text atomically as UTF-8 with ``\\n`` line ends."""
    return write_bytes(path, text.encode("utf-8"))
