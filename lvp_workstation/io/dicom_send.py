"""Store objects at another DICOM node (C-STORE, PS3.4 annex B), by pynetdicom."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE

from lvp_workstation.domain.errors import OutputProblem

SUCCESS = 0x0000
WARNINGS = range(0xB000, 0xC000)
"""Statuses with which an object was stored, though not as it was sent (PS3.4 B.2.3)."""
CONNECT_S, ANSWER_S = 5, 30


@dataclass(frozen=True)
class Destination:
    """A DICOM node.

    Attributes
    ----------
    authority
        PEM file that vouches for the node: with it TLS is spoken.
    certificate, key
        PEM files to show to the node.
    """

    host: str
    port: int
    called: str = "ANY-SCP"
    calling: str = "LVP"
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class Sender:
    """One association, for objects that come one by one; a context manager.

    Raises
    ------
    OutputProblem
        When the node does not answer or refuses.
    """

    def __init__(self, destination: Destination, sop_classes: Sequence[str]) -> None:
        entity = AE(ae_title=destination.calling)
        for uid in dict.fromkeys(sop_classes):
            entity.add_requested_context(uid, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
        entity.connection_timeout, entity.acse_timeout = CONNECT_S, CONNECT_S
        entity.dimse_timeout = entity.network_timeout = ANSWER_S
        self._name = f"{destination.called} at {destination.host}:{destination.port}"
        self._link: Any = entity.associate(
            destination.host,
            destination.port,
            ae_title=destination.called,
            tls_args=_tls(destination),
        )
        if not self._link.is_established:
            self._drop()
            raise OutputProblem(f"{self._name} does not answer or refuses the association.")

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        if self._link.is_established:
            self._link.release()
        else:
            self._drop()

    def send(self, data: Any) -> None:
        """Store one object.

        Raises
        ------
        OutputProblem
            When the node refuses it or is gone.
        """
        if not self._link.is_established:
            raise OutputProblem(f"{self._name} ended the association.")
        try:
            status = self._link.send_c_store(data)
        except (ValueError, RuntimeError) as error:
            raise OutputProblem(f"{self._name} takes no such objects: {error}.") from error
        code = status.get("Status") if status else None
        if code != SUCCESS and code not in WARNINGS:
            told = "gives no answer" if code is None else f"refuses it with status {code:04X}"
            raise OutputProblem(f"{self._name} {told}.")

    def _drop(self) -> None:
        """Close the socket of an association that failed; pynetdicom leaves some open."""
        held = self._link.dul.socket
        if held is not None and held.socket is not None:
            held.socket.close()

    def abort(self) -> None:
        """Vanish in the middle, as a scanner does that is switched off."""
        self._link.abort()


def send_objects(destination: Destination, objects: Sequence[Any]) -> None:
    """Store objects in one association; raises like `Sender`."""
    with Sender(destination, [data.SOPClassUID for data in objects]) as link:
        for data in objects:
            link.send(data)


def _tls(destination: Destination) -> tuple[ssl.SSLContext, str] | None:
    if destination.authority is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(destination.authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if destination.certificate is not None:
        context.load_cert_chain(destination.certificate, destination.key)
    return context, destination.host
