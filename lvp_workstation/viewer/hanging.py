"""Hanging protocols: rules that decide which series hangs where.

A protocol has stages; each stage lists cells, each cell choices in order of preference. A choice names
series by role, plane, weighting, number of slices or words of the description, may take them from the
earlier examination, and may ask for computed slices (``reformat``). The protocol with the highest priority
whose conditions hold and whose required cells can all be filled is used; one with a negative priority only
when it is asked for. ``narrow`` gives the cells other places for a window in which they would be small.
Files are read and written by `hanging_files`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lvp_workstation.domain.study import ROLE_WEIGHTING, Series, SeriesRole, Weighting
from lvp_workstation.domain.volume import SLICE, ImagePlane

LOCALIZERS = (SeriesRole.LOC, SeriesRole.LOC_WHOLESPINE)
MOST_ROWS = 4
"""Rows and columns of a layout of equal cells (our choice)."""


@dataclass(frozen=True)
class Cell:
    """Place of a viewport in the grid."""

    row: int
    column: int
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True)
class GridLayout:
    """Rows and columns, and the cells that viewports take."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]
    narrow: GridLayout | None = None
    """How the same cells lie while there is less width than `narrow_below` times the height."""
    narrow_below: float = 0.0

    def fitting(self, width: int, height: int) -> GridLayout:
        """Return the layout for a place of this size."""
        if self.narrow is not None and width < self.narrow_below * height:
            return self.narrow
        return self

    @classmethod
    def regular(cls, rows: int, columns: int) -> GridLayout:
        """Return a grid of equal cells in reading order."""
        return cls(rows, columns, tuple(Cell(r, c) for r in range(rows) for c in range(columns)))


@dataclass(frozen=True)
class Selector:
    """Which series are meant.

    A series matches when it has one of ``roles`` (in order of preference); or when it is no localizer and
    has one of ``planes`` and one of ``weightings``, as far as these are named.
    """

    roles: tuple[SeriesRole, ...] = ()
    planes: tuple[ImagePlane, ...] = ()
    weightings: tuple[Weighting, ...] = ()
    description: str = ""
    minimum_slices: int = 1
    maximum_slices: int = 0
    """0 is no limit."""
    prior: bool = False
    """Whether series of the earlier examination are meant."""

    def candidates(self, series: Sequence[Series]) -> list[Series]:
        """Return the series that match, best first: by role, then by number of slices."""
        usable = [s for s in series if s.geometry is not None and self._allows(s)]
        ranked = sorted(usable, key=lambda s: (self._rank(s), -_slices(s)))
        return [s for s in ranked if self._rank(s) < _NO_MATCH]

    def _allows(self, series: Series) -> bool:
        count = _slices(series)
        if count < self.minimum_slices or (self.maximum_slices and count > self.maximum_slices):
            return False
        return not self.description or bool(re.search(self.description, series.description, re.IGNORECASE))

    def _rank(self, series: Series) -> int:
        if series.role in self.roles:
            return self.roles.index(series.role)
        if not (self.planes or self.weightings) or series.role in LOCALIZERS:
            return _NO_MATCH
        weighting = ROLE_WEIGHTING.get(series.role, Weighting.OTHER)
        plane_fits = not self.planes or series.plane in self.planes
        fits = plane_fits and (not self.weightings or weighting in self.weightings)
        return len(self.roles) if fits else _NO_MATCH


_NO_MATCH = 10_000


@dataclass(frozen=True)
class Choice(Selector):
    """What may hang in a cell: series, as acquired or computed slices of them.

    ``reuse`` allows a series that already hangs elsewhere.
    """

    reformat: ImagePlane | None = None
    reuse: bool = False


@dataclass(frozen=True)
class Condition:
    """How many series of a kind a study must have; ``most`` None is no limit."""

    of: Selector
    least: int = 1
    most: int | None = None

    def holds(self, series: Sequence[Series], prior: Sequence[Series]) -> bool:
        """Return whether a study fulfils the condition; blocks of one series are counted once."""
        found = self.of.candidates(prior if self.of.prior else series)
        count = len({each.series_instance_uid for each in found})
        return count >= self.least and (self.most is None or count <= self.most)


@dataclass(frozen=True)
class CellRule:
    """A cell, its choices in order of preference, and whether the protocol needs it filled."""

    cell: Cell
    choices: tuple[Choice, ...]
    required: bool = False


@dataclass(frozen=True)
class HungSeries:
    """What hangs in one cell: a series key (empty for nothing) and the computed plane, if any."""

    series_key: str = ""
    reformat: ImagePlane | None = None


@dataclass(frozen=True)
class HangingPlan:
    """A protocol applied to a study: one choice for each cell of the layout."""

    protocol: str
    title: str
    layout: GridLayout
    choices: tuple[HungSeries, ...]


@dataclass(frozen=True)
class Stage:
    """One screenful of a protocol."""

    title: str
    rows: int
    columns: int
    rules: tuple[CellRule, ...]
    narrow: GridLayout | None = None
    narrow_below: float = 0.0

    def hang(self, series: Sequence[Series], prior: Sequence[Series] = ()) -> tuple[HungSeries, ...]:
        """Return what hangs in each cell; acquired images are hung before what may show them once more."""
        used: set[tuple[str, object]] = set()
        hung: dict[int, HungSeries] = {}
        for n in sorted(range(len(self.rules)), key=lambda n: self.rules[n].choices[0].reuse):
            hung[n] = _fill(self.rules[n].choices, series, prior, used)
        return tuple(hung[n] for n in range(len(self.rules)))

    def layout(self) -> GridLayout:
        """Return where the cells lie."""
        cells = tuple(rule.cell for rule in self.rules)
        return GridLayout(self.rows, self.columns, cells, self.narrow, self.narrow_below)


@dataclass(frozen=True)
class HangingProtocol:
    """Named stages with their rules, and the studies they are for."""

    protocol_id: str
    title: str
    priority: int
    stages: tuple[Stage, ...]
    conditions: tuple[Condition, ...] = ()
    own: bool = field(default=False, compare=False)
    """Whether the user made it."""

    @property
    def automatic(self) -> bool:
        """Whether it may be used without being asked for."""
        return self.priority >= 0

    def plan(
        self, series: Sequence[Series], prior: Sequence[Series] = (), stage: int = 0
    ) -> HangingPlan | None:
        """Return what hangs where, None when the protocol is not for this study.

        It is not when a condition does not hold or a required cell of the first stage stays empty.
        """
        if not all(condition.holds(series, prior) for condition in self.conditions):
            return None
        first = zip(self.stages[0].rules, self.stages[0].hang(series, prior), strict=True)
        if any(rule.required and not hung.series_key for rule, hung in first):
            return None
        shown = self.stages[stage % len(self.stages)]
        return HangingPlan(self.protocol_id, self.title, shown.layout(), shown.hang(series, prior))


def _fill(
    choices: Iterable[Choice],
    series: Sequence[Series],
    prior: Sequence[Series],
    used: set[tuple[str, object]],
) -> HungSeries:
    """Return what hangs in a cell; blocks of one series share a viewport, so they are used together."""
    for choice in choices:
        for candidate in choice.candidates(prior if choice.prior else series):
            blocks = (candidate.series_instance_uid, candidate.plane)
            if choice.reuse or blocks not in used:
                reformat = None if choice.reformat is candidate.plane else choice.reformat
                used |= {blocks} if reformat is None else set()
                return HungSeries(candidate.key, reformat)
    return HungSeries()


def _slices(series: Series) -> int:
    return series.geometry.shape[SLICE] if series.geometry else len(series.frames)


def choose_plan(
    protocols: Sequence[HangingProtocol],
    series: Sequence[Series],
    protocol_id: str = "",
    prior: Sequence[Series] = (),
    preferred: str = "",
) -> HangingPlan:
    """Return the plan of the first protocol that fits, all cells empty if none does.

    ``protocol_id`` asks for one protocol; ``preferred`` is tried before the others.
    """
    wanted = [p for p in protocols if p.protocol_id == protocol_id or (not protocol_id and p.automatic)]
    if preferred and not protocol_id:
        wanted = [p for p in protocols if p.protocol_id == preferred] + wanted
    for protocol in wanted:
        plan = protocol.plan(series, prior)
        if plan is not None:
            return plan
    keys = [HungSeries(s.key) for s in series if s.geometry is not None][:1]
    return HangingPlan("", "", GridLayout.regular(1, 1), tuple(keys or [HungSeries()]))
