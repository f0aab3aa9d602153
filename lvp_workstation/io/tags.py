"""Read values from a DICOM data set that may be odd: a bad value is an absent value."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.tag import BaseTag

PARSER_ERRORS = (
    BytesLengthException,
    InvalidDicomError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What a parser or decoder is known to raise on damaged or hostile bytes."""


def value(dataset: Any, keyword: str) -> Any:
    """Return the value of an element, None when absent, empty or not convertible."""
    try:
        found = _found(dataset, keyword)
    except PARSER_ERRORS:
        return None
    return None if found is None or (isinstance(found, str) and not found.strip()) else found


def _found(dataset: Any, keyword: str) -> Any:
    """Return the value under a keyword; by tag, which spares pydicom the way through its attributes."""
    if not isinstance(dataset, Dataset):
        return dataset.get(keyword)
    tag = tag_of(keyword)
    return dataset[tag].value if tag in dataset else None


@cache
def tag_of(keyword: str) -> BaseTag:
    """Return the tag of a keyword of the DICOM dictionary.

    Raises
    ------
    KeyError
        When there is no such keyword.
    """
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return BaseTag(tag)


def values(dataset: Any, keyword: str) -> list[Any]:
    """Return the values of an element as a list, empty when absent."""
    return _listed(value(dataset, keyword))


def _listed(found: Any) -> list[Any]:
    if found is None:
        return []
    if isinstance(found, (str, bytes)) or not isinstance(found, Sequence):
        return [found]
    return list(found)


def text(dataset: Any, keyword: str) -> str:
    """Return an element as text without surrounding blanks, ``""`` when absent."""
    found = value(dataset, keyword)
    if found is None:
        return ""
    try:
        return "\\".join(str(v) for v in _listed(found)).strip().strip("\0")
    except PARSER_ERRORS:
        return ""


def texts(dataset: Any, keyword: str) -> tuple[str, ...]:
    """Return a multi-valued text element, upper case, without empty values."""
    return tuple(part.strip().upper() for part in text(dataset, keyword).split("\\") if part.strip())


def numbers(dataset: Any, keyword: str, count: int | None = None) -> tuple[float, ...] | None:
    """Return an element as finite numbers, None when absent, unusable or not ``count`` of them."""
    try:
        found = tuple(float(v) for v in values(dataset, keyword))
    except PARSER_ERRORS:
        return None
    usable = found and all(math.isfinite(v) for v in found) and (count is None or len(found) == count)
    return found if usable else None


def number(dataset: Any, keyword: str) -> float | None:
    """Return the first number of an element, None when absent or unusable."""
    found = numbers(dataset, keyword)
    return found[0] if found else None


def integer(dataset: Any, keyword: str) -> int | None:
    """Return the first number of an element as an integer, None when absent or unusable."""
    found = number(dataset, keyword)
    return None if found is None else int(found)


def items(dataset: Any, keyword: str) -> list[Any]:
    """Return the items of a sequence, empty when it is absent or not a sequence."""
    return [item for item in values(dataset, keyword) if hasattr(item, "get")]


def plain(found: Any) -> Any:
    """Return a DICOM value as bool, int, float, str or a list of these."""
    for kind in (bool, int, float, str):
        if isinstance(found, kind):
            return kind(found)
    if isinstance(found, Sequence):
        return [plain(part) for part in found]
    return str(found)
