"""The key of the audit trail, and its length and head, in files beside the settings, outside the database.

Whoever can change the database but not read the key cannot make a chain that fits. Length and head tell
when the end of the trail was cut off.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from lvp_workstation.domain.errors import StorageProblem
from lvp_workstation.store.private_files import write_private

log = logging.getLogger(__name__)
KEY_NAME, HEAD_NAME = "audit.key", "audit.head"
KEY_BYTES = 32


@dataclass(frozen=True)
class Head:
    """How long a chain is, and the MAC of its last record."""

    chain: str
    records: int
    mac: str


@dataclass(frozen=True)
class AuditKey:
    """A secret and the chain it belongs to; ``folder`` keeps the head, None keeps none."""

    chain: str
    secret: bytes
    folder: Path | None = None

    def mac(self, text: str) -> str:
        """Return the HMAC-SHA-256 of a text, lower-case hex."""
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()

    def head(self) -> Head | None:
        """Return the head kept beside the key, None when there is none that can be read."""
        if self.folder is None:
            return None
        try:
            head = Head(**json.loads((self.folder / HEAD_NAME).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            log.warning("the head of the audit trail cannot be read: %s", type(error).__name__)
            return None
        return head if head.chain == self.chain else None

    def keep(self, head: Head) -> None:
        """Write the head down, durably; what it speaks of is committed already, so this never fails.

        A head of fewer records than the one that is kept, from another window, is left out.
        """
        known = self.head()
        if self.folder is None or (known is not None and known.records >= head.records):
            return
        staged = self.folder / f"{HEAD_NAME}.{os.getpid()}"
        try:
            write_private(staged, json.dumps(asdict(head)))
            os.replace(staged, self.folder / HEAD_NAME)
        except OSError as error:
            log.warning("the head of the audit trail was not kept: %s", error.strerror)


def load_or_make_key(folder: Path) -> AuditKey:
    """Return the key in a folder, made with a new chain when there is none.

    Raises
    ------
    StorageProblem
        When the file cannot be read or made.
    """
    path = folder / KEY_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path)
        text = path.read_text(encoding="ascii")
        chain, secret = text.split()
        return AuditKey(chain, bytes.fromhex(secret), folder)
    except OSError as error:
        raise StorageProblem(
            f"The key of the audit trail {path} cannot be used: {error.strerror}."
        ) from error
    except ValueError as error:
        raise StorageProblem(
            f"The key of the audit trail {path} is damaged; put it back from a backup, or move it away "
            "and a new chain begins."
        ) from error


def _make(path: Path) -> None:
    """Make a key; where two programs start at once, the first one's stays."""
    staged = path.with_name(f"{path.name}.{os.getpid()}")
    write_private(staged, f"{secrets.token_hex(8)} {secrets.token_hex(KEY_BYTES)}\n")
    try:
        os.link(staged, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        os.replace(staged, path)
        return
    staged.unlink()
