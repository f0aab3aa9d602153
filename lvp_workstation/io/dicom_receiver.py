"""A Storage SCP for slices of the series that is being scanned (PS3.4 annex B), by pynetdicom."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, MRImageStorage
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification

from lvp_workstation.domain.arrival import Intake, SliceRefused
from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.io import tags
from lvp_workstation.io.dicom_slices import slice_of

log = logging.getLogger(__name__)

PORT = 11112
"""A common port of DICOM nodes without privileges."""
SUCCESS, OUT_OF_RESOURCES, NOT_UNDERSTOOD = 0x0000, 0xA700, 0xC000
"""Statuses of C-STORE (PS3.4 B.2.3): stored; refused, out of resources; error, cannot understand."""
P_DATA = b"\x04"
"""Type of a P-DATA-TF PDU (PS3.8 section 9.3.5)."""
SERIES_IN_ONE = 3
"""An association that carried so many slices of a series and ends, ends the series, too (our choice); some
scanners open one for every slice."""


@dataclass(frozen=True)
class ReceiverSettings:
    """Who may send what (limits: our choice).

    Attributes
    ----------
    titles
        Calling AE titles that are accepted; empty: all.
    hosts
        Addresses that are accepted; empty: all.
    associations
        At the same time.
    object_bytes
        Largest object.
    bytes_per_second
        A faster sender is made to wait for its answers.
    certificate, key, authority
        PEM files; with the first two the port speaks TLS, with the third a sender must show a certificate
        that it signed.
    """

    ae_title: str = "LVP"
    host: str = "127.0.0.1"
    port: int = PORT
    titles: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    associations: int = 4
    object_bytes: int = 32 * 1024**2
    bytes_per_second: float = 200 * 1024**2
    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None


@dataclass(eq=False)
class _Sender:
    """What one association has sent."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    object_bytes: int = 0
    total_bytes: int = 0
    cut_off: bool = False
    began: float = field(default_factory=time.monotonic)


class DicomReceiver:
    """Takes MR images under the key ``dicom:<StudyInstanceUID>``.

    Parameters
    ----------
    intake
        Where slices go.

    Raises
    ------
    OutputProblem
        When the port cannot be opened or the certificate cannot be used.
    """

    def __init__(self, intake: Intake, settings: ReceiverSettings) -> None:
        self._intake = intake
        self._settings = settings
        self._senders: WeakKeyDictionary[Any, _Sender] = WeakKeyDictionary()
        self._lock = threading.Lock()
        handlers = [
            (evt.EVT_REQUESTED, self._requested),
            (evt.EVT_REJECTED, self._rejected),
            (evt.EVT_DATA_RECV, self._data),
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_RELEASED, self._released),
            (evt.EVT_ABORTED, self._vanished),
        ]
        try:
            self._server: Any = self._entity().start_server(
                (settings.host, settings.port),
                block=False,
                evt_handlers=handlers,
                ssl_context=tls_server(settings),
            )
        except (OSError, ssl.SSLError) as error:
            raise OutputProblem(f"The DICOM port {settings.port} cannot be opened: {error}.") from error

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.socket.getsockname()[1])

    def stop(self) -> None:
        """End all associations and listen no more."""
        self._server.shutdown()

    def _entity(self) -> Any:
        entity = AE(ae_title=self._settings.ae_title)
        entity.maximum_associations = self._settings.associations
        entity.require_calling_aet = list(self._settings.titles)
        entity.add_supported_context(Verification)
        entity.add_supported_context(MRImageStorage, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
        entity.network_timeout, entity.acse_timeout, entity.dimse_timeout = 60, 10, 30
        return entity

    def _sender(self, event: Any) -> _Sender:
        with self._lock:
            return self._senders.setdefault(event.assoc, _Sender())

    def _requested(self, event: Any) -> None:
        address = event.assoc.requestor.address
        if self._settings.hosts and address not in self._settings.hosts:
            self._intake.note("refused", f"DICOM {address}: not on the list of accepted senders.")
            event.assoc.abort()

    def _rejected(self, event: Any) -> None:
        """Tell of an association that pynetdicom refused: its calling title, or one too many."""
        who = event.assoc.requestor
        title = str(getattr(who.primitive, "calling_ae_title", "") or "").strip()
        self._intake.note("refused", f"DICOM {title} {who.address}: the association was not accepted.")

    def _data(self, event: Any) -> None:
        """Count what an object has so far: a sender that never ends one is cut off."""
        if event.data[:1] != P_DATA:
            return
        sender = self._sender(event)
        sender.object_bytes += len(event.data)
        if sender.object_bytes > self._settings.object_bytes and not sender.cut_off:
            sender.cut_off = True
            limit = f"an object of more than {self._settings.object_bytes} bytes"
            self._intake.note("broken", f"DICOM sent {limit}: the association was ended.")
            # this runs in the thread that would have to send the abort
            threading.Thread(target=event.assoc.abort, name="lvp-dicom-abort", daemon=True).start()

    def _store(self, event: Any) -> int:
        received = time.monotonic()
        sender = self._sender(event)
        sender.total_bytes += sender.object_bytes
        sender.object_bytes = 0
        try:
            dataset = event.dataset
            dataset.file_meta = event.file_meta
            one = slice_of(dataset, received)
        except SliceRefused as error:
            self._intake.note("refused", str(error))
            return NOT_UNDERSTOOD
        except tags.PARSER_ERRORS as error:
            self._intake.note("broken", f"DICOM sent an object that is no image ({type(error).__name__}).")
            return NOT_UNDERSTOOD
        key = f"dicom:{one.study_uid}"
        try:
            self._intake.take(key, one)
        except SliceRefused:
            return OUT_OF_RESOURCES
        sender.counts[key, one.series] = sender.counts.get((key, one.series), 0) + 1
        self._slow_down(sender)
        return SUCCESS

    def _slow_down(self, sender: _Sender) -> None:
        """Answer later when more came than the rate allows."""
        ahead = sender.total_bytes / self._settings.bytes_per_second - (time.monotonic() - sender.began)
        if ahead > 0:
            time.sleep(min(ahead, 1.0))

    def _released(self, event: Any) -> None:
        self._end(event, gone=False)

    def _vanished(self, event: Any) -> None:
        self._end(event, gone=True)

    def _end(self, event: Any, gone: bool) -> None:
        with self._lock:
            sender = self._senders.pop(event.assoc, None)
        for (key, series), count in sender.counts.items() if sender else ():
            if gone or count >= SERIES_IN_ONE:
                self._intake.close(key, [series], gone=gone)


def tls_server(settings: ReceiverSettings) -> ssl.SSLContext | None:
    """Return the TLS context of the receiver, None without a certificate (BCP 195, PS3.15 B.9)."""
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.key)
    if settings.authority is not None:
        context.load_verify_locations(settings.authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
