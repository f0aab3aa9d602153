"""Hanging protocols as JSON files: those of the program and those that a user saved."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.study import SeriesRole, Weighting
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.hanging import (
    Cell,
    CellRule,
    Choice,
    Condition,
    GridLayout,
    HangingProtocol,
    Selector,
    Stage,
)

SELECTS = ("roles", "planes", "weightings", "description", "minimum_slices", "maximum_slices", "prior")
MOST_CELLS = 16
"""Viewports of a layout, 4 x 4 (our choice)."""


def load_protocols(
    shipped: Path, own: Path | None = None, refused: Callable[[str], None] | None = None
) -> tuple[HangingProtocol, ...]:
    """Read the protocols of the program and of the user, highest priority first.

    A user's protocol replaces a shipped one with the same id, and comes before others of its priority.
    ``refused`` is told about files of the user that cannot be used; without it they raise.
    """
    found = {p.protocol_id: p for p in _shipped(shipped)}
    for path in sorted(own.glob("*.json")) if own is not None else ():
        try:
            mine = replace(read_protocol(path), own=True)
        except UsageProblem as problem:
            if refused is None:
                raise
            refused(str(problem))
        else:
            found[mine.protocol_id] = mine
    return tuple(sorted(found.values(), key=lambda p: (-p.priority, not p.own, p.protocol_id)))


@cache
def _shipped(folder: Path) -> tuple[HangingProtocol, ...]:
    """Read the protocols of the program, which do not change while it runs."""
    return tuple(map(read_protocol, sorted(folder.glob("*.json"))))


def read_protocol(path: Path) -> HangingProtocol:
    """Read one protocol file.

    Raises
    ------
    UsageProblem
        When the file is no valid hanging protocol; the message names file and fault.
    """
    try:
        return protocol_of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise UsageProblem(f"The hanging protocol {path.name} cannot be used: {fault!r}") from fault


def write_protocol(protocol: HangingProtocol, folder: Path) -> Path:
    """Write a protocol into the user's folder, replacing one of the same id; return the file.

    Raises
    ------
    UsageProblem
        When the folder cannot be written.
    """
    path = folder / f"{protocol.protocol_id}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staged = path.with_suffix(".new")
        staged.write_text(json.dumps(plain(protocol), indent=2, ensure_ascii=False), encoding="utf-8")
        os.replace(staged, path)
    except OSError as error:
        raise UsageProblem(f"{folder} cannot be written: {error.strerror}.") from error
    return path


# -- from plain data ----------------------------------------------------------------------


def protocol_of(data: Mapping[str, Any]) -> HangingProtocol:
    """Return the protocol of plain data; errors are those of Python."""
    stages = [_stage(data, str(data.get("stage", "")))]
    stages += [_stage(each, str(each["title"])) for each in data.get("stages", ())]
    return HangingProtocol(
        str(data["id"]),
        str(data["title"]),
        int(data.get("priority", 0)),
        tuple(stages),
        tuple(_condition(each) for each in data.get("when", ())),
    )


def _stage(data: Mapping[str, Any], title: str) -> Stage:
    rows, columns = int(data["layout"]["rows"]), int(data["layout"]["columns"])
    rules = tuple(_rule(cell) for cell in data["cells"])
    if not rules or not all(rule.choices for rule in rules):
        raise ValueError("a cell has no choice")
    if len(rules) > MOST_CELLS:
        raise ValueError(f"{len(rules)} cells; {MOST_CELLS} are possible")
    _require_inside(rows, columns, [rule.cell for rule in rules])
    if "narrow" not in data:
        return Stage(title, rows, columns, rules)
    return Stage(
        title, rows, columns, rules, _narrow(data["narrow"], len(rules)), float(data["narrow"]["below"])
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
    _require_known(data, "reformat", "reuse")
    reformat = data.get("reformat")
    return Choice(
        **_selected(data),
        reformat=ImagePlane(reformat) if reformat else None,
        reuse=bool(data.get("reuse", reformat is not None)),
    )


def _condition(data: Mapping[str, Any]) -> Condition:
    _require_known(data, "least", "most")
    most = data.get("most")
    return Condition(
        Selector(**_selected(data)), int(data.get("least", 1)), None if most is None else int(most)
    )


def _require_known(data: Mapping[str, Any], *more: str) -> None:
    unknown = set(data) - {*SELECTS, *more}
    if unknown:
        raise ValueError(f"unknown rule {', '.join(sorted(unknown))}")


def _selected(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "roles": tuple(SeriesRole(role) for role in data.get("roles", ())),
        "planes": tuple(ImagePlane(plane) for plane in data.get("planes", ())),
        "weightings": tuple(Weighting(weighting) for weighting in data.get("weightings", ())),
        "description": str(data.get("description", "")),
        "minimum_slices": int(data.get("minimum_slices", 1)),
        "maximum_slices": int(data.get("maximum_slices", 0)),
        "prior": bool(data.get("prior", False)),
    }


# -- to plain data ------------------------------------------------------------------------


def plain(protocol: HangingProtocol) -> dict[str, Any]:
    """Return a protocol as its file holds it."""
    first, *others = protocol.stages
    data = {"id": protocol.protocol_id, "title": protocol.title, "priority": protocol.priority}
    when = [_plain_condition(each) for each in protocol.conditions]
    data |= {"when": when} if when else {}
    data |= {"stage": first.title} if first.title else {}
    data |= _plain_stage(first)
    stages = [{"title": stage.title, **_plain_stage(stage)} for stage in others]
    return data | ({"stages": stages} if stages else {})


def _plain_stage(stage: Stage) -> dict[str, Any]:
    data: dict[str, Any] = {"layout": {"rows": stage.rows, "columns": stage.columns}}
    if stage.narrow is not None:
        places = [_place(cell) for cell in stage.narrow.cells]
        size = {"rows": stage.narrow.rows, "columns": stage.narrow.columns}
        data["narrow"] = {"below": stage.narrow_below, **size, "places": places}
    data["cells"] = [
        {"place": _place(r.cell), "required": r.required, "show": [_plain_choice(c) for c in r.choices]}
        for r in stage.rules
    ]
    return data


def _place(cell: Cell) -> dict[str, int]:
    return {"row": cell.row, "column": cell.column, "rows": cell.row_span, "columns": cell.column_span}


def _plain_choice(choice: Choice) -> dict[str, Any]:
    data = _plain_selector(choice)
    if choice.reformat is not None:
        data["reformat"] = choice.reformat.value
    return data | {"reuse": choice.reuse}


def _plain_condition(condition: Condition) -> dict[str, Any]:
    data = {**_plain_selector(condition.of), "least": condition.least}
    return data if condition.most is None else data | {"most": condition.most}


def _plain_selector(selector: Selector) -> dict[str, Any]:
    """Return what a selector names, without what stays as it is by default."""
    usual = Selector()
    named = {name: getattr(selector, name) for name in SELECTS}
    return {name: _listed(v) for name, v in named.items() if v != getattr(usual, name)}


def _listed(value: object) -> object:
    return [str(each.value) for each in value] if isinstance(value, tuple) else value
