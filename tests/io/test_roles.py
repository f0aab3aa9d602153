"""Role rules: physics first, names second, doubt about contrast agent kept as doubt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lvp_workstation.domain.study import Frame, RoleDecision, Series, SeriesRole
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.io.roles import decide_role, decide_roles

AXES = {
    "sag": ((-1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "ax": ((0, 0, 1), (0, 1, 0), (1, 0, 0)),
    "cor": ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
}


def series(
    plane: str = "sag", name: str = "", slices: int = 15, rows: int = 320, uid: str = "1", **facts: Any
) -> Series:
    shape = (slices, rows, 320)
    geometry = VolumeGeometry.from_axes((0, 0, 0), AXES[plane], (4.4, 0.9, 0.9), shape)
    return Series(
        series_instance_uid=uid,
        stack=0,
        frames=(Frame("x", "y"),) * slices,
        geometry=geometry,
        decision=RoleDecision(SeriesRole.OTHER, ""),
        description=name,
        attributes=facts,
    )


def se(tr: float, te: float, **more: Any) -> dict[str, Any]:
    return {"RepetitionTime": tr, "EchoTime": te, "ScanningSequence": "SE", **more}


CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("sag", "t2_tse_sag", "sag_t2", se(3500, 105)),
    ("sag", "", "sag_t2", se(3500, 105)),
    ("sag", "t1_tse_sag", "sag_t1", se(600, 10)),
    ("sag", "t2_space", "sag_t2", se(1000, 124)),
    ("sag", "t2_tse_fs", "sag_t2_fs", se(4000, 80, ScanOptions=["PFP", "FS"])),
    ("sag", "T2 SPAIR", "sag_t2_fs", se(4000, 80)),
    ("sag", "t2_tirm_sag", "sag_stir", se(4500, 60, InversionTime=160, ScanningSequence=["SE", "IR"])),
    ("sag", "STIR longTE", "sag_stir", se(4500, 60, InversionTime=200)),
    ("sag", "T1 FLAIR", "sag_t1", se(2200, 22, InversionTime=860)),
    ("sag", "T1 FSE +C", "sag_t1_gd", se(600, 10)),
    ("sag", "T1 TSE", "sag_t1_gd", se(600, 10, ContrastBolusAgent="Dotarem")),
    ("ax", "t1_tse_tra_km", "ax_t1_gd", se(600, 10)),
    ("ax", "t2_tse_tra", "ax_t2", se(3800, 100)),
    ("ax", "t1_tse_tra", "ax_t1", se(600, 10)),
    ("cor", "t2 cor", "cor_t2", se(3800, 100)),
    ("cor", "cor stir", "cor_stir", se(4500, 60, InversionTime=160)),
    ("cor", "t1 cor", "cor_t1", se(600, 10)),
    ("ax", "ax stir", "other", se(4500, 60, InversionTime=160)),
    ("sag", "PD", "other", se(2500, 20)),
    ("sag", "t2_dixon_W", "sag_dixon_water", se(3500, 90)),
    ("sag", "t2_tse_dixon", "sag_dixon_fat", se(3500, 90, ImageType=["D", "P", "DIXON", "FAT"])),
    ("sag", "t2_tse_dixon", "sag_dixon_in", se(3500, 90, ImageType=["D", "P", "M", "IN_PHASE"])),
    ("sag", "t2_tse_dixon_opp", "sag_dixon_opp", se(3500, 90)),
    ("sag", "t1_dixon_in", "sag_t1", se(600, 10)),
    ("sag", "localizer", "loc", {"ScanningSequence": "GR"}),
    ("cor", "haste", "loc", {"ImageType": ["O", "P", "LOCALIZER"]}),
    ("cor", "MR myelo", "myelo", se(8000, 1000)),
    ("cor", "haste thick", "myelo", se(8000, 800)),
    ("ax", "dwi", "dwi", {"DiffusionBValue": 800.0}),
    ("ax", "ep2d", "dwi", {"ImageType": ["D", "P", "DIFFUSION", "ADC"]}),
    ("ax", "fmri", "other", se(3000, 30, ScanningSequence="EP")),
    ("ax", "medic", "other", se(500, 20, ScanningSequence="GR")),
    ("sag", "t1_fl2d", "sag_t1", se(300, 2.5, ScanningSequence="GR")),
    ("sag", "CISS", "other", se(8, 4, ScanningSequence="GR")),
    ("sag", "B0", "other", se(600, 10, ImageType=["O", "P", "T1", "FIELD_MAP"])),
    ("sag", "t2 sag", "sag_t2", {}),
    ("sag", "Sag STIR", "sag_stir", {}),
    ("sag", "abc", "other", {}),
]


@pytest.mark.parametrize(
    ("plane", "name", "role", "facts"), CASES, ids=[f"{c[0]} {c[1]} {c[2]}" for c in CASES]
)
def test_the_role_and_the_rule_that_decided(plane: str, name: str, role: str, facts: dict[str, Any]) -> None:
    decision = decide_role(series(plane, name, **facts))
    assert decision.role.value == role
    assert decision.rule
    assert 0 <= decision.confidence <= 1


def test_enhanced_attributes_decide_as_well() -> None:
    facts = {"RepetitionTime": 4500.0, "EchoTime": 60.0, "InversionRecovery": "YES", "InversionTime": 160.0}
    assert decide_role(series(**facts, EchoPulseSequence="SPIN")).role is SeriesRole.SAG_STIR
    fat = {"RepetitionTime": 4000.0, "EchoTime": 80.0, "SpectrallySelectedSuppression": "FAT"}
    assert decide_role(series(**fat)).role is SeriesRole.SAG_T2_FS
    gradient = {"RepetitionTime": 500.0, "EchoTime": 20.0, "EchoPulseSequence": "GRADIENT"}
    assert decide_role(series(**gradient)).role is SeriesRole.OTHER


def test_a_long_localizer_shows_the_whole_spine() -> None:
    assert decide_role(series("sag", "localizer", rows=700)).role is SeriesRole.LOC_WHOLESPINE
    assert decide_role(series("sag", "wholespine loc", rows=300)).role is SeriesRole.LOC_WHOLESPINE
    assert decide_role(series("sag", "localizer", rows=500)).role is SeriesRole.LOC
    assert decide_role(series("ax", "localizer", rows=700)).role is SeriesRole.LOC


def test_a_name_that_contradicts_the_times_lowers_the_confidence() -> None:
    decision = decide_role(series("sag", "t1_sag", **se(3500, 105)))
    assert decision.role is SeriesRole.SAG_T2
    assert decision.confidence <= 0.6
    assert "though" in decision.rule


@pytest.mark.parametrize(
    ("name", "facts", "agent"),
    [
        ("t1_tse", {}, False),
        ("t1_tse post", {}, True),
        ("t1_tse", {"ContrastBolusAgent": "Gadovist"}, True),
        ("t1_tse pre", {"ContrastBolusAgent": "Gadovist"}, None),
        ("t1_tse post", {"ContrastBolusAgent": "NO"}, None),
        ("t1_tse_fs", {}, None),
        ("t1_tse_fs nativ", {}, False),
    ],
)
def test_doubt_about_a_contrast_agent_stays_doubt(
    name: str, facts: dict[str, Any], agent: bool | None
) -> None:
    decision = decide_role(series("sag", name, **se(600, 10), **facts))
    assert decision.contrast_agent is agent


def test_t1_after_a_series_with_agent_is_doubtful() -> None:
    day = {"AcquisitionDate": "20240102"}
    early = series("sag", "t1", uid="1", **se(600, 10), **day, AcquisitionTime="100000")
    given = series("ax", "t1 gd", uid="2", **se(600, 10), **day, AcquisitionTime="101000")
    late = series("sag", "t1", uid="3", **se(600, 10), **day, AcquisitionTime="102000")
    roles = decide_roles((early, given, late))
    assert [s.decision.contrast_agent for s in roles] == [False, True, None]
    assert "in doubt" in roles[2].decision.rule


def test_few_slices_in_several_planes_are_a_localizer() -> None:
    stacks = (series("sag", "x", 3, uid="1"), series("ax", "x", 3, uid="1"), series("cor", "x", 3, uid="1"))
    assert {s.role for s in decide_roles(stacks)} == {SeriesRole.LOC}


def test_geometry_is_used_for_the_plane_of_a_tilted_stack() -> None:
    tilt = np.radians(20)
    axes = ((0, -np.sin(tilt), np.cos(tilt)), (0, np.cos(tilt), np.sin(tilt)), (1, 0, 0))
    geometry = VolumeGeometry.from_axes((0, 0, 0), axes, (4, 1, 1), (3, 9, 9))
    tilted = Series("1", 0, (Frame("x", "y"),) * 3, geometry, RoleDecision(SeriesRole.OTHER, ""))
    facts = Series("1", 0, tilted.frames, geometry, tilted.decision, attributes=se(4000, 100))
    assert decide_role(facts).role is SeriesRole.AX_T2
