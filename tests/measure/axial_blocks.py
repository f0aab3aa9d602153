"""Axial blocks drawn by hand: a round body, a sac, facets and what a test adds; no network."""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.axial_anatomy import (
    ARCH,
    AXIAL_CLASSES,
    BODY,
    DISC,
    FLAVUM,
    HERNIATION,
    SAC,
    AxialBlock,
)
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.volume import VolumeGeometry

OFFSETS = (-8.8, -4.4, 0.0, 4.4, 8.8)
PIXEL, SIDE = 0.7, 112
WALL = 4.0
"""y of the posterior wall in mm; x grows to Left, y to Posterior."""
AP, WIDTH = 12.0, 16.0
"""Sac."""
PEDICLE = 14.0
"""Distance of the pedicle from the midline, mm."""
Draw = Callable[[np.ndarray, np.ndarray, float, np.ndarray], None]


def nothing(x: np.ndarray, y: np.ndarray, offset: float, labels: np.ndarray) -> None:
    """Add nothing."""


def block(draw: Draw = nothing, room: float = 4.5, name: str = "D1", place: float = 0.0) -> AxialBlock:
    """Return a block.

    Parameters
    ----------
    draw
        Changes the labels of a slice: x, y in mm, offset of the slice, labels.
    room
        Height of the recess on the patient's left, mm; on the right it is 6 mm.
    place
        Height of the disc, LPS mm.
    """
    axis = (np.arange(SIDE) - (SIDE - 1) / 2) * PIXEL
    y, x = np.meshgrid(axis, axis, indexing="ij")
    labels = np.zeros((len(OFFSETS), SIDE, SIDE), dtype=np.uint8)
    for n, offset in enumerate(OFFSETS):
        _anatomy(x, y, offset, room, labels[n])
        draw(x, y, offset, labels[n])
    chances = np.stack([(labels == k).astype(np.float32) for k in range(len(AXIAL_CLASSES))])
    chances = ndimage.gaussian_filter(chances, (0, 0, 0.5, 0.5))
    half = (SIDE - 1) / 2 * PIXEL
    grid = VolumeGeometry.from_axes(
        (-half, -half, place + OFFSETS[0]),
        ((0, 0, 1), (0, 1, 0), (1, 0, 0)),
        (4.4, PIXEL, PIXEL),
        labels.shape,
        "1.2.3",
    )
    disc = DiscLandmarks(name, (0.0, -14.0, place), (0.0, 0.0, 1.0))
    return AxialBlock(disc, chances, grid, OFFSETS, tuple(f"1.2.3.{n}" for n in range(len(OFFSETS))))


def _anatomy(x: np.ndarray, y: np.ndarray, offset: float, room: float, labels: np.ndarray) -> None:
    inside = ((x / 24) ** 8 + ((y - WALL + 16) / 16) ** 8) < 1
    labels[inside] = DISC if abs(offset) < 3 else BODY
    pedicle = (np.abs(x) > PEDICLE) & (np.abs(x) < PEDICLE + 9) & (y > WALL - 5) & (y < WALL + 18)
    labels[pedicle & ~inside & (offset < 3)] = ARCH
    for side, gap in ((1, room), (-1, 6.0)):
        facet = (side * x > PEDICLE - 4) & (side * x < PEDICLE + 2) & (y > WALL + gap) & (y < WALL + 20)
        labels[facet & (abs(offset + 2.2) < 3)] = ARCH
    sac = (x / (WIDTH / 2)) ** 2 + ((y - WALL - 1 - AP / 2) / (AP / 2)) ** 2 < 1
    band = (np.abs(x) < 10) & (y > WALL + AP + 1.5) & (y < WALL + AP + 5.0)
    labels[band & (labels == 0)] = FLAVUM
    labels[sac & (labels == 0)] = SAC


def mound(side: float, depth: float, base: float) -> Draw:
    """Return a protrusion: wide at its base, at disc level only."""

    def draw(x: np.ndarray, y: np.ndarray, offset: float, labels: np.ndarray) -> None:
        height = depth * np.maximum(1 - ((x - side) / (base / 2)) ** 2, 0)
        if abs(offset) < 3:
            mine = (height > 0) & (y > WALL - 1) & (y < WALL + height)
            labels[mine & (labels != DISC)] = HERNIATION

    return draw


def fragment(side: float, height: float, radius: float) -> Draw:
    """Return free material behind the body at one height."""

    def draw(x: np.ndarray, y: np.ndarray, offset: float, labels: np.ndarray) -> None:
        if abs(offset - height) < 2.5:
            labels[(x - side) ** 2 + (y - WALL - radius - 1) ** 2 < radius**2] = HERNIATION

    return draw


def squeezed(share: float) -> Draw:
    """Return a sac that has lost a share of its area at disc level."""

    def draw(x: np.ndarray, y: np.ndarray, offset: float, labels: np.ndarray) -> None:
        if abs(offset) < 3:
            keep = np.sqrt(1 - share)
            small = (x / (WIDTH / 2 * keep)) ** 2 + ((y - WALL - 1 - AP / 2) / (AP / 2 * keep)) ** 2 < 1
            labels[(labels == SAC) & ~small] = 0

    return draw
