"""Hanging protocols choose sensible layouts for many compositions of a study."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.study import Series, SeriesRole
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.hanging import HangingProtocol, choose_plan, load_protocols, read_protocol
from tests.render.samples import geometry
from tests.viewer.conftest import make_series

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "hanging"
R = SeriesRole
FRAGMENT = """{"id": "x", "title": "x", "layout": {"rows": 1, "columns": 1},
"cells": [{"place": {%s}, "show": [%s]}]}"""


@pytest.fixture(scope="module")
def protocols() -> tuple[HangingProtocol, ...]:
    """The protocols the program carries."""
    return load_protocols(FOLDER)


def hung(protocols: tuple[HangingProtocol, ...], *series: Series) -> tuple[str, list[tuple[str, str]]]:
    """Return the protocol and, for each cell, role of the series and computed plane."""
    plan = choose_plan(protocols, series)
    roles = {s.key: s.role.value for s in series}
    cells = [(roles.get(c.series_key, ""), c.reformat.value if c.reformat else "") for c in plan.choices]
    return plan.protocol, cells


def of(*roles: SeriesRole) -> list[Series]:
    """Return one series of each role, among a localizer."""
    return [make_series(R.LOC), *(make_series(role) for role in roles)]


@pytest.mark.parametrize(
    ("roles", "protocol", "cells"),
    [
        (
            (R.AX_T2, R.SAG_T1, R.SAG_T2),
            "lumbar_reading",
            [("sag_t2", ""), ("sag_t1", ""), ("ax_t2", ""), ("sag_t2", "axial")],
        ),
        (
            (R.SAG_STIR, R.AX_T2, R.SAG_T1, R.SAG_T2),
            "lumbar_reading",
            [("sag_t2", ""), ("sag_t1", ""), ("ax_t2", ""), ("sag_stir", "")],
        ),
        (
            (R.SAG_T1, R.SAG_T2),
            "lumbar_sagittals",
            [("sag_t2", ""), ("sag_t1", ""), ("sag_t2", "axial"), ("sag_t2", "coronal")],
        ),
        ((R.SAG_T2,), "one_sagittal", [("sag_t2", ""), ("sag_t2", "axial"), ("sag_t2", "coronal")]),
        ((R.SAG_T1,), "one_sagittal", [("sag_t1", ""), ("sag_t1", "axial"), ("sag_t1", "coronal")]),
        ((R.SAG_T2, R.AX_T2), "lumbar_t2_axial", [("sag_t2", ""), ("ax_t2", ""), ("sag_t2", "axial")]),
        ((R.AX_T2,), "one_axial", [("ax_t2", ""), ("ax_t2", "sagittal"), ("ax_t2", "sagittal")]),
        ((R.COR_T2,), "one_coronal", [("cor_t2", ""), ("cor_t2", "sagittal"), ("cor_t2", "axial")]),
    ],
)
def test_layouts(
    protocols: tuple[HangingProtocol, ...],
    roles: tuple[SeriesRole, ...],
    protocol: str,
    cells: list[tuple[str, str]],
) -> None:
    assert hung(protocols, *of(*roles)) == (protocol, cells)


def test_research_files_hang_by_plane(protocols: tuple[HangingProtocol, ...]) -> None:
    series = make_series(R.OTHER, geometry("sagittal"))
    assert hung(protocols, series)[0] == "one_sagittal"
    assert hung(protocols, make_series(R.OTHER, geometry("axial")))[0] == "one_axial"


def test_the_fuller_of_two_equal_series_comes_first(protocols: tuple[HangingProtocol, ...]) -> None:
    thin = make_series(R.SAG_T2, geometry(shape=(18, 9, 9)), "1.1")
    few = make_series(R.SAG_T2, geometry(shape=(3, 9, 9)), "1.2")
    plan = choose_plan(protocols, [few, thin])
    assert [choice.series_key for choice in plan.choices][:2] == ["1.1", "1.2"]


def test_without_any_image_nothing_hangs(protocols: tuple[HangingProtocol, ...]) -> None:
    plan = choose_plan(protocols, [])
    assert [choice.series_key for choice in plan.choices] == [""]
    localizer = make_series(R.LOC)
    assert choose_plan(protocols, [localizer]).choices[0].series_key == localizer.key


def test_a_protocol_can_be_asked_for(protocols: tuple[HangingProtocol, ...]) -> None:
    plan = choose_plan(protocols, of(R.SAG_T2, R.AX_T2), "side_by_side")
    assert (plan.layout.rows, plan.layout.columns) == (1, 4)
    assert plan.choices[2].reformat is ImagePlane.CORONAL


def test_shipped_protocols_have_unique_ids_and_titles(protocols: tuple[HangingProtocol, ...]) -> None:
    assert len({p.protocol_id for p in protocols}) == len(protocols) == len(list(FOLDER.glob("*.json")))
    assert all(p.title for p in protocols)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        FRAGMENT % ('"row": 1, "column": 0', "{}"),
        FRAGMENT % ('"row": 0, "column": 0', '{"role": ["sag_t2"]}'),
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(UsageProblem, match=r"mine\.json"):
        read_protocol(path)


def test_a_readers_protocol_replaces_the_shipped_one(tmp_path: Path) -> None:
    shipped = (FOLDER / "one_sagittal.json").read_text()
    (tmp_path / "mine.json").write_text(shipped.replace("One sagittal series", "Mine"))
    mine = next(p for p in load_protocols(FOLDER, tmp_path) if p.protocol_id == "one_sagittal")
    assert mine.title.startswith("Mine")


def test_a_narrow_place_gets_the_same_cells_in_larger_places(protocols: tuple[HangingProtocol, ...]) -> None:
    plan = choose_plan(protocols, of(R.SAG_T2, R.SAG_T1, R.AX_T2))
    wide, tall = plan.layout.fitting(1800, 900), plan.layout.fitting(900, 900)
    assert (wide.rows, wide.columns, tall.rows, tall.columns) == (2, 3, 2, 2)
    assert len(wide.cells) == len(tall.cells) == len(plan.choices)


def test_a_narrow_layout_with_too_few_places_is_a_fault(tmp_path: Path) -> None:
    data = json.loads((FOLDER / "lumbar_reading.json").read_text())
    data["narrow"]["places"].pop()
    (tmp_path / "faulty.json").write_text(json.dumps(data))
    with pytest.raises(UsageProblem, match="3 places for 4 cells"):
        read_protocol(tmp_path / "faulty.json")
