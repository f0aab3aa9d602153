"""Neural foramina of both sides: which slices show them, their width and height, and the fat in them.

What is not measured is told by side and disc: the slices end before the foramen, or the masks or the image
do not show its borders.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId, disc_id
from lvp_workstation.domain.annotations import Formula
from lvp_workstation.domain.labelmap import DISC_BASE
from lvp_workstation.domain.study import Problem
from lvp_workstation.measure.anatomy2d import SectionAnatomy
from lvp_workstation.measure.foramen_fat import RootFat, root_fat
from lvp_workstation.measure.foramen_shape import aim_at, find_shape
from lvp_workstation.measure.foramen_slices import SIDES, SagittalSlice, side_slices
from lvp_workstation.measure.recorder import Recorder
from lvp_workstation.measure.section import Block

FORAMEN_OFFSET_MM = 15.0
"""Slices that end nearer to the midline than this do not reach the foramina where no pedicle is seen on
them (our choice: half the canal's width of 24-29 mm and some of the pedicle)."""
MAX_STEP_MM = 7.0
"""Slices further apart than this may pass a foramen by on either side (our choice: lumbar foramina are 8-10
mm long from side to side; sagittal protocols reach 6 mm)."""
WIDTH_SD_MM, HEIGHT_SD_MM = 3.3, 5.4
"""Further standard deviation of both measures, mm: root mean square errors on unseen phantoms with the masks
of the network, at 4 mm slices, closed foramina included (``models/grading/fit_foramen.py``)."""
DARK_FAT = "Foramina are read by bright fat; in this series fat is dark or its contrast is not known."
TILT_PRIOR_MM2 = 9.0
"""Shrinks the sideways tilt of a disc towards zero when the slab is narrow, mm2 (our choice)."""


@dataclass
class Foramina:
    """What the slices tell about the foramina beside the measurements.

    Attributes
    ----------
    features
        By (disc, name): shares of fat by direction, such as ``foramen_fat_above_left``.
    unseen
        By (disc, side): why nothing was measured.
    """

    features: dict[tuple[InstanceId, str], float] = field(default_factory=dict)
    unseen: dict[tuple[InstanceId, str], Problem] = field(default_factory=dict)


def record_foramina(block: Block, found: SectionAnatomy, out: Recorder, bright_fat: bool) -> Foramina:
    """Record width and height of every foramen in view.

    Parameters
    ----------
    bright_fat
        Whether fat is bright in the image; without it nothing is measured.

    Returns
    -------
    Foramina
        Fat around the roots, and what was not seen.
    """
    result = Foramina()
    for n in found.discs:
        slope = sideways_slope(block, n, found)
        for side in SIDES:
            problem = _record(block, found, n, side, slope, out, bright_fat, result)
            if problem is not None:
                result.unseen[disc_id(n), side] = problem
    return result


def _record(
    block: Block,
    found: SectionAnatomy,
    n: int,
    side: str,
    slope: float,
    out: Recorder,
    bright_fat: bool,
    result: Foramina,
) -> Problem | None:
    if n not in found.bodies:
        return Problem("not_measured", "The body above this disc was not measured.")
    seen = side_slices(block, found, n, side, slope)
    if not seen.slices and seen.reach < FORAMEN_OFFSET_MM:
        return Problem(
            "needs_parasagittal",
            f"The slices end {seen.reach:.0f} mm {side} of the midline, before the foramen.",
        )
    if block.spacing[0] > MAX_STEP_MM:
        apart = f"The slices are {block.spacing[0]:.1f} mm apart; a foramen may lie between two of them."
        return Problem("slices_too_far_apart", apart)
    if not bright_fat:
        return Problem("fat_suppressed", DARK_FAT)
    aims = [(place, aim_at(place, found, n)) for place in seen.slices]
    place, aim = next(((p, a) for p, a in aims if a is not None), (None, None))
    if place is None or aim is None:
        return Problem("not_measured", f"No slice shows the {side} pedicle and the disc clearly.")
    fat = root_fat(place, found, aim, n)
    if fat is None:
        return Problem("not_measured", f"The {side} pedicle above the root is not clearly seen.")
    shape = find_shape(place, aim, n, found.gap)
    note = f"parasagittal slice, {side} of the midline"
    for name, ends, sd in (("width", shape.width, WIDTH_SD_MM), ("height", shape.height, HEIGHT_SD_MM)):
        if ends is not None:
            target, named = disc_id(n), f"foramen_{name}_{side}"
            out.add(target, named, Formula.DISTANCE, list(ends), note=note, section=place, sd=sd)
    _keep(result, n, side, place, fat)
    return None


def _keep(result: Foramina, n: int, side: str, place: SagittalSlice, fat: RootFat) -> None:
    for name, value in vars(fat).items():
        result.features[disc_id(n), f"foramen_fat_{name}_{side}"] = value
    result.features[disc_id(n), f"foramen_offset_{side}"] = place.offset


def sideways_slope(block: Block, n: int, found: SectionAnatomy) -> float:
    """Return the rise of disc ``n`` per mm to the patient's right, shrunk when the slab is narrow."""
    box = block.boxes[DISC_BASE + n]
    up = found.disc_up(n)
    slices, rows, columns = np.nonzero(block.codes[box] == DISC_BASE + n)
    across = slices * block.spacing[0]
    height = columns * block.spacing[2] * up[0] - rows * block.spacing[1] * up[1]
    offset = across - across.mean()
    return float(offset @ (height - height.mean()) / (offset @ offset + TILT_PRIOR_MM2 * offset.size))
