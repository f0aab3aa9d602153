"""What a hospital orders: which stacks, how thick, how many, how large, and when to decline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lvp_workstation.domain.anatomy import InstanceId, disc_id

LEVELS = ("L5-S1", "L4-L5", "L3-L4", "L2-L3", "L1-L2", "T12-L1", "T11-T12")
"""Discs that can be ordered, from below; their places count, as in a spine of five lumbar bodies."""
PHASES = ("row", "column")


@dataclass(frozen=True)
class StackTemplate:
    """One kind of stack.

    Attributes
    ----------
    thickness_mm, gap_mm
        Of a slice, and between slices.
    count, count_min, count_max
        Slices ordered, and how far the number may be changed to fit the anatomy.
    fov_mm
        Field of view along the rows and along the columns of the image, mm.
    matrix
        Pixels along them; (0, 0) where it does not matter.
    phase
        ``row`` or ``column``: the image axis of phase encoding (as InPlanePhaseEncodingDirection).
    """

    thickness_mm: float
    gap_mm: float
    count: int
    count_min: int
    count_max: int
    fov_mm: tuple[float, float]
    matrix: tuple[int, int]
    phase: str

    @property
    def spacing_mm(self) -> float:
        """Distance between slice centres."""
        return self.thickness_mm + self.gap_mm


@dataclass(frozen=True)
class Limits:
    """When a plane is declined instead of proposed.

    Attributes
    ----------
    disagreement_deg
        Largest angle between the ways to find the axis of a disc.
    plane_sd_deg, plane_sd_mm
        Standard deviations of direction and place of the mid-plane.
    curve_mm
        Root mean square distance of the bodies from the mid-plane.
    """

    disagreement_deg: float
    plane_sd_deg: float
    plane_sd_mm: float
    curve_mm: float


@dataclass(frozen=True)
class PlanProtocol:
    """A protocol template.

    Attributes
    ----------
    levels
        Ordered discs by the names of `LEVELS`.
    reach_mm
        Distance from the mid-plane to the outer end of the foramina.
    margin_mm
        Free space between the saturation band and the foremost vertebra.
    """

    name: str
    title: str
    levels: tuple[str, ...]
    sagittal: StackTemplate
    axial: StackTemplate
    continuous: StackTemplate
    coronal: StackTemplate
    saturation: StackTemplate
    reach_mm: float
    margin_mm: float
    limits: Limits

    @property
    def discs(self) -> tuple[InstanceId, ...]:
        """Ordered discs as instances, from above."""
        numbers = sorted((LEVELS.index(level) + 1 for level in self.levels), reverse=True)
        return tuple(disc_id(n) for n in numbers)


def read_protocol(name: str, content: Mapping[str, Any]) -> PlanProtocol:
    """Return the protocol of a template's content.

    Raises
    ------
    ValueError
        With a sentence, when something is missing, unknown or impossible.
    """
    known = {"title", "levels", "sagittal", "axial", "continuous", "coronal", "saturation", "limits"}
    _no_others("", content, known)
    levels = content.get("levels", ())
    if not isinstance(levels, list) or not levels or not set(levels) <= set(LEVELS):
        raise ValueError(f"levels is a list of some of {', '.join(LEVELS)}")
    sections = {key: _section(content, key) for key in known - {"title", "levels"}}
    limits = {key: _number(sections["limits"], "limits", key) for key in Limits.__annotations__}
    _no_others("limits", sections["limits"], set(limits))
    band = sections["saturation"]
    return PlanProtocol(
        name=name,
        title=str(content.get("title", name)),
        levels=tuple(dict.fromkeys(levels)),
        sagittal=_template(sections, "sagittal", {"reach_mm"}),
        axial=_template(sections, "axial"),
        continuous=_template(sections, "continuous"),
        coronal=_template(sections, "coronal"),
        saturation=_template(
            {"saturation": {"gap_mm": 0.0, "count": 1, "phase": "row", **band}}, "saturation", {"margin_mm"}
        ),
        reach_mm=_number(sections["sagittal"], "sagittal", "reach_mm"),
        margin_mm=_number(band, "saturation", "margin_mm"),
        limits=Limits(**limits),
    )


def _section(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = content.get(key)
    if not isinstance(found, Mapping):
        raise ValueError(f"the section [{key}] is missing")
    return found


def _template(
    sections: Mapping[str, Mapping[str, Any]], key: str, more: set[str] | None = None
) -> StackTemplate:
    section = sections[key]
    own = {"thickness_mm", "gap_mm", "count", "count_min", "count_max", "fov_mm", "matrix", "phase"}
    _no_others(key, section, own | (more or set()))
    count = _whole(section, key, "count")
    phase = section.get("phase")
    if phase not in PHASES:
        raise ValueError(f"phase of [{key}] is one of {', '.join(PHASES)}")
    template = StackTemplate(
        thickness_mm=_number(section, key, "thickness_mm"),
        gap_mm=_number(section, key, "gap_mm", least=0.0),
        count=count,
        count_min=_whole(section, key, "count_min", count),
        count_max=_whole(section, key, "count_max", count),
        fov_mm=_pair(section, key, "fov_mm", None),
        matrix=tuple(int(n) for n in _pair(section, key, "matrix", (0.0, 0.0))),  # type: ignore[arg-type]
        phase=str(phase),
    )
    if not template.count_min <= template.count <= template.count_max:
        raise ValueError(f"in [{key}] count_min, count and count_max must rise")
    return template


def _no_others(key: str, section: Mapping[str, Any], known: set[str]) -> None:
    strange = sorted(set(section) - known)
    if strange:
        where = f"[{key}]" if key else "the protocol"
        raise ValueError(f"{where} has an unknown entry {strange[0]}; known are {', '.join(sorted(known))}")


def _number(section: Mapping[str, Any], key: str, name: str, least: float = 0.1) -> float:
    value = section.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= 1000:
        raise ValueError(f"{name} of [{key}] is a number from {least:g} to 1000")
    return float(value)


def _whole(section: Mapping[str, Any], key: str, name: str, default: int | None = None) -> int:
    value = section.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 200:
        raise ValueError(f"{name} of [{key}] is a whole number from 1 to 200")
    return value


def _pair(
    section: Mapping[str, Any], key: str, name: str, default: tuple[float, float] | None
) -> tuple[float, float]:
    value = section.get(name, default)
    good = isinstance(value, list | tuple) and len(value) == 2
    if value is None or not good or not all(isinstance(v, int | float) and 0 <= v <= 4096 for v in value):
        raise ValueError(f"{name} of [{key}] is a list of two numbers")
    return float(value[0]), float(value[1])
