"""The MRD server with the reference package as the client, and with clients that break the protocol."""

from __future__ import annotations

import base64
import json
import socket
import struct
from collections.abc import Iterator

import ismrmrd
import numpy as np
import pytest
from ismrmrd.serialization import ConfigFile, ProtocolDeserializer, ProtocolSerializer

from lvp_workstation.domain.study import Patient
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.io import mrd
from lvp_workstation.io.mrd_server import MrdServer, slices_of
from lvp_workstation.io.scanner_ports import ScannedSeries, mrd_header
from lvp_workstation.io.wire import WireLimits
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, study_uid
from tests.io.intake import RememberingIntake

ROW, COLUMN = (0.0, 0.8, -0.6), (0.0, -0.6, -0.8)
STUDY = StudyToWrite("mrd", Patient("P7"))
GRID = VolumeGeometry.from_axes((0, 0, 0), ((-1, 0, 0), (0, 0, -1), (0, 1, 0)), (4.0, 1.0, 2.0), (1, 16, 24))
HEADER = mrd_header(
    ScannedSeries(STUDY, MrProtocol("SAG T2"), (Volume(np.zeros(GRID.shape, np.uint16), GRID),), ())
)
KEY = f"mrd:{study_uid(STUDY)}"


@pytest.fixture
def intake() -> RememberingIntake:
    return RememberingIntake()


@pytest.fixture
def server(intake: RememberingIntake) -> Iterator[MrdServer]:
    made = MrdServer(intake, port=0, limits=WireLimits(message_bytes=1 << 20, connections=2, silence_s=5.0))
    yield made
    made.stop()


def image(n: int, dtype: type = np.uint16) -> ismrmrd.Image:
    """Return slice ``n`` as the reference package makes it: 24 columns of 2 mm, 16 rows of 1 mm."""
    made = ismrmrd.Image.from_array(np.full((16, 24), 10 + n, dtype=dtype), transpose=False)
    made.field_of_view = (48.0, 16.0, 4.0)
    made.position = (3.0 + 4.4 * n, -20.0, 30.0)
    made.read_dir, made.phase_dir, made.slice_dir = ROW, COLUMN, tuple(np.cross(ROW, COLUMN))
    made.slice, made.image_index, made.image_series_index = n, n + 1, 3
    return made


def test_a_stream_of_the_reference_client_is_answered_in_the_same_connection(
    server: MrdServer, intake: RememberingIntake
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
        out = ProtocolSerializer(stream.makefile("wb"))
        out.serialize(ConfigFile("lvp"))
        out.serialize(ismrmrd.xsd.CreateFromDocument(HEADER))
        for n in range(3):
            out.serialize(image(n))
        out.close()
        intake.wait(slices=3, closed=1)
        (series,) = {one.series for one in intake.slices}
        back = np.zeros((), mrd.HEADER_TYPE)
        drawn = mrd.MrdImage(back, {"ImageComment": "planes & <lines>"}, np.ones((1, 1, 4, 5), np.uint16))
        server.answer(KEY, series, "planes", (drawn,))
        with ProtocolDeserializer(stream.makefile("rb")) as answers:
            text, picture = list(answers.deserialize())
    assert text == "planes"
    assert picture.data.shape == (1, 1, 4, 5)
    assert ismrmrd.Meta.deserialize(picture.attribute_string)["ImageComment"] == "planes & <lines>"
    assert intake.closed == [(KEY, (series,), False)]


def test_geometry_patient_and_contrast_are_those_of_the_stream(
    server: MrdServer, intake: RememberingIntake
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
        out = ProtocolSerializer(stream.makefile("wb"))
        out.serialize(ismrmrd.xsd.CreateFromDocument(HEADER))
        out.serialize(image(1, np.float32))
        out.close()
        intake.wait(slices=1, closed=1)
        server.answer(KEY, intake.slices[0].series, "ok")
        stream.recv(1)
    one = intake.slices[0]
    assert one.pixels.shape == (16, 24)
    assert one.pixel_mm == pytest.approx((1.0, 2.0))
    grid = VolumeGeometry.from_axes(
        one.position, (one.normal, one.down, one.across), (4.0, *one.pixel_mm), (1, 16, 24)
    )
    np.testing.assert_allclose(grid.centre, (7.4, -20.0, 30.0), atol=1e-4)
    np.testing.assert_allclose(one.across, ROW, atol=1e-6)
    assert (one.patient.patient_id, one.description) == ("P7", "SAG T2")
    assert (one.attributes["RepetitionTime"], one.attributes["EchoTime"]) == (3500.0, 100.0)


def test_the_corner_of_a_converted_dicom_image_is_no_centre() -> None:
    told = {"00200032": {"vr": "DS", "Value": [3.0, -20.0, 30.0]}, "00180081": {"Value": [99.0]}}
    text = base64.b64encode(json.dumps(told).encode()).decode()
    sent = image(0)
    meta = ismrmrd.Meta()
    meta["DicomJson"] = text
    sent.attribute_string = meta.serialize()
    raw = b"\xfe\x03" + sent.to_bytes()
    position = 0

    def read(count: int) -> bytes:
        nonlocal position
        position += count
        return raw[position - count : position]

    _, content = mrd.read_message(read)
    (one,) = slices_of(content, {}, 0.0)
    np.testing.assert_allclose(one.position, (3.0, -20.0, 30.0))
    assert one.attributes["EchoTime"] == 99.0


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("<HI", mrd.HEADER, 1 << 31),
        struct.pack("<H", mrd.IMAGE) + bytes(198) + struct.pack("<Q", 1 << 62),
        struct.pack("<H", 4711),
        struct.pack("<H", mrd.ACQUISITION),
        struct.pack("<H", mrd.CLOSE),
    ],
    ids=["long header", "long attributes", "unknown", "raw data", "no image"],
)
def test_a_broken_stream_ends_its_connection_and_nothing_else(
    server: MrdServer, intake: RememberingIntake, raw: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
        stream.sendall(raw)
        assert stream.recv(1) == b""
    test_geometry_patient_and_contrast_are_those_of_the_stream(server, intake)


def test_a_client_that_vanishes_is_told(server: MrdServer, intake: RememberingIntake) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
        stream.sendall(mrd.header_message(HEADER))
        stream.sendall(b"\xfe\x03" + image(0).to_bytes() + b"\xfe\x03")
        intake.wait(slices=1)
    intake.wait(closed=1)
    assert intake.closed[0][2] is True


def test_a_refused_slice_is_said_to_the_client(server: MrdServer, intake: RememberingIntake) -> None:
    intake.refuse = "Too many."
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
        out = ProtocolSerializer(stream.makefile("wb"))
        out.serialize(image(0))
        out.close()
        with ProtocolDeserializer(stream.makefile("rb")) as answers:
            assert list(answers.deserialize()) == ["Refused: Too many."]


def test_more_connections_than_allowed_are_turned_away(server: MrdServer) -> None:
    streams = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(3)]
    assert streams[2].recv(1) == b""
    for stream in streams:
        stream.close()
