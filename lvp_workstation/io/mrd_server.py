"""A server for MRD image streams: slices in, texts and images out over the same connection."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lvp_workstation.domain.arrival import Intake, ReceivedSlice, SliceRefused
from lvp_workstation.domain.geometry import unit, vector
from lvp_workstation.domain.study import Patient
from lvp_workstation.io import mrd
from lvp_workstation.io.wire import Link, PeerGone, WireLimits, WireProblem, WireServer

PORT = 9002
"""The port of MRD servers by convention."""
PIXEL_SPACING, ORIENTATION, POSITION = "00280030", "00200037", "00200032"
DICOM_WORDS = {
    "00180080": "RepetitionTime",
    "00180081": "EchoTime",
    "00180082": "InversionTime",
    "0008103E": "SeriesDescription",
    "00180020": "ScanningSequence",
    "00080008": "ImageType",
}


@dataclass(eq=False)
class _Client:
    """One connection: the series it sent that have no answer yet."""

    link: Link
    waiting: set[str] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def sent(self, series: str) -> None:
        with self.changed:
            self.waiting.add(series)

    def answered(self, series: str) -> None:
        with self.changed:
            self.waiting.discard(series)
            self.changed.notify_all()

    def settle(self) -> bool:
        """Wait until every series is answered; return whether it was in time."""
        with self.changed:
            return self.changed.wait_for(lambda: not self.waiting, self.link.limits.answer_s)


class MrdServer:
    """Takes image streams, usually one connection a series.

    Connections of one examination are known by studyInstanceUID or patientID of the MRD header; one that
    states neither is an examination of its own.

    Parameters
    ----------
    intake
        Where slices go, under a key that begins with ``mrd:``.
    """

    def __init__(
        self, intake: Intake, host: str = "127.0.0.1", port: int = PORT, limits: WireLimits | None = None
    ) -> None:
        self._intake = intake
        self._numbers = itertools.count(1)
        self._clients: dict[str, _Client] = {}
        self._server = WireServer(host, port, "MRD", self._serve, intake.note, limits)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._server.port

    def answer(self, key: str, series: str, text: str, images: tuple[mrd.MrdImage, ...] = ()) -> bool:
        """Send a text and images on a series to the client that sent it; return False when it is gone."""
        client = self._clients.get(key)
        if client is None:
            return False
        client.link.send(mrd.text_message(text))
        for image in images:
            client.link.send(mrd.image_message(image))
        client.answered(series)
        return True

    def stop(self) -> None:
        """End all connections and listen no more."""
        for client in list(self._clients.values()):
            with client.changed:
                client.waiting.clear()
                client.changed.notify_all()
        self._server.stop()

    def _serve(self, link: Link) -> None:
        client = _Client(link)
        stream = _Stream(f"mrd:{next(self._numbers)}")
        try:
            while self._message(client, stream):
                pass
            self._intake.close(stream.key, sorted(stream.series))
            client.settle()
            link.send(mrd.close_message())
        except PeerGone:
            self._intake.close(stream.key, sorted(stream.series), gone=True)
            raise
        finally:
            if self._clients.get(stream.key) is client:
                del self._clients[stream.key]

    def _message(self, client: _Client, stream: _Stream) -> bool:
        """Take a message; return False after the farewell."""
        kind, content = mrd.read_message(client.link.read)
        if kind == mrd.CLOSE:
            if not stream.series:
                raise WireProblem("The stream held no image.")
            return False
        if kind == mrd.HEADER and not stream.series:
            stream.take_header(content)
        if kind == mrd.IMAGE:
            self._clients[stream.key] = client
            for one in slices_of(content, stream.facts, time.monotonic()):
                stream.series.add(one.series)
                client.sent(one.series)
                try:
                    self._intake.take(stream.key, one)
                except SliceRefused as error:
                    client.answered(one.series)
                    client.link.send(mrd.text_message(f"Refused: {error}"))
        return True


@dataclass(eq=False)
class _Stream:
    """What is known of a stream: its examination, its header, the series in it."""

    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)

    def take_header(self, xml: str) -> None:
        self.facts = mrd.parse_header(xml)
        named = self.facts.get("StudyInstanceUID") or self.facts.get("PatientID")
        if named:
            self.key = f"mrd:{named}"


def slices_of(image: mrd.MrdImage, facts: dict[str, Any], received: float) -> list[ReceivedSlice]:
    """Return the slices of an image message.

    Parameters
    ----------
    facts
        What the XML header tells, by DICOM keyword.

    Raises
    ------
    WireProblem
        When the image has no usable geometry.
    """
    header = image.header
    across, down, position, pixel = _geometry(image)
    normal = np.cross(across, down)
    count = image.data.shape[1]
    step = float(header["field_of_view"][2]) / count
    told = mrd.dicom_json(image.attributes)
    own = {word: _plain(told[tag]) for tag, word in DICOM_WORDS.items() if tag in told}
    attributes = {k: v for k, v in (facts | own).items() if not k.startswith("Patient")}
    named = str(own.get("SeriesDescription") or image.attributes.get("SequenceDescription") or "")
    name = f"{facts.get('SeriesInstanceUID', 'series')}/{int(header['image_series_index'])}"
    found = []
    for n in range(count):
        place = (name, int(header["slice"]), int(header["image_index"]), int(header["repetition"]), n)
        found.append(
            ReceivedSlice(
                series=name,
                uid="/".join(str(part) for part in place),
                pixels=_magnitude(image.data[0, n]),
                position=vector(position + (n - (count - 1) / 2) * step * normal),
                across=across,
                down=down,
                pixel_mm=pixel,
                received=received,
                thickness_mm=step,
                expected=count if count > 1 else 0,
                number=int(header["image_index"]),
                description=named or str(facts.get("SeriesDescription", "")),
                study_uid=str(facts.get("StudyInstanceUID", "")),
                frame_of_reference_uid=str(facts.get("FrameOfReferenceUID", "")),
                patient=Patient(str(facts.get("PatientID", "")), name=str(facts.get("PatientName", ""))),
                attributes=attributes,
                synthetic=str(facts.get("PatientName", "")).startswith("PHANTOM"),
            )
        )
    return found


def _plain(values: Any) -> Any:
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _magnitude(pixels: Any) -> Any:
    values = np.abs(pixels) if np.iscomplexobj(pixels) else pixels
    if values.dtype.kind == "f":
        return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    return values


def _geometry(image: mrd.MrdImage) -> tuple[Any, Any, Any, tuple[float, float]]:
    """Return across, down, centre of pixel (0, 0) of the middle, and pixel size.

    The header's position is the centre of the image. Files made from DICOM by the public converter carry
    ImagePositionPatient there, the corner; they are known by the DICOM header in their attributes.
    """
    header = image.header
    _, _, rows, columns = image.data.shape
    view = [float(n) for n in header["field_of_view"]]
    try:
        across, down = unit(header["read_dir"]), unit(header["phase_dir"])
    except ValueError as error:
        raise WireProblem("An image has no directions.") from error
    numbers = np.array([*view, *header["position"], *across, *down], dtype=np.float64)
    if min(view) <= 0 or not np.isfinite(numbers).all() or abs(float(across @ down)) > 0.01:
        raise WireProblem("An image has no usable geometry.")
    pixel = view[1] / rows, view[0] / columns
    position = np.array(header["position"], dtype=np.float64)
    corner = mrd.dicom_json(image.attributes).get(POSITION)
    if not (corner and np.allclose(np.array(corner, dtype=float), position, atol=0.01)):
        position = position - (columns - 1) / 2 * pixel[1] * across - (rows - 1) / 2 * pixel[0] * down
    return across, down, position, pixel
