"""Window presets of the digit keys. MR values have no fixed scale, so presets follow the series."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import Structure
from lvp_workstation.domain.labelmap import LabelMap, code_of, structure_of
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.render.window import Window, auto_window

PRESETS: dict[int, tuple[str, float, float]] = {
    1: ("default", 1.0, 0.0),
    3: ("soft", 1.6, 0.15),
    4: ("hard", 0.6, 0.0),
    5: ("marrow and disc", 0.55, -0.2),
    6: ("fluid", 0.7, 0.35),
}
"""Digit to (name, factor of the default width, shift of the centre in default widths), our choice."""

AUTOMATIC = 2
"""Digit of the window found from the pixels."""


SAMPLES = 20_000
"""Voxels of a structure that are looked at (our choice)."""

STRUCTURE_PERCENTILES = (2.0, 98.0)
STRUCTURE_MARGIN = 0.25
"""A window for a structure spans these percentiles of it and this share more at each end (our choice)."""


def structure_window(
    labels: LabelMap, kind: Structure, array: NDArray[Any], geometry: VolumeGeometry
) -> Window | None:
    """Return the window that shows the inside of the outlined structures of a kind.

    ``array`` and ``geometry`` are the image; both grids lie in one frame of reference. None when nothing of
    that kind is outlined within the image.
    """
    codes = [code_of(each) for each in labels.instances if structure_of(each) is kind]
    table = np.zeros(256, dtype=np.bool_)
    table[codes] = True
    places = np.flatnonzero(table[labels.array])
    places = places[:: max(1, len(places) // SAMPLES)]
    voxels = np.stack(np.unravel_index(places, labels.array.shape), axis=-1)
    index = np.rint(geometry.world_to_index(labels.geometry.index_to_world(voxels))).astype(int)
    inside = ((index >= 0) & (index < geometry.shape)).all(axis=-1)
    values = array[tuple(index[inside].T)]
    if not values.size:
        return None
    low, high = (float(v) for v in np.percentile(values, STRUCTURE_PERCENTILES))
    span = max(high - low, 1.0)
    return Window((low + high) / 2, span * (1 + 2 * STRUCTURE_MARGIN))


def preset_window(number: int, default: Window, array: NDArray[Any] | None) -> Window:
    """Return the window of a digit key; an unbound digit gives the default."""
    if number == AUTOMATIC and array is not None:
        return auto_window(array)
    _, factor, shift = PRESETS.get(number, PRESETS[1])
    return Window(default.centre + shift * default.width, default.width * factor)
