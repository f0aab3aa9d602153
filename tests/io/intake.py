"""An intake that remembers what it was given."""

from __future__ import annotations

import threading

from lvp_workstation.domain.arrival import ReceivedSlice, SliceRefused


class RememberingIntake:
    """Keeps slices and farewells; refuses all slices when told to."""

    def __init__(self) -> None:
        self.slices: list[ReceivedSlice] = []
        self.keys: list[str] = []
        self.closed: list[tuple[str, tuple[str, ...], bool]] = []
        self.notes: list[tuple[str, str]] = []
        self.refuse = ""
        self.changed = threading.Condition()

    def take(self, key: str, one: ReceivedSlice) -> bool:
        if self.refuse:
            raise SliceRefused(self.refuse)
        with self.changed:
            self.slices.append(one)
            self.keys.append(key)
            self.changed.notify_all()
        return True

    def close(self, key: str, series: list[str] | None = None, gone: bool = False) -> None:
        with self.changed:
            self.closed.append((key, tuple(series or ()), gone))
            self.changed.notify_all()

    def note(self, code: str, text: str) -> None:
        with self.changed:
            self.notes.append((code, text))
            self.changed.notify_all()

    def wait(self, slices: int = 0, closed: int = 0) -> None:
        """Wait until so much came."""
        with self.changed:
            came = self.changed.wait_for(
                lambda: len(self.slices) >= slices and len(self.closed) >= closed, 10.0
            )
        assert came, f"{len(self.slices)} slices and {len(self.closed)} farewells came"
