"""Several images of the same grid, painted tissue by tissue with soft edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from lvp_workstation.phantom.grid import Field, Patch, SampleGrid

Mix: TypeAlias = str | Sequence[tuple[str, Field | float]]
"""A tissue, or tissues with the share of each."""


class Canvas:
    """Images that see the same anatomy with different contrast.

    Parameters
    ----------
    grid
        Where they are sampled.
    contrasts
        For each image the signal of every tissue.
    """

    def __init__(self, grid: SampleGrid, contrasts: Sequence[Mapping[str, float]]) -> None:
        self.grid = grid
        self.contrasts = list(contrasts)
        self.images = [np.zeros(grid.shape, dtype=np.float32) for _ in contrasts]

    def repeated(self, grid: SampleGrid, times: int) -> Canvas:
        """Return a canvas on a grid with ``times`` planes for each of this one, each a copy of it.

        What varies slowly across a slice, such as muscle, is painted once a slice; the spine then on
        every plane of the slice profile.
        """
        result = Canvas(grid, self.contrasts)
        result.images = [np.repeat(image, times, axis=0) for image in self.images]
        return result

    def coverage(self, distance: Field, softness: float = 0.0) -> Field:
        """Return the share of a pixel that a shape covers, from its distance in mm."""
        width = np.float32(self.grid.pixel + softness)
        return np.asarray(np.clip(np.float32(0.5) - distance / width, 0.0, 1.0), dtype=np.float32)

    def modulate(self, patch: Patch, gain: Field) -> None:
        """Multiply what is there by a texture."""
        for image in self.images:
            image[patch.region] *= np.maximum(gain, 0.2)

    def paint(self, patch: Patch, alpha: Field, mix: Mix, gain: Field | float = 1.0) -> None:
        """Blend a tissue or a mixture over what is there.

        Parameters
        ----------
        patch
            Where.
        alpha
            Share of each sample that it covers, 0-1.
        mix
            Tissue name, or pairs of name and share.
        gain
            Texture: factor on the signal.
        """
        parts: Sequence[tuple[str, Field | float]] = [(mix, 1.0)] if isinstance(mix, str) else mix
        for image, contrast in zip(self.images, self.contrasts, strict=True):
            value = sum(np.float32(contrast[name]) * share for name, share in parts)
            view = image[patch.region]
            view += alpha * (value * gain - view)
