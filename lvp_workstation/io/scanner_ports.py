"""The scanner's side of the three interfaces: what a simulator, a test or a research console speaks."""

from __future__ import annotations

import json
import queue
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol
from xml.sax.saxutils import escape

import numpy as np
from pydicom.uid import MRImageStorage, SpatialFiducialsStorage
from pynetdicom import AE, evt

from lvp_workstation.domain.errors import EnvironmentProblem
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, Volume
from lvp_workstation.io import igtl, mrd
from lvp_workstation.io.dicom_send import SUCCESS, Destination, Sender
from lvp_workstation.io.plan_fiducials import read_planes
from lvp_workstation.io.wire import WireProblem, read_exactly
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, mr_images, series_uid, study_uid

CONNECT_S = 60.0
PROTON_HZ = 42.577e6
"""Resonance of protons, Hz for each tesla."""


@dataclass(frozen=True, eq=False)
class ScannedSeries:
    """What a scanner sends.

    Attributes
    ----------
    volumes
        The stacks of the series; a localizer has three.
    order
        (stack, slice) in the order of sending; a pair may come twice or be left out.
    delay_s
        Time between slices.
    """

    study: StudyToWrite
    protocol: MrProtocol
    volumes: tuple[Volume, ...]
    order: tuple[tuple[int, int], ...]
    delay_s: float = 0.0
    phase: str = "COL"


@dataclass(frozen=True)
class ScannerAnswer:
    """What comes back for a series.

    Attributes
    ----------
    poses
        Shape (4, 4) by name of the stack: row, column, normal and centre, LPS mm.
    counts
        Number of slices by name of the stack.
    verdict
        ``good``, ``acceptable`` or ``repeat``.
    waited_s
        From the last byte of the last slice to the whole answer.
    """

    poses: dict[str, Array]
    counts: dict[str, int]
    verdict: str
    waited_s: float
    images: int = 0
    told: dict[str, Any] = field(default_factory=dict)


class ScannerPort(Protocol):
    """One interface as a scanner speaks it; a context manager."""

    name: str

    def scan(self, series: ScannedSeries, timeout_s: float) -> ScannerAnswer:
        """Send a series slice by slice and return the answer.

        Raises
        ------
        EnvironmentProblem
            When none comes in time.
        """

    def __enter__(self) -> ScannerPort: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class DicomPort:
    """Stores slices at the workstation, and takes its plans as Spatial Fiducials."""

    name = "dicom"

    def __init__(self, destination: Destination, listen: int = 0) -> None:
        self.destination = destination
        self._plans: queue.Queue[Any] = queue.Queue()
        entity = AE(ae_title="SCANNER")
        entity.add_supported_context(SpatialFiducialsStorage)
        self._server: Any = entity.start_server(
            ("127.0.0.1", listen), block=False, evt_handlers=[(evt.EVT_C_STORE, self._stored)]
        )

    @property
    def port(self) -> int:
        """Where plans are taken."""
        return int(self._server.socket.getsockname()[1])

    def _stored(self, event: Any) -> int:
        self._plans.put(event.dataset)
        return SUCCESS

    def __enter__(self) -> DicomPort:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()

    def scan(self, series: ScannedSeries, timeout_s: float) -> ScannerAnswer:
        """See `ScannerPort.scan`."""
        objects = dicom_objects(series)
        with Sender(self.destination, [MRImageStorage]) as link:
            for data in objects:
                time.sleep(series.delay_s)
                link.send(data)
            sent = time.monotonic()
            try:
                plan = self._plans.get(timeout=timeout_s)
            except queue.Empty as error:
                raise EnvironmentProblem("No planes came back.") from error
            return plan_answer(plan, time.monotonic() - sent)


def plan_answer(plan: Any, waited: float) -> ScannerAnswer:
    """Return the answer that a plan in Spatial Fiducials states."""
    poses, counts = {}, {}
    for stack in read_planes(plan):
        counts[stack.name] = len(stack.centres)
        pose = np.eye(4)
        axes = (stack.row, stack.column, np.cross(stack.row, stack.column), stack.centres.mean(axis=0))
        for n, axis in enumerate(axes):
            pose[:3, n] = axis
        poses[stack.name] = pose
    verdict = str(plan.ContentDescription).rpartition(" ")[2]
    return ScannerAnswer(poses, counts, verdict, waited)


def dicom_objects(series: ScannedSeries) -> list[Any]:
    """Return the objects of a series in the order of sending."""
    stacks = []
    first = 1
    for volume in series.volumes:
        told = {"ImagesInAcquisition": sum(v.shape[SLICE] for v in series.volumes)}
        protocol = MrProtocol(
            **{
                **vars(series.protocol),
                "first_instance": first,
                "extra": {**series.protocol.extra, **told, "InPlanePhaseEncodingDirection": series.phase},
            }
        )
        stacks.append(list(mr_images(series.study, protocol, volume)))
        first += volume.shape[SLICE]
    return [stacks[stack][n] for stack, n in series.order]


def _connected(host: str, port: int, timeout_s: float) -> socket.socket:
    try:
        return socket.create_connection((host, port), timeout=timeout_s)
    except OSError as error:
        raise EnvironmentProblem(f"{host}:{port} does not answer: {error.strerror or error}.") from error


class MrdPort:
    """Sends a series as an MRD image stream, one connection a series, as scanner-side frameworks do."""

    name = "mrd"

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port

    def __enter__(self) -> MrdPort:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def scan(self, series: ScannedSeries, timeout_s: float) -> ScannerAnswer:
        """See `ScannerPort.scan`."""
        with _connected(*self._address, timeout_s) as stream:
            stream.sendall(mrd.config_message("lvp"))
            stream.sendall(mrd.header_message(mrd_header(series)))
            for stack, n in series.order:
                time.sleep(series.delay_s)
                stream.sendall(mrd.image_message(mrd_image(series, stack, n)))
            stream.sendall(mrd.close_message())
            sent = time.monotonic()
            return _mrd_answer(stream, sent)


def _mrd_answer(stream: socket.socket, sent: float) -> ScannerAnswer:
    texts, images, waited = [], 0, 0.0
    try:
        while True:
            kind, content = mrd.read_message(lambda count: read_exactly(stream, count))
            if kind == mrd.CLOSE:
                break
            texts += [content] if kind == mrd.TEXT else []
            images += kind == mrd.IMAGE
            waited = time.monotonic() - sent
    except WireProblem as error:
        raise EnvironmentProblem(f"No answer: {error}") from error
    told = [json.loads(text) for text in texts if text.startswith("{")]
    if not told:
        raise EnvironmentProblem("; ".join(texts) or "No answer came.")
    return told_answer(told[-1], waited, images)


def told_answer(told: dict[str, Any], waited: float, images: int = 0) -> ScannerAnswer:
    """Return the answer that a document of an outcome states."""
    poses = {}
    for stack in told["stacks"]:
        if "centre_lps" in stack and not stack["declined"]:
            pose = np.eye(4)
            for n, name in enumerate(("row_lps", "column_lps", "normal_lps", "centre_lps")):
                pose[:3, n] = stack[name]
            poses[stack["name"]] = pose
    return ScannerAnswer(poses, _counts(told), told["verdict"], waited, images, told)


def _counts(told: dict[str, Any]) -> dict[str, int]:
    return {stack["name"]: int(stack["count"]) for stack in told["stacks"]}


def mrd_header(series: ScannedSeries) -> str:
    """Return the MRD XML header of a series."""
    protocol, patient = series.protocol, series.study.patient
    times = {"TR": protocol.repetition_time, "TE": protocol.echo_time, "TI": protocol.inversion_time}
    sequence = "".join(f"<{name}>{value:g}</{name}>" for name, value in times.items() if value is not None)
    _, rows, columns = series.volumes[0].shape
    step, down, across = series.volumes[0].geometry.spacing
    space = (
        f"<matrixSize><x>{columns}</x><y>{rows}</y><z>1</z></matrixSize><fieldOfView_mm>"
        f"<x>{across * columns:.3f}</x><y>{down * rows:.3f}</y><z>{step:.3f}</z></fieldOfView_mm>"
    )
    return (
        '<?xml version="1.0"?><ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD">'
        f"<subjectInformation><patientName>{escape(patient.name)}</patientName>"
        f"<patientID>{escape(patient.patient_id)}</patientID></subjectInformation>"
        f"<studyInformation><studyInstanceUID>{study_uid(series.study)}</studyInstanceUID></studyInformation>"
        f"<measurementInformation><measurementID>{series_uid(series.study, protocol)}</measurementID>"
        f"<patientPosition>{series.study.patient_position}</patientPosition>"
        f"<protocolName>{escape(protocol.description)}</protocolName></measurementInformation>"
        "<experimentalConditions><H1resonanceFrequency_Hz>"
        f"{round(PROTON_HZ * protocol.field_strength)}</H1resonanceFrequency_Hz></experimentalConditions>"
        f"<encoding><encodedSpace>{space}</encodedSpace><reconSpace>{space}</reconSpace>"
        "<encodingLimits/><trajectory>cartesian</trajectory></encoding>"
        f"<sequenceParameters>{sequence}</sequenceParameters></ismrmrdHeader>"
    )


def mrd_image(series: ScannedSeries, stack: int, n: int) -> mrd.MrdImage:
    """Return a slice of a series as an MRD image."""
    volume = series.volumes[stack]
    geometry = volume.geometry
    header = np.zeros((), mrd.HEADER_TYPE)
    header["version"], header["image_type"] = 1, mrd.MAGNITUDE
    header["slice"], header["image_index"] = n, stack * 1000 + n + 1
    header["image_series_index"] = series.protocol.number
    _, down, across = geometry.spacing
    rows, columns = volume.shape[ROW], volume.shape[COLUMN]
    thickness = series.protocol.slice_thickness or geometry.spacing[SLICE]
    header["field_of_view"] = (across * columns, down * rows, thickness)
    header["position"] = geometry.slice_plane(n).point
    header["read_dir"], header["phase_dir"] = geometry.directions[:, COLUMN], geometry.directions[:, ROW]
    header["slice_dir"] = geometry.slice_normal
    return mrd.MrdImage(header, {"DataRole": "Image"}, volume.array[n][None, None])


class IgtlPort:
    """Sends images over OpenIGTLink and takes transforms and a text."""

    name = "igtl"

    def __init__(self, host: str, port: int) -> None:
        self._stream = _connected(host, port, CONNECT_S)

    def __enter__(self) -> IgtlPort:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def scan(self, series: ScannedSeries, timeout_s: float) -> ScannerAnswer:
        """See `ScannerPort.scan`; slices go as one image a stack, since the protocol announces no number."""
        device = series.protocol.description.replace(" ", "_")[:19]
        for stack in dict.fromkeys(stack for stack, _ in series.order):
            time.sleep(series.delay_s)
            volume = series.volumes[stack]
            affine = volume.geometry.affine[:, [COLUMN, ROW, SLICE, 3]]
            self._stream.sendall(igtl.image_message(device, igtl.IgtlImage(volume.array, affine)))
        sent = time.monotonic()
        self._stream.settimeout(timeout_s)
        answers = [self._answer(sent) for _ in dict.fromkeys(stack for stack, _ in series.order)]
        return next((answer for answer in answers if answer.poses), answers[-1])

    def _answer(self, sent: float) -> ScannerAnswer:
        """Return the answer to one image: transforms, ended by a text."""
        found: dict[str, Array] = {}
        try:
            while True:
                came = igtl.read_message(lambda count: read_exactly(self._stream, count))
                if came.kind == "TRANSFORM":
                    found[came.device] = igtl.parse_transform(came.content)
                if came.kind == "STRING":
                    told = json.loads(igtl.parse_string(came.content))
                    waited = time.monotonic() - sent
                    return ScannerAnswer(found, _counts(told), told["verdict"], waited, 0, told)
        except (WireProblem, ValueError) as error:
            raise EnvironmentProblem(f"No answer: {error}") from error


def in_order(volumes: Sequence[Volume]) -> tuple[tuple[int, int], ...]:
    """Return the plain order of sending: stack after stack, slice after slice."""
    return tuple((stack, n) for stack, volume in enumerate(volumes) for n in range(volume.shape[SLICE]))


def interleaved(order: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return odd slices before even ones, as multi-slice sequences excite them."""
    pairs = list(order)
    return (*pairs[::2], *pairs[1::2])
