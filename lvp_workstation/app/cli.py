"""The command line ``lvp``; its options, file names and exit codes are a contract.

Exit codes: 0 done, 1 internal error, 2 usage, 3 nothing readable, 4 no lumbar series,
5 model missing or corrupt, 6 the output folder cannot be written.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TypeAlias

from lvp_workstation.app.evaluate_options import add_evaluate
from lvp_workstation.app.private_log import PrivateFormatter
from lvp_workstation.app.scanner_options import add_console, add_receive, add_simulate
from lvp_workstation.app.settings import data_folder
from lvp_workstation.domain.errors import (
    EnvironmentProblem,
    LvpError,
    ModelProblem,
    NoLumbarSeries,
    OutputProblem,
    UnreadableInput,
    UsageProblem,
)
from lvp_workstation.domain.study import SeriesRole

log = logging.getLogger("lvp")

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    NOTHING_READABLE = 3
    NO_LUMBAR_SERIES = 4
    MODEL = 5
    OUTPUT = 6


_EXIT_OF: tuple[tuple[type[LvpError], Exit], ...] = (
    (UsageProblem, Exit.USAGE),
    (UnreadableInput, Exit.NOTHING_READABLE),
    (NoLumbarSeries, Exit.NO_LUMBAR_SERIES),
    (ModelProblem, Exit.MODEL),
    (OutputProblem, Exit.OUTPUT),
    (EnvironmentProblem, Exit.INTERNAL),
)


def say(text: str) -> None:
    """Print a line of results."""
    sys.stdout.write(text + "\n")


def complain(text: str) -> None:
    """Print one problem on stderr."""
    sys.stderr.write(text + "\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="lvp", description="Reading workstation for lumbar-spine MRI. Not a cleared medical device."
    )
    parser.set_defaults(run=run_window, paths=[])
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    _add_studies(commands)
    _add_synthetic(commands)
    add_evaluate(commands).set_defaults(run=run_evaluate)
    _add_audit(commands)
    add_receive(commands).set_defaults(run=run_receive)
    add_console(commands).set_defaults(run=run_console)
    add_simulate(commands).set_defaults(run=run_simulate)
    _add_checks(commands)
    return parser


def _add_studies(commands: Commands) -> None:
    """Add what is done with a study."""
    command = commands.add_parser("open", help="open the workstation on a study")
    command.add_argument("paths", nargs="+", type=_path, metavar="PATH")
    command.set_defaults(run=run_window)

    command = commands.add_parser("analyze", help="analyse a study without a window")
    command.add_argument("path", type=_path, metavar="PATH", nargs="+")
    command.add_argument("--out", type=_path, required=True, metavar="DIR")
    command.add_argument("--series", metavar="UID", help="analyse this SeriesInstanceUID")
    command.add_argument("--role", choices=[role.value for role in SeriesRole], help="state the series role")
    command.add_argument("--threads", type=_positive, metavar="N", help="inference threads")
    command.set_defaults(run=run_analyze)

    command = commands.add_parser("plan", help="propose the scan planes of an examination")
    command.add_argument("path", type=_path, metavar="PATH", nargs="+")
    command.add_argument("--out", type=_path, required=True, metavar="DIR")
    command.add_argument("--protocol", default="lumbar_routine", metavar="NAME", help="what is ordered")
    command.add_argument("--series", metavar="UID", help="plan on this SeriesInstanceUID")
    command.add_argument("--threads", type=_positive, metavar="N", help="inference threads")
    command.set_defaults(run=run_plan)


def _add_synthetic(commands: Commands) -> None:
    """Add what is done with synthetic studies."""
    command = commands.add_parser("demo", help="the embedded synthetic demo study")
    command.add_argument("--headless", action="store_true", help="write report and pictures, open no window")
    command.add_argument("--out", type=_path, default=Path("out/demo"), metavar="DIR")
    command.set_defaults(run=run_demo)

    phantom = commands.add_parser("phantom", help="synthetic studies with exact truth")
    making = phantom.add_subparsers(title="commands", metavar="COMMAND", required=True)
    command = making.add_parser("make", help="write phantoms as DICOM with truth.json")
    command.add_argument("--out", type=_path, required=True, metavar="DIR")
    command.add_argument("--seed", type=int, required=True, metavar="N")
    command.add_argument("--count", type=_positive, default=1, metavar="K")
    command.add_argument("--preset", default="normal", metavar="NAME")
    command.add_argument("--series", metavar="LIST", help="comma-separated, such as sag_t2,ax_t2")
    command.set_defaults(run=run_phantom_make)


def _add_audit(commands: Commands) -> None:
    """Add ``lvp audit``."""
    command = commands.add_parser("audit", help="export the audit trail, or check an exported file")
    command.add_argument("--out", type=_path, metavar="PATH")
    command.add_argument("--format", choices=("jsonl", "dicom"), default="jsonl")
    command.add_argument("--check", type=_path, metavar="FILE", help="a file of JSON lines")
    command.add_argument("--records", type=int, metavar="N", help="length printed in a signed report")
    command.add_argument("--head", metavar="CODE", help="head printed in a signed report")
    command.set_defaults(run=run_audit)


def _add_checks(commands: Commands) -> None:
    """Add what tells whether program, machine and reports are as they should be."""
    command = commands.add_parser("selftest", help="versions, provider, model, rendering, a tiny inference")
    command.add_argument("--json", action="store_true", dest="as_json")
    command.set_defaults(run=run_selftest)

    command = commands.add_parser("bench", help="measure the speed of the window on a study")
    command.add_argument("path", type=_path, metavar="PATH", nargs="?")
    command.add_argument("--json", type=_path, dest="json_file", metavar="FILE", help="write every figure")
    command.add_argument("--session", type=int, help=argparse.SUPPRESS)
    command.set_defaults(run=run_bench)

    command = commands.add_parser("verify", help="tell whether a signed report still matches its reading")
    command.add_argument("pdf", type=_path, metavar="PDF")
    command.set_defaults(run=run_verify)


def _path(text: str) -> Path:
    """Return a path; an empty name, as an unset variable of a shell gives it, is not the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty; give a path")
    return Path(text)


def _positive(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"a whole number of at least 1 is needed, not {text}")
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = build_parser().parse_args(arguments)
    log_file = start_log(data_folder() / "logs")
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except LvpError as error:
        complain(str(error))
        return next((code for kind, code in _EXIT_OF if isinstance(error, kind)), Exit.INTERNAL)
    except KeyboardInterrupt:
        complain("Stopped.")
        return Exit.INTERNAL
    except Exception:
        log.exception("internal error")
        complain(f"An internal error happened; please report it. The log is {log_file or 'not available'}.")
        return Exit.INTERNAL


def start_log(folder: Path) -> Path | None:
    """Log to a rotating file, and return it; without a writable folder warnings go to stderr."""
    root = logging.getLogger()
    try:
        for private in (folder.parent, folder):  # readings and what an error tells are the user's own
            private.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "lvp.log"
        handler: logging.Handler = RotatingFileHandler(
            path, maxBytes=1_000_000, backupCount=3, encoding="utf-8"
        )
    except OSError:
        logging.basicConfig(level=logging.WARNING)
        return None
    handler.setFormatter(PrivateFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    logging.captureWarnings(True)  # a warning of a library belongs in the log, not between the messages
    root.setLevel(logging.WARNING)  # libraries tell of files and attributes; that may name patients
    for own in ("lvp", "lvp_workstation"):
        logging.getLogger(own).setLevel(logging.INFO)
    return path


def run_window(options: argparse.Namespace) -> int:
    """``lvp`` and ``lvp open``: the workstation."""
    from lvp_workstation.app.main import run_workstation

    return run_workstation(options.paths)


def run_analyze(options: argparse.Namespace) -> int:
    """``lvp analyze``."""
    from lvp_workstation.app.headless import analyze

    return analyze(options.path, options.out, options.series, options.role, options.threads, complain)


def run_plan(options: argparse.Namespace) -> int:
    """``lvp plan``."""
    from lvp_workstation.app.plan_command import plan

    return plan(options, say, complain)


def run_audit(options: argparse.Namespace) -> int:
    """Export the audit trail, or check an exported file."""
    from lvp_workstation.app.audit_command import audit  # the other commands need no database

    return audit(options, say)


def run_receive(options: argparse.Namespace) -> int:
    """``lvp receive``."""
    from lvp_workstation.app.scanner_command import receive

    return receive(options, say, complain)


def run_console(options: argparse.Namespace) -> int:
    """``lvp console``."""
    from lvp_workstation.app.console.main import run_console as opened

    return opened(options)


def run_simulate(options: argparse.Namespace) -> int:
    """``lvp simulate-scanner``."""
    from lvp_workstation.app.scanner_command import simulate

    return simulate(options, say, complain)


def run_demo(options: argparse.Namespace) -> int:
    """``lvp demo``."""
    from lvp_workstation.app.headless import demo_headless, demo_study

    if options.headless:
        return demo_headless(options.out, say, complain)
    from lvp_workstation.app.main import run_workstation

    return run_workstation([demo_study()])


def run_phantom_make(options: argparse.Namespace) -> int:
    """``lvp phantom make``."""
    from lvp_workstation.app.headless import make_phantoms

    series = options.series.split(",") if options.series else None
    return make_phantoms(options.out, options.seed, options.count, options.preset, series, say)


def run_evaluate(options: argparse.Namespace) -> int:
    """``lvp evaluate``."""
    from lvp_workstation.app.evaluate_command import evaluate

    return evaluate(options, say, complain)


def run_selftest(options: argparse.Namespace) -> int:
    """``lvp selftest``."""
    from lvp_workstation.app.headless import selftest

    return selftest(options.as_json, say)


def run_bench(options: argparse.Namespace) -> int:
    """``lvp bench``; with ``--session`` one measurement in this process, as the bench calls itself."""
    if options.session is None:
        from lvp_workstation.app.bench.run import bench

        return bench(options.path, options.json_file, say)
    from lvp_workstation.app.bench.session import run_session

    figures = run_session(options.path, options.session)
    options.json_file.write_text(json.dumps(figures), encoding="utf-8")
    return Exit.DONE


def run_verify(options: argparse.Namespace) -> int:
    """``lvp verify``."""
    from lvp_workstation.app.headless import verify

    return verify(options.pdf, say)


if __name__ == "__main__":
    sys.exit(main())
