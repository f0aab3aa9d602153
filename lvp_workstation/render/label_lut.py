"""Colours of anatomical instances: stable, and told apart with any colour vision.

Vertebrae take cool tones, discs warm ones (after Paul Tol's qualitative schemes), so that the
two kinds differ in hue and lightness and neighbours of one kind differ from each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import InstanceId, Structure, instance_number
from lvp_workstation.domain.labelmap import code_of, instance_of, structure_of

Colour = tuple[int, int, int]

VERTEBRA_COLOURS: tuple[Colour, ...] = ((86, 152, 222), (68, 180, 160), (136, 204, 238))
DISC_COLOURS: tuple[Colour, ...] = ((238, 136, 62), (226, 204, 110), (214, 108, 124))
CANAL_COLOUR: Colour = (190, 120, 220)
SACRUM_COLOUR: Colour = (158, 166, 104)
UNKNOWN_COLOUR: Colour = (200, 200, 200)

CODES = 256
SLOTS = 128
"""Compact colour slots of a rendered pixel: the eighth bit tells the outline from the fill."""


def instance_colour(instance: InstanceId) -> Colour:
    """Return the colour of an instance."""
    structure = structure_of(instance)
    if structure is Structure.CANAL:
        return CANAL_COLOUR
    if structure is Structure.SACRUM:
        return SACRUM_COLOUR
    palette = VERTEBRA_COLOURS if structure is Structure.VERTEBRA else DISC_COLOURS
    return palette[(instance_number(instance) - 1) % len(palette)]


@cache
def _known_instances() -> tuple[InstanceId, ...]:
    return tuple(i for i in map(instance_of, range(CODES)) if i is not None)


@cache
def slot_table() -> NDArray[np.uint8]:
    """Return voxel code -> colour slot: 0 background, the last slot for unknown codes."""
    table = np.full(CODES, SLOTS - 1, dtype=np.uint8)
    table[0] = 0
    for slot, instance in enumerate(_known_instances(), start=1):
        table[code_of(instance)] = slot
    table.setflags(write=False)
    return table


def slot_colours() -> NDArray[np.uint8]:
    """Return the colours of the slots, shape (SLOTS, 3), RGB."""
    colours = np.zeros((SLOTS, 3), dtype=np.uint8)
    colours[SLOTS - 1] = UNKNOWN_COLOUR
    for slot, instance in enumerate(_known_instances(), start=1):
        colours[slot] = instance_colour(instance)
    return colours


@dataclass(frozen=True)
class OverlayStyle:
    """How labels are drawn over the image: opacities 0-1, width of the outline in pixels.

    ``hidden`` names instances that are not drawn.
    """

    fill: float = 0.15
    outline: float = 0.9
    outline_width: int = 1
    hidden: frozenset[InstanceId] = field(default_factory=frozenset)


@lru_cache(maxsize=16)
def blend_table(style: OverlayStyle) -> NDArray[np.uint32]:
    """Return ``(outline bit, slot, grey)`` -> 0xAARRGGBB as a flat table of 65,536 pixels."""
    opacity = np.zeros((2, SLOTS, 1, 1), dtype=np.float32)
    opacity[0, 1:], opacity[1, 1:] = style.fill, style.outline
    slots = slot_table()
    for instance in style.hidden:
        opacity[:, slots[code_of(instance)]] = 0.0
    colours = slot_colours()[None, :, None, :].astype(np.float32)
    greys = np.arange(CODES, dtype=np.float32)[None, None, :, None]
    mixed = np.rint(greys * (1 - opacity) + colours * opacity).astype(np.uint32).reshape(-1, 3)
    packed = (0xFF000000 | (mixed[:, 0] << 16) | (mixed[:, 1] << 8) | mixed[:, 2]).astype(np.uint32)
    packed.setflags(write=False)
    return packed


def grey_pixels() -> NDArray[np.uint32]:
    """Return grey level -> 0xAARRGGBB."""
    level = np.arange(CODES, dtype=np.uint32)
    return (0xFF000000 | (level << 16) | (level << 8) | level).astype(np.uint32)
