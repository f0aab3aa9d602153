"""``lvp audit``: export the audit trail, or check an exported file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from getpass import getpass
from pathlib import Path

from lvp_workstation.app.context import AppContext, utc_now
from lvp_workstation.app.settings import data_folder, load_settings, settings_file
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.services.audit_out import check_audit, export_audit

Say = Callable[[str], None]
WHOLE, BROKEN = 0, 1


def audit(options: argparse.Namespace, say: Say) -> int:
    """Export or check, and return the exit code."""
    return _check(options, say) if options.check is not None else _export(options, say)


def _export(options: argparse.Namespace, say: Say) -> int:
    if options.out is None:
        raise UsageProblem("Say where the audit trail goes (--out) or which file to check (--check).")
    settings = load_settings(settings_file())
    with closing(AppContext(settings, settings_file(), data_folder())) as context:
        if context.encrypted:
            context.unlock(getpass("Passphrase: "))
        reader = settings.reader or "unnamed reader"
        count, path = export_audit(context.database(), options.out, options.format, reader, utc_now)
    say(f"records={count} written={path}")
    return WHOLE


def _check(options: argparse.Namespace, say: Say) -> int:
    if (options.records is None) != (options.head is None):
        raise UsageProblem("Length and head of a report belong together: give --records and --head.")
    printed = (options.records, options.head) if options.head is not None else None
    path: Path = options.check
    verdict = check_audit(path, settings_file().parent, printed)
    say(f"records={verdict.records} whole={'no' if verdict.problem else 'yes'} {verdict.problem}".strip())
    return BROKEN if verdict.problem else WHOLE
