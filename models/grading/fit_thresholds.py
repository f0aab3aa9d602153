"""Fit the grading models on expert grades and print how well they hold.

Run from the repository root: ``.venv/bin/python -m models.grading.fit_thresholds DATA [--write]``, with
DATA the folder that holds ``spider_space`` and ``spider_midslices``. Measurements are made on the
reference masks. Weights come from the 24 training patients; the 6 validation patients take no part in
the fit. For herniation, of which experts saw only 12, phantoms join at a low weight. Five folds by
patient (fold = patient number mod 5) over all patients give the second figure. ``--write`` rewrites
``lvp_workstation/grading/coefficients.py``. About three minutes on two cores, most of it phantoms.

Data: SPIDER lumbar spine MRI, van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from lvp_workstation.domain.anatomy import LevelMap, disc_id, instance_number
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, SACRUM_CODE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.grading.features import disc_features
from lvp_workstation.grading.logistic import OrdinalModel, Term
from lvp_workstation.measure.spine import measure_spine
from lvp_workstation.phantom.generate import PhantomStudy, label_volume, make_phantom

Array = NDArray[np.float64]
VALIDATION = ("7", "41", "50", "81", "110", "209")
"""Patients kept out of the fit, as everywhere in the project."""
FOLDS = 5
SEVERITY = ("normal", "mild", "moderate", "severe")
PHANTOM_SEED = 700_000
PHANTOM_WEIGHT = 0.15
"""Weight of a synthetic disc against a real one (our choice: all phantoms together weigh less than the
real discs)."""
OUTPUT = Path("lvp_workstation/grading/coefficients.py")


@dataclass(frozen=True)
class Sample:
    """One graded disc: patient, number from below, expert grades, features."""

    patient: str
    number: int
    grades: dict[str, int]
    features: dict[str, float]


@dataclass(frozen=True)
class Recipe:
    """What one model is fitted to.

    Attributes
    ----------
    target
        Class of a sample, 0 … classes - 1; None leaves the sample out.
    penalty
        Strength of the ridge on standardised weights.
    required
        Features without which the model gives nothing.
    real
        Whether experts' grades are used.
    phantoms
        Weight of a synthetic disc against a real one, 0 for none.
    """

    name: str
    classes: int
    features: tuple[str, ...]
    target: Callable[[Sample], int | None]
    penalty: float
    required: tuple[str, ...]
    real: bool = True
    phantoms: float = 0.0


def _displaced(sample: Sample) -> int:
    return int(sample.grades["Disc bulging"] or sample.grades["Disc herniation"])


RECIPES = (
    Recipe(
        "PFIRRMANN",
        5,
        ("log_marrow", "log_csf", "log_annulus", "height_body", "height_spine", "bulge_peak", "position"),
        lambda s: s.grades["Pfirrman grade"] - 1,
        1.0,
        ("log_marrow",),
    ),
    Recipe(
        "DISPLACED",
        2,
        ("bulge_peak", "bulge", "log_marrow", "position", "sac_relative"),
        _displaced,
        1.0,
        ("bulge_peak",),
    ),
    Recipe(
        "HERNIATED",
        2,
        ("bulge_support", "bulge_local", "sac_relative"),
        lambda s: s.grades["Disc herniation"],
        0.5,
        ("bulge_support",),
        phantoms=PHANTOM_WEIGHT,
    ),
    Recipe(
        "CENTRAL_CANAL",
        4,
        ("sac_relative", "sac_spine", "sac_least"),
        lambda s: s.grades["Central canal"],
        1.0,
        ("sac_relative",),
        real=False,
        phantoms=1.0,
    ),
    Recipe(
        "NARROWED",
        2,
        ("height_body", "height_spine", "posterior_body", "log_marrow", "log_csf", "position"),
        lambda s: s.grades["Disc narrowing"],
        1.0,
        ("height_body",),
    ),
)


def load_case(folder: Path, patient: str) -> tuple[Volume, LabelMap] | None:
    """Return image and instance codes of a patient, None without a file of instances."""
    stem = folder / "spider_space" / f"spider_{patient}"
    levels_file = Path(f"{stem}_levels.nii.gz")
    if not levels_file.exists():
        return None
    image = sitk.ReadImage(f"{stem}_image.nii.gz")
    classes = sitk.GetArrayFromImage(sitk.ReadImage(f"{stem}_labels.nii.gz"))
    levels = sitk.GetArrayFromImage(sitk.ReadImage(str(levels_file)))
    codes = np.zeros(classes.shape, dtype=np.uint8)
    codes[classes == 3] = CANAL_CODE
    bone, disc = (classes == 1) & (levels > 0) & (levels < 50), (classes == 2) & (levels > 200)
    codes[bone] = VERTEBRA_BASE + levels[bone]
    codes[disc] = DISC_BASE + levels[disc] - 200
    geometry = _geometry(image)
    return Volume(sitk.GetArrayFromImage(image), geometry), LabelMap(codes, geometry)


def _geometry(image: Any) -> VolumeGeometry:
    axes = np.array(image.GetDirection()).reshape(3, 3)[:, ::-1] * np.array(image.GetSpacing())[::-1]
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = axes, image.GetOrigin()
    columns, rows, slices = image.GetSize()
    return VolumeGeometry(affine, (slices, rows, columns))


def read_samples(folder: Path, only: Sequence[str] = ()) -> list[Sample]:
    """Return every graded disc with measurements, of all patients or of some."""
    grades: dict[str, list[dict[str, str]]] = {}
    with (folder / "spider_midslices" / "radiological_gradings.csv").open() as file:
        for row in csv.DictReader(file):
            grades.setdefault(row["Patient"], []).append(row)
    with (folder / "spider_space" / "patients.csv").open() as file:
        patients = [row["patient"] for row in csv.DictReader(file) if not only or row["patient"] in only]
    samples = []
    for patient in patients:
        case = load_case(folder, patient)
        if case is not None:
            samples += _samples_of(patient, case, grades[patient])
    return samples


def _samples_of(patient: str, case: tuple[Volume, LabelMap], rows: list[dict[str, str]]) -> list[Sample]:
    volume, labels = case
    count = sum(1 for instance in labels.instances if instance.startswith("V"))
    provenance = Provenance(Provenance.AI, "reference masks", "")
    measures = measure_spine(labels, LevelMap(count), volume, Weighting.T2, provenance)
    samples = []
    for row in rows:
        number = int(row["IVD label"])
        if disc_id(number) in measures.discs:
            known = {k: int(v) for k, v in row.items() if k not in ("Patient", "IVD label")}
            samples.append(Sample(patient, number, known, disc_features(measures, disc_id(number))))
    return samples


def read_phantoms(count: int) -> list[Sample]:
    """Return the discs of synthetic spines with perfect masks; grades from their exact truth."""
    samples = []
    for index in range(count):
        preset = ("random", "herniation", "degenerate", "stenosis")[index % 4]
        study = make_phantom(PHANTOM_SEED + index, preset, ("sag_t2",))
        volume = study.series[0].volume
        labels, levels = _phantom_labels(study, volume)
        provenance = Provenance(Provenance.AI, "exact masks", "")
        measures = measure_spine(labels, levels, volume, Weighting.T2, provenance)
        for name, level in study.truth["levels"].items():
            disc = levels.instance_named(name)
            if disc in measures.discs:
                grades = level["grades"]
                known = {
                    "Disc bulging": int(grades["disc_bulging"]["grade"]),
                    "Disc herniation": int(grades["disc_herniation"]["grade"]),
                    "Central canal": SEVERITY.index(grades["central_canal"]["grade"]),
                }
                features = disc_features(measures, disc)
                samples.append(Sample(str(index), instance_number(disc), known, features))
    return samples


def _phantom_labels(study: PhantomStudy, volume: Volume) -> tuple[LabelMap, LevelMap]:
    exact = label_volume(study, volume.geometry)
    codes = np.where(np.isin(exact, (CANAL_CODE, SACRUM_CODE)), exact, 0).astype(np.uint8)
    bones = [v for v in study.anatomy.vertebrae if not v.sacral][::-1]
    for number, bone in enumerate(bones, start=1):
        codes[exact == bone.label] = VERTEBRA_BASE + number
    for number, disc in enumerate(study.anatomy.discs[::-1], start=1):
        codes[exact == disc.label] = DISC_BASE + number
    levels = LevelMap(len(bones), lumbar_count=study.anatomy.plan.lumbar_count)
    return LabelMap(codes, volume.geometry), levels


def fit(recipe: Recipe, samples: Sequence[Sample]) -> OrdinalModel:
    """Return the penalised maximum-likelihood model of a recipe."""
    pairs = [(s, recipe.target(s)) for s in samples if all(f in s.features for f in recipe.required)]
    used = [(s, t) for s, t in pairs if t is not None]
    target = np.array([t for _, t in used])
    table = np.array([[s.features.get(f, np.nan) for f in recipe.features] for s, _ in used])
    mean, sd = np.nanmean(table, axis=0), np.maximum(np.nanstd(table, axis=0), 1e-6)
    x = np.nan_to_num(np.clip((table - mean) / sd, -3.0, 3.0))
    counts = np.array([recipe.phantoms if "Central canal" in s.grades else 1.0 for s, _ in used])
    weights, limits = _maximise(x, target, counts, recipe)
    terms = tuple(
        Term(name, round(float(m), 4), round(float(s), 4), round(float(w), 4))
        for name, m, s, w in zip(recipe.features, mean, sd, weights, strict=True)
    )
    return OrdinalModel(recipe.name, terms, tuple(round(float(v), 4) for v in limits), recipe.required)


def _maximise(x: Array, target: NDArray[np.int_], counts: Array, recipe: Recipe) -> tuple[Array, Array]:
    classes = recipe.classes
    width = x.shape[1]
    share = np.array(
        [(np.mean(target <= k) * len(target) + 0.5) / (len(target) + 1) for k in range(classes - 1)]
    )
    first = np.log(share / (1 - share))
    start = np.concatenate([np.zeros(width), first[:1], np.log(np.maximum(np.diff(first), 1e-2))])

    def unpack(p: Array) -> tuple[Array, Array]:
        return p[:width], np.concatenate([p[width : width + 1], p[width] + np.cumsum(np.exp(p[width + 1 :]))])

    def loss(p: Array) -> float:
        weights, limits = unpack(p)
        chance = _chances(x @ weights, limits)[np.arange(len(target)), target]
        return float(
            -(counts @ np.log(np.maximum(chance, 1e-9))) + 0.5 * recipe.penalty * (weights @ weights)
        )

    best = minimize(loss, start, method="BFGS", options={"gtol": 1e-4})
    return unpack(np.asarray(best.x))


def _chances(score: Array, limits: Array) -> Array:
    below = 1 / (1 + np.exp(np.clip(score[:, None] - limits, -50, 50)))
    edges = np.concatenate([np.zeros((len(score), 1)), below, np.ones((len(score), 1))], axis=1)
    return np.asarray(np.diff(edges, axis=1))


def auc(score: ArrayLike, truth: ArrayLike) -> float:
    """Return the area under the ROC curve, ties counted half."""
    known = np.asarray(truth)
    yes, no = np.asarray(score)[known == 1], np.asarray(score)[known == 0]
    if not yes.size or not no.size:
        return float("nan")
    return float((yes[:, None] > no).mean() + 0.5 * (yes[:, None] == no).mean())


def weighted_kappa(a: ArrayLike, b: ArrayLike, classes: int) -> float:
    """Return the quadratic-weighted kappa."""
    table = np.zeros((classes, classes))
    np.add.at(table, (np.asarray(a), np.asarray(b)), 1)
    cost = np.subtract.outer(np.arange(classes), np.arange(classes)) ** 2
    chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(1 - (cost * table).sum() / (cost * chance).sum())


def describe(recipe: Recipe, pairs: Sequence[tuple[Sample, tuple[float, ...]]]) -> str:
    """Return the figures of predictions in words."""
    known = [(recipe.target(s), p) for s, p in pairs]
    used = [(t, p) for t, p in known if t is not None]
    truth, chance = np.array([t for t, _ in used]), np.array([p for _, p in used])
    brier = float(np.mean((chance[:, -1] - (truth == recipe.classes - 1)) ** 2))
    if recipe.classes == 2:
        yes = int(truth.sum())
        return f"n {len(truth)} ({yes} yes) AUC {auc(chance[:, 1], truth):.3f} Brier {brier:.3f}"
    guess = chance.argmax(axis=1)
    near = float(np.mean(np.abs(guess - truth) <= 1))
    kappa = weighted_kappa(guess, truth, recipe.classes)
    exact = float(np.mean(guess == truth))
    return f"n {len(truth)} weighted kappa {kappa:.3f} exact {exact:.3f} within one {near:.3f}"


def predict(model: OrdinalModel, samples: Sequence[Sample]) -> list[tuple[Sample, tuple[float, ...]]]:
    """Return (sample, probabilities) for the samples the model can grade."""
    return [(s, model.probabilities(s.features)) for s in samples if model.usable(s.features)]


def out_of_fold(
    recipe: Recipe, samples: Sequence[Sample], extra: Sequence[Sample]
) -> list[tuple[Sample, tuple[float, ...]]]:
    """Return pooled predictions of five folds by patient."""
    pooled = []
    for fold in range(FOLDS):
        kept = [s for s in samples if int(s.patient) % FOLDS != fold]
        left = [s for s in samples if int(s.patient) % FOLDS == fold]
        pooled += predict(fit(recipe, [*kept, *extra]), left)
    return pooled


_HEAD = '''"""Weights of the grading models; ``models/grading/fit_thresholds.py`` writes them; do not edit.

Fitted on the expert grades of {patients} SPIDER patients ({discs} discs, 1.5 T T2 SPACE, low-back pain),
measurements from the reference masks; ridge-penalised (cumulative) logistic regression by maximum
likelihood, features standardised. Herniation: {synthetic} discs of phantoms join at weight {weight}.
Data: van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
Figures of each model: six patients left out, then five folds by patient over all.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term
'''


def write(models: Sequence[tuple[OrdinalModel, str, str]], train: Sequence[Sample], synthetic: int) -> None:
    """Write the coefficient table of the package."""
    patients = len({s.patient for s in train})
    head = _HEAD.format(patients=patients, discs=len(train), synthetic=synthetic, weight=PHANTOM_WEIGHT)
    parts = [head]
    for model, held_out, folds in models:
        parts.append(f"{model.name} = OrdinalModel(\n    {model.name.lower()!r},\n    (")
        parts += [f"        Term({t.feature!r}, {t.mean}, {t.sd}, {t.weight})," for t in model.terms]
        parts.append(f"    ),\n    {model.limits!r},\n    {model.required!r},\n)")
        parts.append(f'"""Left out: {held_out}.\nFolds: {folds}."""\n')
    OUTPUT.write_text("\n".join(parts).replace("'", '"'))


def main() -> None:
    """Fit every model, print its figures, and write the table when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--phantoms", type=int, default=48)
    options = parser.parse_args()
    samples = read_samples(options.data)
    synthetic = read_phantoms(options.phantoms)
    train = [s for s in samples if s.patient not in VALIDATION]
    left = [s for s in samples if s.patient in VALIDATION]
    models = []
    for recipe in RECIPES:
        extra = synthetic if recipe.phantoms else []
        if recipe.real:
            model = fit(recipe, [*train, *extra])
            unseen, pooled = predict(model, left), out_of_fold(recipe, samples, extra)
        else:
            model = fit(recipe, [s for s in extra if int(s.patient) % FOLDS])
            unseen = predict(model, [s for s in extra if int(s.patient) % FOLDS == 0])
            pooled = out_of_fold(recipe, extra, [])
        held_out, folds = describe(recipe, unseen), describe(recipe, pooled)
        source = "" if recipe.real else "phantoms only, no expert grades: "
        sys.stdout.write(f"{recipe.name} | {source}left out: {held_out} | folds: {folds}\n")
        sys.stdout.writelines(f"    {term.feature:16s} {term.weight:+.2f}\n" for term in model.terms)
        models.append((model, source + held_out, folds))
    if options.write:
        write(models, train, len(synthetic))


if __name__ == "__main__":
    main()
