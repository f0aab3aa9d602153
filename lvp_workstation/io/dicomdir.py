"""Read a DICOMDIR as a hint: the folder counts, but files that it lists and that are missing are named."""

from __future__ import annotations

import os
from pathlib import Path

import pydicom

from lvp_workstation.domain.study import Problem
from lvp_workstation.io import tags
from lvp_workstation.io.quiet import collected_warnings

SHOWN = 3


def referenced_files(path: str) -> list[str]:
    """Return the ReferencedFileID (0004,1500) of each record as relative paths; empty when unreadable."""
    try:
        with collected_warnings():
            records = tags.items(pydicom.dcmread(path), "DirectoryRecordSequence")
            parts = [tags.values(record, "ReferencedFileID") for record in records]
    except tags.PARSER_ERRORS:
        return []
    return [os.path.join(*(str(p) for p in names)) for names in parts if names]


def missing_references(path: str) -> list[Problem]:
    """Return the problem that files listed in a DICOMDIR are not there, if so."""
    folder = Path(path).parent
    present = {
        os.path.relpath(os.path.join(root, name), folder).upper()
        for root, _, names in os.walk(folder)
        for name in names
    }
    missing = [name for name in referenced_files(path) if name.upper() not in present]
    if not missing:
        return []
    names = ", ".join(missing[:SHOWN]) + (" …" if len(missing) > SHOWN else "")
    text = f"The DICOMDIR lists {len(missing)} files that are not there ({names}); copy the medium again."
    return [Problem("missing_files", text, path)]
