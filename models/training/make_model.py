"""From the data folder to the bundle: ``python -m models.training.make_model --run DIR [--minutes M]``.

Makes phantoms, trains (resuming when DIR holds a checkpoint), exports, evaluates and writes the card.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from models.training.card import write_card
from models.training.cases import REPOSITORY, shared_data
from models.training.config import DEFAULT
from models.training.contrast import agreement
from models.training.evaluate import evaluate
from models.training.export import NAME, export
from models.training.onnx_session import session

RUN_HELP = "working folder: phantoms, checkpoint, log (default: out/vnet)"
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


def train(args: argparse.Namespace, data: Path) -> None:
    """Make phantoms where they are missing, then train or go on training."""
    phantoms = args.run / "phantoms"
    _python("phantoms", "--out", str(phantoms), "--count", str(args.phantoms))
    options = ["--run", str(args.run), "--data", str(data), "--phantoms", str(phantoms)]
    options += ["--config", str(args.config)]
    if args.minutes is not None:
        options += ["--minutes", str(args.minutes)]
    if args.from_bundle is not None:
        pseudo = args.run / "pseudo"
        if not pseudo.exists():
            _python("pseudo", "--model", str(args.from_bundle), "--out", str(pseudo), "--data", str(data))
        options += ["--from-bundle", str(args.from_bundle), "--pseudo", str(pseudo)]
    for folder in args.add:
        options += ["--add", str(folder)]
    if (args.run / "checkpoint.pt").exists():
        options.append("--resume")
    _python("train", *options)


def main() -> None:
    """Do all steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=REPOSITORY / "out" / "vnet", help=RUN_HELP)
    parser.add_argument("--version", default="1.1.0")
    parser.add_argument("--out", type=Path, default=None, help="default: models/lumbar_vnet/VERSION")
    parser.add_argument("--config", type=Path, default=DEFAULT)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--minutes", type=float, default=None)
    parser.add_argument("--phantoms", type=int, default=80, help="how many synthetic cases to make")
    parser.add_argument(
        "--from-bundle", type=Path, default=None, help="start from a bundle and its pseudo-labels"
    )
    parser.add_argument("--add", type=Path, action="append", default=[], help="labelled folder; repeatable")
    parser.add_argument("--skip-training", action="store_true", help="use the checkpoint as it is")
    args = parser.parse_args()
    args.run = args.run.resolve()
    data = (args.data or shared_data()).resolve()
    args.from_bundle = args.from_bundle.resolve() if args.from_bundle else None
    args.add = [added.resolve() for added in args.add]
    folder = args.out or REPOSITORY / "models" / NAME / args.version
    if not args.skip_training:
        train(args, data)
    model = export(args.run, folder, args.version, args.config)
    metrics = evaluate(model, data)
    metrics["contrast"] = agreement(session(model), data / "spider_midslices")
    print(write_card(folder, metrics))


if __name__ == "__main__":
    main()
