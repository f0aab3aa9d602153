"""The pipe between the window's process and the one that analyses, and what both ends know by name.

A study, its series and the volumes read so far are sent once; from then on a name stands for each of
them, so that an answer brings back the very objects the window holds and no pixels. Arrays travel beside
the pickled message, not inside it: nothing is copied while the interpreter is held.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import MappingProxyType
from typing import Any

from lvp_workstation.domain.study import Series, Study
from lvp_workstation.domain.volume import Volume

_NAMED = (Study, Series, Volume)
_COUNT = struct.Struct("<I")


@dataclass(frozen=True)
class Given:
    """Both ends know this object by this name from now on."""

    name: str
    thing: Any


@dataclass(frozen=True)
class Forget:
    """No name stands for anything any more."""


class Link:
    """One end of the pipe.

    Sending is for one thread at a time, and receiving likewise.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._things: dict[str, Any] = {}
        self._names: dict[int, str] = {}

    def knows(self, thing: object) -> bool:
        """Whether a name stands for an object."""
        return id(thing) in self._names

    def forget(self) -> None:
        """Let go of every named object at both ends."""
        self.send(Forget())
        self._forget()

    def give(self, name: str, thing: object) -> None:
        """Send an object whole, once; from now on it is sent by its name."""
        self.send(Given(name, thing))
        self._know(name, thing)

    def send(self, message: object) -> None:
        """Send anything that can be pickled."""
        buffers: list[pickle.PickleBuffer] = []
        head = io.BytesIO()
        _Pickler(head, self._names, buffers.append).dump(message)
        self._pipe.send_bytes(_COUNT.pack(len(buffers)) + head.getbuffer())
        for buffer in buffers:
            self._pipe.send_bytes(buffer.raw())

    def poll(self, seconds: float) -> bool:
        """Wait up to so many seconds; return whether there is something to receive."""
        return self._pipe.poll(seconds)

    def receive(self) -> Any:
        """Return the next message; what it says about names is taken note of.

        Raises
        ------
        EOFError, OSError
            When the other end is gone.
        """
        head = self._pipe.recv_bytes()
        (count,) = _COUNT.unpack_from(head)
        buffers = [self._pipe.recv_bytes() for _ in range(count)]
        unpickler = _Unpickler(io.BytesIO(head[_COUNT.size :]), self._things, buffers)
        message = unpickler.load()
        if isinstance(message, Given):
            self._know(message.name, message.thing)
        elif isinstance(message, Forget):
            self._forget()
        return message

    def close(self) -> None:
        """Close this end; whoever waits at the other one learns of it."""
        self._pipe.close()

    def _know(self, name: str, thing: Any) -> None:
        self._things[name] = thing
        self._names[id(thing)] = name
        if isinstance(thing, Study):
            for number, series in enumerate(thing.series):
                self._know(f"{name} series {number}", series)

    def _forget(self) -> None:
        self._names.clear()
        self._things.clear()


def _read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """Return a mapping proxy, whose own type pickle cannot name."""
    return MappingProxyType(values)


class _Pickler(pickle.Pickler):
    def __init__(
        self, file: io.BytesIO, names: dict[int, str], beside: Callable[[pickle.PickleBuffer], Any]
    ) -> None:
        super().__init__(file, protocol=5, buffer_callback=beside)
        self._names = names

    def persistent_id(self, obj: Any) -> str | None:
        return self._names.get(id(obj)) if isinstance(obj, _NAMED) else None

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, MappingProxyType):
            return _read_only, (dict(obj),)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, things: dict[str, Any], buffers: list[bytes]) -> None:
        super().__init__(file, buffers=buffers)
        self._things = things

    def persistent_load(self, pid: Any) -> Any:
        return self._things[pid]
