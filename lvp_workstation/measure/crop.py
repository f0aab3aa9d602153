"""Small pictures of a disc level in its own frame: what a learned grader sees.

Each picture is centred on a disc and turned so that the axis of the disc space points up; its scale is the
same for everyone. Channels: the measured series, T1 beside it, disc, bodies above and below, canal. Masks
tell the grader which disc is meant, so that it need not find it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import InstanceId, disc_id
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import SACRUM_CODE
from lvp_workstation.domain.volume import Volume
from lvp_workstation.measure.anatomy2d import SectionAnatomy
from lvp_workstation.measure.outline import LocalFrame
from lvp_workstation.measure.section import Patch
from lvp_workstation.measure.straight import companion_image, section_image

Crop = NDArray[np.float32]

ROWS, COLUMNS, STEP_MM = 64, 96, 0.75
"""48 mm along the spine and 72 mm across it (our choice: both half bodies, the disc and the canal)."""
AHEAD_MM = 30.0
"""So much of a picture lies in front of the centre of the disc, the rest behind it (our choice)."""
CHANNELS = ("measured", "companion", "disc", "bodies", "canal")
CORE = 0.9
"""Soft mask from which a point lies in the marrow, away from the rim."""
BRIGHTEST = 4.0
"""Signal over marrow is cut off here (our choice: fluid of T2 series of SPIDER patients lies at 2-6)."""


def disc_crops(
    found: SectionAnatomy, bone: dict[int, float], companion: Volume | None
) -> dict[InstanceId, Crop]:
    """Return the picture of every disc of a section; none without an image or marrow.

    Parameters
    ----------
    found
        The curved mid-sagittal section.
    bone
        Marrow signal of each body, stored values.
    companion
        A T1 series in the same frame of reference; None leaves its channel empty.

    Returns
    -------
    dict
        float32, shape (5, 64, 96) in the order of `CHANNELS`; rows from above, columns from the front.
        Signals are over the median marrow of the spine, 0-4; masks 0-1; 0 outside of the image.
    """
    image = section_image(found.section)
    if image is None or not bone:
        return {}
    level = float(np.median(list(bone.values())))
    other = None if companion is None else companion_image(found.section, companion)
    other_level = None if other is None else _marrow_of(other, found)
    crops = {}
    for n, disc in found.discs.items():
        grid = _grid(LocalFrame(disc.centre, found.disc_up(n)))
        t1 = np.zeros((ROWS, COLUMNS))
        if other is not None and other_level is not None:
            t1 = _signal(other, grid, other_level)
        masks = _masks(found, n, grid)
        crops[disc_id(n)] = np.stack([_signal(image, grid, level), t1, *masks]).astype(np.float32)
    return crops


def _grid(frame: LocalFrame) -> Array:
    """Return the section points of a picture, shape (64, 96, 2)."""
    up = STEP_MM * ((ROWS - 1) / 2 - np.arange(ROWS))
    back = STEP_MM * np.arange(COLUMNS) - AHEAD_MM
    wide = np.broadcast_to(back, (ROWS, COLUMNS))
    return frame.to_section(wide, np.broadcast_to(up[:, None], (ROWS, COLUMNS)))


def _signal(image: Patch, grid: Array, level: float) -> Array:
    values = np.nan_to_num(image.at(grid)) / max(level, 1e-6)
    return np.clip(values, 0.0, BRIGHTEST)


def _masks(found: SectionAnatomy, n: int, grid: Array) -> tuple[Array, Array, Array]:
    """Return disc, both bodies (or sacrum) and canal on the points of a picture."""
    bodies = [found.body_masks[k] for k in (n, n - 1) if k in found.body_masks]
    if n - 1 not in found.body_masks and n == 1:
        sacrum = found.section.mask(SACRUM_CODE)
        bodies += [] if sacrum is None else [sacrum]
    bone = np.zeros(grid.shape[:2])
    for body in bodies:
        bone = np.maximum(bone, body.at(grid))
    canal = np.zeros(grid.shape[:2]) if found.canal is None else found.canal.patch.at(grid)
    return found.disc_masks[n].at(grid), bone, canal


def _marrow_of(image: Patch, found: SectionAnatomy) -> float | None:
    """Return the median marrow signal of the bodies in a companion image, None outside of it."""
    clean = Patch(np.nan_to_num(image.values), image.row, image.column, image.spacing)
    cores = [clean.at(mask.points(mask.values >= CORE)) for mask in found.body_masks.values()]
    known = [float(np.median(values)) for values in cores if values.size]
    level = float(np.median(known)) if known else 0.0
    return level if level > 0 else None
