"""Decide which members of a .zip may be read: no names that leave the folder, no bombs, no passwords."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from lvp_workstation.domain.study import Problem
from lvp_workstation.io.header import file_name
from lvp_workstation.io.limits import (
    MAX_ARCHIVE_BYTES,
    MAX_ARCHIVE_MEMBERS,
    MAX_COMPRESSION_RATIO,
    MAX_MEMBER_BYTES,
    RATIO_FREE_BYTES,
)
from lvp_workstation.io.sources import member_path

ZIP_MAGIC = b"PK\x03\x04"
EMPTY_ZIP_MAGIC = b"PK\x05\x06"
ENCRYPTED_FLAG = 0x1
"""APPNOTE.TXT 4.4.4, bit 0 of the general purpose flags."""


def is_archive(path: str) -> bool:
    """Return whether a file is a .zip by its name or its first bytes."""
    if path.lower().endswith(".zip"):
        return True
    try:
        with Path(path).open("rb") as stream:
            return stream.read(4) in (ZIP_MAGIC, EMPTY_ZIP_MAGIC)
    except OSError:
        return False


def unsafe_name(name: str) -> bool:
    """Return whether a member name is absolute or leads out of the folder it would be unpacked to."""
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or re.match(r"^[A-Za-z]:", name) is not None


def checked_members(archive: zipfile.ZipFile, path: str) -> tuple[list[zipfile.ZipInfo], list[Problem]]:
    """Return the members that may be read, sorted by name, and a problem for each that may not."""
    every = [info for info in archive.infolist() if not info.is_dir()]
    total = sum(info.file_size for info in every)
    if len(every) > MAX_ARCHIVE_MEMBERS or total > MAX_ARCHIVE_BYTES:
        text = f"The archive {file_name(path)} declares an absurd size ({total} bytes); it was not opened."
        return [], [Problem("archive_too_large", text, path)]
    members: list[zipfile.ZipInfo] = []
    problems: list[Problem] = []
    for info in sorted(every, key=lambda i: i.filename):
        problem = _refusal(info, path)
        problems.extend((problem,) if problem else ())
        members.extend(() if problem else (info,))
    return members, problems


def _refusal(info: zipfile.ZipInfo, path: str) -> Problem | None:
    name, archive = info.filename, file_name(path)
    member = member_path(path, name)
    if unsafe_name(name):
        text = f"The archive {archive} holds a file named {name!r}, which leads out of its folder; left out."
        return Problem("unsafe_name", text, member)
    if info.flag_bits & ENCRYPTED_FLAG:
        text = f"{name} in {archive} is protected by a password; unpack the archive first."
        return Problem("encrypted_member", text, member)
    ratio = info.file_size / max(info.compress_size, 1)
    bomb = info.file_size > RATIO_FREE_BYTES and ratio > MAX_COMPRESSION_RATIO
    if bomb or info.file_size > MAX_MEMBER_BYTES:
        text = f"{name} in {archive} unpacks to {info.file_size} bytes, which no image needs; left out."
        return Problem("archive_bomb", text, member)
    return None
