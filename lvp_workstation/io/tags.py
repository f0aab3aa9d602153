"""Read values from a DICOM data set that may be odd: a bad value is an absent value."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from pydicom.errors import BytesLengthException, InvalidDicomError

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
        found = dataset.get(keyword)
    except PARSER_ERRORS:
        return None
    return None if found is None or (isinstance(found, str) and not found.strip()) else found


def values(dataset: Any, keyword: str) -> list[Any]:
    """Return the values of an element as a list, empty when absent."""
    found = value(dataset, keyword)
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
        return "\\".join(str(v) for v in values(dataset, keyword)).strip().strip("\0")
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
