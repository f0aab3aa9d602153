"""The key of everything that is encrypted at rest, kept under a passphrase.

A random key encrypts; a key derived from the passphrase with Argon2id (RFC 9106) wraps it with AES-256-GCM,
so that a passphrase is changed without encrypting anything anew. The wrapped key lies in a small file beside
the database and, where settings are kept elsewhere, beside those: without it nothing can be opened.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lvp_workstation.domain.errors import PassphraseNeeded, StorageProblem
from lvp_workstation.domain.people import check_password
from lvp_workstation.store.private_files import write_private

VAULT_NAME = "readings.key"
KEY_BYTES, NONCE_BYTES = 32, 12
_SETTINGS = {"kdf": "argon2id", "time_cost": 3, "memory_kib": 65536, "lanes": 4}
"""Second recommended set of RFC 9106."""
WRONG = "The passphrase does not fit."
NEEDED = "The readings are encrypted; the passphrase is needed."


@dataclass(frozen=True)
class Vault:
    """An opened vault; its key never leaves the memory of the program."""

    key: bytes

    @property
    def database_key(self) -> str:
        """The key of the database, lower-case hex."""
        return self._derived(b"database").hex()

    def seal(self, data: bytes) -> bytes:
        """Return bytes that only this vault opens."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._derived(b"files")).encrypt(nonce, data, None)

    def unseal(self, sealed: bytes) -> bytes:
        """Return what was sealed.

        Raises
        ------
        ValueError
            When it was not sealed by this vault, or was changed.
        """
        try:
            return AESGCM(self._derived(b"files")).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except InvalidTag as error:
            raise ValueError("not sealed by this vault") from error

    def _derived(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, None, b"lvp " + purpose).derive(self.key)


def has_vault(folders: Iterable[Path]) -> bool:
    """Return whether there is a vault in one of these folders."""
    return any((folder / VAULT_NAME).exists() for folder in folders)


def make_vault(folders: Sequence[Path], passphrase: str) -> Vault:
    """Make a vault in every folder; what it encrypts is lost without the passphrase.

    Raises
    ------
    UsageProblem
        When the passphrase is too short.
    StorageProblem
        When there is a vault already, or it cannot be written.
    """
    if has_vault(folders):
        raise StorageProblem("The readings are encrypted already.")
    vault = Vault(secrets.token_bytes(KEY_BYTES))
    wrap(folders, vault, passphrase)
    return vault


def drop_vault(folders: Iterable[Path]) -> None:
    """Forget a vault under which nothing was encrypted yet."""
    for folder in dict.fromkeys(folders):
        (folder / VAULT_NAME).unlink(missing_ok=True)


def wrap(folders: Sequence[Path], vault: Vault, passphrase: str) -> None:
    """Keep a vault under a passphrase, in place of the one before."""
    check_password(passphrase)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(NONCE_BYTES)
    head = {"version": 1, **_SETTINGS, "salt": salt.hex(), "nonce": nonce.hex()}
    wrapped = AESGCM(_stretched(passphrase, head)).encrypt(nonce, vault.key, _bound(head))
    text = json.dumps(head | {"wrapped": wrapped.hex()}, indent=1)
    for folder in dict.fromkeys(folders):
        path = folder / VAULT_NAME
        staged = path.with_name(f"{VAULT_NAME}.{os.getpid()}")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(staged, text)
            os.replace(staged, path)
        except OSError as error:
            raise StorageProblem(f"The key file {path} cannot be written: {error.strerror}.") from error


def open_vault(folders: Sequence[Path], passphrase: str) -> Vault:
    """Return the vault that a passphrase opens.

    Raises
    ------
    PassphraseNeeded
        When it does not fit.
    StorageProblem
        When the key file cannot be read.
    """
    path = next((f / VAULT_NAME for f in folders if (f / VAULT_NAME).exists()), None)
    if path is None:
        raise StorageProblem("There is no key file; nothing is encrypted here.")
    try:
        head = json.loads(path.read_text(encoding="ascii"))
        wrapped, nonce = bytes.fromhex(head.pop("wrapped")), bytes.fromhex(head["nonce"])
        return Vault(AESGCM(_stretched(passphrase, head)).decrypt(nonce, wrapped, _bound(head)))
    except InvalidTag as error:
        raise PassphraseNeeded(WRONG) from error
    except OSError as error:
        raise StorageProblem(f"The key file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StorageProblem(
            f"The key file {path} is damaged; put it back from a backup. Without it nothing can be opened."
        ) from error


def _stretched(passphrase: str, head: dict[str, object]) -> bytes:
    settings = {name: int(str(head[name])) for name in ("time_cost", "memory_kib", "lanes")}
    return hash_secret_raw(
        passphrase.encode(),
        bytes.fromhex(str(head["salt"])),
        time_cost=settings["time_cost"],
        memory_cost=settings["memory_kib"],
        parallelism=settings["lanes"],
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _bound(head: dict[str, object]) -> bytes:
    """Return the settings as the wrapped key is bound to them."""
    return json.dumps(head, sort_keys=True).encode()
