"""OpenIGTLink messages as bytes (http://openigtlink.org, protocol versions 1 to 3).

IMAGE comes in; TRANSFORM and STRING go out. Every length is checked before anything is read; the reference
package for Python needs a source build and bounds nothing.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import LPS_TO_RAS, Array
from lvp_workstation.io.wire import WireProblem

HEAD = struct.Struct(">H12s20sQQQ")
"""Version, type, device name, time stamp, body size, checksum: 58 bytes."""
IMAGE_HEAD = struct.Struct(">HBBBB3H12f6H")
EXTENDED = struct.Struct(">HHII")
SCALARS = {2: "i1", 3: "u1", 4: "i2", 5: "u2", 6: "i4", 7: "u4", 10: "f4", 11: "f8"}
RAS, LPS = 1, 2
BIG, LITTLE = 1, 2
NAME_BYTES = 20
CHECKED_BYTES = 1 << 16
"""Checksums of larger bodies are not compared: TCP has its own, an image would take 0.1 s (our choice)."""
POLYNOMIAL = 0x42F0E1EBA9EA3693
"""CRC-64 of ECMA-182, not reflected, as the protocol demands."""
US_ASCII = 3

Read = Callable[[int], bytes]


@dataclass(frozen=True, eq=False)
class IgtlMessage:
    """A message: its type, its device name and its content without extended header and metadata."""

    kind: str
    device: str
    content: bytes


@dataclass(frozen=True, eq=False)
class IgtlImage:
    """The content of an IMAGE message.

    Attributes
    ----------
    array
        Shape (k, j, i).
    affine
        Shape (4, 4): index (i, j, k, 1) to LPS mm, voxel centres.
    """

    array: NDArray[Any]
    affine: Array


def _table() -> list[int]:
    rows = []
    for byte in range(256):
        value = byte << 56
        for _ in range(8):
            value = ((value << 1) ^ POLYNOMIAL if value >> 63 else value << 1) & 0xFFFFFFFFFFFFFFFF
        rows.append(value)
    return rows


_TABLE = _table()


def checksum(body: bytes) -> int:
    """Return the CRC-64 of a body."""
    value = 0
    for byte in body:
        value = _TABLE[(value >> 56) ^ byte] ^ ((value << 8) & 0xFFFFFFFFFFFFFFFF)
    return value


def read_message(read: Read) -> IgtlMessage:
    """Return the next message.

    Raises
    ------
    WireProblem
        When it is not OpenIGTLink, damaged, or absurdly long.
    """
    version, kind, device, _, size, check = HEAD.unpack(read(HEAD.size))
    if not 1 <= version <= 3:
        raise WireProblem(f"This is not OpenIGTLink: version {version}.")
    body = read(size)
    if len(body) <= CHECKED_BYTES and check and checksum(body) != check:
        raise WireProblem("The checksum of a message is wrong.")
    return IgtlMessage(_name(kind), _name(device), _content(body) if version > 1 else body)


def _name(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("utf-8", errors="replace")


def _content(body: bytes) -> bytes:
    """Return a body of header version 2 without extended header and metadata."""
    if len(body) < EXTENDED.size:
        raise WireProblem("A message is too short for its extended header.")
    head, meta_head, meta, _ = EXTENDED.unpack_from(body)
    if head < EXTENDED.size or head + meta_head + meta > len(body):
        raise WireProblem("The extended header of a message is wrong.")
    return body[head : len(body) - meta_head - meta]


def parse_image(content: bytes) -> IgtlImage:
    """Return the image of an IMAGE message.

    Raises
    ------
    WireProblem
        When sizes, scalar type or geometry are impossible.
    """
    if len(content) < IMAGE_HEAD.size:
        raise WireProblem("An image is too short for its header.")
    _, parts, scalar, endian, world, *rest = IMAGE_HEAD.unpack_from(content)
    size, numbers, corner, part = rest[:3], np.array(rest[3:15]), rest[15:18], rest[18:21]
    kind = SCALARS.get(scalar)
    if kind is None or parts != 1 or endian not in (BIG, LITTLE) or world not in (RAS, LPS):
        raise WireProblem("An image is not one of plain numbers.")
    if any(corner) or tuple(part) != tuple(size):
        raise WireProblem("Parts of images are not taken: send whole ones.")
    dtype = np.dtype((">" if endian == BIG else "<") + kind)
    count = int(np.prod(size, dtype=np.int64))
    if count < 1 or len(content) - IMAGE_HEAD.size != count * dtype.itemsize:
        raise WireProblem("The length of an image does not fit its size.")
    array = np.frombuffer(content, dtype, count, IMAGE_HEAD.size).reshape(size[::-1])
    affine = np.eye(4)
    affine[:3, :3] = numbers[:9].reshape(3, 3).T
    centre = np.array([(n - 1) / 2 for n in size])
    affine[:3, 3] = numbers[9:] - affine[:3, :3] @ centre
    if not np.isfinite(affine).all() or abs(float(np.linalg.det(affine[:3, :3]))) < 1e-9:
        raise WireProblem("An image has no usable geometry.")
    if world == RAS:
        affine = LPS_TO_RAS @ affine
    return IgtlImage(array.astype(dtype.newbyteorder("=")), affine)


def message(kind: str, device: str, body: bytes) -> bytes:
    """Return a message of header version 1."""
    seconds = time.time()
    stamp = (int(seconds) << 32) | int((seconds % 1) * (1 << 32))
    head = HEAD.pack(1, kind.encode(), device.encode()[: NAME_BYTES - 1], stamp, len(body), checksum(body))
    return head + body


def transform_message(device: str, pose_lps: Array) -> bytes:
    """Return a TRANSFORM.

    Parameters
    ----------
    pose_lps
        Shape (4, 4): columns row direction, column direction, normal and centre, LPS mm. It is sent in RAS,
        as 3D Slicer and research consoles take transforms.
    """
    pose = LPS_TO_RAS @ pose_lps
    return message("TRANSFORM", device, struct.pack(">12f", *pose[:3, :].T.reshape(-1)))


def parse_transform(content: bytes) -> Array:
    """Return the pose of a TRANSFORM in LPS, shape (4, 4); see `transform_message`."""
    if len(content) != 48:
        raise WireProblem("A transform has twelve numbers.")
    pose = np.eye(4)
    pose[:3, :] = np.array(struct.unpack(">12f", content)).reshape(4, 3).T
    return np.asarray(LPS_TO_RAS @ pose)


def string_message(device: str, text: str) -> bytes:
    """Return a STRING; what ASCII does not hold becomes a question mark."""
    raw = text.encode("ascii", errors="replace")[:65535]
    return message("STRING", device, struct.pack(">HH", US_ASCII, len(raw)) + raw)


def parse_string(content: bytes) -> str:
    """Return the text of a STRING message."""
    if len(content) < 4:
        raise WireProblem("A string message is too short.")
    return content[4 : 4 + struct.unpack(">HH", content[:4])[1]].decode("utf-8", errors="replace")


def image_message(device: str, image: IgtlImage) -> bytes:
    """Return an IMAGE in LPS; its checksum is 0, which is not compared."""
    array = np.ascontiguousarray(image.array)
    kinds = {np.dtype(kind): code for code, kind in SCALARS.items()}
    size = array.shape[::-1]
    centre = image.affine[:3, :3] @ np.array([(n - 1) / 2 for n in size]) + image.affine[:3, 3]
    head = IMAGE_HEAD.pack(
        1,
        1,
        kinds[array.dtype],
        LITTLE,
        LPS,
        *size,
        *image.affine[:3, :3].T.reshape(-1),
        *centre,
        *(0, 0, 0),
        *size,
    )
    body = head + array.astype(array.dtype.newbyteorder("<")).tobytes()
    return HEAD.pack(1, b"IMAGE", device.encode()[: NAME_BYTES - 1], 0, len(body), 0) + body
