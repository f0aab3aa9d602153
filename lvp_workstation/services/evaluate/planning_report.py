"""Figures and report sections of the evaluation of scan planes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.evaluation.figures import Figure, counted, mean, over_patients, resampled
from lvp_workstation.planning.stack import SAGITTAL
from lvp_workstation.report.document import Figures, ReportImage, Section, Table, cell
from lvp_workstation.report.evaluation import figure_text
from lvp_workstation.report.plots import BLUE, ORANGE, Plot

SILENT_DEG, SILENT_MM = 10.0, 5.0
"""A plane further off than this without being declined is a silent failure."""
KINDS = ("sagittal", "axial")
WORST = 12


class Row(Protocol):
    """What the figures need of a plane; see `planning.PlaneRow`."""

    @property
    def patient(self) -> str:
        """Phantom."""

    @property
    def level(self) -> str:
        """True level, or ``sagittal``."""

    @property
    def angle_deg(self) -> float | None:
        """Angle error."""

    @property
    def offset_mm(self) -> float | None:
        """Offset error."""

    @property
    def declined(self) -> str:
        """Reason, empty when proposed."""

    @property
    def named(self) -> bool:
        """Right level name."""

    @property
    def covered(self) -> bool:
        """Holds its target."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of cases."""


def is_silent(row: Row) -> bool:
    """Return whether a plane is far off, or missing, without the program saying so."""
    if row.declined:
        return False
    if row.angle_deg is None or row.offset_mm is None:
        return True
    return row.angle_deg > SILENT_DEG or row.offset_mm > SILENT_MM


def planning_figures(rows: Sequence[Row]) -> dict[str, Figure]:
    """Return every figure by its documented name."""
    proposed = [row for row in rows if not row.declined and row.angle_deg is not None]
    found: dict[str, Figure | None] = {
        "failures_silent": counted(sum(map(is_silent, rows)), len(rows)),
        "failures_coverage": counted(sum(not row.covered for row in proposed), len(proposed)),
        "withheld": counted(sum(bool(row.declined) for row in rows), len(rows)),
        "withheld_share": _share((row.patient, float(bool(row.declined))) for row in rows),
        "level_names": _share((row.patient, float(row.named)) for row in proposed if row.level != SAGITTAL),
    }
    for kind in KINDS:
        own = [row for row in proposed if (row.level == SAGITTAL) == (kind == SAGITTAL)]
        found |= _errors(own, kind)
        for group in sorted({group for row in own for group in row.groups}):
            found |= _errors([row for row in own if group in row.groups], f"{kind}_{group}")
    return {name: figure for name, figure in found.items() if figure is not None}


def _share(pairs: Iterable[tuple[str, float]]) -> Figure | None:
    return over_patients(pairs, mean)


def _errors(rows: Sequence[Row], ending: str) -> dict[str, Figure | None]:
    """Return mean, 95th percentile and worst of both errors over planes, intervals over phantoms."""
    patients = [row.patient for row in rows]
    found: dict[str, Figure | None] = {}
    for what, values in (
        ("angle", np.array([row.angle_deg for row in rows], dtype=np.float64)),
        ("offset", np.array([row.offset_mm for row in rows], dtype=np.float64)),
    ):
        if values.size:
            found[f"mae_{what}_{ending}"] = _figure(values, patients, "mean")
            found[f"mae_p95_{what}_{ending}"] = _figure(values, patients, "p95")
            found[f"mae_worst_{what}_{ending}"] = _figure(values, patients, "worst")
    return found


def _figure(values: NDArray[np.float64], patients: Sequence[str], which: str) -> Figure | None:
    share = {"p95": 0.95, "worst": 1.0}.get(which)

    def statistic(chosen: NDArray[np.int_]) -> float:
        part = values[chosen]
        return float(part.mean() if share is None else np.quantile(part, share))

    return resampled(statistic, patients, values.size, 3)


def planning_sections(rows: Sequence[Row]) -> list[Section]:
    """Return the table of errors by group, the worst planes, what was declined, and the plots."""
    figures = planning_figures(rows)
    endings = [name.removeprefix("mae_angle_") for name in figures if name.startswith("mae_angle_")]
    lines = tuple(
        (
            cell(ending.replace("_", " ")),
            *(
                cell(figure_text(figures[f"mae_{part}{what}_{ending}"], 2).partition(" ")[0])
                for what in ("angle", "offset")
                for part in ("", "p95_", "worst_")
            ),
            cell(str(figures[f"mae_angle_{ending}"].n)),
        )
        for ending in endings
    )
    header = ("planes", "angle, deg", "95th", "worst", "offset, mm", "95th", "worst", "n")
    table = Table(header, lines, (0.34, 0.11, 0.09, 0.09, 0.12, 0.09, 0.09, 0.07), compact=True)
    return [
        Section("errors", "Distance of proposed planes from the exact ones", (table,)),
        *_lists(rows),
        Section("plots", "How the errors are spread", (Figures(tuple(_plots(rows)), ""),)),
    ]


def _lists(rows: Sequence[Row]) -> list[Section]:
    silent = [row for row in rows if is_silent(row)]
    declined = [row for row in rows if row.declined]
    measured = [row for row in rows if row.angle_deg is not None and not row.declined]
    worst = sorted(measured, key=lambda row: -(row.angle_deg or 0.0))[:WORST]
    sections = [Section("worst", "Largest angles", (_table(worst),))]
    if silent:
        sections.append(Section("silent", "Silent failures", (_table(silent),)))
    if declined:
        sections.append(Section("declined", "Declined", (_table(declined),)))
    return sections


def _table(rows: Sequence[Row]) -> Table:
    lines = tuple(
        (
            cell(row.patient),
            cell(row.level),
            cell("–" if row.angle_deg is None else f"{row.angle_deg:.1f}"),
            cell("–" if row.offset_mm is None else f"{row.offset_mm:.1f}"),
            cell(row.declined),
        )
        for row in rows
    )
    header = ("phantom", "plane", "deg", "mm", "reason given")
    return Table(header, lines, (0.28, 0.12, 0.08, 0.08, 0.44), compact=True)


def _plots(rows: Sequence[Row]) -> list[ReportImage]:
    pictures = []
    for kind in KINDS:
        own = [r for r in rows if r.angle_deg is not None and (r.level == SAGITTAL) == (kind == SAGITTAL)]
        if not own:
            continue
        pairs = [(float(r.angle_deg or 0.0), float(r.offset_mm or 0.0), bool(r.declined)) for r in own]
        right = 1.08 * max(1.0, *(a for a, _, _ in pairs))
        top = 1.08 * max(1.0, *(o for _, o, _ in pairs))
        plot = Plot(kind, "angle, deg", "offset, mm", (0.0, right), (0.0, top))
        plot.points([(a, o) for a, o, declined in pairs if not declined], BLUE, 1.6)
        plot.points([(a, o) for a, o, declined in pairs if declined], ORANGE, 1.6)
        pictures.append(ReportImage(plot.pixels, f"{kind}: each point a plane; orange: declined"))
    return pictures
