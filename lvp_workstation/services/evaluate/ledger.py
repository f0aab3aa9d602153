"""Scores of finished cases in ``cases.jsonl``, so that an evaluation goes on where it was stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvp_workstation.services.output_folder import refusal

LEDGER = "cases.jsonl"


class Ledger:
    """Appends one line a finished case; lines of other models, versions or files are passed over.

    Parameters
    ----------
    folder
        The output folder of the evaluation.
    identity
        What every line must agree with to be used: kind, model hash, program version …
    afresh
        Forget what was scored before.
    """

    def __init__(self, folder: Path, identity: Mapping[str, str], afresh: bool = False) -> None:
        self._path = folder / LEDGER
        self._identity = dict(identity)
        self._known: dict[tuple[str, str], Any] = {}
        if afresh:
            self._path.unlink(missing_ok=True)
        elif self._path.is_file():
            self._read()

    def _read(self) -> None:
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
                matches = row["identity"] == self._identity
                key = (str(row["case"]), str(row["fingerprint"]))
            except (ValueError, KeyError, TypeError):
                continue  # cut off when the program was stopped: the case is scored again
            if matches:
                self._known[key] = row["result"]

    def get(self, case: str, fingerprint: str) -> Any:
        """Return what was kept of a case, None when it must be scored."""
        return self._known.get((case, fingerprint))

    def append(self, case: str, fingerprint: str, result: Any) -> None:
        """Keep the result of a case, on disk before this returns.

        Raises
        ------
        OutputProblem
            When the disk refuses.
        """
        row = {"case": case, "fingerprint": fingerprint, "identity": self._identity, "result": result}
        try:
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(("" if self._ends_well() else "\n") + json.dumps(row, allow_nan=False) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise refusal(self._path, error) from error
        self._known[(case, fingerprint)] = result

    def _ends_well(self) -> bool:
        """Whether the file ends in a complete line; one that was cut off must not swallow the next."""
        try:
            with self._path.open("rb") as stream:
                if stream.seek(0, os.SEEK_END) == 0:
                    return True
                stream.seek(-1, os.SEEK_END)
                return stream.read(1) == b"\n"
        except FileNotFoundError:
            return True
