"""Train the V-Net: ``python -m models.training.train --run DIR [--minutes 90] [--resume]``.

Writes into DIR: ``checkpoint.pt`` (resumable), ``log.jsonl`` (loss and Dice), ``curves.png``.

``--from-bundle FOLDER`` goes on from a shipped network instead of a fresh one, and ``--add FOLDER`` adds
labelled volumes of your own: together they adapt the model to the images of a hospital. ``--judge FOLDER``
says on which of them the figures in the log are to be worked out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch

from models.training.added import judged_folder, labelled_folder
from models.training.batches import Batches
from models.training.cases import SPIDER, Case, Row, patients, shared_data, spider_case, with_sacrum
from models.training.config import DEFAULT, Recipe, load_recipe
from models.training.facts import write_origin
from models.training.folds import Fold, read_fold
from models.training.network import VNet
from models.training.onnx_session import session
from models.training.trainer import Trainer, run_training
from models.training.validation import Judged, judged_cases
from models.training.warm_start import network_of, settle_norms

SETTLING_BATCHES = 12
"""Batches whose statistics the norms of a bundle's network start with (our choice)."""


def split(root: Path, fold: Fold | None) -> tuple[list[Row], list[Row]]:
    """Return the rows of the patients to train on and of those to judge."""
    train, judged = patients(root, "train"), patients(root, "validation")
    return fold.split(train + judged) if fold else (train, judged)


def load(args: argparse.Namespace, recipe: Recipe) -> tuple[list[Case], list[Judged]]:
    """Load the cases to train on and those to judge.

    The sacrum of the patients comes from the bundle that is the start, if any. With ``--no-real`` and
    ``--judge`` the data folder is not needed.
    """
    cases: list[Case] = []
    judged = judged_folder(args.judge) if args.judge else []
    if not (args.no_real and args.judge):
        root = args.data or shared_data()
        rows, held = split(root, args.fold)
        judged = judged or judged_cases(root, held)
        if not args.no_real:
            cases = [spider_case(root, row, recipe.data.without_seed) for row in rows]
        if cases and args.from_bundle:
            predict = session(args.from_bundle / "model.onnx")
            cases = [with_sacrum(root, case, predict) for case in cases]
    for folder in args.add:
        cases += labelled_folder(folder)
    return cases, judged


def started(args: argparse.Namespace, recipe: Recipe, batches: Batches) -> Trainer:
    """Return a trainer with a fresh network, that of another run, or that of a bundle."""
    if not (args.from_bundle or args.from_run):
        return Trainer(recipe, args.run)
    if args.from_run:
        net = VNet(recipe.network)
        state = torch.load(args.from_run / "checkpoint.pt", map_location="cpu")
        net.load_state_dict(state["ema"])
    else:
        net = network_of(args.from_bundle / "model.onnx")
    if args.from_bundle and not args.resume:
        settle_norms(net, (image for image, _, _ in islice(batches, SETTLING_BATCHES)))
    rate = args.rate if args.rate is not None else recipe.train.warm_rate
    train = replace(recipe.train, learning_rate=rate)
    return Trainer(replace(recipe, network=net.config, train=train), args.run, net)


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; options that contradict each other are an error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoint, log and curves")
    parser.add_argument("--config", type=Path, default=DEFAULT)
    parser.add_argument("--data", type=Path, default=None, help="default: LVP_SHARED_DATA or ../shared/data")
    parser.add_argument("--phantoms", type=Path, default=None, help="folder of npz phantoms; may fill later")
    parser.add_argument("--pseudo", type=Path, default=None, help="folder of models.training.pseudo")
    parser.add_argument("--minutes", type=float, default=None)
    parser.add_argument("--steps", type=int, default=None, help="schedule by steps in place of minutes")
    parser.add_argument("--phantom-share", type=float, default=None, help="0-1; default: in the recipe")
    parser.add_argument("--rate", type=float, default=None, help="peak learning rate; default: in the recipe")
    parser.add_argument("--add", type=Path, action="append", default=[], metavar="DIR", help=ADD_HELP)
    parser.add_argument("--judge", type=Path, default=None, metavar="DIR", help="such a folder to judge on")
    parser.add_argument("--no-real", action="store_true", help="leave the patients of the data folder out")
    parser.add_argument("--fold", type=read_fold, default=None, metavar="K/N", help="hold out fold K of N")
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--from-bundle", type=Path, default=None, help="start from the network of a bundle")
    start.add_argument("--from-run", type=Path, default=None, help="start from the weights of another run")
    parser.add_argument("--resume", action="store_true", help="go on where the checkpoint of the run stopped")
    args = parser.parse_args(given)
    if args.fold and (args.from_bundle or args.pseudo):
        parser.error("--fold holds patients out that a bundle, or its pseudo-labels, has learned from")
    if args.fold and (args.no_real or args.judge):
        parser.error("--fold trains and judges on the patients of the data folder: no --no-real, no --judge")
    for folder in (args.phantoms, args.pseudo, args.from_bundle, args.from_run, args.judge, *args.add):
        if folder is not None and not folder.is_dir():
            parser.error(f"there is no folder {folder}")
    return args


ADD_HELP = "folder of <case>_image.nii.gz, <case>_labels.nii.gz and, if any, <case>_levels.nii.gz; repeatable"


def origin(args: argparse.Namespace, cases: Sequence[Case]) -> dict[str, object]:
    """Say what the training is made from."""
    real = sum(case.name.startswith(SPIDER) for case in cases)
    start = "a fresh network"
    if args.from_bundle:
        facts = json.loads((args.from_bundle / "manifest.json").read_text(encoding="utf-8"))
        start = f"{facts['name']} {facts['version']}"
    elif args.from_run:
        start = "the weights of another run"
    return {
        "start": start,
        "patients": real,
        "added": len(cases) - real,
        "phantoms": len(list(args.phantoms.glob("*.npz"))) if args.phantoms else 0,
        "pseudo_pictures": len(list(args.pseudo.glob("*.npz"))) if args.pseudo else 0,
    }


def main(given: Sequence[str] | None = None) -> None:
    """Train as the command line says."""
    args = arguments(given)
    recipe = load_recipe(args.config)
    changes = {"minutes": args.minutes, "steps": args.steps, "learning_rate": args.rate}
    train = replace(recipe.train, **{k: v for k, v in changes.items() if v is not None})
    share = recipe.data.phantom_share if args.phantom_share is None else args.phantom_share
    recipe = replace(recipe, train=train, data=replace(recipe.data, phantom_share=share))
    torch.set_num_threads(recipe.train.threads)
    cases, judged = load(args, recipe)

    def stream(seed: int) -> Batches:
        mix = recipe.data
        return Batches(
            cases,
            list(recipe.shapes),
            seed,
            args.phantoms,
            mix.phantom_share,
            mix.phantom_minimum,
            pseudo_folder=args.pseudo,
            pseudo_share=mix.pseudo_share,
        )

    seed = recipe.train.seed
    trainer = started(args, recipe, stream(seed))
    write_origin(args.run, **origin(args, cases))
    if args.resume:
        trainer.resume()
    alike = bool(args.judge) or not args.no_real
    run_training(trainer, stream(seed + 1 + trainer.step), judged, demanding=alike)


if __name__ == "__main__":
    main()
