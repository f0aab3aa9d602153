"""From painted sub-slices to an image: slice profile, coil, bias, k-space and Rician noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.grid import Field
from lvp_workstation.phantom.protocol import Protocol

REFERENCE_LEVEL = 1000.0
"""Stored value given to the 99th percentile of the signal."""


WINDOW_PERCENTILE = 98.6


@dataclass(frozen=True)
class Receiver:
    """The coil and what it does to an examination.

    Attributes
    ----------
    falloff
        0 = uniform image (normalised), 1 = plain surface coil behind the back.
    depth
        Distance from the coil at which a plain coil has lost half its signal, mm.
    bias
        Amplitude of a slow random shading.
    saturation
        Share of signal that an anterior saturation band takes away, 0 = no band.
    band
        Posterior LPS coordinate of the band's edge, mm.
    """

    falloff: float
    depth: float
    bias: float
    saturation: float
    band: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Receiver:
        """Draw a receiver."""
        banded = rng.random() < 0.45
        return cls(
            falloff=float(rng.uniform(0.1, 0.9)),
            depth=float(rng.uniform(90, 150)),
            bias=float(rng.uniform(0.02, 0.10)),
            saturation=float(rng.uniform(0.55, 0.93)) if banded else 0.0,
            band=float(rng.uniform(-52, -36)),
        )


def profile_average(samples: Field, slices: int) -> Field:
    """Average the sub-slices of each slice (a rectangular slice profile)."""
    return np.asarray(samples.reshape(slices, -1, *samples.shape[1:]).mean(axis=1), dtype=np.float32)


def shifted(image: Field, pixels: float) -> Field:
    """Return slices moved down by a share of a pixel (linear interpolation): chemical shift of fat."""
    rows = np.arange(image.shape[1]) - pixels
    below = np.clip(np.floor(rows).astype(int), 0, image.shape[1] - 1)
    above = np.minimum(below + 1, image.shape[1] - 1)
    part = np.clip(rows - below, 0, 1).astype(np.float32)[:, None]
    return np.asarray((1 - part) * image[:, below] + part * image[:, above], dtype=np.float32)


def sensitivity(
    rng: np.random.Generator, geometry: VolumeGeometry, receiver: Receiver, coil_y: float
) -> Field:
    """Return the factor of coil, shading and saturation band on the signal."""
    _, rows, columns = geometry.shape
    step = 8
    index = np.stack(
        np.meshgrid(
            np.arange(geometry.shape[0]),
            np.arange(0, rows + step, step),
            np.arange(0, columns + step, step),
            indexing="ij",
        ),
        axis=-1,
    )
    points = geometry.index_to_world(index)
    distance = np.maximum(coil_y - points[..., 1], 5.0) + 0.1 * np.abs(points[..., 0])
    plain = 1.0 / (1.0 + (distance / receiver.depth) ** 2)
    plain *= 1.0 / (1.0 + (points[..., 2] / 230.0) ** 4)
    reference = 1.0 / (1.0 + ((coil_y + 10) / receiver.depth) ** 2)
    factor = (1 - receiver.falloff) + receiver.falloff * plain / reference
    phase = rng.uniform(0, 2 * np.pi, 3)
    wave = np.sin(points[..., 1] / 55 + phase[0]) + np.sin(points[..., 2] / 75 + phase[1])
    factor *= 1 + receiver.bias * (wave + np.sin(points[..., 0] / 60 + phase[2]))
    if receiver.saturation:
        edge = points[..., 1] - receiver.band - 0.25 * np.minimum(points[..., 2] + 40, 0)
        factor *= 1 - receiver.saturation / (1 + np.exp(edge / 5.0))
    down, across = _interpolation(rows, step, factor.shape[1]), _interpolation(columns, step, factor.shape[2])
    return np.asarray(down @ factor.astype(np.float32) @ across.T, dtype=np.float32)


def _interpolation(count: int, step: int, nodes: int) -> Field:
    """Return the (count, nodes) matrix that interpolates linearly between nodes ``step`` apart."""
    position = np.arange(count) / step
    share = np.maximum(1 - np.abs(position[:, None] - np.arange(nodes)), 0)
    return np.asarray(share, dtype=np.float32)


def acquire(rng: np.random.Generator, image: Field, protocol: Protocol, motion: float = 0.0) -> Field:
    """Return the magnitude image after limited k-space and complex noise.

    With ``motion`` (mm) the patient moves while k-space is filled, which doubles and blurs edges along
    the rows' axis.

    The measured part of k-space is windowed softly, as scanners do against truncation artefacts;
    noise enters there, so that it has the grain of an interpolated image.
    """
    _, rows, columns = image.shape
    level = float(np.percentile(image[image.shape[0] // 2], 90))
    window = _window(rows, protocol.acquired[0])[:, None] * _window(columns, protocol.acquired[1])[None, :]
    noise = rng.standard_normal((*image.shape, 2), dtype=np.float32).view(np.complex64)[..., 0]
    noise *= np.float32(level / protocol.snr)
    spectrum = fft.fft2(image.astype(np.complex64) + noise, workers=1)
    if motion:
        spectrum *= _moving(rng, rows, motion / protocol.pixel)[:, None]
    spectrum *= np.fft.ifftshift(window).astype(np.float32)
    return np.asarray(np.abs(fft.ifft2(spectrum, workers=1)), dtype=np.float32)


def _moving(rng: np.random.Generator, lines: int, pixels: float) -> NDArray[np.complex64]:
    """Return the phase that motion gives each line of k-space: breathing and two sudden shifts."""
    frequency = np.fft.fftfreq(lines)
    order = np.argsort(np.argsort(frequency))  # lines are measured from one edge to the other
    breath = np.sin(order * rng.uniform(0.4, 0.9) + rng.uniform(0, 2 * np.pi))
    jumps = sum(rng.normal() * (order > share * lines) for share in rng.uniform(0.25, 0.75, 2))
    phase = np.exp(-2j * np.pi * frequency * pixels * (breath + jumps))
    return np.asarray(phase, dtype=np.complex64)


def _window(count: int, share: float) -> Field:
    """Return a flat window over the measured share of k-space with a cosine edge."""
    position = np.abs(np.arange(count) - count // 2) / (count / 2)
    edge = 0.25
    ramp = np.clip((share - position) / (edge * share), 0, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * ramp), dtype=np.float32)


def quantised(image: Field) -> NDArray[np.uint16]:
    """Return stored values."""
    reference = float(np.percentile(image, 99)) or 1.0
    scaled = np.rint(image * (REFERENCE_LEVEL / reference))
    return np.asarray(np.clip(scaled, 0, 4095), dtype=np.uint16)


def default_window(voxels: NDArray[np.uint16]) -> tuple[float, float]:
    """Return centre and width that show the middle slice well, in stored values."""
    top = float(np.percentile(voxels[voxels.shape[0] // 2], WINDOW_PERCENTILE))
    return round(top / 2, 1), round(max(top, 1.0), 1)
