"""Write ``docs/results.md``: ``lvp analyze`` on the six real studies, beside their labels, with times.

Run ``python -m tests.tools.make_results`` from the repository root; the real data folder is found
as in the tests (``LVP_SHARED_DATA``, else ``../shared/data``). Nothing but the table is kept.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from lvp_workstation.evaluation.overlap import (
    SPIDER_DISCS,
    LevelIdentification,
    dice,
    level_identification,
    spider_to_level_ids,
)

REPOSITORY = Path(__file__).resolve().parents[2]
TARGET = REPOSITORY / "docs" / "results.md"
STUDIES = ("005", "022", "050", "057", "162", "200")
VALIDATION = ("050",)
KINDS = ("vertebra", "disc", "canal")
STEPS = ("load", "preprocess", "inference", "postprocess", "measure", "grade", "write", "total")

EARLY = "\nThis is an early model that is not shipped; the page is written again with the shipped one."

HEAD = """# `lvp analyze` on the six real studies

Written by `python -m tests.tools.make_results` with the model {model}
on {provider}, {threads} threads.{early}

**study_050 is a validation patient; the other five are training patients, and their numbers are no evidence
of accuracy.** One validation patient is no evidence of accuracy either; the table of all validation patients
is in the model card. The labels are those of SPIDER at native resolution; they hold no sacrum, and bodies cut
by the upper edge of the image may be unlabelled although the model finds them, which lowers Dice here.

## Overlap and levels

Dice over all voxels of a class. Levels: labelled discs whose majority predicted label carries the right
level, of all labelled discs. Confidence is what the program says of its own numbering.

| study | patient | Dice vertebra | Dice disc | Dice canal | levels | confidence |
|---|---|---|---|---|---|---|
"""

TIMES = """
## Times

Seconds for each step on this machine, as `analysis.json` states them; `load` includes the search for files.

| study | voxels | {steps} |
|---|---|{rules}|
"""

SCOPE = """
## What was said

| study | exit code | scope | messages |
|---|---|---|---|
"""

TAIL = """
Contains data from the SPIDER lumbar spine MRI data set: J. W. van der Graaf et al., Scientific Data 11, 264
(2024), doi:10.1038/s41597-024-03090-w; Zenodo, doi:10.5281/zenodo.10159290; CC BY 4.0. Changes were made.
"""


@dataclass(frozen=True)
class Run:
    """One study: what the command line returned, said and wrote."""

    study: str
    code: int
    messages: tuple[str, ...]
    document: dict[str, Any]
    labels: NDArray[np.uint8]


def analyse(study: Path, out: Path) -> Run:
    """Run the command line on a study in a process of its own."""
    command = [sys.executable, "-m", "lvp_workstation.app.cli", "analyze", str(study), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    if done.returncode != 0:
        raise SystemExit(f"{study.name}: exit code {done.returncode}: {done.stderr}")
    document = json.loads((out / "analysis.json").read_text(encoding="utf-8"))
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(out / "segmentation.nii.gz")))
    messages = tuple(done.stderr.splitlines())
    return Run(study.name.removeprefix("study_"), done.returncode, messages, document, labels)


def class_overlap(labels: NDArray[np.uint8], reference: NDArray[np.uint8]) -> dict[str, float]:
    """Return Dice by class; the sacrum is in no reference and counts nowhere."""
    found = {"vertebra": (labels >= 20) & (labels < 50), "disc": labels >= 80, "canal": labels == 2}
    pairs = ((name, dice(found[name], reference == value)) for value, name in enumerate(KINDS, start=1))
    return {name: value for name, value in pairs if value is not None}


def overlap_row(run: Run, folder: Path) -> tuple[str, LevelIdentification]:
    """Return the row of a study in the first table, and its levels."""

    def read(kind: str) -> NDArray[np.uint8]:
        path = folder / f"study_{run.study}_{kind}.nii.gz"
        return np.asarray(sitk.GetArrayFromImage(sitk.ReadImage(str(path))))

    scores = class_overlap(run.labels, read("labels"))
    levels = level_identification(run.labels, spider_to_level_ids(read("levels")), SPIDER_DISCS)
    patient = "validation" if run.study in VALIDATION else "training"
    cells = " | ".join(f"{scores[name]:.3f}" for name in KINDS)
    sure = f"{run.document['level_map']['confidence']:.2f}"
    row = f"| study_{run.study} | {patient} | {cells} | {levels.right} of {levels.total} | {sure} |\n"
    return row, levels


def time_row(run: Run) -> str:
    """Return the row of a study in the table of times."""
    size = " x ".join(str(n) for n in run.labels.shape)
    cells = " | ".join(f"{run.document['timings_s'][step]:.2f}" for step in STEPS)
    return f"| study_{run.study} | {size} | {cells} |\n"


def scope_row(run: Run) -> str:
    """Return the row of a study in the table of messages."""
    scope = run.document["scope"]
    said = f"{scope['decision']}: {' '.join(r['text'] for r in scope['reasons'])}".rstrip(": ")
    return f"| study_{run.study} | {run.code} | {said} | {' '.join(run.messages) or '-'} |\n"


def page(runs: list[Run], folder: Path) -> str:
    """Return the whole page."""
    model = runs[0].document["model"]
    title = f"{model['name']} {model['version']} (SHA-256 {model['sha256'][:12]})"
    early = EARLY if model["version"].startswith("0.") else ""
    text = HEAD.format(model=title, provider=model["provider"], threads=model["threads"], early=early)
    total = LevelIdentification(0, 0)
    for run in runs:
        row, levels = overlap_row(run, folder)
        text, total = text + row, total + levels
    text += f"\nLevels of all six studies: {total.right} of {total.total} discs.\n"
    text += TIMES.format(steps=" | ".join(STEPS), rules="|".join("---" for _ in STEPS))
    text += "".join(time_row(run) for run in runs)
    return text + SCOPE + "".join(scope_row(run) for run in runs) + TAIL


def main() -> None:
    """Analyse the studies and write the page."""
    shared = Path(os.environ.get("LVP_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    folder = shared / "studies"
    with tempfile.TemporaryDirectory() as name:
        runs = [analyse(folder / f"study_{study}", Path(name) / study) for study in STUDIES]
    TARGET.write_text(page(runs, folder), encoding="utf-8")


if __name__ == "__main__":
    main()
