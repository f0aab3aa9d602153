"""Domain values to plain JSON and back, and the canonical form that a signature covers.

The converter follows the type annotations of the frozen dataclasses, so a value that comes
back equals the one that went in. Mappings whose keys are not text become lists of pairs.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Return a value as JSON types: dict, list, str, int, float, bool or None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: to_plain(item) for key, item in value.items()}
        pairs = [[to_plain(key), to_plain(item)] for key, item in value.items()]
        return sorted(pairs, key=lambda pair: json.dumps(pair[0], sort_keys=True))
    if isinstance(value, frozenset):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def from_plain(kind: Any, data: Any) -> Any:
    """Return the value of type ``kind`` that `to_plain` turned into ``data``."""
    if kind is Any:
        return data
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        if data is None:
            return None
        return from_plain(next(arg for arg in get_args(kind) if arg is not type(None)), data)
    if origin is tuple:
        return _tuple_from(get_args(kind), data)
    if origin is list:
        (entry_kind,) = get_args(kind)
        return [from_plain(entry_kind, entry) for entry in data]
    if origin is frozenset:
        (item,) = get_args(kind)
        return frozenset(from_plain(item, entry) for entry in data)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_from(get_args(kind), data)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass_from(kind, data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    return float(data) if kind is float else data


def _tuple_from(args: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(from_plain(args[0], entry) for entry in data)
    return tuple(from_plain(arg, entry) for arg, entry in zip(args, data, strict=True))


def _mapping_from(args: tuple[Any, ...], data: Any) -> dict[Any, Any]:
    key_kind, item_kind = args
    pairs = data.items() if isinstance(data, dict) else data
    return {from_plain(key_kind, key): from_plain(item_kind, item) for key, item in pairs}


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _dataclass_from(kind: type, data: Any) -> Any:
    hints = _hints(kind)
    known = {f.name for f in fields(kind)}
    return kind(**{name: from_plain(hints[name], item) for name, item in data.items() if name in known})


def dumps(value: Any) -> str:
    """Return the canonical JSON text of a value: sorted keys, no spaces, UTF-8 characters kept."""
    return json.dumps(
        to_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def loads(kind: type[T], text: str) -> T:
    """Return the value of type ``kind`` from its JSON text."""
    result: T = from_plain(kind, json.loads(text))
    return result


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of a value as lower-case hex."""
    return hashlib.sha256(dumps(value).encode()).hexdigest()
