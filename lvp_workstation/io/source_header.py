"""Headers of sources as highdicom can copy them: it takes one character set and valid dates only."""

from __future__ import annotations

from contextlib import suppress

from pydicom import Dataset
from pydicom.valuerep import DA, TM

from lvp_workstation.io.tags import PARSER_ERRORS
from lvp_workstation.io.write_mr import UTF_8

_MOMENTS = (("PatientBirthDate", DA), ("StudyDate", DA), ("StudyTime", TM))
"""Dates and times that derived objects copy; all may be empty (PS3.3 C.7.1.1, C.7.2.1)."""


def copyable(data: Dataset) -> Dataset:
    """Return a header, changed in place, with UTF-8 texts (PS3.3 C.12.1.1.2) and without impossible dates.

    Elements that cannot be parsed are dropped: nothing can be copied from them.
    """
    for tag in list(data.keys()):
        try:
            data[tag]  # pydicom decodes at the first access, by the sets declared then
        except PARSER_ERRORS:
            del data[tag]
    data.SpecificCharacterSet = UTF_8
    for keyword, kind in _MOMENTS:
        if keyword in data and not _valid(kind, data[keyword].value):
            data[keyword].value = ""
    return data


def _valid(kind: type[DA] | type[TM], value: object) -> bool:
    with suppress(ValueError, TypeError):
        kind(str(value or ""))
        return True
    return False
