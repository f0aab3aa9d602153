"""The OpenIGTLink server with the reference package as the client, and with broken messages."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator

import numpy as np
import pyigtl
import pytest

from lvp_workstation.io import igtl
from lvp_workstation.io.igtl_link import IgtlServer
from lvp_workstation.io.wire import WireLimits, WireProblem
from tests.io.intake import RememberingIntake

AFFINE = np.array([[0, 0, -4.0, 10], [1.5, 0, 0, -20], [0, -1.0, 0, 30], [0, 0, 0, 1]])
"""Index (i, j, k) to LPS: columns 1.5 mm backward, rows 1 mm down, slices 4 mm to the right."""


@pytest.fixture
def intake() -> RememberingIntake:
    return RememberingIntake()


@pytest.fixture
def server(intake: RememberingIntake) -> Iterator[IgtlServer]:
    made = IgtlServer(intake, port=0, limits=WireLimits(message_bytes=1 << 20, silence_s=5.0))
    yield made
    made.stop()


@pytest.mark.parametrize("world", ["lps", "ras"])
def test_the_reference_client_sends_an_image_and_takes_a_transform(
    server: IgtlServer, intake: RememberingIntake, world: str
) -> None:
    client = pyigtl.OpenIGTLinkClient("127.0.0.1", server.port)
    try:
        voxels = np.arange(3 * 10 * 12, dtype=np.int16).reshape(3, 10, 12)
        affine = AFFINE if world == "lps" else np.diag([-1, -1, 1, 1]) @ AFFINE
        client.send_message(pyigtl.ImageMessage(voxels, affine, world, device_name="SAG_T2"), wait=True)
        intake.wait(slices=3)
        for k, one in enumerate(intake.slices):
            assert (one.pixels == voxels[k]).all()
            np.testing.assert_allclose(one.position, (AFFINE @ (0, 0, k, 1))[:3], atol=1e-4)
            np.testing.assert_allclose(one.across, (0, 1, 0), atol=1e-6)
            np.testing.assert_allclose(one.down, (0, 0, -1), atol=1e-6)
            assert one.pixel_mm == pytest.approx((1.0, 1.5))
            assert (one.expected, one.description) == (3, "SAG T2")
        pose = np.eye(4)
        pose[:3, 3] = (1.0, 2.0, 3.0)
        server.answer(intake.keys[0], {"axial_L4-L5": pose}, "fine")
        came = client.wait_for_message("axial_L4-L5", timeout=5)
        np.testing.assert_allclose(came.matrix, np.diag([-1, -1, 1, 1]) @ pose, atol=1e-6)
        assert client.wait_for_message("LVP", timeout=5).string == "fine"
    finally:
        client.stop()


def test_the_same_image_again_has_the_same_names_and_another_one_has_not(
    server: IgtlServer, intake: RememberingIntake
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
        for value in (1, 1, 2):
            array = np.full((2, 10, 12), value, dtype=np.uint16)
            stream.sendall(igtl.image_message("T2", igtl.IgtlImage(array, AFFINE)))
        intake.wait(slices=6)
    names = [(one.series, one.uid) for one in intake.slices]
    assert names[:2] == names[2:4]
    assert {series for series, _ in names[4:]}.isdisjoint({series for series, _ in names[:4]})
    intake.wait(closed=1)


def test_messages_with_metadata_are_understood() -> None:
    made = pyigtl.StringMessage("hello", device_name="x")
    made.header_version, made.metadata = 2, {"a": "b"}
    raw, position = made.pack(), 0

    def read(count: int) -> bytes:
        nonlocal position
        position += count
        return raw[position - count : position]

    came = igtl.read_message(read)
    assert (came.kind, came.device, igtl.parse_string(came.content)) == ("STRING", "x", "hello")


def broken(**changes: int) -> bytes:
    """Return an image message whose header was changed."""
    parts = {"endian": 2, "scalar": 5, "size": 4, "part": 4} | changes
    body = igtl.IMAGE_HEAD.pack(
        1, 1, parts["scalar"], parts["endian"], 2, *[parts["size"]] * 3, *AFFINE[:3].T.reshape(-1),
        0, 0, 0, *[parts["part"]] * 3,
    )  # fmt: skip
    return body + bytes(128)


@pytest.mark.parametrize(
    "content",
    [b"", broken(scalar=9), broken(endian=7), broken(size=5, part=5), broken(part=2), broken()[:-1]],
    ids=["empty", "scalar", "endian", "size", "part", "short"],
)
def test_impossible_images_are_refused(content: bytes) -> None:
    igtl.parse_image(broken())
    with pytest.raises(WireProblem):
        igtl.parse_image(content)


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n" + bytes(60),
        struct.pack(">H12s20sQQQ", 1, b"IMAGE", b"x", 0, 1 << 60, 0),
        struct.pack(">H12s20sQQQ", 1, b"STRING", b"x", 0, 4, 1234) + bytes(4),
    ],
    ids=["another protocol", "too long", "wrong checksum"],
)
def test_a_broken_stream_ends_its_connection(server: IgtlServer, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
        stream.sendall(raw)
        assert stream.recv(1) == b""


def test_a_silent_client_is_let_go(intake: RememberingIntake) -> None:
    quick = IgtlServer(intake, port=0, limits=WireLimits(silence_s=0.2))
    try:
        with socket.create_connection(("127.0.0.1", quick.port), timeout=10) as stream:
            began = time.monotonic()
            assert stream.recv(1) == b""
            assert time.monotonic() - began < 5
        intake.wait(closed=1)
    finally:
        quick.stop()
