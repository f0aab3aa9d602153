"""The options of ``lvp evaluate``; kept apart so that the parser is built without loading the program."""

from __future__ import annotations

import argparse
from pathlib import Path

MODEL = "lumbar_vnet"
MODEL_MASKS, EXACT = "model", "exact"
KINDS = ("segmentation", "contrast", "measures", "grades", "planning")
"""What can be evaluated; `evaluate_command` holds the function of each."""


def add_evaluate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command and its options to the parser of the command line."""
    command = commands.add_parser("evaluate", help="measure how good the program is on labelled data")
    command.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    command.add_argument("data", type=Path, nargs="?", metavar="DATA", help="folder of labelled cases")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--model", default=MODEL, metavar="NAME", help="model name or folder")
    command.add_argument(
        "--need",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="exit with 1 when missed; repeatable",
    )
    command.add_argument(
        "--patients", default="all", metavar="WHICH", help="all, a split of patients.csv, or ids with commas"
    )
    command.add_argument("--preset", metavar="NAME", help="make phantoms of this preset instead of DATA")
    command.add_argument("--seed", type=int, default=900_000, metavar="N", help="first seed of --preset")
    command.add_argument("--count", type=int, default=10, metavar="K", help="phantoms of --preset")
    command.add_argument("--series", metavar="LIST", help="series of --preset, comma-separated")
    command.add_argument(
        "--masks", choices=(MODEL_MASKS, EXACT), default=MODEL_MASKS, help="measures and grades: whose labels"
    )
    command.add_argument(
        "--grades", type=Path, metavar="CSV", help="grades: an expert's grades of the labelled images of DATA"
    )
    command.add_argument("--protocol", default="lumbar_routine", metavar="NAME", help="of planning")
    command.add_argument("--threads", type=int, metavar="N", help="inference threads")
    command.add_argument("--again", action="store_true", help="score cases anew that were scored before")
    return command
