"""An OpenIGTLink server: images in; planes out as transforms, verdicts as strings."""

from __future__ import annotations

import itertools
import time
import zlib

import numpy as np

from lvp_workstation.domain.arrival import Intake, ReceivedSlice, SliceRefused
from lvp_workstation.domain.geometry import Array, unit, vector
from lvp_workstation.io import igtl
from lvp_workstation.io.wire import Link, PeerGone, WireLimits, WireProblem, WireServer

PORT = 18944
"""The port of OpenIGTLink by convention."""
SQUARE = 0.01
CONTRASTS = ("T1", "T2", "STIR")


class IgtlServer:
    """Takes images; every connection is an examination of its own.

    A series is what arrives under one device name: one IMAGE with all slices, or one IMAGE a slice. Contrast
    and purpose are read from the name, such as ``SAG_T2`` or ``LOC``.

    Parameters
    ----------
    intake
        Where slices go, under the key ``igtl:<n>``.
    """

    def __init__(
        self, intake: Intake, host: str = "127.0.0.1", port: int = PORT, limits: WireLimits | None = None
    ) -> None:
        self._intake = intake
        self._numbers = itertools.count(1)
        self._links: dict[str, Link] = {}
        self._server = WireServer(host, port, "OpenIGTLink", self._serve, intake.note, limits)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._server.port

    def answer(self, key: str, poses: dict[str, Array], text: str) -> bool:
        """Send poses by name (shape (4, 4), LPS mm) and a text to a client; return False when it is gone."""
        link = self._links.get(key)
        if link is None:
            return False
        for name, pose in poses.items():
            link.send(igtl.transform_message(name, pose))
        return link.send(igtl.string_message("LVP", text))

    def stop(self) -> None:
        """End all connections and listen no more."""
        self._server.stop()

    def _serve(self, link: Link) -> None:
        key = f"igtl:{next(self._numbers)}"
        self._links[key] = link
        try:
            while True:
                self._message(key, link)
        except PeerGone:
            self._intake.close(key, gone=True)
            raise
        finally:
            del self._links[key]

    def _message(self, key: str, link: Link) -> None:
        came = igtl.read_message(link.read)
        if came.kind != "IMAGE":
            return  # consoles send status and capability messages, which ask for nothing
        for one in slices_of(came.device, igtl.parse_image(came.content), time.monotonic()):
            try:
                self._intake.take(key, one)
            except SliceRefused as error:
                link.send(igtl.string_message("LVP", f"Refused: {error}"))


def slices_of(device: str, image: igtl.IgtlImage, received: float) -> list[ReceivedSlice]:
    """Return the slices of an image; the same image sent again gives the same names.

    Raises
    ------
    WireProblem
        When its axes are not at right angles.
    """
    axes = image.affine[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    across, down, normal = (unit(axes[:, n]) for n in range(3))
    if max(abs(float(across @ down)), abs(float(across @ normal)), abs(float(down @ normal))) > SQUARE:
        raise WireProblem("The axes of an image are not at right angles.")
    count = image.array.shape[0]
    content = f"{zlib.crc32(image.array.tobytes()):08x}"
    weighting = next((word for word in CONTRASTS if word in device.upper()), "")
    start = image.affine[:3, 3]
    return [
        ReceivedSlice(
            series=device if count == 1 else f"{device}/{content}",
            uid=f"{k}/{content}/{_place(start)}",
            pixels=image.array[k],
            position=vector(start + k * axes[:, 2]),
            across=across,
            down=down,
            pixel_mm=(float(lengths[1]), float(lengths[0])),
            received=received,
            thickness_mm=float(lengths[2]),
            expected=count if count > 1 else 0,
            number=k + 1,
            description=device.replace("_", " "),
            attributes={"ProtocolName": f"{device} {weighting}".strip()},
        )
        for k in range(count)
    ]


def _place(point: Array) -> str:
    return ",".join(f"{value:.2f}" for value in point)
