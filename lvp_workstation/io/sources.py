"""Where bytes come from: a plain file, or a member of an archive named ``archive.zip!member``."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.io.limits import MAX_MEMBER_BYTES

MEMBER_SEPARATOR = "!"

ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


def member_path(archive: str, member: str) -> str:
    """Return the name under which a member of an archive is known in the program."""
    return f"{archive}{MEMBER_SEPARATOR}{member}"


def split_member(path: str) -> tuple[str, str] | None:
    """Return (archive, member) of a member path, None for a plain path."""
    if Path(path).exists():
        return None
    at = path.find(MEMBER_SEPARATOR)
    while at >= 0:
        if Path(path[:at]).is_file():
            return path[:at], path[at + 1 :]
        at = path.find(MEMBER_SEPARATOR, at + 1)
    return None


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a member, never more than it declares.

    Raises
    ------
    UnreadableInput
        When the member is damaged, or unpacks to more than the archive says.
    """
    if info.file_size > MAX_MEMBER_BYTES:
        raise UnreadableInput(f"{info.filename} in the archive is too large to be read")
    try:
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except ARCHIVE_ERRORS as error:
        raise UnreadableInput(f"{info.filename} in the archive is damaged: {error}") from error
    if len(data) > info.file_size:
        raise UnreadableInput(f"{info.filename} in the archive unpacks to more than the archive declares")
    return data


def open_source(path: str) -> BinaryIO:
    """Open a plain path or a member path for reading with random access.

    Raises
    ------
    UnreadableInput
        With a sentence naming the file.
    """
    parts = split_member(path)
    try:
        if parts is None:
            return Path(path).open("rb")
        with zipfile.ZipFile(parts[0]) as archive:
            return io.BytesIO(read_member(archive, archive.getinfo(parts[1])))
    except (KeyError, *ARCHIVE_ERRORS) as error:
        raise UnreadableInput(f"{path} cannot be opened: {error}") from error


def stream_size(stream: BinaryIO) -> int:
    """Return the number of bytes of a seekable stream; the position is kept."""
    here = stream.tell()
    size = stream.seek(0, io.SEEK_END)
    stream.seek(here)
    return size
