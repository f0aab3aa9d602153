"""What scanners and networks do wrong, done on purpose to real receivers over loopback.

Each fault leaves its sentences in the room's events and what became of the series; afterwards a healthy
series must be judged over the same door. ``python -m tests.tools.make_scanner_faults`` writes the table
``docs/scanner.md`` from the same runs.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.domain.study import Patient
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.io import igtl, mrd
from lvp_workstation.io.dicom_receiver import ReceiverSettings
from lvp_workstation.io.dicom_send import Destination, Sender, send_objects
from lvp_workstation.io.scanner_ports import ScannedSeries, mrd_header
from lvp_workstation.io.wire import WireLimits
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, mr_images
from lvp_workstation.services.acquisition.examination import IncomingSeries, Limits
from lvp_workstation.services.acquisition.gateway import Gateway, GatewaySettings
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from tests.services.acquisition.test_news import PlainJudge

SLICES = 6
PATIENCE_S = 20.0
GRID = VolumeGeometry.from_axes(
    (8.0, -32.0, 32.0), ((-1, 0, 0), (0, 0, -1), (0, 1, 0)), (4.0, 1.0, 1.0), (SLICES, 64, 64), "2.25.2"
)
VOLUME = Volume(np.arange(SLICES * 64 * 64, dtype=np.uint16).reshape(GRID.shape), GRID)
AFFINE = GRID.affine[:, [2, 1, 0, 3]]
LIMITS = Limits(settle_s=2.0, patience_s=15.0, slow_s=30.0)
WIRE = WireLimits(message_bytes=1 << 20, connections=3, silence_s=30.0, answer_s=2.0)
ANNOUNCED = {"ImagesInAcquisition": SLICES}


class PatientJudge(PlainJudge):
    """Judges as soon as it may, which is at once unless it was told to wait."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.may.set()

    def judge(self, key: str, series: IncomingSeries) -> SeriesOutcome:
        self.may.wait(PATIENCE_S)
        return super().judge(key, series)


class FaultBench:
    """A workstation with all doors open, and senders that misbehave."""

    def __init__(self, **changes: Any) -> None:
        self.heard: list[SeriesOutcome] = []
        settings = GatewaySettings(
            dicom=ReceiverSettings(port=0, object_bytes=1 << 20),
            mrd_port=0,
            igtl_port=0,
            wire=WIRE,
            limits=LIMITS,
        )
        self.judge = PatientJudge()
        self.gateway = Gateway(self.judge, replace(settings, **changes), self.heard.append)
        self._studies = 0

    def __enter__(self) -> FaultBench:
        return self

    def __exit__(self, *_: object) -> None:
        self.gateway.stop()

    @property
    def codes(self) -> set[str]:
        """Codes of everything that happened."""
        return {event.code for event in self.gateway.room.events}

    @property
    def sentences(self) -> list[str]:
        """What was told of trouble, each sentence once."""
        ordinary = ("judged", "preview")
        return list(dict.fromkeys(e.text for e in self.gateway.room.events if e.code not in ordinary))

    def until(self, condition: Callable[[], bool]) -> bool:
        """Wait for something; return whether it came."""
        end = time.monotonic() + PATIENCE_S
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)
        return condition()

    def counts(self) -> list[int]:
        """Slices of each series that was judged."""
        return [len(one.stack.slices) for one in self.heard]

    # -- senders ------------------------------------------------------------------------

    def objects(self, who: str = "P1", number: int = 1, study: int = 0, **extra: Any) -> list[Any]:
        """Return a series as DICOM objects; the same study number is the same study."""
        maker = StudyToWrite(f"faults {study}", Patient(who, name="PHANTOM^FAULTS"), synthetic=True)
        told = MrProtocol("SAG T2", number=number, extra={**ANNOUNCED, **extra})
        return list(mr_images(maker, told, VOLUME))

    @property
    def node(self) -> Destination:
        """The DICOM door."""
        return Destination("127.0.0.1", self.gateway.dicom.port, "LVP", "SCANNER")

    def dicom(self, objects: Sequence[Any]) -> Sender:
        """Open an association and store objects in it."""
        link = Sender(self.node, [objects[0].SOPClassUID])
        for data in objects:
            link.send(data)
        return link

    def wire(self, name: str) -> socket.socket:
        """Connect to a door."""
        port = getattr(self.gateway, name).port
        return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)

    def mrd_messages(self, seed: str = "mrd") -> list[bytes]:
        """Return a whole MRD stream: configuration, header, slices, farewell."""
        study = StudyToWrite(f"faults {seed}", Patient("P1"), synthetic=True)
        series = ScannedSeries(study, MrProtocol("SAG T2"), (VOLUME,), ())
        return [
            mrd.config_message("lvp"),
            mrd.header_message(mrd_header(series)),
            *(mrd.image_message(_mrd_slice(n)) for n in range(SLICES)),
            mrd.close_message(),
        ]

    def healthy(self, door: str) -> bool:
        """Send a series as it should be; return whether it is judged whole."""
        before = len(self.heard)
        self._studies += 1
        if door == "dicom":
            self.dicom(self.objects(study=1000 + self._studies)).__exit__()
        elif door == "mrd":
            with self.wire("mrd") as stream:
                stream.sendall(b"".join(self.mrd_messages(f"healthy {self._studies}")))
                while stream.recv(65536):
                    pass
        else:
            with self.wire("igtl") as stream:
                stream.sendall(igtl_image())
                return self.until(lambda: SLICES in self.counts()[before:])
        return self.until(lambda: SLICES in self.counts()[before:])


def _mrd_slice(n: int) -> mrd.MrdImage:
    header = np.zeros((), mrd.HEADER_TYPE)
    header["version"], header["image_type"] = 1, mrd.MAGNITUDE
    header["slice"], header["image_index"], header["image_series_index"] = n, n + 1, 1
    header["field_of_view"] = (64.0, 64.0, 4.0)
    header["position"] = GRID.slice_plane(n).point
    header["read_dir"], header["phase_dir"], header["slice_dir"] = (0, 1, 0), (0, 0, -1), (-1, 0, 0)
    return mrd.MrdImage(header, {"DataRole": "Image"}, VOLUME.array[n][None, None])


def igtl_image(device: str = "SAG_T2", affine: Any = AFFINE) -> bytes:
    """Return all slices as one IMAGE message."""
    return igtl.image_message(device, igtl.IgtlImage(VOLUME.array, affine))


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Attributes
    ----------
    what
        What was broken, for the table.
    door
        ``dicom``, ``mrd`` or ``igtl``.
    do
        Breaks it.
    codes
        Events that must be told; empty when nobody has to be troubled.
    judged
        Slices of each series that is judged in spite of it.
    """

    what: str
    door: str
    do: Callable[[FaultBench], None]
    codes: tuple[str, ...] = ()
    judged: tuple[int, ...] = (SLICES,)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Identifier for tests."""
        return f"{self.door}-{self.do.__name__.strip('_')}"


def _out_of_order(bench: FaultBench) -> None:
    sent = bench.objects()
    bench.dicom([sent[n] for n in (5, 0, 3, 1, 4, 2)]).__exit__()


def _twice(bench: FaultBench) -> None:
    sent = bench.objects()
    bench.dicom([sent[0], sent[0], *sent[1:]]).__exit__()


def _interleaved(bench: FaultBench) -> None:
    first, second = bench.objects(number=1), bench.objects(number=2)
    bench.dicom([one for pair in zip(first, second, strict=True) for one in pair]).__exit__()


def _one_by_one(bench: FaultBench) -> None:
    for data in bench.objects():
        send_objects(bench.node, [data])


def _missing(bench: FaultBench) -> None:
    sent = bench.objects()
    bench.dicom([*sent[:2], *sent[3:]]).__exit__()


def _late(bench: FaultBench) -> None:
    sent = bench.objects()
    bench.dicom(sent[:5]).__exit__()
    bench.until(lambda: len(bench.heard) == 1)
    bench.dicom(sent[5:]).__exit__()


def _vanishes(bench: FaultBench) -> None:
    bench.dicom(bench.objects()[:4]).abort()


def _stops(bench: FaultBench) -> None:
    link = bench.dicom(bench.objects()[:4])
    bench.until(lambda: bool(bench.heard))
    link.__exit__()


def _damaged(bench: FaultBench) -> None:
    bad, *good = bench.objects()
    bad.PixelData = bad.PixelData[:100]
    link = Sender(bench.node, [bad.SOPClassUID])
    with suppress(OutputProblem):
        link.send(bad)
    for data in good:
        link.send(data)
    link.__exit__()


def _endless(bench: FaultBench) -> None:
    big = bench.objects()[0]
    big.PixelData = bytes(3 << 20)
    with suppress(OutputProblem, RuntimeError):
        send_objects(bench.node, [big])
    bench.until(lambda: "broken" in bench.codes)


def _stranger(bench: FaultBench) -> None:
    with suppress(OutputProblem):
        send_objects(replace(bench.node, calling="STRANGER"), bench.objects())
    bench.until(lambda: "refused" in bench.codes)


def _other_patient(bench: FaultBench) -> None:
    bench.dicom(bench.objects(study=5)).__exit__()
    wrong = bench.objects(who="P2", study=6)
    for data in wrong:
        data.StudyInstanceUID = bench.objects(study=5)[0].StudyInstanceUID
    with suppress(OutputProblem):
        bench.dicom(wrong).__exit__()


def _too_fast(bench: FaultBench) -> None:
    bench.dicom(bench.objects()).__exit__()


def _too_many_series(bench: FaultBench) -> None:
    for number in (1, 2, 3):
        with suppress(OutputProblem):
            bench.dicom(bench.objects(number=number)).__exit__()


def _other_protocol(bench: FaultBench) -> None:
    with bench.wire("mrd") as stream:
        stream.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(2000))
        stream.recv(1)
    bench.until(lambda: "broken" in bench.codes)


def _no_farewell(bench: FaultBench) -> None:
    with bench.wire("mrd") as stream:
        stream.sendall(b"".join(bench.mrd_messages()[:6]))
    bench.until(lambda: bool(bench.heard))


def _half_a_slice(bench: FaultBench) -> None:
    whole = bench.mrd_messages()
    with bench.wire("mrd") as stream:
        stream.sendall(b"".join(whole[:5]) + whole[5][:900])
    bench.until(lambda: bool(bench.heard))


def _trickle(bench: FaultBench) -> None:
    with bench.wire("mrd") as stream:
        for message in bench.mrd_messages():
            for start in range(0, len(message), 4000):
                stream.sendall(message[start : start + 4000])
        while stream.recv(65536):
            pass


def _falls_silent(bench: FaultBench) -> None:
    with bench.wire("mrd") as stream:
        stream.sendall(b"".join(bench.mrd_messages()[:6]))
        bench.until(lambda: bool(bench.heard))


def _too_many_links(bench: FaultBench) -> None:
    links = [bench.wire("mrd") for _ in range(4)]
    bench.until(lambda: "refused" in bench.codes)
    for link in links:
        link.close()
    time.sleep(0.1)


def _absurd_length(bench: FaultBench) -> None:
    with bench.wire("igtl") as stream:
        stream.sendall(struct.pack(">H12s20sQQQ", 1, b"IMAGE", b"x", 0, 1 << 60, 0))
        stream.recv(1)
    bench.until(lambda: "broken" in bench.codes)


def _damaged_on_the_way(bench: FaultBench) -> None:
    with bench.wire("igtl") as stream:
        stream.sendall(struct.pack(">H12s20sQQQ", 1, b"STRING", b"x", 0, 4, 1234) + bytes(4))
        stream.recv(1)
    bench.until(lambda: "broken" in bench.codes)


def _skewed(bench: FaultBench) -> None:
    skewed = AFFINE.copy()
    skewed[:3, 0] += 0.4 * skewed[:3, 1]
    with bench.wire("igtl") as stream:
        stream.sendall(igtl_image(affine=skewed))
        stream.recv(1)
    bench.until(lambda: "broken" in bench.codes)


def _image_twice(bench: FaultBench) -> None:
    with bench.wire("igtl") as stream:
        stream.sendall(igtl_image() * 2)
        bench.until(lambda: "duplicate" in bench.codes and bool(bench.heard))


def _hangs_up(bench: FaultBench) -> None:
    bench.judge.may.clear()
    with bench.wire("igtl") as stream:
        stream.sendall(igtl_image())
        bench.until(lambda: bench.gateway.igtl.answer("igtl:1", {}, ""))
    bench.until(lambda: not bench.gateway.igtl.answer("igtl:1", {}, ""))
    bench.judge.may.set()
    bench.until(lambda: bool(bench.heard))


def _takes_no_answers(bench: FaultBench) -> None:
    with bench.wire("igtl") as stream:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stream.sendall(igtl_image())
        bench.until(lambda: bool(bench.heard))
        key = bench.heard[0].key
        for _ in range(4000):
            bench.gateway.igtl.answer(key, {}, "x" * 20000)
            if "broken" in bench.codes:
                break


DICOM = ReceiverSettings(port=0, object_bytes=1 << 20)
HASTY = {"limits": replace(LIMITS, patience_s=0.6, slow_s=0.2)}
DEAF = {"wire": replace(WIRE, silence_s=0.3)}
FAULTS: tuple[Fault, ...] = (
    Fault("slices in any order", "dicom", _out_of_order),
    Fault("a slice comes twice", "dicom", _twice, ("duplicate",)),
    Fault("two series interleaved in one association", "dicom", _interleaved, (), (SLICES, SLICES)),
    Fault("an association for every slice", "dicom", _one_by_one),
    Fault("a slice is missing at the end of the association", "dicom", _missing, (), (SLICES - 1,)),
    Fault("a slice comes after the verdict", "dicom", _late, ("late",), (5, SLICES)),
    Fault("the sender aborts in the middle of a series", "dicom", _vanishes, ("gone",), (4,)),
    Fault(
        "the sender stops in the middle and keeps the association",
        "dicom",
        _stops,
        ("slow",),
        (4,),
        {"limits": replace(LIMITS, patience_s=0.6, slow_s=0.2)},
    ),
    Fault("pixel data shorter than the matrix", "dicom", _damaged, ("refused",), (5,)),
    Fault("an object above the size limit", "dicom", _endless, ("broken",), ()),
    Fault(
        "a calling AE title that is not on the list",
        "dicom",
        _stranger,
        ("refused",),
        (),
        {"dicom": replace(DICOM, titles=("SCANNER",))},
    ),
    Fault("slices of another patient in the same study", "dicom", _other_patient, ("refused",)),
    Fault(
        "more series than an examination may hold",
        "dicom",
        _too_many_series,
        ("refused",),
        (SLICES, SLICES),
        {"limits": replace(LIMITS, max_series=2)},
    ),
    Fault(
        "a sender above the allowed rate",
        "dicom",
        _too_fast,
        (),
        (SLICES,),
        {"dicom": replace(DICOM, bytes_per_second=200_000.0)},
    ),
    Fault("another protocol on the port", "mrd", _other_protocol, ("broken",), ()),
    Fault("the connection ends without a farewell", "mrd", _no_farewell, ("gone",), (4,)),
    Fault("the connection ends inside a slice", "mrd", _half_a_slice, ("gone",), (3,)),
    Fault(
        "the client falls silent in the middle",
        "mrd",
        _falls_silent,
        ("gone",),
        (4,),
        {"wire": replace(WIRE, silence_s=0.3)},
    ),
    Fault("bytes trickle in small pieces", "mrd", _trickle),
    Fault("more connections than allowed", "mrd", _too_many_links, ("refused",), ()),
    Fault("an announced length of 2^60 bytes", "igtl", _absurd_length, ("broken",), ()),
    Fault("a checksum that is wrong", "igtl", _damaged_on_the_way, ("broken",), ()),
    Fault("an image with skewed axes", "igtl", _skewed, ("broken",), ()),
    Fault("the same image twice", "igtl", _image_twice, ("duplicate",)),
    Fault("the client hangs up before the answer", "igtl", _hangs_up, ("gone",)),
    Fault("the client never reads its answers", "igtl", _takes_no_answers, ("broken",)),
)


@dataclass(frozen=True)
class FaultRecord:
    """What became of a fault.

    Attributes
    ----------
    judged
        Slices of each series that was judged.
    works
        Whether a healthy series was judged over the same door afterwards.
    """

    judged: tuple[int, ...]
    codes: frozenset[str]
    sentences: tuple[str, ...]
    works: bool


def run_fault(fault: Fault) -> FaultRecord:
    """Break something, look what happens, and try the door again."""
    with FaultBench(**fault.settings) as bench:
        fault.do(bench)
        bench.until(lambda: set(fault.codes) <= bench.codes and len(bench.heard) >= len(fault.judged))
        judged, codes, told = tuple(bench.counts()), frozenset(bench.codes), tuple(bench.sentences)
        return FaultRecord(judged, codes, told, bench.healthy(fault.door))
