"""Does the stated chance of a poor outline come true? `inference.doubt` against the Dice of the instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lvp_workstation.evaluation.calibration import Reliability, reliability
from lvp_workstation.evaluation.figures import Figure, resampled
from lvp_workstation.evaluation.intervals import Index
from lvp_workstation.evaluation.roc import auc
from lvp_workstation.evaluation.scoring import ImageScore
from lvp_workstation.inference.doubt import POOR_DICE
from lvp_workstation.inference.segmenter import Segmentation
from lvp_workstation.report.document import Figures, Paragraph, ReportImage, Section
from lvp_workstation.report.evaluation import figure_text
from lvp_workstation.services.evaluate.segmentation_report import reliability_plot

ECE, BRIER, AUC = "ece_instance_failure", "brier_instance_failure", "auc_chance_of_failure"
UNSEEN = "_unseen"


@dataclass(frozen=True)
class OutlineChance:
    """The stated chance that a vertebra or disc has a poor outline, and whether it had.

    Attributes
    ----------
    patient
        Whose it is.
    chance
        As `inference.doubt` states it, 0-1.
    poor
        Whether its Dice was below `POOR_DICE`.
    unseen
        Whether the model never trained on the patient; None when that is not known.
    """

    patient: str
    chance: float
    poor: bool
    unseen: bool | None = None


def stated_chances(segmentation: Segmentation, score: ImageScore) -> list[tuple[float, bool]]:
    """Return chance and outcome of each instance that has both."""
    stated = segmentation.poor_chances
    return [(stated[i.instance], i.dice < POOR_DICE) for i in score.instances if i.instance in stated]


def chance_figures(rows: Sequence[OutlineChance]) -> dict[str, Figure]:
    """Return calibration error, Brier score and area under the curve, with intervals over patients.

    Where some patients trained the model, figures of the others are added with the suffix ``_unseen``.
    """
    found = _figures(rows)
    if any(row.unseen is False for row in rows):
        others = _figures([row for row in rows if row.unseen])
        found |= {f"{name}{UNSEEN}": figure for name, figure in others.items()}
    return found


def _figures(rows: Sequence[OutlineChance]) -> dict[str, Figure]:
    if not rows:
        return {}
    chance = np.array([row.chance for row in rows])
    poor = np.array([row.poor for row in rows])
    patients = [row.patient for row in rows]

    def error(chosen: Index) -> float | None:
        return reliability(chance[chosen], poor[chosen]).error

    def brier(chosen: Index) -> float:
        return float(np.mean((chance[chosen] - poor[chosen]) ** 2))

    def ranked(chosen: Index) -> float | None:
        return auc(chance[chosen], poor[chosen])

    named = {ECE: error, BRIER: brier, AUC: ranked}
    figures = {name: resampled(statistic, patients, len(rows)) for name, statistic in named.items()}
    return {name: figure for name, figure in figures.items() if figure is not None}


def chance_table(rows: Sequence[OutlineChance]) -> Reliability:
    """Return how often outlines of a stated chance were poor."""
    return reliability([row.chance for row in rows], [row.poor for row in rows])


def chance_section(rows: Sequence[OutlineChance], figures: dict[str, Figure]) -> Section | None:
    """Return the section of the report, None without any stated chance."""
    if not rows:
        return None
    poor = sum(row.poor for row in rows)
    words = [f"{poor} of {len(rows)} vertebrae and discs with a stated chance have a Dice below {POOR_DICE}."]
    texts = {ECE: "Calibration error", BRIER: "Brier score", AUC: "Area under the curve"}
    for name, text in texts.items():
        for suffix, who in (("", ""), (UNSEEN, " in patients never trained on")):
            if f"{name}{suffix}" in figures:
                words.append(f"{text}{who}: {figure_text(figures[f'{name}{suffix}'])}.")
    for low, count, stated, seen in chance_table(rows).rows():
        words.append(f"Stated {low:.1f}-{low + 0.1:.1f}: {count:.0f}, mean {stated:.2f}, seen {seen:.2f}.")
    plot, caption = reliability_plot(chance_table(rows), "chance of a poor outline", "share poor")
    blocks = (Paragraph(" ".join(words)), Figures((ReportImage(plot.pixels, caption),), ""))
    return Section("chances", "Is the chance of a poor outline right?", blocks)
