"""Cross-validation: ``python -m models.training.crossval --folds 5 --minutes M --run DIR --phantoms DIR``.

First a network is trained on phantoms alone (``DIR/phantoms_only``): it has seen no patient, so every fold
may start from it. Then each fold is trained on the other folds' patients and judged on its own. What is
done is kept: a second call goes on where the first was stopped. ``pooled.json`` and ``pooled.md`` hold one
Dice for every patient, each from the network that did not know the patient, with bootstrap intervals over
patients. No bundle and no pseudo-labels take part, because they come from all patients.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvp_workstation.evaluation.intervals import Index, patient_bootstrap
from models.training import train
from models.training.config import DEFAULT
from models.training.labels import CLASS_NAMES
from models.training.validation import JUDGED

Scores = dict[str, dict[str, float]]
FOLD_RATE = 1e-3
"""Peak learning rate of a fold: half of a fresh network's, because phantoms have taught it already (our
choice)."""
SLICES = {"validation": "native", "validation_thick": "simulated thick slices"}


def last_judged(run: Path) -> dict[str, Scores]:
    """Return the last figures of a finished run: Dice by patient and class, native and thick.

    Raises
    ------
    ValueError
        When the run was never judged.
    """
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    for entry in map(json.loads, reversed(lines)):
        if "validation" in entry:
            return {kind: entry[kind] for kind in SLICES}
    raise ValueError(f"{run} was never judged")


def _trained(run: Path, options: Sequence[str]) -> None:
    """Train unless it is done; go on when it was cut off."""
    done = run / "done"
    if done.exists():
        return
    resume = ["--resume"] if (run / "checkpoint.pt").exists() else []
    train.main(["--run", str(run), *options, *resume])
    done.touch()


def _schedule(minutes: float, steps: int) -> list[str]:
    return ["--steps", str(steps)] if steps else ["--minutes", str(minutes), "--steps", "0"]


def pooled(results: Sequence[dict[str, Scores]]) -> dict[str, Any]:
    """Join the folds: mean, worst and 95 % interval over patients, by slices and class."""
    table: dict[str, Any] = {}
    for kind in SLICES:
        scores = {patient: row for result in results for patient, row in result[kind].items()}
        table[kind] = {"patients": scores, "figures": {}}
        for name in (CLASS_NAMES[label] for label in JUDGED):
            table[kind]["figures"][name] = _figure({p: s[name] for p, s in scores.items() if name in s})
    return table


def _figure(values: dict[str, float]) -> dict[str, Any]:
    array = np.array(list(values.values()))

    def mean(index: Index) -> float:
        return float(array[index].mean())

    low, high = patient_bootstrap(mean, list(values)) or (None, None)
    worst = min(values, key=lambda patient: values[patient])
    return {
        "mean": float(array.mean()),
        "low": low,
        "high": high,
        "n": len(values),
        "worst": values[worst],
        "worst_patient": worst,
    }


def page(table: dict[str, Any], done: int, folds: int) -> str:
    """Write the pooled table of the folds that are done as Markdown."""
    lines = [
        f"# {folds}-fold cross-validation" + (f": {done} of {folds} folds" if done < folds else ""),
        "",
        "Each patient is judged once, by the network that was not trained on it. One hospital, mostly one "
        "scanner. Brackets: 95 % interval, bootstrap over patients.",
        "",
        "| slices | structure | mean Dice | worst patient | patients |",
        "|---|---|---|---|---|",
    ]
    for kind, words in SLICES.items():
        for name, figure in table[kind]["figures"].items():
            interval = f"({figure['low']:.3f}-{figure['high']:.3f})" if figure["low"] is not None else ""
            worst = f"{figure['worst']:.3f} ({figure['worst_patient']})"
            lines.append(f"| {words} | {name} | {figure['mean']:.3f} {interval} | {worst} | {figure['n']} |")
    return "\n".join(lines) + "\n"


def main(given: Sequence[str] | None = None) -> None:
    """Train what is missing, then write the pooled table."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--phantoms", type=Path, required=True, help="folder of models.training.phantoms")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=45.0, help="of each fold")
    parser.add_argument("--phantom-minutes", type=float, default=30.0, help="of the start, on phantoms alone")
    parser.add_argument("--steps", type=int, default=0, help="of each fold, in place of minutes")
    parser.add_argument("--phantom-steps", type=int, default=0, help="of the start, in place of minutes")
    parser.add_argument("--rate", type=float, default=FOLD_RATE, help="peak learning rate of the folds")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--config", type=Path, default=DEFAULT)
    args = parser.parse_args(given)
    common = ["--phantoms", str(args.phantoms), "--config", str(args.config)]
    common += ["--data", str(args.data)] if args.data else []
    start = args.run / "phantoms_only"
    _trained(start, [*common, "--no-real", *_schedule(args.phantom_minutes, args.phantom_steps)])
    results = []
    for number in range(1, args.folds + 1):
        run = args.run / f"fold_{number}"
        options = ["--fold", f"{number}/{args.folds}", "--from-run", str(start), "--rate", str(args.rate)]
        _trained(run, [*common, *options, *_schedule(args.minutes, args.steps)])
        results.append(last_judged(run))
        _write(args.run, results, args.folds)


def _write(run: Path, results: Sequence[dict[str, Scores]], folds: int) -> None:
    """Write the table of the folds that are done, so that an interrupted run has one, too."""
    table = pooled(results)
    (run / "pooled.json").write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    text = page(table, len(results), folds)
    (run / "pooled.md").write_text(text, encoding="utf-8")
    print(text, flush=True)


if __name__ == "__main__":
    main()
