"""A hanging protocol made from what is on screen: "save this layout for lumbar MRI"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lvp_workstation.domain.study import ROLE_WEIGHTING, Series, SeriesRole, Weighting
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.hanging import CellRule, Choice, GridLayout, HangingProtocol, Stage

SAVED_PRIORITY = 200
"""Priority of a saved layout that is used by itself: before every shipped one (our choice)."""
ASKED_FOR = -1
"""Priority of one that is used only when it is chosen."""


class SeriesRule(StrEnum):
    """By what the series of a viewport is found again in another study; the values are words on screen."""

    ROLE = "this kind of series"
    WEIGHTING = "same plane and weighting"
    PLANE = "same plane"


@dataclass(frozen=True)
class ShownCell:
    """What a viewport shows, None for nothing, and how it shall be found again."""

    series: Series | None
    reformat: ImagePlane | None = None
    rule: SeriesRule = SeriesRule.ROLE
    required: bool = True
    prior: bool = False

    def choice(self) -> Choice:
        """Return the rule that finds such a series; one of unknown kind is found by its plane."""
        if self.series is None:
            return Choice()
        role, plane = self.series.role, self.series.plane
        reuse = self.reformat is not None
        if self.rule is SeriesRule.ROLE and role is not SeriesRole.OTHER:
            return Choice(roles=(role,), prior=self.prior, reformat=self.reformat, reuse=reuse)
        weighting = ROLE_WEIGHTING.get(role, Weighting.OTHER)
        named = self.rule is not SeriesRule.PLANE and weighting is not Weighting.OTHER
        return Choice(
            planes=(plane,) if plane is not None else (),
            weightings=(weighting,) if named else (),
            prior=self.prior,
            reformat=self.reformat,
            reuse=reuse,
        )


def protocol_of_layout(
    title: str,
    layout: GridLayout,
    cells: Sequence[ShownCell],
    known: Iterable[str] = (),
    automatic: bool = True,
) -> HangingProtocol:
    """Return the protocol of a layout; ``known`` are ids that belong to other protocols."""
    rules = tuple(
        CellRule(place, (cell.choice(),), cell.required and cell.series is not None)
        for place, cell in zip(layout.cells, cells, strict=True)
    )
    stage = Stage("", layout.rows, layout.columns, rules, layout.narrow, layout.narrow_below)
    priority = SAVED_PRIORITY if automatic else ASKED_FOR
    return HangingProtocol(_free_id(title, frozenset(known)), title, priority, (stage,), own=True)


def _free_id(title: str, taken: frozenset[str]) -> str:
    """Return a name for the file: the title in plain letters, numbered when it is taken."""
    plain = re.sub(r"\W+", "_", title.casefold()).strip("_") or "layout"
    names = [f"my_{plain}", *(f"my_{plain}_{n}" for n in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)
