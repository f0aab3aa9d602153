"""Domain values to plain JSON and back, and the canonical form that a signature covers.

The converter follows the type annotations of the frozen dataclasses, so a value that comes
back equals the one that went in. Mappings whose keys are not text become lists of pairs.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
LATER = types.MappingProxyType({"later": True})
"""Metadata of a dataclass field that came with a later version of the program.

While it has its default it is left out of the JSON, so that the canonical form of what was signed
before, and with it the hash on the report, stays what it was.
"""


def to_plain(value: Any) -> Any:
    """Return a value as JSON types: dict, list, str, int, float, bool or None."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if is_dataclass(kind):
        absent = _absent_values(kind)
        entries = ((name, getattr(value, name)) for name in _field_names(kind))
        return {n: to_plain(item) for n, item in entries if n not in absent or item != absent[n]}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: to_plain(item) for key, item in value.items()}
        pairs = [[to_plain(key), to_plain(item)] for key, item in value.items()]
        return sorted(pairs, key=lambda pair: json.dumps(pair[0], sort_keys=True))
    if isinstance(value, frozenset):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"{kind.__name__} has no JSON form")


_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})
_Decode = Callable[[Any], Any]


def from_plain(kind: Any, data: Any) -> Any:
    """Return the value of type ``kind`` that `to_plain` turned into ``data``."""
    return _decoder(kind)(data)


@cache
def _decoder(kind: Any) -> _Decode:
    """Return the function that decodes a type; made once a type, since journals are long."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        present = _decoder(next(arg for arg in args if arg is not type(None)))
        return lambda data: None if data is None else present(data)
    if origin is tuple:
        return _tuple_decoder(args)
    if origin in (list, frozenset):
        item = _decoder(args[0])
        return lambda data: origin(map(item, data))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, entry = _decoder(args[0]), _decoder(args[1])
        return lambda data: {key(k): entry(v) for k, v in (data.items() if isinstance(data, dict) else data)}
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass_decoder(kind)
    if isinstance(kind, type) and (issubclass(kind, Enum) or kind is float):
        return kind
    return _unchanged


def _unchanged(data: Any) -> Any:
    return data


def _tuple_decoder(args: tuple[Any, ...]) -> _Decode:
    if len(args) == 2 and args[1] is Ellipsis:
        item = _decoder(args[0])
        return lambda data: tuple(map(item, data))
    items = tuple(_decoder(arg) for arg in args)
    return lambda data: tuple([decode(entry) for decode, entry in zip(items, data, strict=True)])


def _dataclass_decoder(kind: type) -> _Decode:
    hints = get_type_hints(kind)
    decoders = {name: _decoder(hints[name]) for name in _field_names(kind)}

    def decode(data: Any) -> Any:
        return kind(**{name: decoders[name](item) for name, item in data.items() if name in decoders})

    return decode


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _absent_values(kind: Any) -> dict[str, Any]:
    """Return the defaults of the fields that are left out while they have them."""
    chosen = (each for each in fields(kind) if each.metadata.get("later"))
    return {e.name: e.default if e.default_factory is MISSING else e.default_factory() for e in chosen}


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
