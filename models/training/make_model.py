"""From the data folder to the bundle: ``python -m models.training.make_model --run DIR``, or ``make model``.

Makes phantoms, trains a network, and in every further stage lets it label the T1 and T2 mid-slices and trains
on with them; then exports, evaluates and writes the card: the bundle is ``DIR/bundle``. Every number is in
`config.toml`. What is done is kept: a second call goes on where the first was stopped. Nothing is put into
``models``: copy the bundle to ``models/lumbar_vnet/VERSION`` when its figures are better.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from models.training.card import write_card
from models.training.cases import REPOSITORY, shared_data
from models.training.config import DEFAULT, Recipe, Refinement, load_recipe
from models.training.contrast import agreement
from models.training.evaluate import evaluate
from models.training.export import export
from models.training.onnx_session import session

RUN_HELP = "working folder: phantoms, checkpoints, logs, bundle (default: out/vnet)"
BETWEEN = "0.0.0"
"""Version of a bundle between the stages, which is never shipped."""
CALM = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_MMAP_THRESHOLD_": "4000000000",
    "MALLOC_TRIM_THRESHOLD_": "16000000000",
}
"""Threads that wait without spinning, and memory that is kept: both are much faster on a busy machine."""


def _python(module: str, *options: str) -> None:
    """Run a step of the recipe in a process of its own, so that its memory is given back."""
    command = [sys.executable, "-m", f"models.training.{module}", *options]
    subprocess.run(command, check=True, cwd=REPOSITORY, env={**CALM, **os.environ})


def train(args: argparse.Namespace, data: Path, recipe: Recipe) -> Path:
    """Do the stages of the training that are not done; return the run of the last one."""
    phantoms = args.run / "phantoms"
    _python("phantoms", "--out", str(phantoms), "--count", str(recipe.make.phantoms))
    common = ["--data", str(data), "--phantoms", str(phantoms), "--config", str(args.config)]
    for folder in args.add:
        common += ["--add", str(folder)]
    common += ["--judge", str(args.judge)] if args.judge else []
    stages = recipe.refine[-1:] if args.from_bundle else recipe.refine
    last: Path = args.run / "stage_1"
    if not args.from_bundle:
        _stage(last, [*common, "--steps", str(recipe.make.steps)])
    for number, stage in enumerate(stages, 2):
        start = args.from_bundle or _between(last, args)
        last = args.run / f"stage_{number}"
        _stage(last, [*common, *_refined(stage, start, args.run / f"pseudo_{number}", data)])
    return last


def _between(run: Path, args: argparse.Namespace) -> Path:
    """Return the bundle of a stage that another follows."""
    folder = run.with_name(f"{run.name}_bundle")
    if not (folder / "manifest.json").exists():
        export(run, folder, BETWEEN, args.config)
    return folder


def _refined(stage: Refinement, start: Path, pseudo: Path, data: Path) -> list[str]:
    """Let a network label the mid-slices unless it did; return the options of the stage after it."""
    if not (pseudo / "done").exists():
        _python("pseudo", "--model", str(start), "--out", str(pseudo), "--data", str(data))
        pseudo.mkdir(parents=True, exist_ok=True)
        (pseudo / "done").touch()
    length = ["--steps", str(stage.steps), "--phantom-share", str(stage.phantom_share)]
    return ["--from-bundle", str(start), "--pseudo", str(pseudo), *length]


def _stage(run: Path, options: list[str]) -> None:
    """Train unless it is done; go on when it was cut off."""
    if (run / "done").exists():
        return
    resume = ["--resume"] if (run / "checkpoint.pt").exists() else []
    _python("train", "--run", str(run), *options, *resume)
    (run / "done").touch()


def main(given: Sequence[str] | None = None) -> None:
    """Do all steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, default=REPOSITORY / "out" / "vnet", help=RUN_HELP)
    parser.add_argument("--config", type=Path, default=DEFAULT)
    parser.add_argument("--data", type=Path, default=None, help="default: LVP_SHARED_DATA or ../shared/data")
    parser.add_argument(
        "--from-bundle", type=Path, default=None, help="go on from a bundle: the last stage only"
    )
    parser.add_argument("--add", type=Path, action="append", default=[], help="labelled folder; repeatable")
    parser.add_argument("--judge", type=Path, default=None, help="such a folder to judge on")
    args = parser.parse_args(given)
    args.run, args.config = args.run.resolve(), args.config.resolve()
    args.run.mkdir(parents=True, exist_ok=True)
    data = (args.data or shared_data()).resolve()
    args.from_bundle = args.from_bundle.resolve() if args.from_bundle else None
    args.judge = args.judge.resolve() if args.judge else None
    args.add = [added.resolve() for added in args.add]
    recipe = load_recipe(args.config)
    last = train(args, data, recipe)
    folder = args.run / "bundle"
    model = export(last, folder, recipe.make.version, args.config)
    metrics = evaluate(model, data)
    metrics["contrast"] = agreement(session(model), data / "spider_midslices")
    print(write_card(folder, metrics))


if __name__ == "__main__":
    main()
