"""Fit the foramen model to phantoms, and print how well foramina are measured and graded.

Run from the repository root: ``.venv/bin/python -m models.grading.fit_foramen [--write]``. Each phantom is
drawn with foramina of every grade, imaged in sagittal T2 and segmented by the shipped V-Net; grades, widths
and heights are those of its exact shapes. Seeds from 600000 on fit, seeds from 700000 on test; neither
trained the network. The test phantoms are also measured with perfect masks, and on T1, where the program
proposes no grade. ``--write`` rewrites ``lvp_workstation/grading/foramen_coefficients.py``. About ten seconds
a phantom on two cores.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import LevelMap, disc_id
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.evaluation.agreement import weighted_kappa
from lvp_workstation.evaluation.roc import auc
from lvp_workstation.grading.foramen import foramen_features
from lvp_workstation.grading.logistic import OrdinalModel
from lvp_workstation.inference.bundle import load_bundle
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.inference.session import OnnxSession
from lvp_workstation.measure.spine import measure_spine
from lvp_workstation.phantom.generate import PhantomStudy, make_phantom
from lvp_workstation.phantom.instances import instance_labels
from lvp_workstation.phantom.limits import SEVERITY
from lvp_workstation.phantom.pathology import Plan, random_plan
from lvp_workstation.phantom.presets import PRESETS
from models.grading.fitting import Recipe, Sample, fit, predict

FIT_SEED, TEST_SEED = 600_000, 700_000
PRESET = "foramina"
NARROWED_SHARE, VERTICAL_SHARE = 0.75, 0.3
"""Share of foramina that are narrowed, and of levels where height goes first (our choice)."""
LUMBAR_DISCS = 5
OUTPUT = Path("lvp_workstation/grading/foramen_coefficients.py")
RECIPE = Recipe(
    "FORAMEN",
    4,
    ("across", "along", "contact", "share", "dark", "bright", "brightest"),
    lambda s: s.grades["Foramen"],
    1.0,
    ("contact",),
)


@dataclass(frozen=True)
class Reading:
    """One foramen: features (empty when not seen), and measured minus true width and height, mm.

    The true width is 0 where disc and facet touch; there is no true height then.
    """

    sample: Sample
    errors: dict[str, float]


def foraminal_plan(rng: np.random.Generator) -> Plan:
    """Return a random patient whose lumbar foramina have every grade."""
    plan = random_plan(rng)
    levels = dict(plan.levels)
    for number in range(LUMBAR_DISCS):
        left, right = (float(rng.uniform(0, 1)) * bool(rng.random() < NARROWED_SHARE) for _ in range(2))
        vertical = bool(rng.random() < VERTICAL_SHARE)
        levels[number] = replace(
            levels[number], foramen_left=left, foramen_right=right, foramen_vertical=vertical
        )
    return replace(plan, levels=levels)


@dataclass(frozen=True)
class Readings:
    """The foramina of phantoms: with the masks of the V-Net, with perfect masks, and the former on T1."""

    real: list[Reading]
    exact: list[Reading]
    t1: list[Reading]


def read_phantoms(first: int, count: int, test: bool) -> Readings:
    """Return the foramina of phantoms; perfect masks and T1 for test phantoms only."""
    bundle = load_bundle()
    segmenter = Segmenter(bundle, OnnxSession(bundle.model_path, None))
    found = Readings([], [], [])
    for seed in range(first, first + count):
        study = make_phantom(seed, PRESET, ("sag_t2", "sag_t1"), planes_per_slice=2)
        volume, other = (series.volume for series in study.series)
        exact, levels = instance_labels(study, volume.geometry)
        found.real.extend(_readings(study, volume, segmenter.segment(volume).labels, levels))
        if test:
            found.exact.extend(_readings(study, volume, exact, levels))
            found.t1.extend(_readings(study, other, segmenter.segment(other).labels, levels, Weighting.T1))
        sys.stderr.write(f"\r{seed - first + 1} of {count} phantoms")
    sys.stderr.write("\n")
    return found


def _readings(
    study: PhantomStudy,
    volume: Volume,
    labels: LabelMap,
    levels: LevelMap,
    weighting: Weighting = Weighting.T2,
) -> list[Reading]:
    """Return all lumbar foramina of a phantom; levels are matched by number from below."""
    measures = measure_spine(labels, levels, volume, weighting, Provenance(Provenance.AI, "fit", ""))
    found = []
    for number in range(1, LUMBAR_DISCS + 1):
        level: dict[str, Any] = study.truth["levels"][levels.name(disc_id(number))]
        for side in ("left", "right"):
            grade = SEVERITY.index(level["grades"][f"foramen_{side}"]["grade"])
            features = foramen_features(measures, disc_id(number), side)
            sample = Sample(str(study.seed), number, {"Foramen": grade}, features)
            errors = {}
            for name in ("width", "height"):
                value = measures.value(disc_id(number), f"foramen_{name}_{side}")
                true = level["measurements"].get(f"foramen_{name}_{side}")
                if value is not None and true is not None:
                    errors[name] = value - true["value"]
            found.append(Reading(sample, errors))
    return found


def describe_errors(readings: Sequence[Reading], name: str) -> str:
    """Return the errors of a measure in words: number, mean absolute, median, root mean square, limits."""
    errors = np.array([r.errors[name] for r in readings if name in r.errors])
    low, high = np.quantile(errors, (0.025, 0.975))
    size = np.abs(errors)
    return (
        f"{name} n {len(errors)} ({len(errors) / len(readings):.0%} of foramina) "
        f"mean absolute error {size.mean():.2f} mm, median {np.median(size):.2f}, "
        f"root mean square {np.sqrt(np.mean(size**2)):.1f}, bias {errors.mean():+.2f}, "
        f"95 % from {low:+.1f} to {high:+.1f}"
    )


def describe_grades(model: OrdinalModel, readings: Sequence[Reading]) -> tuple[str, NDArray[np.int_]]:
    """Return the figures of a model on unseen foramina in words, and the confusion matrix (true, given)."""
    pairs = predict(model, [r.sample for r in readings])
    truth = np.array([s.grades["Foramen"] for s, _ in pairs])
    chance = np.array([p for _, p in pairs])
    given = chance.argmax(axis=1)
    table = np.zeros((4, 4), dtype=int)
    np.add.at(table, (truth, given), 1)
    bad = chance[:, 2:].sum(axis=1)
    text = (
        f"n {len(truth)} ({len(truth) / len(readings):.0%} graded) weighted kappa "
        f"{weighted_kappa(given, truth, 4):.3f} exact {np.mean(given == truth):.3f} within one "
        f"{np.mean(np.abs(given - truth) <= 1):.3f} AUC moderate or severe {auc(bad, truth >= 2):.3f} "
        f"Brier {np.mean((bad - (truth >= 2)) ** 2):.3f} calibration error {_ece(bad, truth >= 2):.3f}"
    )
    return text, table


def _ece(chance: NDArray[np.float64], truth: NDArray[np.bool_], bins: int = 10) -> float:
    """Return the expected calibration error over equal bins of probability."""
    place = np.minimum((chance * bins).astype(int), bins - 1)
    parts = [(place == b) for b in range(bins) if (place == b).any()]
    return float(sum(p.mean() * abs(chance[p].mean() - truth[p].mean()) for p in parts))


_HEAD = '''"""Weights of the foramen model; ``models/grading/fit_foramen.py`` writes them; do not edit.

Fitted on {count} foramina of {phantoms} phantoms (sagittal T2, slices 3.6-4.9 mm apart, masks of the shipped
V-Net), graded by Lee 2010 from the exact fat around the root; ridge-penalised cumulative logistic
regression, features standardised. Synthetic images only: not validated on patients.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

'''


def write(model: OrdinalModel, count: int, phantoms: int, unseen: int, figures: str) -> None:
    """Write the coefficient table of the package."""
    parts = [
        _HEAD.format(count=count, phantoms=phantoms) + "FORAMEN = OrdinalModel(",
        '    "foramen",',
        "    (",
    ]
    parts += [f'        Term("{t.feature}", {t.mean}, {t.sd}, {t.weight}),' for t in model.terms]
    parts += ["    ),", f"    {model.limits!r},", f"    {model.required!r},".replace("'", '"'), ")"]
    figures = figures.replace(" AUC", "\nAUC").replace(" Brier", "\nBrier")
    OUTPUT.write_text("\n".join(parts) + f'\n"""{unseen} unseen phantoms: {figures}."""\n')


def main() -> None:
    """Fit, print every figure, and write the weights when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--fit", type=int, default=60)
    parser.add_argument("--test", type=int, default=20)
    options = parser.parse_args()
    PRESETS[PRESET] = foraminal_plan
    train = read_phantoms(FIT_SEED, options.fit, False).real
    test = read_phantoms(TEST_SEED, options.test, True)
    seen = [r.sample for r in train if r.sample.features]
    model = fit(RECIPE, seen)
    figures, table = describe_grades(model, test.real)
    sys.stdout.write(f"grades, masks of the V-Net: {figures}\n{table}\n")
    sys.stdout.write(f"grades, perfect masks: {describe_grades(model, test.exact)[0]}\n")
    sys.stdout.write(f"grades on T1, masks of the V-Net: {describe_grades(model, test.t1)[0]}\n")
    for name in ("width", "height"):
        sys.stdout.write(f"masks of the V-Net: {describe_errors(test.real, name)}\n")
        sys.stdout.write(f"perfect masks: {describe_errors(test.exact, name)}\n")
    sys.stdout.writelines(f"    {term.feature:10s} {term.weight:+.2f}\n" for term in model.terms)
    if options.write:
        write(model, len(seen), options.fit, options.test, figures)


if __name__ == "__main__":
    main()
