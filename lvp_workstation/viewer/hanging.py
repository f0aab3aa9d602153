"""Hanging protocols: files with rules that decide which series hangs where.

A protocol lists cells; each cell lists choices in order of preference. A choice names series
by role, plane or words of the description, and may ask for computed slices (``reformat``).
The protocol with the highest priority whose required cells can all be filled is used. ``narrow`` may give
the cells other places for a window in which they would be small: ``below`` is the ratio of width to height.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.study import Series, SeriesRole
from lvp_workstation.domain.volume import SLICE, ImagePlane

LOCALIZERS = (SeriesRole.LOC, SeriesRole.LOC_WHOLESPINE)


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
class Choice:
    """Which series may hang in a cell, and whether computed slices of it are shown.

    A series matches when it has one of ``roles`` (in order of preference), or one of ``planes``
    and is no localizer. ``reuse`` allows a series that already hangs elsewhere.
    """

    roles: tuple[SeriesRole, ...] = ()
    planes: tuple[ImagePlane, ...] = ()
    description: str = ""
    minimum_slices: int = 1
    reformat: ImagePlane | None = None
    reuse: bool = False

    def candidates(self, series: Sequence[Series]) -> list[Series]:
        """Return the series that match, best first: by role, then by number of slices."""
        usable = [s for s in series if s.geometry is not None and self._allows(s)]
        ranked = sorted(usable, key=lambda s: (self._rank(s), -_slices(s)))
        return [s for s in ranked if self._rank(s) < _NO_MATCH]

    def _allows(self, series: Series) -> bool:
        if _slices(series) < self.minimum_slices:
            return False
        return not self.description or bool(re.search(self.description, series.description, re.IGNORECASE))

    def _rank(self, series: Series) -> int:
        if series.role in self.roles:
            return self.roles.index(series.role)
        if series.plane in self.planes and series.role not in LOCALIZERS:
            return len(self.roles)
        return _NO_MATCH


_NO_MATCH = 10_000


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
class HangingProtocol:
    """A named layout with its rules."""

    protocol_id: str
    title: str
    priority: int
    rows: int
    columns: int
    rules: tuple[CellRule, ...]
    narrow: GridLayout | None = None
    narrow_below: float = 0.0

    def plan(self, series: Sequence[Series]) -> HangingPlan | None:
        """Return what hangs where, None when a required cell stays empty."""
        used: set[str] = set()
        hung: dict[int, HungSeries] = {}
        for n in sorted(range(len(self.rules)), key=lambda n: self.rules[n].choices[0].reuse):
            chosen = _fill(self.rules[n].choices, series, used)
            if not chosen.series_key and self.rules[n].required:
                return None
            if chosen.reformat is None:
                used.add(chosen.series_key)
            hung[n] = chosen
        cells = tuple(rule.cell for rule in self.rules)
        layout = GridLayout(self.rows, self.columns, cells, self.narrow, self.narrow_below)
        choices = tuple(hung[n] for n in range(len(self.rules)))
        return HangingPlan(self.protocol_id, self.title, layout, choices)


def _fill(choices: Iterable[Choice], series: Sequence[Series], used: set[str]) -> HungSeries:
    for choice in choices:
        for candidate in choice.candidates(series):
            if choice.reuse or candidate.key not in used:
                same = choice.reformat is not None and choice.reformat is candidate.plane
                return HungSeries(candidate.key, None if same else choice.reformat)
    return HungSeries()


def _slices(series: Series) -> int:
    return series.geometry.shape[SLICE] if series.geometry else len(series.frames)


def load_protocols(*folders: Path) -> tuple[HangingProtocol, ...]:
    """Read all protocols of the folders, highest priority first; later folders replace equal ids."""
    found: dict[str, HangingProtocol] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.json")):
            protocol = read_protocol(path)
            found[protocol.protocol_id] = protocol
    return tuple(sorted(found.values(), key=lambda p: (-p.priority, p.protocol_id)))


def read_protocol(path: Path) -> HangingProtocol:
    """Read one protocol file.

    Raises
    ------
    UsageProblem
        When the file is no valid hanging protocol; the message names file and fault.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return _protocol(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise UsageProblem(f"The hanging protocol {path.name} cannot be used: {fault!r}") from fault


def choose_plan(
    protocols: Sequence[HangingProtocol], series: Sequence[Series], protocol_id: str = ""
) -> HangingPlan:
    """Return the plan of the first protocol that fits (or of the named one); all cells empty if none does."""
    wanted = [p for p in protocols if not protocol_id or p.protocol_id == protocol_id]
    for protocol in wanted:
        plan = protocol.plan(series)
        if plan is not None:
            return plan
    keys = [HungSeries(s.key) for s in series if s.geometry is not None][:1]
    return HangingPlan("", "", GridLayout.regular(1, 1), tuple(keys or [HungSeries()]))


def _protocol(data: Mapping[str, Any]) -> HangingProtocol:
    rows, columns = int(data["layout"]["rows"]), int(data["layout"]["columns"])
    rules = tuple(_rule(cell) for cell in data["cells"])
    if not all(rule.choices for rule in rules):
        raise ValueError("a cell has no choice")
    _require_inside(rows, columns, [rule.cell for rule in rules])
    narrow = _narrow(data["narrow"], len(rules)) if "narrow" in data else None
    return HangingProtocol(
        str(data["id"]),
        str(data["title"]),
        int(data.get("priority", 0)),
        rows,
        columns,
        rules,
        narrow,
        float(data["narrow"]["below"]) if narrow is not None else 0.0,
    )


def _narrow(data: Mapping[str, Any], count: int) -> GridLayout:
    """Return the layout for a narrow place: as many cells, in the same order."""
    rows, columns = int(data["rows"]), int(data["columns"])
    cells = tuple(_cell(place) for place in data["places"])
    if len(cells) != count:
        raise ValueError(f"the narrow layout has {len(cells)} places for {count} cells")
    _require_inside(rows, columns, cells)
    return GridLayout(rows, columns, cells)


def _require_inside(rows: int, columns: int, cells: Iterable[Cell]) -> None:
    for cell in cells:
        if cell.row + cell.row_span > rows or cell.column + cell.column_span > columns:
            raise ValueError(f"cell {cell.row},{cell.column} leaves the layout")


def _cell(place: Mapping[str, Any]) -> Cell:
    return Cell(
        int(place["row"]), int(place["column"]), int(place.get("rows", 1)), int(place.get("columns", 1))
    )


def _rule(data: Mapping[str, Any]) -> CellRule:
    return CellRule(
        _cell(data["place"]),
        tuple(_choice(choice) for choice in data["show"]),
        bool(data.get("required", False)),
    )


def _choice(data: Mapping[str, Any]) -> Choice:
    unknown = set(data) - {"roles", "planes", "description", "minimum_slices", "reformat", "reuse"}
    if unknown:
        raise ValueError(f"unknown rule {', '.join(sorted(unknown))}")
    reformat = data.get("reformat")
    return Choice(
        tuple(SeriesRole(role) for role in data.get("roles", ())),
        tuple(ImagePlane(plane) for plane in data.get("planes", ())),
        str(data.get("description", "")),
        int(data.get("minimum_slices", 1)),
        ImagePlane(reformat) if reformat else None,
        bool(data.get("reuse", reformat is not None)),
    )
