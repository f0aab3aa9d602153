"""Slices as a scanner would send them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lvp_workstation.domain.arrival import ReceivedSlice
from lvp_workstation.domain.geometry import unit, vector
from lvp_workstation.domain.study import Patient


def one_slice(n: int = 0, **changes: Any) -> ReceivedSlice:
    """Return slice ``n`` of a sagittal series, 4 mm apart, its value its number."""
    made = ReceivedSlice(
        series="1.2.3",
        uid=f"1.2.3.{n}",
        pixels=np.full((20, 16), n, dtype=np.uint16),
        position=vector((-4.0 * n, 10.0, 20.0)),
        across=vector((0, 1, 0)),
        down=vector((0, 0, -1)),
        pixel_mm=(1.0, 1.5),
        received=time.monotonic(),
        thickness_mm=3.5,
        number=n + 1,
        description="SAG T2",
        patient=Patient("P1"),
        attributes={"RepetitionTime": 3500.0, "EchoTime": 100.0},
    )
    return replace(made, **changes)


def series_of(count: int, order: Sequence[int] | None = None, **changes: Any) -> list[ReceivedSlice]:
    """Return the slices of a series in an order of sending."""
    return [one_slice(n, **changes) for n in (range(count) if order is None else order)]


def tilted(n: int, angle: float, series: str = "1.2.3") -> ReceivedSlice:
    """Return slice ``n`` of an axial block tilted by an angle in radians."""
    down = unit((0.0, np.cos(angle), np.sin(angle)))
    normal = np.cross((1.0, 0.0, 0.0), down)
    return one_slice(
        n,
        series=series,
        uid=f"{series}.{angle}.{n}",
        position=vector(4.0 * n * normal),
        across=vector((1, 0, 0)),
        down=down,
        description="AX T2",
    )
