"""Decode single frames of DICOM objects, in this process; `decode_worker` does it in another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels import iter_pixels

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.study import StoredPixels
from lvp_workstation.io import tags
from lvp_workstation.io.header import file_name
from lvp_workstation.io.quiet import collected_warnings
from lvp_workstation.io.sources import open_source

JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
RLE = "1.2.840.10008.1.2.5"
DEFLATED = "1.2.840.10008.1.2.1.99"

PREFERRED_PLUGIN: dict[str, str] = {
    **dict.fromkeys(JPEG_2000, "pylibjpeg"),
    **dict.fromkeys(JPEG_LS, "pyjpegls"),
    RLE: "pydicom",
}
"""The codec tried first; pydicom's own order is the fallback."""

ONLY_PLUGIN = {RLE: "pydicom"}
"""No fallback here: the RLE decoder of pylibjpeg panics on damaged data with an error that is no
`Exception`, 2 ms a slice against 8 ms."""

NATIVE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", DEFLATED, "")
"""Transfer syntaxes that need no codec (PS3.5 A.1-A.3, A.5)."""


@dataclass(frozen=True)
class FrameRequest:
    """Frames of one file to decode; ``shape`` is (rows, columns) as the header declared it.

    ``stored`` says for each index where the values lie as they are; empty when a decoder is needed.
    """

    path: str
    indices: tuple[int, ...]
    shape: tuple[int, int]
    transfer_syntax: str = ""
    stored: tuple[StoredPixels, ...] = ()

    @property
    def compressed(self) -> bool:
        """Whether a codec has to run on the bytes."""
        return self.transfer_syntax not in NATIVE


FrameResult = NDArray[Any] | str
"""A frame of stored values, or the reason why it could not be decoded."""


class FrameDecoder(Protocol):
    """Turns requests into frames; implementations differ in where the codec runs."""

    def decode(self, request: FrameRequest) -> Sequence[FrameResult]:
        """Return one result for each index of the request, in its order."""


class InProcessDecoder:
    """Decodes in the calling thread."""

    def decode(self, request: FrameRequest) -> Sequence[FrameResult]:
        """Return one result for each index of the request, in its order."""
        return decode_frames(request)


def decode_frames(request: FrameRequest) -> list[FrameResult]:
    """Decode the frames of a request; a frame that fails gives the reason in words."""
    frames = _read_stored(request) or _decode_together(request)
    if frames is not None:
        return frames
    return [_decode_one(request, index) for index in request.indices]


def _read_stored(request: FrameRequest) -> list[FrameResult] | None:
    """Read values that lie in the file as they are, without parsing it once more; None when it must be."""
    if not request.stored:
        return None
    found: list[FrameResult] = []
    try:
        with open_source(request.path) as stream:
            for place in request.stored:
                values: NDArray[Any] = np.empty(request.shape, place.dtype)
                stream.seek(place.start)
                if stream.readinto(values.data.cast("B")) != values.nbytes:  # type: ignore[attr-defined]
                    return None
                found.append(_without_unused(values, place.unused))
    except (OSError, UnreadableInput):
        return None
    return found


def _without_unused(values: NDArray[Any], unused: int) -> NDArray[Any]:
    """Clear bits above the stored ones, which may hold anything (PS3.5 section 8.1.1), keeping the sign."""
    if unused:
        np.left_shift(values, unused, out=values)
        np.right_shift(values, unused, out=values)
    return values


def _decode_together(request: FrameRequest) -> list[FrameResult] | None:
    """Decode all frames with one pass over the file, None when any of them fails."""
    try:
        return list(_pixels(request, request.indices, PREFERRED_PLUGIN.get(request.transfer_syntax, "")))
    except (UnreadableInput, *tags.PARSER_ERRORS):
        return None


def _decode_one(request: FrameRequest, index: int) -> FrameResult:
    try:
        return _pixels(request, (index,), ONLY_PLUGIN.get(request.transfer_syntax, ""))[0]
    except UnreadableInput as error:
        return str(error)
    except tags.PARSER_ERRORS as error:
        return f"{file_name(request.path)} cannot be decoded ({_short(error)})"


def _short(error: BaseException) -> str:
    """Return the first line of an error that says something: one that ends with a colon only leads to it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.endswith(":")] or lines
    return (telling[0] if telling else type(error).__name__)[:160]


def _pixels(request: FrameRequest, indices: Sequence[int], plugin: str) -> list[NDArray[Any]]:
    """Return frames of stored values, each of the declared shape."""
    with collected_warnings(), open_source(request.path) as stream:
        source = pydicom.dcmread(stream) if request.transfer_syntax == DEFLATED else stream
        frames = iter_pixels(source, indices=indices, decoding_plugin=plugin)
        found = [np.ascontiguousarray(frame) for frame in frames]
    if len(found) != len(indices) or any(a.shape != request.shape for a in found):
        shapes = sorted({a.shape for a in found})
        raise UnreadableInput(
            f"{file_name(request.path)} decodes to {shapes}, not to the declared {request.shape}"
        )
    return found
