"""Look at the pixel data element without reading it: is everything there that the header declares?"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from lvp_workstation.domain.study import StoredPixels
from lvp_workstation.io import tags

PIXEL_DATA = (0x7FE0, 0x0010)
PIXEL_DATA_TAGS = {PIXEL_DATA, (0x7FE0, 0x0008), (0x7FE0, 0x0009)}
ITEM = (0xFFFE, 0xE000)
SEQUENCE_DELIMITER = (0xFFFE, 0xE0DD)
UNDEFINED_LENGTH = 0xFFFFFFFF
LONG_LENGTH_VRS = {b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN"}
"""VRs with a 32-bit length after two reserved bytes (PS3.5 section 7.1.2)."""

FULL_COUNT = 1 << 30


@dataclass(frozen=True)
class PixelState:
    """Whether pixel data is complete, and how many whole frames it holds."""

    complete: bool = True
    whole_frames: int = FULL_COUNT
    stored: StoredPixels | None = None
    """Where the values of the first frame lie as they are, None when a decoder is needed."""

    def stored_frame(self, index: int, size: int) -> StoredPixels | None:
        """Return where the values of a frame of ``size`` bytes lie, see `stored`."""
        if self.stored is None:
            return None
        return replace(self.stored, start=self.stored.start + index * size)


def frame_bytes(dataset: Any) -> int:
    """Return the size of one uncompressed frame in bytes (PS3.5 section 8.1.1)."""
    rows, columns = tags.integer(dataset, "Rows") or 0, tags.integer(dataset, "Columns") or 0
    samples = tags.integer(dataset, "SamplesPerPixel") or 1
    bits = tags.integer(dataset, "BitsAllocated") or 16
    return (rows * columns * samples * bits + 7) // 8


def pixel_state(stream: BinaryIO, size: int, dataset: Any, frames: int) -> PixelState:
    """Judge the pixel data element at which the header reader stopped.

    Parameters
    ----------
    stream
        Positioned at the tag of the element.
    size
        Bytes in the stream.
    dataset
        The header, with its ``original_encoding``.
    frames
        NumberOfFrames, 1 for single-frame objects.
    """
    implicit, little = dataset.original_encoding
    head = _element_head(stream, bool(implicit), "<" if little is not False else ">")
    if head is None or head[0] not in PIXEL_DATA_TAGS:
        return PixelState(False, 0)
    if head[1] == UNDEFINED_LENGTH:
        return _encapsulated_state(stream, size, frames)
    available = min(head[1], size - stream.tell())
    wanted = frame_bytes(dataset)
    whole = available // wanted if wanted else 0
    plain = head[0] == PIXEL_DATA and little is not False
    return PixelState(whole >= frames, whole, _stored(stream.tell(), dataset) if plain else None)


def _stored(start: int, dataset: Any) -> StoredPixels | None:
    """Return where the stored values begin when they are whole bytes of one sample (PS3.5 8.1.1)."""
    bits, samples = tags.integer(dataset, "BitsAllocated"), tags.integer(dataset, "SamplesPerPixel")
    used, highest = tags.integer(dataset, "BitsStored"), tags.integer(dataset, "HighBit")
    kind = {0: "u", 1: "i"}.get(tags.integer(dataset, "PixelRepresentation") or 0)
    if kind is None or samples != 1 or bits not in (8, 16) or used is None or not 1 <= used <= bits:
        return None
    return StoredPixels(start, f"<{kind}{bits // 8}", bits - used) if highest == used - 1 else None


def _element_head(stream: BinaryIO, implicit: bool, order: str) -> tuple[tuple[int, int], int] | None:
    raw = stream.read(8)
    if len(raw) < 8:
        return None
    tag = struct.unpack(f"{order}HH", raw[:4])
    if implicit:
        return (tag[0], tag[1]), struct.unpack(f"{order}L", raw[4:])[0]
    if raw[4:6] in LONG_LENGTH_VRS:
        raw = stream.read(4)
        length = struct.unpack(f"{order}L", raw)[0] if len(raw) == 4 else 0
    else:
        length = struct.unpack(f"{order}H", raw[6:8])[0]
    return (tag[0], tag[1]), length


def _encapsulated_state(stream: BinaryIO, size: int, frames: int) -> PixelState:
    """Walk the items of encapsulated pixel data (PS3.5 A.4), always little endian.

    Fragments are taken for frames, which holds for every object with as many of them.
    """
    fragments = -1  # the first item is the basic offset table
    while True:
        raw = stream.read(8)
        if len(raw) < 8:
            return PixelState(False, max(fragments, 0))
        group, element, length = struct.unpack("<HHL", raw)
        if (group, element) == SEQUENCE_DELIMITER:
            return PixelState(fragments >= frames, fragments)
        if (group, element) != ITEM or stream.tell() + length > size:
            return PixelState(False, fragments if frames > 1 and fragments > 0 else 0)
        stream.seek(length, io.SEEK_CUR)
        fragments += 1
