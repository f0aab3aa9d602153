"""Acquisition protocols of the simulated scanner, and the grids they image.

TR and TE follow common 1.5 T practice (Siemens, GE and Philips lumbar protocols lie within the
ranges; our choice inside them).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import Anatomy, Disc


@dataclass(frozen=True)
class Protocol:
    """One series.

    Attributes
    ----------
    role, description
        Series role and what the scanner calls it.
    tr, te, ti
        ms; ``ti`` 0 = no inversion.
    thickness, spacing
        Slice thickness and distance between slice centres, mm.
    pixel, matrix
        In-plane pixel size in mm and number of rows and columns.
    slices
        Number of slices (of each block of a disc-angled stack).
    acquired
        Share of the k-space matrix that is measured along the two axes; the rest is filled with zeros.
    agent
        Contrast agent given before, empty for none.
    chemical_shift
        Displacement of fat along the rows' axis (head to foot in sagittal images), pixels; a bandwidth
        of about 220 Hz a pixel at 1.5 T gives one pixel (our choice a little less).
    """

    role: str
    description: str
    tr: float
    te: float
    ti: float
    thickness: float
    spacing: float
    pixel: float
    matrix: tuple[int, int]
    slices: int
    field: float = 1.5
    snr: float = 34.0
    acquired: tuple[float, float] = (0.9, 0.75)
    echo_train: int = 16
    chemical_shift: float = 0.9
    agent: str = ""


AGENT = "Gadoteric acid"

PROTOCOLS: dict[str, Protocol] = {
    "sag_t2": Protocol("sag_t2", "SAG T2 TSE", 3500, 102, 0, 4.0, 4.4, 0.75, (384, 384), 15),
    "sag_t1": Protocol(
        "sag_t1", "SAG T1 TSE", 560, 11, 0, 4.0, 4.4, 0.75, (384, 384), 15, snr=38, echo_train=3
    ),
    "sag_stir": Protocol("sag_stir", "SAG STIR", 4200, 48, 160, 4.0, 4.4, 0.75, (384, 384), 15, snr=22),
    "ax_t2": Protocol("ax_t2", "AX T2 TSE", 3800, 104, 0, 4.0, 4.4, 0.65, (288, 288), 5, snr=28),
    "ax_t2_stack": Protocol("ax_t2", "AX T2 TSE STACK", 4600, 104, 0, 4.0, 4.4, 0.65, (288, 288), 28, snr=28),
    "sag_t1_gd": Protocol(
        "sag_t1_gd",
        "SAG T1 TSE +C",
        560,
        11,
        0,
        4.0,
        4.4,
        0.75,
        (384, 384),
        15,
        snr=38,
        echo_train=3,
        agent=AGENT,
    ),
    "ax_t1": Protocol("ax_t1", "AX T1 TSE", 600, 11, 0, 4.0, 4.4, 0.65, (288, 288), 5, snr=26),
    "loc": Protocol("loc", "LOCALIZER", 900, 80, 0, 8.0, 12.0, 1.5, (256, 256), 3, snr=14),
}
"""Series that can be asked for by name."""


def varied_protocol(rng: np.random.Generator, protocol: Protocol) -> Protocol:
    """Return the protocol of another site: times, field of view, spacing and noise moved within practice."""
    pixel = protocol.pixel * float(rng.uniform(0.8, 1.25))
    view = protocol.pixel * protocol.matrix[0] * float(rng.uniform(0.88, 1.15))
    sagittal = protocol.role.startswith("sag")
    return replace(
        protocol,
        tr=protocol.tr * float(rng.uniform(0.8, 1.25)),
        te=protocol.te * float(rng.uniform(0.85, 1.2)),
        field=float(rng.choice((1.5, 3.0), p=(0.65, 0.35))),
        pixel=pixel,
        matrix=(_even(view / pixel), _even(view / pixel * float(rng.uniform(0.75, 1.0)))),
        spacing=float(rng.uniform(3.6, 4.9)) if sagittal else protocol.spacing,
        thickness=float(rng.uniform(3.2, 4.2)) if sagittal else protocol.thickness,
        slices=int(rng.integers(11, 19)) if sagittal else protocol.slices,
        snr=protocol.snr * float(np.exp(rng.uniform(np.log(0.4), np.log(1.6)))),
        acquired=(float(rng.uniform(0.75, 1.0)), float(rng.uniform(0.55, 0.95))),
    )


def _even(count: float) -> int:
    """Return the nearest even number."""
    return 2 * round(count / 2)


def sagittal_grid(
    anatomy: Anatomy,
    protocol: Protocol,
    frame_uid: str,
    tilt: tuple[float, float] = (0.0, 0.0),
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> VolumeGeometry:
    """Return the sagittal stack through the column: slices from right to left, rows downward.

    Parameters
    ----------
    tilt
        Turn of the stack about the superior and about the posterior axis, radians.
    shift
        Move of the field of view, LPS mm.
    """
    turn, roll = tilt
    normal = np.array([np.cos(turn) * np.cos(roll), np.sin(turn), np.sin(roll)])
    down = np.array([0.0, 0.0, -1.0])
    down = down - (down @ normal) * normal
    down /= np.linalg.norm(down)
    back = np.cross(normal, -down)
    back = back if back[1] > 0 else -back
    lumbar = np.array([d.frame.origin for d in anatomy.discs[-5:]])
    centre = np.array([lumbar[:, 0].mean(), lumbar[:, 1].mean() + 4.0, -8.0]) + np.asarray(shift)
    return _centred(centre, (normal, down, back), protocol, frame_uid)


def disc_grid(disc: Disc, protocol: Protocol, frame_uid: str) -> VolumeGeometry:
    """Return the block of axial slices parallel to a disc: slices upward, rows to posterior."""
    left, back, up = disc.frame.axes
    centre = disc.frame.origin + 16.0 * back
    return _centred(centre, (up, back, left), protocol, frame_uid)


def axial_grid(anatomy: Anatomy, protocol: Protocol, frame_uid: str) -> VolumeGeometry:
    """Return a straight axial stack that covers the lumbar discs."""
    low, high = anatomy.discs[-1].frame.origin, anatomy.discs[-4].frame.origin
    centre = (low + high) / 2 + np.array([0.0, 16.0, -4.0])
    return _centred(centre, (np.eye(3)[2], np.eye(3)[1], np.eye(3)[0]), protocol, frame_uid)


def localizer_grids(anatomy: Anatomy, protocol: Protocol, frame_uid: str) -> list[VolumeGeometry]:
    """Return a sagittal, a coronal and an axial stack through the middle of the lumbar discs."""
    centre = np.mean([d.frame.origin for d in anatomy.discs[-5:]], axis=0)
    left, back, up = np.eye(3)
    axes = ((left, -up, back), (back, -up, left), (up, back, left))
    return [_centred(centre, one, protocol, frame_uid) for one in axes]


def _centred(
    centre: Array, axes: tuple[Array, Array, Array], protocol: Protocol, frame_uid: str
) -> VolumeGeometry:
    shape = (protocol.slices, *protocol.matrix)
    spacing = (protocol.spacing, protocol.pixel, protocol.pixel)
    origin = np.array(centre, dtype=float)
    for axis, step, count in zip(axes, spacing, shape, strict=True):
        origin = origin - (count - 1) / 2 * step * np.asarray(axis)
    return VolumeGeometry.from_axes(origin, axes, spacing, shape, frame_uid)
