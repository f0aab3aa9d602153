"""Fit the model of the central canal on phantoms and print how well it holds.

Run from the repository root: ``.venv/bin/python -m models.grading.fit_thresholds [--write]``. No expert
grades of the canal exist here: synthetic spines with perfect masks and exact truth stand in, so the figures
show consistency, not clinical accuracy. ``--write`` rewrites ``lvp_workstation/grading/coefficients.py``.
About three minutes on two cores. The models of `fit_experts` come from expert grades instead.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lvp_workstation.domain.anatomy import instance_number
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.study import Weighting
from lvp_workstation.evaluation.agreement import share_within, weighted_kappa
from lvp_workstation.grading.features import disc_features
from lvp_workstation.measure.spine import measure_spine
from lvp_workstation.phantom.generate import make_phantom
from lvp_workstation.phantom.instances import instance_labels
from lvp_workstation.phantom.limits import SEVERITY
from models.grading.fitting import FOLDS, Recipe, Sample, fit, fold_of, out_of_fold, predict, table

PHANTOM_SEED = 700_000
OUTPUT = Path("lvp_workstation/grading/coefficients.py")
CENTRAL_CANAL = Recipe(
    "CENTRAL_CANAL",
    4,
    ("sac_relative", "sac_spine", "sac_for_level"),
    lambda s: s.grades["Central canal"],
    1.0,
    ("sac_relative",),
)


def read_phantoms(count: int) -> list[Sample]:
    """Return the discs of synthetic spines with perfect masks; grades from their exact truth."""
    samples = []
    for index in range(count):
        preset = ("random", "herniation", "degenerate", "stenosis")[index % 4]
        study = make_phantom(PHANTOM_SEED + index, preset, ("sag_t2",))
        volume = study.series[0].volume
        labels, levels = instance_labels(study, volume.geometry)
        provenance = Provenance(Provenance.AI, "exact masks", "")
        measures = measure_spine(labels, levels, volume, Weighting.T2, provenance)
        for name, level in study.truth["levels"].items():
            disc = levels.instance_named(name)
            if disc in measures.discs:
                grades = level["grades"]
                known = {"Central canal": SEVERITY.index(grades["central_canal"]["grade"])}
                features = disc_features(measures, disc)
                samples.append(Sample(str(index), instance_number(disc), known, features))
    return samples


def describe(pairs: Sequence[tuple[Sample, tuple[float, ...]]]) -> str:
    """Return the figures of predictions in words."""
    truth = [s.grades["Central canal"] for s, _ in pairs]
    guess = [int(np.argmax(chances)) for _, chances in pairs]
    kappa, exact, near = (weighted_kappa(truth, guess, 4), *(share_within(truth, guess, n) for n in (0, 1)))
    return f"n {len(truth)} weighted kappa {kappa:.3f} exact {exact:.3f} within one {near:.3f}"


_HEAD = '''"""Weights of the model fitted to phantoms; ``models.grading.fit_thresholds`` writes them.

Ridge-penalised cumulative logistic regression by maximum likelihood on {discs} discs of synthetic spines with
perfect masks, features standardised. Consistency with a simulation, not accuracy on patients.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

'''


def main() -> None:
    """Fit the model, print its figures, and write the table when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--phantoms", type=int, default=48)
    options = parser.parse_args()
    samples = read_phantoms(options.phantoms)
    model = fit(CENTRAL_CANAL, [s for s in samples if fold_of(s)])
    unseen = describe(predict(model, [s for s in samples if not fold_of(s)]))
    folds = describe(out_of_fold(CENTRAL_CANAL, samples))
    note = f"Phantoms only, no expert grades. A fifth left out: {unseen}.\n{FOLDS} folds: {folds}."
    sys.stdout.write(f"{note}\n")
    if options.write:
        OUTPUT.write_text(_HEAD.format(discs=len(samples)) + table(model, note))


if __name__ == "__main__":
    main()
