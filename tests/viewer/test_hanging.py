"""Hanging protocols choose sensible layouts for many compositions of a study."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.study import Series, SeriesRole
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.hanging import Cell, GridLayout, HangingProtocol, choose_plan
from lvp_workstation.viewer.hanging_files import load_protocols, read_protocol, write_protocol
from lvp_workstation.viewer.hanging_saved import SeriesRule, ShownCell, protocol_of_layout
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
        (
            (R.SAG_T2, R.SAG_T1, R.AX_T2, R.AX_T1),
            "lumbar_axials",
            [("sag_t2", ""), ("sag_t1", ""), ("ax_t2", ""), ("ax_t1", "")],
        ),
        (
            (R.SAG_T2, R.SAG_T1, R.SAG_STIR, R.AX_T2, R.AX_T1_GD),
            "lumbar_axials_stir",
            [("sag_t2", ""), ("sag_t1", ""), ("sag_stir", ""), ("ax_t2", ""), ("ax_t1_gd", "")],
        ),
        (
            (R.SAG_T2, R.SAG_T1, R.SAG_STIR),
            "lumbar_sagittals",
            [("sag_t2", ""), ("sag_t1", ""), ("sag_t2", "axial"), ("sag_stir", "")],
        ),
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


def test_blocks_of_a_disc_angled_series_share_one_viewport(protocols: tuple[HangingProtocol, ...]) -> None:
    sagittal = [make_series(role) for role in (R.SAG_T2, R.SAG_T1)]
    blocks = [
        replace(make_series(R.AX_T2, geometry("axial", shape=(count, 9, 9))), stack=n)
        for n, count in enumerate((3, 5, 4, 3))
    ]
    protocol, cells = hung(protocols, *sagittal, *blocks)
    assert protocol == "lumbar_reading"
    assert [role for role, _ in cells].count("ax_t2") == 1


def test_beside_an_earlier_examination_both_hang(protocols: tuple[HangingProtocol, ...]) -> None:
    now, then = of(R.SAG_T2, R.SAG_T1, R.AX_T2), [make_series(R.SAG_T2, uid="9.1")]
    plan = choose_plan(protocols, now, prior=then)
    assert plan.protocol == "lumbar_prior"
    assert [choice.series_key == "9.1" for choice in plan.choices] == [False, False, False, True, False, True]
    assert choose_plan(protocols, now).protocol == "lumbar_reading"


def test_protocols_for_one_purpose_wait_to_be_asked_for(protocols: tuple[HangingProtocol, ...]) -> None:
    series = of(R.SAG_T2, R.SAG_T1, R.AX_T2)
    assert choose_plan(protocols, series, "axial_first").choices[0].series_key
    assert choose_plan(protocols, series, preferred="teaching").protocol == "teaching"
    assert choose_plan(protocols, of(R.COR_T2), preferred="teaching").protocol == "one_coronal"


def test_stages_show_the_same_study_in_another_way(protocols: tuple[HangingProtocol, ...]) -> None:
    teaching = next(p for p in protocols if p.protocol_id == "teaching")
    series = of(R.SAG_T2, R.SAG_T1, R.AX_T2)
    counts = [len(plan.choices) for n in range(6) if (plan := teaching.plan(series, stage=n)) is not None]
    assert counts == [1, 2, 2, 2, 3, 1]  # after the last stage comes the first


def test_rules_on_weighting_plane_and_number_of_slices(tmp_path: Path) -> None:
    rule = '{"planes": ["sagittal"], "weightings": ["t1"], "minimum_slices": 5, "maximum_slices": 20}'
    (tmp_path / "mine.json").write_text(FRAGMENT % ('"row": 0, "column": 0', rule))
    mine = read_protocol(tmp_path / "mine.json")
    few, many = geometry(shape=(3, 9, 9)), geometry(shape=(12, 9, 9))
    series = [make_series(R.SAG_T1, few, "1"), make_series(R.SAG_T2, many, "2")]
    series.append(make_series(R.SAG_T1_GD, many, "3"))
    assert [choice.series_key for choice in choose_plan([mine], series).choices] == ["3"]


def test_a_saved_layout_comes_back_for_the_next_study(
    protocols: tuple[HangingProtocol, ...], tmp_path: Path
) -> None:
    shown = [make_series(R.SAG_STIR), make_series(R.AX_T2, geometry("axial"))]
    cells = [ShownCell(shown[0]), ShownCell(shown[1], rule=SeriesRule.PLANE, required=False), ShownCell(None)]
    layout = GridLayout(4, 4, (Cell(0, 0, 4, 2), Cell(0, 2, 4, 1), Cell(0, 3, 4, 1)))
    saved = protocol_of_layout("Mine: STIR", layout, cells, known=["my_mine_stir"])
    path = write_protocol(saved, tmp_path / "own")
    assert path.name == "my_mine_stir_2.json"
    again = load_protocols(FOLDER, tmp_path / "own")
    assert again[0].own
    plan = choose_plan(again, of(R.SAG_T2, R.SAG_STIR, R.AX_T1))
    assert plan.title == "Mine: STIR"
    assert plan.layout == layout
    assert [choice.series_key.partition("#")[0] for choice in plan.choices][2] == ""
    assert choose_plan(again, of(R.SAG_T2)).protocol == "one_sagittal"


def test_every_shipped_protocol_is_written_as_it_was_read(
    protocols: tuple[HangingProtocol, ...], tmp_path: Path
) -> None:
    assert [read_protocol(write_protocol(each, tmp_path)) for each in protocols] == list(protocols)


def test_a_damaged_file_of_the_user_is_told_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{")
    told: list[str] = []
    assert len(load_protocols(FOLDER, tmp_path, told.append)) == len(load_protocols(FOLDER))
    assert "mine.json" in told[0]
