"""Fit the axial graders: ``python -m models.training.axial_fit --readings DIR [--write]``.

Reads what `axial_readings` stored, finds the structures with the packaged axial network, measures them, and
fits ridge-penalised (cumulative) logistic models to the exact grades. ``--write`` writes
``lvp_workstation/grading/axial_coefficients.py``.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.axial_anatomy import AxialBlock
from lvp_workstation.evaluation.agreement import weighted_kappa
from lvp_workstation.evaluation.roc import auc
from lvp_workstation.grading import axial_herniation
from lvp_workstation.grading.axial_recess import OPEN_MM, recess_features
from lvp_workstation.inference.axial import AxialSegmenter
from lvp_workstation.measure.axial import AxialMeasures, measure_axial
from models.grading.fitting import Recipe, Sample, fit, out_of_fold, table
from models.training.axial_readings import StoredDisc

OUTPUT = Path(__file__).parents[2] / "lvp_workstation/grading/axial_coefficients.py"
SEVERITY = ("normal", "mild", "moderate", "severe")
SCHIZAS = ("A1", "A2", "A3", "A4", "B", "C", "D")
TYPES = ("protrusion", "extrusion", "sequestration")
CANAL = ("loss_block", "loss_spine", "area_least", "ap_least", "flatness", "flavum", "fat_behind")
DISPLACED = Recipe(
    "DISPLACED",
    2,
    ("material", "material_peak", "material_depth", "bulge_focal", "bulge_share"),
    lambda s: s.grades.get("herniated"),
    2.0,
    ("material",),
)
BULGED = Recipe(
    "BULGED",
    2,
    ("bulge_behind", "bulge_share"),
    lambda s: s.grades.get("bulged"),
    1.0,
    ("bulge_behind",),
)
CENTRAL = Recipe("CENTRAL", 4, CANAL, lambda s: s.grades.get("central"), 2.0, ("loss_block",))
GRADED_SCHIZAS = Recipe("ROOTLETS", 7, CANAL, lambda s: s.grades.get("schizas"), 2.0, ("loss_block",))
RECESS = Recipe(
    "RECESS",
    4,
    ("recess_height", "recess_between", "recess_least", "recess_medial", "recess_angle"),
    lambda s: s.grades.get("recess"),
    2.0,
    ("recess_height",),
)
RECIPES = (DISPLACED, BULGED, CENTRAL, GRADED_SCHIZAS, RECESS)


def measured(path: Path, segmenter: AxialSegmenter) -> tuple[list[StoredDisc], AxialMeasures]:
    """Return the discs of a stored seed and what the network and the measures make of them."""
    discs: list[StoredDisc] = pickle.loads(path.read_bytes())
    blocks = {
        one.name: AxialBlock(
            one.landmarks, segmenter.chances(one.crop.network_input()), one.crop.geometry, one.crop.offsets
        )
        for one in discs
    }
    return discs, measure_axial(blocks, Provenance(Provenance.AI, "axial_vnet", ""))


def samples(seed: str, discs: Sequence[StoredDisc], found: AxialMeasures) -> list[Sample]:
    """Return one sample a disc and one a recess."""
    rows = []
    for number, disc in enumerate(reversed(discs), start=1):
        features = dict(found.features[disc.name])
        grades = {name: entry["grade"] for name, entry in disc.truth["grades"].items()}
        kind = grades["herniation"]
        known = {
            "herniated": int(kind in TYPES),
            "central": SEVERITY.index(grades["central_canal"]),
            "schizas": SCHIZAS.index(grades["schizas"]),
        }
        if kind not in TYPES:
            known["bulged"] = int(kind == "bulge")
        else:
            known["type"] = TYPES.index(kind)
        rows.append(Sample(seed, number, known, features))
        for side in ("left", "right"):
            own = recess_features(features, side)
            target = SEVERITY.index(grades[f"lateral_recess_{side}"])
            rows.append(Sample(seed, number, {"recess": target}, own))
    return rows


def type_chances(rows: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Return, for each type by rule, how often each type is true (one of each counted beforehand)."""
    result = {}
    for given in TYPES:
        seen = Counter(
            TYPES[s.grades["type"]]
            for s in rows
            if "type" in s.grades and axial_herniation.herniation_type(s.features) == given
        )
        total = sum(seen.values()) + len(TYPES)
        result[given] = {name: round((seen[name] + 1) / total, 3) for name in TYPES}
    return result


def errors(discs: Sequence[StoredDisc], found: AxialMeasures) -> dict[str, list[float]]:
    """Return the errors of the measures that the truth knows: mm, the sac's area in percent of the truth.

    A recess counts as open from 6 mm on.
    """
    rows: dict[str, list[float]] = {}
    for (disc, name), value in found.measurements.items():
        stated = next(d for d in discs if d.name == disc).truth["measurements"].get(name)
        if stated is None:
            continue
        given, true = value.value, stated["value"]
        if name.startswith("recess_height"):
            given, true = min(given, OPEN_MM), min(true, OPEN_MM)
        error = 100 * (given / true - 1) if name == "sac_area" else given - true
        rows.setdefault(name.removesuffix("_left").removesuffix("_right"), []).append(error)
    return rows


def summary(values: Sequence[float]) -> dict[str, float]:
    """Return number, mean absolute error, bias and the limits of 95 % of some errors."""
    low, high = np.quantile(values, (0.025, 0.975))
    figures = {
        "n": float(len(values)),
        "mae": float(np.mean(np.abs(values))),
        "median": float(np.median(np.abs(values))),
        "bias": float(np.mean(values)),
        "low": float(low),
        "high": float(high),
    }
    return {name: round(value, 3) for name, value in figures.items()}


def describe(recipe: Recipe, rows: Sequence[Sample]) -> str:
    """Return the pooled figures of five folds by phantom."""
    pooled = [(recipe.target(s), p) for s, p in out_of_fold(recipe, rows) if recipe.target(s) is not None]
    asked = sum(recipe.target(s) is not None for s in rows)
    truth = np.array([t for t, _ in pooled])
    chance = np.array([p for _, p in pooled])
    given = chance.argmax(axis=1)
    bad = recipe.classes // 2
    area = auc(chance[:, bad:].sum(axis=1), truth >= bad)
    kappa = weighted_kappa(truth, given, recipe.classes)
    return (
        f"5 folds by phantom: n {len(truth)} of {asked}, AUC {area:.3f}, "
        f"weighted kappa {kappa:.3f}, exact {np.mean(truth == given):.3f}"
    )


_HEAD = '''"""Weights of the axial graders; ``python -m models.training.axial_fit`` writes them; do not edit.

Ridge-penalised (cumulative) logistic regression on {discs} discs of {phantoms} phantoms, structures found by
axial_vnet, features standardised. Synthetic images only: consistency with a simulation, not validated on
patients.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

'''


def main() -> None:
    """Fit, print every figure, and write the weights when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    segmenter = AxialSegmenter.packaged(threads=1)
    rows: list[Sample] = []
    paths = sorted(args.readings.glob("*.pickle"))
    wrong: dict[str, list[float]] = {}
    for path in paths:
        discs, found = measured(path, segmenter)
        rows += samples(path.stem, discs, found)
        for name, values in errors(discs, found).items():
            wrong.setdefault(name, []).extend(values)
    figures: dict[str, Any] = {"phantoms": len(paths), "graders": {}, "measures": {}}
    figures["measures"] = {name: summary(values) for name, values in sorted(wrong.items())}
    print(json.dumps(figures["measures"], indent=1))
    parts = [_HEAD.format(discs=sum("central" in s.grades for s in rows), phantoms=len(paths))]
    for recipe in RECIPES:
        note = describe(recipe, rows)
        print(recipe.name, note, flush=True)
        figures["graders"][recipe.name] = note
        parts.append(table(fit(recipe, rows), note.replace(", weighted", ",\nweighted")) + "\n")
    chances = type_chances(rows)
    print(chances)
    lines = [f"    {name!r}: {shares!r}," for name, shares in chances.items()]
    text = "\n".join(["TYPE_CHANCES = {", *lines, "}"]).replace("'", '"')
    note = '"""By the type that the rules give: how often each type was true."""'
    parts.append(f"{text}\n{note}\n")
    if args.write:
        OUTPUT.write_text("".join(parts), encoding="utf-8")
        metrics = segmenter.bundle.model_path.with_name("metrics.json")
        metrics.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
