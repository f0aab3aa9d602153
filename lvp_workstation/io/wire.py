"""TCP servers that never trust a length: bounded reads, bounded answers, a limit on connections."""

from __future__ import annotations

import logging
import queue
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 64 * 1024**2
"""Largest single message; a slice of 1024 x 1024 in double precision has 8 MB (our choice)."""
MAX_CONNECTIONS = 4
SILENCE_S = 120.0
"""A peer that says nothing for so long is gone (our choice: longer than most series)."""
ANSWER_S = 60.0
"""After the farewell of a client so long is waited for the last answer (our choice)."""
SEND_S = 10.0
"""An answer that a peer does not take for so long ends the connection (our choice)."""
MAX_ANSWERS = 200
BACKLOG = 8


class WireProblem(Exception):
    """The peer broke the protocol, or vanished; the message tells how."""


class PeerGone(WireProblem):
    """The connection ended in the middle of a message, or without a farewell."""


@dataclass(frozen=True)
class WireLimits:
    """What a peer may do."""

    message_bytes: int = MAX_MESSAGE_BYTES
    connections: int = MAX_CONNECTIONS
    silence_s: float = SILENCE_S
    answer_s: float = ANSWER_S
    hosts: tuple[str, ...] = ()
    """Addresses that may connect; empty: all."""


def read_exactly(stream: socket.socket, count: int, limit: int = MAX_MESSAGE_BYTES) -> bytes:
    """Return ``count`` bytes.

    Raises
    ------
    WireProblem
        When the count is above the limit.
    PeerGone
        When the connection ends or stays silent before they came.
    """
    if count > limit:
        raise WireProblem(f"A message of {count} bytes was announced; {limit} are allowed.")
    parts = bytearray()
    while len(parts) < count:
        try:
            piece = stream.recv(min(count - len(parts), 1 << 20))
        except TimeoutError as error:
            raise PeerGone("The peer fell silent.") from error
        except OSError as error:
            raise PeerGone(f"The connection broke: {error.strerror or error}.") from error
        if not piece:
            raise PeerGone("The peer closed the connection.")
        parts += piece
    return bytes(parts)


Note = Callable[[str, str], None]
"""Takes a code and a sentence about trouble with a sender, see `domain.arrival.Intake.note`."""


class Link:
    """One connection: reads in its thread, writes from a bounded queue in another."""

    def __init__(self, stream: socket.socket, name: str, limits: WireLimits, note: Note) -> None:
        self.stream = stream
        self.name = name
        self.limits = limits
        self._note = note
        self._answers: queue.Queue[bytes | None] = queue.Queue(MAX_ANSWERS)
        self._writer = threading.Thread(target=self._write, name=f"lvp-{name}-out", daemon=True)
        stream.settimeout(limits.silence_s)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._writer.start()

    def read(self, count: int) -> bytes:
        """Return the next ``count`` bytes; raises like `read_exactly`."""
        return read_exactly(self.stream, count, self.limits.message_bytes)

    def send(self, message: bytes) -> bool:
        """Queue a message; return False when the peer takes none any more."""
        try:
            self._answers.put_nowait(message)
        except queue.Full:
            self._note("broken", f"{self.name} takes no answers; the connection was ended.")
            self.cut()
            return False
        return True

    def finish(self) -> None:
        """Send what is queued, then end the connection."""
        try:
            self._answers.put(None, timeout=SEND_S)
        except queue.Full:
            log.warning("%s takes no answers", self.name)
        self._writer.join(SEND_S)
        self.cut()

    def cut(self) -> None:
        """End the connection at once."""
        with suppress(OSError):  # the peer may have been faster
            self.stream.shutdown(socket.SHUT_RDWR)
        self.stream.close()

    def _write(self) -> None:
        while (message := self._answers.get()) is not None:
            try:
                self.stream.sendall(message)
            except OSError as error:
                log.info("%s: an answer could not be sent: %s", self.name, error)
                self._drop_answers()  # whoever ends the connection need not wait for room
                return

    def _drop_answers(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._answers.get_nowait()


class WireServer:
    """Listens on a port and runs ``serve`` for every connection in a thread of its own.

    Parameters
    ----------
    serve
        Talks to one peer until it is done; `WireProblem` ends the connection.
    note
        Told of peers that are refused or break the protocol.
    """

    def __init__(
        self,
        host: str,
        port: int,
        name: str,
        serve: Callable[[Link], None],
        note: Note,
        limits: WireLimits | None = None,
    ) -> None:
        self._serve = serve
        self._note = note
        self._name = name
        self._limits = limits or WireLimits()
        self._listener = socket.create_server((host, port), backlog=BACKLOG)
        self._links: dict[Link, threading.Thread] = {}
        self._lock = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._listen, name=f"lvp-{name}", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._listener.getsockname()[1])

    def stop(self) -> None:
        """Listen no more, and end every connection."""
        self._stopped = True
        with suppress(OSError):  # some systems refuse this on a listening socket; closing is enough there
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        with self._lock:
            links = dict(self._links)
        for link in links:
            link.cut()
        for thread in links.values():
            thread.join()

    def _listen(self) -> None:
        while not self._stopped:
            try:
                stream, address = self._listener.accept()
            except OSError:
                return
            with self._lock:
                reason = self._refusal(address[0])
                if reason:
                    self._note("refused", f"{self._name} {address[0]}: {reason}")
                    stream.close()
                    continue
                link = Link(stream, f"{self._name} {address[0]}:{address[1]}", self._limits, self._note)
                thread = threading.Thread(
                    target=self._run, args=(link,), name=f"lvp-{link.name}", daemon=True
                )
                self._links[link] = thread
            thread.start()

    def _refusal(self, address: str) -> str:
        """Return why a peer may not connect, empty when it may."""
        if self._limits.hosts and address not in self._limits.hosts:
            return "the address is not on the list of accepted senders."
        if len(self._links) >= self._limits.connections:
            return f"there are {self._limits.connections} connections already."
        return ""

    def _run(self, link: Link) -> None:
        try:
            self._serve(link)
        except PeerGone as error:
            log.info("%s: %s", link.name, error)
        except WireProblem as error:
            self._note("broken", f"{link.name} broke the protocol: {error}")
        finally:
            link.finish()
            with self._lock:
                del self._links[link]
