"""Protocol templates are edited by hand: what is wrong is told in words."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from lvp_workstation.assets import asset_path
from lvp_workstation.planning.protocol import read_protocol


def content() -> dict[str, Any]:
    path = asset_path("resources", "protocols", "lumbar_routine.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(asset_path("resources", "protocols").glob("*.toml")), ids=str)
def test_shipped_templates_are_read(path: Any) -> None:
    order = read_protocol(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    assert order.discs[-1] == "D1"
    assert len(order.discs) == len(order.levels)


def test_levels_are_ordered_from_above_whatever_the_file_says() -> None:
    order = read_protocol("own", content() | {"levels": ["L5-S1", "L3-L4", "L5-S1"]})
    assert order.discs == ("D3", "D1")


@pytest.mark.parametrize(
    ("section", "entry", "value", "said"),
    [
        ("axial", "thickness_mm", "4", "thickness_mm of [axial]"),
        ("axial", "thickness_mm", 0, "thickness_mm of [axial]"),
        ("axial", "count", 2.5, "count of [axial]"),
        ("axial", "count", 1, "must rise"),
        ("sagittal", "phase", "AP", "phase of [sagittal]"),
        ("sagittal", "fov_mm", 280, "fov_mm of [sagittal]"),
        ("sagittal", "thicknes", 4, "unknown entry thicknes"),
        ("limits", "curve_mm", True, "curve_mm of [limits]"),
    ],
)
def test_a_wrong_entry_is_named(section: str, entry: str, value: object, said: str) -> None:
    changed = content()
    changed[section][entry] = value
    with pytest.raises(ValueError, match=re.escape(said)):
        read_protocol("own", changed)


@pytest.mark.parametrize("levels", [[], ["L9-S1"], "L4-L5"])
def test_wrong_levels_are_refused(levels: object) -> None:
    with pytest.raises(ValueError, match="levels"):
        read_protocol("own", content() | {"levels": levels})


def test_a_missing_section_is_named() -> None:
    changed = content()
    del changed["coronal"]
    with pytest.raises(ValueError, match="coronal"):
        read_protocol("own", changed)
