"""What a user is told when a database refuses: the end of a sentence that begins with its name."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

_IN_USE = "is in use by another program; close the other one and try again"
_READ_ONLY = "cannot be written (read-only); check the rights of the file and its folder"
_DISK_FULL = "cannot grow: the disk is full; free some space and try again"
_DAMAGED = "is damaged or no database; restore the newest backup beside it"
_SENTENCES = {
    "SQLITE_BUSY": _IN_USE,
    "SQLITE_LOCKED": _IN_USE,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_FULL": _DISK_FULL,
    "SQLITE_IOERR_WRITE": _DISK_FULL,
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error; check the disk and try again",
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_CANTOPEN": "cannot be opened; check the folder and its rights",
}
"""SQLite's error names, or their beginning, and what a user is told after the name of the file."""

_NO_SERVER = "cannot be reached; check that the database server runs and the address in the settings"
_STATES = {
    "08": _NO_SERVER,
    "28": "refuses the user name or password in the settings",
    "3D": "does not exist on the server; make it or correct the address in the settings",
    "25006": "cannot be written (read-only); ask who runs the server",
    "42501": "cannot be written: the user in the settings lacks the rights",
    "53100": "cannot grow: the disk of the server is full; nothing of the last change was stored",
    "53": "has no room for another connection; close a workstation or try again later",
    "55P03": _IN_USE,
    "57": "was shut down; try again when the server runs",
}
"""PostgreSQL's SQLSTATE, or its beginning."""


def _refused_at_the_door(message: str) -> str:
    """Return why no connection was made; the driver gives words but no SQLSTATE then."""
    if "authentication failed" in message:
        return _STATES["28"]
    return _STATES["3D"] if "does not exist" in message else _NO_SERVER


def reason(error: Exception) -> str:
    """Return why a database refused, in words where it is a known reason."""
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    name, sentences = (state, _STATES) if state else (getattr(original, "sqlite_errorname", ""), _SENTENCES)
    fitting = [key for key in sentences if name.startswith(key)]
    if fitting:
        return sentences[max(fitting, key=len)]
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return _NO_SERVER
    if type(original).__name__ == "OperationalError" and not name:
        return _refused_at_the_door(str(original))
    return f"refused: {original}"
