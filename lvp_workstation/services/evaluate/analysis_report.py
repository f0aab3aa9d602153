"""The pages of evaluations of measures and grades: tables, Bland-Altman plots, confusion, ROC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lvp_workstation.evaluation.figures import Figure
from lvp_workstation.evaluation.grades import ScaleResult
from lvp_workstation.evaluation.measures import MeasureRow, by_name
from lvp_workstation.report.document import (
    Block,
    Cell,
    Figures,
    Paragraph,
    ReportImage,
    Section,
    Table,
    Tone,
    cell,
)
from lvp_workstation.report.evaluation import figure_text
from lvp_workstation.report.plots import BLUE, ORANGE, QUIET, Plot


def measure_sections(rows: Sequence[MeasureRow], figures: Mapping[str, Figure]) -> list[Section]:
    """Return the table of measures, and a plot of the error of each over its true value."""
    named = by_name(rows)
    never = sorted({row.name for row in rows} - named.keys())
    lines = tuple(_measure_line(name, own[0].unit, figures) for name, own in named.items())
    header = ("measure", "unit", "mean absolute error", "bias", "95 % limits", "coverage", "n")
    table = Table(header, lines, (0.23, 0.07, 0.2, 0.2, 0.15, 0.09, 0.06), compact=True)
    blocks: list[Block] = [table]
    if never:
        text = f"In the truth but measured by the program nowhere: {', '.join(never)}."
        blocks.append(Paragraph(text, Tone.NOTE))
    plots = [_bland_altman(name, own) for name, own in named.items()]
    pictures = tuple(ReportImage(plot.pixels, caption) for plot, caption in plots)
    return [
        Section("measures", "Measures against the truth", tuple(blocks)),
        Section("errors", "Error over the true value", (Figures(pictures, ""),)),
    ]


def _measure_line(name: str, unit: str, figures: Mapping[str, Figure]) -> tuple[Cell, ...]:
    decimals = 3 if unit == "ratio" else 2
    low, high = figures[f"limit_low_{name}"].value, figures[f"limit_high_{name}"].value
    return (
        cell(name),
        cell(unit),
        cell(figure_text(figures[f"mae_{name}"], decimals)),
        cell(figure_text(figures[f"bias_{name}"], decimals)),
        cell(f"{low:.{decimals}f} to {high:.{decimals}f}"),
        cell(f"{figures[f'coverage_{name}'].value:.2f}"),
        cell(str(figures[f"mae_{name}"].n)),
    )


def _bland_altman(name: str, rows: Sequence[MeasureRow]) -> tuple[Plot, str]:
    """Return the plot of a measure and its caption; the truth is exact, so it is the x axis."""
    given = [row for row in rows if row.value is not None]
    x, error = np.array([row.truth for row in given]), np.array([row.error for row in given])
    spread = float(error.std(ddof=1)) if error.size > 1 else 0.0
    bias = float(error.mean())
    ends = [bias - 1.96 * spread, bias + 1.96 * spread]
    unit = given[0].unit
    plot = Plot(name, f"true, {unit}", f"measured − true, {unit}", _range(x), _range([*error, *ends, 0.0]))
    left, right = plot.x_range
    plot.line([(left, 0.0), (right, 0.0)], QUIET, 0.6)
    plot.points(zip(x, error, strict=True), BLUE, 1.8)
    plot.line([(left, bias), (right, bias)], ORANGE, 1.0)
    for end in ends:
        plot.dashed((left, end), (right, end), ORANGE)
    caption = f"{name}: bias {bias:.2f}, 95 % limits {ends[0]:.2f} to {ends[1]:.2f} {unit}, n = {len(given)}"
    return plot, caption


def _range(values: Sequence[float] | np.typing.NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(np.min(values)), float(np.max(values))
    margin = 0.06 * (high - low) or 0.5
    return low - margin, high + margin


def grade_sections(results: Sequence[ScaleResult], never: Sequence[str]) -> list[Section]:
    """Return the table of scales, the confusion tables, and ROC and reliability of each score."""
    lines = tuple(
        (
            cell(result.key),
            *(
                cell(figure_text(result.figures.get(f"{name}_{result.key}"), 2))
                for name in ("kappa", "auc", "auc_relevant", "agreement", "ece")
            ),
            cell(_delong(result)),
            cell(figure_text(result.figures.get(f"coverage_{result.key}"), 2).partition(" ")[0]),
            cell(str(int(result.table.sum()))),
        )
        for result in results
    )
    header = (
        "scale",
        "weighted kappa",
        "AUC, not normal",
        "AUC, relevant",
        "same grade",
        "ECE",
        "DeLong",
        "coverage",
        "n",
    )
    widths = (0.14, 0.13, 0.13, 0.13, 0.13, 0.12, 0.1, 0.07, 0.05)
    blocks: list[Block] = [Table(header, lines, widths, compact=True)]
    if never:
        text = f"In the truth but graded by the program nowhere: {', '.join(never)}."
        blocks.append(Paragraph(text, Tone.NOTE))
    tables = tuple(_confusion(result) for result in results)
    pictures = tuple(
        ReportImage(_calibration(result).pixels, f"{result.key}: probability that it is not normal")
        for result in results
        if result.calibration.total
    )
    sections = [Section("grades", "Grades against the reference", tuple(blocks))]
    if tables:
        sections.append(Section("confusion", "Which grade was given for which", tables))
    if pictures:
        sections.append(Section("calibration", "What the probabilities are worth", (Figures(pictures, ""),)))
    return sections


def _delong(result: ScaleResult) -> str:
    return f"{result.area[1]:.2f}–{result.area[2]:.2f}" if result.area else "–"


def _confusion(result: ScaleResult) -> Table:
    """Return the table of one scale; grades that nobody used are left out."""
    used = [n for n in range(len(result.order)) if result.table[n].any() or result.table[:, n].any()]
    rows = tuple((cell(result.order[n]), *(cell(str(int(result.table[n, m]))) for m in used)) for n in used)
    share = 0.78 / max(len(used), 1)
    header = ("reference", *(f"given: {result.order[n]}" for n in used))
    return Table(header, rows, (0.2, *[min(share, 0.2)] * len(used)), result.key, compact=True)


def _calibration(result: ScaleResult) -> Plot:
    plot = Plot(result.key, "stated probability", "share not normal", (0.0, 1.0), (0.0, 1.0))
    plot.dashed((0.0, 0.0), (1.0, 1.0))
    points = [(stated, share) for _, _, stated, share in result.calibration.rows()]
    plot.line(points, ORANGE)
    plot.points(points, ORANGE)
    return plot
