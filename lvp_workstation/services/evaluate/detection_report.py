"""The page of the detector view: average precision, curves, and the table beside that of Ke et al."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lvp_workstation.evaluation.detection import CLASSES, DiscRow, curves
from lvp_workstation.evaluation.figures import Figure
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

COLOURS = dict(zip(CLASSES, (QUIET, ORANGE, BLUE), strict=True))
KE = (
    ("Ke et al., their AI", "97.98 %", "98.45 %", "98.21 %"),
    ("Ke et al., three surgeons", "74.8–90.9 %", "92.8–94.3 %", "84.1–92.6 %"),
)
"""Their Table 3; reading took 14.5 s with their AI and 87-92.5 s without."""
DIFFERENT = (
    "The rows do not compare like with like. Their reference was set by readers with X-ray and CT at hand, "
    "on their own patients; ours is the truth of a phantom, or grades that readers gave from MRI alone, "
    "where a slip seen only beside the middle slice counts against us. Theirs answers present or absent; "
    "here the class follows from graded scales, and how severe and how many mm stands beside it in "
    "analysis.json. Their reading took 14.5 s with AI and 87–92.5 s without; times here are in timings_s of "
    "analysis.json."
)


def detection_sections(rows: Sequence[DiscRow], figures: Mapping[str, Figure]) -> list[Section]:
    """Return the section of the detector view, none where nothing of it was judged."""
    blocks: list[Block] = []
    if "accuracy" in figures:
        blocks += [_table(figures), Paragraph(DIFFERENT, Tone.NOTE)]
    if "map" in figures:
        blocks.append(_precisions(figures))
        blocks.append(Figures((ReportImage(_plot(rows).pixels, "Precision over recall, by class"),), ""))
    return [Section("detections", "Detector view: one class and box a disc", tuple(blocks))] if blocks else []


def _table(figures: Mapping[str, Figure]) -> Table:
    ours = [("ours: not normal", ""), *((f"ours: {kind}", f"_{kind}") for kind in CLASSES[1:])]
    lines: list[tuple[Cell, ...]] = []
    for label, ending in ours:
        values = [figures.get(f"{name}{ending}") for name in ("sensitivity", "specificity", "accuracy")]
        n = values[-1].n if values[-1] else 0
        lines.append((cell(label), *(cell(_percent(value)) for value in values), cell(str(n))))
    lines += [(cell(label), *(cell(value) for value in known), cell("–")) for label, *known in KE]
    header = ("per disc", "sensitivity", "specificity", "accuracy", "discs")
    return Table(header, tuple(lines), (0.31, 0.21, 0.21, 0.19, 0.08), compact=True)


def _percent(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    return f"{100 * figure.value:.1f} % ({100 * figure.low:.1f}–{100 * figure.high:.1f})"


def _precisions(figures: Mapping[str, Figure]) -> Table:
    names = [(kind, f"ap_{kind}") for kind in CLASSES] + [("mean of the classes: mAP@0.5", "map")]
    lines = tuple(
        (cell(label), cell(figure_text(figures[name])), cell(str(figures[name].n)))
        for label, name in names
        if name in figures
    )
    return Table(("class", "average precision", "labelled discs"), lines, (0.42, 0.38, 0.2), compact=True)


def _plot(rows: Sequence[DiscRow]) -> Plot:
    plot = Plot("discs found, overlap 0.5 or more", "recall", "precision", (0.0, 1.0), (0.0, 1.02))
    for number, curve in enumerate(curves(rows)):
        plot.note((0.03, 0.05 + 0.07 * number), curve.kind, COLOURS[curve.kind])
        if curve.recall.size:
            points = list(zip(curve.recall.tolist(), curve.precision.tolist(), strict=True))
            plot.line([(0.0, points[0][1]), *points], COLOURS[curve.kind])
    return plot
