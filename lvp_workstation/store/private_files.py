"""Files for this user only: written durably, destroyed by overwriting."""

from __future__ import annotations

import os
from pathlib import Path

_BLOCK = 1 << 20


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, and have it on disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def present_file(path: Path) -> int:
    """Make a file and its folder, for this user only, when they are missing; return the inode."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return path.stat().st_ino


def destroy(path: Path) -> None:
    """Overwrite a file and delete it; a disk that writes elsewhere may keep copies of its own."""
    with path.open("r+b") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(bytes(min(left, _BLOCK)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def sync(path: Path) -> None:
    """Have a file and its entry in the folder on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
