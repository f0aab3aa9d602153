"""Published scales that go to files beside the columns of the grid; all of them are read on axial images."""

from __future__ import annotations

from types import MappingProxyType

from lvp_workstation.domain.findings import Scale

_BARTYNSKI = "Bartynski 2003, AJNR 24:348"
BARTYNSKI_LEFT = Scale("bartynski_left", "Bartynski L", ("0", "1", "2", "3"), ("0",), True, _BARTYNSKI)
BARTYNSKI_RIGHT = Scale("bartynski_right", "Bartynski R", ("0", "1", "2", "3"), ("0",), True, _BARTYNSKI)
SCHIZAS = Scale(
    "schizas",
    "Schizas",
    ("A1", "A2", "A3", "A4", "B", "C", "D"),
    ("A1", "A2", "A3", "A4"),
    source="Schizas 2010, Spine 35:1919",
)
MSU = Scale(
    "msu",
    "MSU",
    ("none", *(f"{size}-{zone}" for size in (1, 2, 3) for zone in "ABC")),
    ("none",),
    source="Mysliwiec 2010, Eur Spine J 19:1087",
)

AXIAL_SCALES: MappingProxyType[str, Scale] = MappingProxyType(
    {scale.key: scale for scale in (BARTYNSKI_LEFT, BARTYNSKI_RIGHT, SCHIZAS, MSU)}
)
