"""Fit the models that have expert grades, and print how well they hold on patients they have not seen.

Run from the repository root: ``.venv/bin/python -m models.grading.fit_experts DATA [--cache DIR] [--write]``,
with DATA the folder that holds ``spider_midslices``. Measurements are made on the shipped V-Net's masks of
single mid-sagittal slices. Every figure is pooled from five folds by patient (fold = patient number mod 5),
so no patient is graded by a model that saw him; the weights that ship are fitted to all patients. Patients
whose volume trained the V-Net have better masks than others: figures for them stand beside. ``--write``
rewrites ``lvp_workstation/grading/expert_coefficients.py`` and ``models/grading/figures.json``.

Data: SPIDER lumbar spine MRI, van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lvp_workstation.domain.anatomy import disc_id
from lvp_workstation.evaluation.agreement import share_within, weighted_kappa
from lvp_workstation.evaluation.calibration import reliability
from lvp_workstation.evaluation.intervals import Index, patient_bootstrap
from lvp_workstation.evaluation.roc import auc, delong_interval
from lvp_workstation.grading.herniation import contour_chances
from lvp_workstation.grading.listhesis import slip_chances
from lvp_workstation.grading.proposals import middle_class
from models.grading.experts import ExpertDiscs, read_experts
from models.grading.fitting import FOLDS, Sample, fit, out_of_fold, table
from models.grading.recipes import DISPLACED, ENDPLATE, HERNIATED, MODIC, NARROWED, PFIRRMANN, SLIPPED
from models.grading.volumes import VALIDATION, volume_patients

WEIGHTS = Path("lvp_workstation/grading/expert_coefficients.py")
FIGURES = Path("models/grading/figures.json")


@dataclass(frozen=True)
class Case:
    """One disc that was graded: patient, expert grade and the probability of each class."""

    patient: str
    truth: int
    chances: tuple[float, ...]


def expert_cases(experts: ExpertDiscs) -> dict[str, list[Case]]:
    """Return the out-of-fold predictions by grade key, as the program would state them."""
    discs, endplates = experts.discs(), experts.endplates()
    cases = {
        "pfirrmann": [
            Case(s.patient, s.grades["Pfirrman grade"] - 1, p) for s, p in out_of_fold(PFIRRMANN, discs)
        ],
        "disc_narrowing": _yes_no(out_of_fold(NARROWED, discs), "Disc narrowing"),
        "modic_any": [Case(s.patient, int(s.grades["Modic"] > 0), p) for s, p in out_of_fold(MODIC, discs)],
    }
    cases |= _contour(discs)
    changed = out_of_fold(ENDPLATE, endplates)
    for upper, key in ((1, "endplate_upper"), (0, "endplate_lower")):
        cases[key] = _yes_no([pair for pair in changed if pair[0].grades["upper"] == upper], "change")
    cases["slip_any"] = _yes_no(out_of_fold(SLIPPED, discs), "Spondylolisthesis")
    cases["spondylolisthesis"] = _slips(experts)
    return cases


def _yes_no(pairs: Sequence[tuple[Sample, tuple[float, ...]]], column: str) -> list[Case]:
    return [Case(s.patient, s.grades[column], p) for s, p in pairs]


def _contour(discs: Sequence[Sample]) -> dict[str, list[Case]]:
    """Return bulging and herniation as the contour proposal states them."""
    displaced = {(s.patient, s.number): p[1] for s, p in out_of_fold(DISPLACED, discs)}
    found: dict[str, list[Case]] = {"disc_bulging": [], "disc_herniation": []}
    for sample, chances in out_of_fold(HERNIATED, discs):
        stated = contour_chances(displaced[sample.patient, sample.number], chances[1], sample.features)
        for key, name, column in (
            ("disc_bulging", "bulge", "Disc bulging"),
            ("disc_herniation", "herniation", "Disc herniation"),
        ):
            p = stated[name]
            found[key].append(Case(sample.patient, sample.grades[column], (1.0 - p, p)))
    return found


def _slips(experts: ExpertDiscs) -> list[Case]:
    """Return the slips: a measurement with its error, nothing is fitted."""
    cases = []
    for (patient, n), (measures, k) in experts.t2.items():
        chances = slip_chances(measures, disc_id(k))
        if chances is not None:
            truth = experts.graded[patient, n]["Spondylolisthesis"]
            cases.append(Case(patient, truth, (chances[0], 1.0 - chances[0])))
    return cases


def figures(cases: Sequence[Case], asked: int) -> dict[str, Any]:
    """Return the figures of one grade: discs, coverage, kappa or AUC with intervals, calibration error.

    Parameters
    ----------
    asked
        Number of discs that should have been graded.
    """
    truth = np.array([case.truth for case in cases])
    chances = np.array([case.chances for case in cases])
    patients = [case.patient for case in cases]
    found: dict[str, Any] = {"n": len(cases), "coverage": len(cases) / asked, "patients": len(set(patients))}
    if chances.shape[1] > 2:
        classes = chances.shape[1]
        given = np.array([middle_class(row) for row in chances])

        def kappa(i: Index) -> float | None:
            return weighted_kappa(truth[i], given[i], classes)

        found |= {
            "kappa_quadratic": kappa(np.arange(truth.size)),
            "interval": patient_bootstrap(kappa, patients),
        }
        found |= {"within_one": share_within(truth, given, 1), "exact": share_within(truth, given)}
        stated, right = chances[np.arange(truth.size), given], given == truth
    else:
        stated, right = chances[:, 1], truth.astype(bool)

        def area(i: Index) -> float | None:
            return auc(stated[i], right[i])

        found |= {"yes": int(truth.sum()), "auc": area(np.arange(truth.size))}
        found |= {"interval": patient_bootstrap(area, patients), "delong": delong_interval(stated, right)}
    found["ece"] = reliability(stated, right).error
    return found


def report(experts: ExpertDiscs, seen: frozenset[str]) -> dict[str, Any]:
    """Return all figures: everyone, patients whose volume trained the V-Net, and the others."""
    result = {}
    for key, cases in expert_cases(experts).items():
        trained = [case for case in cases if case.patient in seen]
        others = [case for case in cases if case.patient not in seen]
        asked = [patient for patient, _ in experts.graded if patient in experts.t2_patients]
        of_trained = sum(patient in seen for patient in asked)
        result[key] = {
            "all": figures(cases, len(asked)),
            "volume trained the V-Net": figures(trained, of_trained),
            "others": figures(others, len(asked) - of_trained),
        }
    return result


def words(row: dict[str, Any]) -> str:
    """Return the figures of one grade in one line."""
    low, high = row["interval"] or (float("nan"), float("nan"))
    share = f"n {row['n']} ({row['coverage']:.1%} of discs), "
    if "auc" in row:
        text = f"{row['yes']} yes, AUC {row['auc']:.3f}"
    else:
        text = f"within one {row['within_one']:.3f}, quadratic kappa {row['kappa_quadratic']:.3f}"
    return f"{share}{text} ({low:.3f} to {high:.3f}), ECE {row['ece']:.3f}"


_HEAD = '''"""Weights of the models with expert grades; ``models.grading.fit_experts`` writes them.

Fitted to the expert grades of {patients} SPIDER patients ({discs} discs, T2), measured on single mid-sagittal
slices with the shipped V-Net's masks; ridge-penalised (cumulative) logistic regression by maximum likelihood,
features standardised. Figures: pooled out-of-fold predictions, {folds} folds by patient, 95 % bootstrap over
patients. Data: van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

'''


def write(experts: ExpertDiscs, found: dict[str, Any]) -> None:
    """Write weights and figures."""
    discs = experts.discs()
    parts = [
        _HEAD.format(patients=len({s.patient for s in discs}), discs=len(discs), folds=FOLDS).rstrip() + "\n"
    ]
    for recipe, keys in (
        (PFIRRMANN, ("pfirrmann",)),
        (DISPLACED, ("disc_bulging",)),
        (HERNIATED, ("disc_herniation",)),
        (NARROWED, ("disc_narrowing",)),
        (MODIC, ("modic_any",)),
        (SLIPPED, ("slip_any",)),
        (ENDPLATE, ("endplate_upper", "endplate_lower")),
    ):
        samples = experts.endplates() if recipe is ENDPLATE else discs
        note = "\n".join(f"{key}:\n{words(found[key]['all'])}." for key in keys)
        parts.append(table(fit(recipe, samples), note))
    WEIGHTS.write_text("\n".join(parts), encoding="utf-8")
    FIGURES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Print the figures of every grade, and write weights when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, default=None)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    experts = read_experts(options.data / "spider_midslices", options.cache)
    seen = frozenset(volume_patients(options.data)) - set(VALIDATION)
    found = report(experts, seen)
    for key, rows in found.items():
        sys.stdout.write(f"{key}\n" + "".join(f"    {who}: {words(row)}\n" for who, row in rows.items()))
    if options.write:
        write(experts, found)


if __name__ == "__main__":
    main()
