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


@dataclass(frozen=True)
class LabelPalette:
    """Colours of structures; vertebrae and discs take theirs in turn."""

    vertebrae: tuple[Colour, ...]
    discs: tuple[Colour, ...]
    canal: Colour
    sacrum: Colour


DEFAULT_PALETTE = "default"
PALETTES: dict[str, LabelPalette] = {
    DEFAULT_PALETTE: LabelPalette(
        ((86, 152, 222), (68, 180, 160), (136, 204, 238)),
        ((238, 136, 62), (226, 204, 110), (214, 108, 124)),
        (190, 120, 220),
        (158, 166, 104),
    ),
    "red_green": LabelPalette(
        ((0, 114, 178), (86, 180, 233), (0, 90, 140)),
        ((230, 159, 0), (240, 228, 66), (213, 94, 0)),
        (204, 121, 167),
        (200, 200, 200),
    ),
    "blue_yellow": LabelPalette(
        ((0, 158, 115), (120, 205, 180), (0, 110, 90)),
        ((213, 64, 40), (255, 150, 140), (150, 30, 30)),
        (255, 255, 255),
        (150, 150, 150),
    ),
    "grey": LabelPalette(
        ((235, 235, 235), (170, 170, 170)), ((255, 255, 255), (205, 205, 205)), (140,) * 3, (110,) * 3
    ),
}
"""Palettes by name: ours (after Paul Tol); for red-green blindness (Okabe and Ito 2008, colour universal
design); for blue-yellow blindness, which tells teal from red (our choice); and lightness alone."""
UNKNOWN_COLOUR: Colour = (200, 200, 200)

CODES = 256
SLOTS = 128
"""Compact colour slots of a rendered pixel: the eighth bit tells the outline from the fill."""


def instance_colour(instance: InstanceId, palette: str = DEFAULT_PALETTE) -> Colour:
    """Return the colour of an instance in a palette; an unknown name gives the default one."""
    colours, structure = PALETTES.get(palette, PALETTES[DEFAULT_PALETTE]), structure_of(instance)
    if structure is Structure.CANAL:
        return colours.canal
    if structure is Structure.SACRUM:
        return colours.sacrum
    kind = colours.vertebrae if structure is Structure.VERTEBRA else colours.discs
    return kind[(instance_number(instance) - 1) % len(kind)]


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


def slot_colours(palette: str = DEFAULT_PALETTE) -> NDArray[np.uint8]:
    """Return the colours of the slots, shape (SLOTS, 3), RGB."""
    colours = np.zeros((SLOTS, 3), dtype=np.uint8)
    colours[SLOTS - 1] = UNKNOWN_COLOUR
    for slot, instance in enumerate(_known_instances(), start=1):
        colours[slot] = instance_colour(instance, palette)
    return colours


@dataclass(frozen=True)
class OverlayStyle:
    """How labels are drawn over the image: opacities 0-1, width of the outline in pixels.

    ``hidden`` names instances that are not drawn; ``palette`` is one of `PALETTES`.
    """

    fill: float = 0.15
    outline: float = 0.9
    outline_width: int = 1
    hidden: frozenset[InstanceId] = field(default_factory=frozenset)
    palette: str = DEFAULT_PALETTE


@lru_cache(maxsize=16)
def blend_table(style: OverlayStyle) -> NDArray[np.uint32]:
    """Return ``(outline bit, slot, grey)`` -> 0xAARRGGBB as a flat table of 65,536 pixels."""
    opacity = np.zeros((2, SLOTS, 1, 1), dtype=np.float32)
    opacity[0, 1:], opacity[1, 1:] = style.fill, style.outline
    slots = slot_table()
    for instance in style.hidden:
        opacity[:, slots[code_of(instance)]] = 0.0
    colours = slot_colours(style.palette)[None, :, None, :].astype(np.float32)
    greys = np.arange(CODES, dtype=np.float32)[None, None, :, None]
    mixed = np.rint(greys * (1 - opacity) + colours * opacity).astype(np.uint32).reshape(-1, 3)
    packed = (0xFF000000 | (mixed[:, 0] << 16) | (mixed[:, 1] << 8) | mixed[:, 2]).astype(np.uint32)
    packed.setflags(write=False)
    return packed


def grey_pixels() -> NDArray[np.uint32]:
    """Return grey level -> 0xAARRGGBB."""
    level = np.arange(CODES, dtype=np.uint32)
    return (0xFF000000 | (level << 16) | (level << 8) | level).astype(np.uint32)
