"""All shapes of one sagittal section: canal, bodies, discs, and which endplates face each disc."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import DISC_BASE, SACRUM_CODE, VERTEBRA_BASE
from lvp_workstation.measure.bodies import find_body, find_sacral_endplate, isolate_body, open_behind
from lvp_workstation.measure.canal import CanalLine, find_canal
from lvp_workstation.measure.discs import (
    DEFAULT_GAP,
    derived_endplate,
    disc_frame,
    find_disc,
    main_part,
    measured_gap,
)
from lvp_workstation.measure.outline import unit2
from lvp_workstation.measure.section import Patch, Section
from lvp_workstation.measure.shapes import Body, DiscShape, Endplate

MAX_CORTEX = 1.0
"""At most this much bone is added outside a mask, mm (our choice: half the widest usual gap)."""


@dataclass(eq=False)
class SectionAnatomy:
    """Shapes found in a section, by instance number counted from below.

    ``sacral`` is the superior endplate of the body below disc 1 when it is the sacrum.
    """

    section: Section
    canal: CanalLine | None
    bodies: dict[int, Body] = field(default_factory=dict)
    body_masks: dict[int, Patch] = field(default_factory=dict)
    discs: dict[int, DiscShape] = field(default_factory=dict)
    disc_masks: dict[int, Patch] = field(default_factory=dict)
    sacral: Endplate | None = None
    gap: float = DEFAULT_GAP

    def disc_up(self, n: int) -> Array:
        """Return the axis of disc ``n``: between its endplates, else the short axis of its mask."""
        own = self.discs[n].up
        upper, lower = self.above(n), self.below(n)
        if upper is None or lower is None or lower.derived:
            return own
        between = disc_frame(upper, lower).up
        return between if float(between @ own) > 0.85 else own

    def above(self, n: int) -> Endplate | None:
        """Return the endplate above disc ``n``."""
        body = self.bodies.get(n)
        return None if body is None else body.inferior

    def below(self, n: int) -> Endplate | None:
        """Return the endplate below disc ``n``; derived from the disc when no bone was segmented."""
        body = self.bodies.get(n - 1)
        if body is not None:
            return body.superior
        if n == 1 and self.sacral is not None:
            return self.sacral
        disc = self.discs.get(n)
        return None if disc is None or n != 1 else derived_endplate(disc, False, self.gap / 2)


def find_anatomy(
    section: Section, canal: CanalLine | None = None, gap: float | None = None
) -> SectionAnatomy:
    """Return the shapes of a section.

    Parameters
    ----------
    canal
        The canal of the midline section, which also parts bodies from arches beside the midline; None
        to look for the canal in this section.
    gap
        Thickness of the unlabelled endplates, mm; None to measure it in this section.
    """
    canal = canal or find_canal(section)
    found = SectionAnatomy(section, canal)
    codes = section.block.boxes
    for code in sorted(codes):
        if VERTEBRA_BASE < code < DISC_BASE:
            _isolate(found, code)
        elif code > DISC_BASE:
            patch = section.mask(code)
            part = None if patch is None else main_part(patch)
            if part is not None and part.inside.any():
                found.disc_masks[code - DISC_BASE] = part
    axes = _spine_axes(found)
    for n, patch in found.disc_masks.items():
        disc = find_disc(patch, axes[f"D{n}"])
        if disc is not None:
            found.discs[n] = disc
    for n, patch in found.body_masks.items():
        cut = section.cut_by_image(VERTEBRA_BASE + n)
        body = find_body(patch, axes[f"V{n}"], cut, open_behind(patch, canal))
        if body is not None:
            found.bodies[n] = body
    _find_sacrum(found)
    if gap is None:
        _find_gap(found)
    else:
        found.gap = gap
    _add_cortex(found)
    return found


def _isolate(found: SectionAnatomy, code: int) -> None:
    patch = found.section.mask(code)
    body = None if patch is None else isolate_body(patch, found.canal)
    if body is not None and body.inside.any():
        found.body_masks[code - VERTEBRA_BASE] = body


def _spine_axes(found: SectionAnatomy) -> dict[str, Array]:
    """Return the direction of the spine at each body and disc from the chain of their centroids."""
    centres = {f"V{n}": p.points(p.inside).mean(axis=0) for n, p in found.body_masks.items()}
    centres |= {f"D{n}": p.points(p.inside).mean(axis=0) for n, p in found.disc_masks.items()}
    order = sorted(centres, key=lambda name: float(centres[name][1]))
    axes = {}
    for i, name in enumerate(order):
        low, high = centres[order[max(i - 1, 0)]], centres[order[min(i + 1, len(order) - 1)]]
        axes[name] = unit2(np.asarray(high - low))
    return axes


def _find_sacrum(found: SectionAnatomy) -> None:
    disc = found.discs.get(1)
    if disc is None or SACRUM_CODE not in found.section.block.boxes:
        return
    patch = found.section.mask(SACRUM_CODE)
    if patch is not None:
        found.sacral = find_sacral_endplate(patch, disc.centre, disc.up, found.canal)


def _add_cortex(found: SectionAnatomy) -> None:
    """Move the edges of all bodies to the middle of the unlabelled endplates.

    The masks leave out the dark line of bony and cartilaginous endplate, 1-2 mm between disc and body in
    SPIDER; half of it is counted to the bone (our choice), on the walls as on the endplates.
    """
    cortex = min(found.gap / 2, MAX_CORTEX)
    found.bodies = {n: body.grown(cortex) for n, body in found.bodies.items()}
    if found.sacral is not None:
        found.sacral = found.sacral.grown(cortex, True)


def _find_gap(found: SectionAnatomy) -> None:
    gaps = []
    for n, disc in found.discs.items():
        body = found.bodies.get(n - 1)
        if body is not None and body.superior is not None:
            gaps.append(measured_gap(disc, body.superior))
    known = [gap for gap in gaps if gap is not None]
    if known:
        found.gap = float(np.median(known))
