"""The pages of a segmentation evaluation: tables by structure, level and case, plots, worst cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.evaluation.calibration import Reliability
from lvp_workstation.evaluation.conventions import LEVEL_NAMES, STRUCTURES
from lvp_workstation.evaluation.figures import Figure
from lvp_workstation.evaluation.segmentation import (
    ALL,
    FAILED_DICE,
    NATIVE,
    THICK,
    TOTAL,
    ScoredImage,
    added,
    instance_reliability,
    worst_first,
)
from lvp_workstation.report.document import Figures, Paragraph, ReportImage, Section, Table, Tone, cell
from lvp_workstation.report.evaluation import figure_text
from lvp_workstation.report.plots import ORANGE, Plot

Worst = Sequence[tuple[ScoredImage, ReportImage]]
LEGEND = "Left the image, right the outlines: cyan the reference, orange the prediction."
CASES_SHOWN = 60
"""Rows of the table of cases in the report; ``metrics.json`` has them all."""


def segmentation_sections(
    images: Sequence[ScoredImage], figures: Mapping[str, Figure], worst: Worst
) -> list[Section]:
    """Return the sections of the report.

    Parameters
    ----------
    figures
        Of the images, by name.
    worst
        The worst images with their pictures, the worst first.
    """
    arms = [(NATIVE, "")] + ([(THICK, "_thick")] if any(THICK in i.arms for i in images) else [])
    sections = [
        Section(
            "structures", "Overlap by structure", tuple(_structures(figures, suffix) for _, suffix in arms)
        ),
        Section("levels", "Levels", (*_level_words(figures, images, arms), _level_table(figures, arms))),
        Section("cases", "Cases, the worst first", (_case_table(images), *_more(images))),
    ]
    groups = sorted({image.group for image in images if image.group})
    if len(groups) > 1:
        sections.insert(1, Section("groups", "By kind of image", (_group_table(figures, groups),)))
    confidence = _confidence(figures, images)
    if confidence is not None:
        sections.append(confidence)
    if worst:
        pictures = tuple(picture for _, picture in worst)
        title = f"The {len(worst)} worst cases" if len(worst) < len(images) else "All cases, the worst first"
        blocks = (Paragraph(LEGEND, Tone.NOTE), Figures(pictures, ""))
        sections.append(Section("worst", title, blocks))
    return sections


def _structures(figures: Mapping[str, Figure], suffix: str) -> Table:
    rows = []
    for name in (s.value for s in STRUCTURES):
        dice = figures.get(f"dice_{name}{suffix}")
        if dice is None:
            continue
        rows.append(
            (
                cell(name),
                cell(figure_text(dice)),
                cell(figure_text(figures.get(f"worst_dice_{name}{suffix}")).partition(" ")[0]),
                cell(figure_text(figures.get(f"hd95_{name}{suffix}"), 2)),
                cell(figure_text(figures.get(f"assd_{name}{suffix}"), 2)),
                cell(str(dice.n)),
            )
        )
    header = ("structure", "Dice", "worst patient", "HD95, mm", "ASSD, mm", "images")
    title = "Slices merged to about 4.5 mm" if suffix else "As acquired"
    return Table(header, tuple(rows), (0.15, 0.24, 0.13, 0.19, 0.19, 0.1), title)


def _group_table(figures: Mapping[str, Figure], groups: Sequence[str]) -> Table:
    names = [s.value for s in STRUCTURES]
    rows = tuple(
        (
            cell(group),
            *(cell(figure_text(figures.get(f"dice_{name}_{group}"))) for name in names),
            cell(figure_text(figures.get(f"level_identification_{group}"))),
        )
        for group in groups
    )
    widths = (0.12, *[0.175] * len(names), 0.18)
    return Table(("kind", *(f"{n} Dice" for n in names), "levels"), rows, widths, compact=True)


def _level_words(
    figures: Mapping[str, Figure], images: Sequence[ScoredImage], arms: Sequence[tuple[str, str]]
) -> list[Paragraph]:
    words = []
    for arm, suffix in arms:
        found = figures.get(f"level_identification{suffix}")
        if found is not None:
            right = sum(i.arms[arm].levels_right for i in images if arm in i.arms)
            where = "Merged slices" if suffix else "As acquired"
            words.append(
                Paragraph(
                    f"{where}: {right} of {found.n} labelled discs carry the right level, "
                    f"{figure_text(found)}."
                )
            )
    wrong = [
        f"{i.key}{suffix}: {a} called {b}"
        for i in images
        for arm, suffix in arms
        if arm in i.arms
        for a, b in i.arms[arm].wrong_levels
    ]
    if wrong:
        words.append(Paragraph(f"Wrong: {'; '.join(wrong[:40])}{' …' if len(wrong) > 40 else ''}."))
    failed = [i.key for i in images if not i.arms[NATIVE].lumbar]
    words.append(Paragraph(f"No level found in: {', '.join(failed[:40])}." if failed else "No case failed."))
    return words


def _level_table(figures: Mapping[str, Figure], arms: Sequence[tuple[str, str]]) -> Table:
    present = [name for _, name in sorted(LEVEL_NAMES.items()) if f"dice_level_{name}" in figures]
    vertebrae = [name for name in present if "-" not in name]
    discs = [name for name in present if "-" in name]
    rows = tuple(
        (
            cell(name),
            *(cell(figure_text(figures.get(f"dice_level_{name}{suffix}"))) for _, suffix in arms),
            cell(str(figures[f"dice_level_{name}"].n)),
        )
        for name in (*vertebrae, *discs)
    )
    header = ("level", "Dice", *(["Dice, merged"] if len(arms) > 1 else []), "images")
    widths = (0.2, 0.3, 0.3, 0.2) if len(arms) > 1 else (0.3, 0.4, 0.3)
    return Table(header, rows, widths, compact=True)


def _case_table(images: Sequence[ScoredImage]) -> Table:
    names = [s.value for s in STRUCTURES if any(s.value in i.arms[NATIVE].dice for i in images)]
    rows = []
    for image in worst_first(images)[:CASES_SHOWN]:
        score, thick = image.arms[NATIVE], image.arms.get(THICK)
        dice = [f"{score.dice[n]:.3f}" if n in score.dice else "–" for n in names]
        if thick is not None:
            dice = [
                f"{d} / {thick.dice[n]:.3f}" if n in thick.dice else d
                for d, n in zip(dice, names, strict=True)
            ]
        levels = f"{score.levels_right} of {score.levels_total}" if score.levels_total else "–"
        seen = "" if image.unseen is None else "" if image.unseen else "trained on"
        seconds = f"{image.seconds.get(TOTAL, 0.0):.2f}"
        rows.append(tuple(cell(text) for text in (image.key, *dice, levels, seconds, seen)))
    merged = " / merged" if any(THICK in i.arms for i in images) else ""
    header = ("case", *(f"{n}{merged}" for n in names), "levels", "s", "")
    share = 0.55 / len(names)
    return Table(header, tuple(rows), (0.18, *[share] * len(names), 0.09, 0.07, 0.11), compact=True)


def _more(images: Sequence[ScoredImage]) -> list[Paragraph]:
    left = len(images) - CASES_SHOWN
    return [Paragraph(f"And {left} more in metrics.json.", Tone.NOTE)] if left > 0 else []


def _confidence(figures: Mapping[str, Figure], images: Sequence[ScoredImage]) -> Section | None:
    tables = {
        name: added(i.voxels[name] for i in images if name in i.voxels)
        for name in (ALL, *(s.value for s in STRUCTURES))
    }
    plots = [
        reliability_plot(table, f"voxels: {name}")
        for name, table in tables.items()
        if table.total and name in (ALL, "vertebra", "disc", "canal")
    ]
    instances = instance_reliability(images)
    if instances.total:
        plots.append(reliability_plot(instances, "instances", f"share with Dice ≥ {FAILED_DICE}"))
    if not plots:
        return None
    words = _confidence_words(figures, instances)
    shown = tuple(ReportImage(plot.pixels, caption) for plot, caption in plots)
    return Section("confidence", "What the confidence is worth", (Paragraph(words), Figures(shown, "")))


def _confidence_words(figures: Mapping[str, Figure], instances: Reliability) -> str:
    parts = []
    if "ece_voxel" in figures:
        error = figure_text(figures["ece_voxel"])
        parts.append(f"Expected calibration error of voxels that are claimed for a structure: {error}.")
    if instances.total:
        failed = instances.total - sum(instances.right)
        total = f"{instances.total:.0f} predicted vertebrae and discs"
        parts.append(f"{failed:.0f} of {total} have a Dice below {FAILED_DICE}.")
        found = figures.get("auc_instance_failure")
        if found is not None:
            parts.append(f"AUC with which a low confidence tells them from the others: {figure_text(found)}.")
    return " ".join(parts)


def reliability_plot(table: Reliability, title: str, y_label: str = "share right") -> tuple[Plot, str]:
    """Return the reliability diagram of a table, and a caption with its counts."""
    plot = Plot(title, "stated confidence", y_label, (0.0, 1.0), (0.0, 1.0))
    plot.dashed((0.0, 0.0), (1.0, 1.0))
    points = [(confidence, share) for _, _, confidence, share in table.rows()]
    plot.line(points, ORANGE)
    plot.points(points, ORANGE)
    error = table.error
    gap = f", calibration error {error:.3f}" if error is not None else ""
    return plot, f"{title}: {table.total:.0f} claims{gap}"


def case_picture(image: ScoredImage, shown: str, pixels: NDArray[np.uint8]) -> ReportImage:
    """Return the picture of a case with its name, slice and Dice beneath."""
    dice = ", ".join(f"{name} {value:.3f}" for name, value in image.arms[NATIVE].dice.items())
    return ReportImage(pixels, f"{shown}: Dice {dice}")
