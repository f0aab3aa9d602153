"""A PostgreSQL server of one's own: made in a temporary folder, run as a user without rights, thrown away."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "postgresql"
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Server:
    """A running server with an empty database ``lvp``."""

    bin: Path
    data: Path
    url: str
    options: str
    account: str | None

    @property
    def version(self) -> str:
        """Return such as ``15.18``."""
        out = subprocess.run([self.bin / "postgres", "--version"], capture_output=True, text=True, check=True)
        return out.stdout.split()[2]

    def start(self) -> None:
        """Start it, or start it again."""
        self._ctl("-l", str(self.data.parent / "log"), "-o", self.options, "start")

    def kill(self) -> None:
        """Stop it without letting it finish anything."""
        self._ctl("-m", "immediate", "stop")

    def _ctl(self, *words: str) -> None:
        _run([self.bin / "pg_ctl", "-D", self.data, "-w", *words], self.account, self.data.parent)


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that Debian installed, None without one."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


def install() -> None:
    """Install PostgreSQL from Debian; only root can."""
    if os.geteuid() != 0:
        raise SystemExit(f"PostgreSQL is missing. Run this once: sudo apt-get install -y {PACKAGE}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", PACKAGE], check=True, env=quiet, stdout=subprocess.DEVNULL
    )


@contextmanager
def running() -> Iterator[Server]:
    """Give a server that is stopped and thrown away afterwards."""
    folder = programs()
    if folder is None:
        raise FileNotFoundError("PostgreSQL is not installed")
    account = _account()
    base = Path(tempfile.mkdtemp(prefix="lvp-postgres-"))
    try:
        if account is not None:
            shutil.chown(base, account)
        server = _made(folder, base, account)
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _account() -> str | None:
    """Return the user without rights that a server started by root runs as."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _made(folder: Path, base: Path, account: str | None) -> Server:
    data, password, port = base / "data", secrets.token_hex(8), _free_port()
    secret = base / "password"
    secret.write_text(password)
    if account is not None:
        shutil.chown(secret, account)
    words = ["--auth=scram-sha-256", f"--pwfile={secret}", "--username=lvp", "--encoding=UTF8", "--locale=C"]
    _run([folder / "initdb", "-D", data, *words], account, base)
    url = f"postgresql+psycopg://lvp:{password}@127.0.0.1:{port}/lvp"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={base}"
    server = Server(folder, data, url, options, account)
    server.start()
    command = [folder / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "lvp", "lvp"]
    subprocess.run(command, check=True, env={**os.environ, "PGPASSWORD": password}, capture_output=True)
    return server


def _run(command: list[str | Path], account: str | None, cwd: Path) -> None:
    done = subprocess.run(
        command,
        user=account,
        group=pwd.getpwnam(account).pw_gid if account else None,
        extra_groups=[] if account else None,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a pipe would be held open by the server
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
