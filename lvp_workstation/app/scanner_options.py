"""The options of ``lvp receive`` and ``lvp simulate-scanner``; the parser is built without loading either."""

from __future__ import annotations

import argparse
from pathlib import Path

INTERFACES = ("dicom", "mrd", "igtl")
DICOM_PORT, MRD_PORT, IGTL_PORT = 11112, 9002, 18944
"""Ports by convention; the modules of the interfaces state the same."""


def add_receive(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``lvp receive``."""
    command = commands.add_parser(
        "receive", help="take slices from a scanner, answer with planes and verdicts"
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="outcomes.jsonl goes here")
    command.add_argument("--seconds", type=float, metavar="S", help="stop after so long")
    _doors(command)
    _common(command)
    return command


def add_console(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``lvp console``."""
    command = commands.add_parser("console", help="the technologist's screen: look at planes, then send them")
    command.add_argument("--who", default="", metavar="NAME", help="who decides, for the log")
    _doors(command)
    _common(command)
    return command


def _doors(command: argparse.ArgumentParser) -> None:
    """Add where to listen, who may send, and where plans go."""
    command.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen")
    command.add_argument("--dicom-port", type=int, default=DICOM_PORT, metavar="N", help="0: none")
    command.add_argument("--mrd-port", type=int, default=MRD_PORT, metavar="N", help="0: none")
    command.add_argument("--igtl-port", type=int, default=IGTL_PORT, metavar="N", help="0: none")
    command.add_argument("--ae-title", default="LVP", metavar="TITLE")
    command.add_argument(
        "--accept", action="append", default=[], metavar="TITLE", help="calling AE title; repeatable"
    )
    command.add_argument("--from-host", action="append", default=[], metavar="ADDRESS", help="repeatable")
    command.add_argument("--plan-to", metavar="HOST:PORT:TITLE", help="DICOM node that takes the planes")
    command.add_argument("--tls-certificate", type=Path, metavar="PEM")
    command.add_argument("--tls-key", type=Path, metavar="PEM")
    command.add_argument(
        "--tls-authority", type=Path, metavar="PEM", help="senders must show a certificate of it"
    )


def add_simulate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``lvp simulate-scanner``."""
    command = commands.add_parser("simulate-scanner", help="scan a phantom along the planes that come back")
    command.add_argument("--interface", choices=INTERFACES, default="dicom")
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="loop.json and film.png go here"
    )
    command.add_argument(
        "--connect", metavar="HOST:PORT", help="a running `lvp receive`; else one of its own"
    )
    command.add_argument("--listen", type=int, default=0, metavar="N", help="port that takes planes (dicom)")
    command.add_argument("--seed", type=int, default=42, metavar="N")
    command.add_argument("--preset", default="degenerate", metavar="NAME")
    command.add_argument(
        "--timeout", type=float, default=60.0, metavar="S", help="wait so long for an answer"
    )
    command.add_argument("--delay", type=float, default=0.0, metavar="S", help="between slices")
    command.add_argument("--matrix-share", type=float, default=1.0, metavar="X", help="0.25-1 of the matrix")
    command.add_argument(
        "--snr-share", type=float, default=1.0, metavar="X", help="of the usual signal to noise"
    )
    command.add_argument("--levels", type=int, default=5, metavar="K", help="axial stacks, from below")
    command.add_argument("--motion", action="append", default=[], metavar="N=MM", help="movement in series N")
    command.add_argument(
        "--shift", action="append", default=[], metavar="N=MM", help="patient lies to the left from N on"
    )
    _common(command)
    return command


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--protocol", default="lumbar_routine", metavar="NAME", help="what is ordered")
    command.add_argument("--threads", type=int, metavar="N", help="inference threads")
