"""The exception tree of the program.

::

    LvpError
    ├── EnvironmentProblem          what the world did: shown in plain words with what to do
    │   ├── UnreadableInput         a file, folder or archive that cannot be read
    │   │   └── NothingReadable     nothing at all could be read (exit code 3)
    │   ├── NoLumbarSeries          readable, but no lumbar series (exit code 4)
    │   ├── ModelProblem            bundle missing, corrupt or refused (exit code 5)
    │   ├── OutputProblem           a folder or file cannot be written (exit code 6)
    │   ├── StorageProblem          the local database is locked, full or newer than the program
    │   │   ├── ReadingConflict     another window or workstation changed the reading meanwhile
    │   │   └── PassphraseNeeded    the database is encrypted, and the passphrase is not known or wrong
    │   └── IdentityConflict        patient identities that must not be combined
    ├── UsageProblem                the request itself is wrong (exit code 2)
    ├── ReadingStateError           a reading is not in a state that allows the edit
    ├── NotPermitted                the role of who signed in does not allow it
    └── Cancelled                   the reader or the program asked to stop

Everything else that is raised is a bug: it is logged whole and never swallowed.
"""

from __future__ import annotations

from collections.abc import Mapping


class LvpError(Exception):
    """Base of every error the program raises on purpose."""


class EnvironmentProblem(LvpError):
    """Something outside the program went wrong; the message is a sentence for the user."""


class UnreadableInput(EnvironmentProblem):
    """A file, folder or archive cannot be read; the message names it and says what to do."""


class NothingReadable(UnreadableInput):
    """Nothing at all could be read from the given paths."""


class NoLumbarSeries(EnvironmentProblem):
    """The input is readable, but holds no series in which a lumbar spine was found.

    ``timings_s`` holds the seconds that looking for one took, by step.
    """

    def __init__(self, text: str, timings_s: Mapping[str, float] | None = None) -> None:
        super().__init__(text)
        self.timings_s = dict(timings_s or {})


class ModelProblem(EnvironmentProblem):
    """A model bundle is missing, corrupt, or does not match its manifest."""


class OutputProblem(EnvironmentProblem):
    """A result cannot be written where it was asked for."""


class StorageProblem(EnvironmentProblem):
    """The local database cannot be used; nothing that was confirmed is lost."""


class IdentityConflict(EnvironmentProblem):
    """Two things that carry different patient identities were to be combined."""


class UsageProblem(LvpError):
    """The request names something that does not exist or contradicts itself."""


class ReadingStateError(LvpError):
    """The reading's state forbids the edit, such as any edit after signing."""


class ReadingConflict(StorageProblem):
    """The reading was changed elsewhere since it was loaded; the refused edit was not stored."""


class NotPermitted(LvpError):
    """Whoever signed in may not do this; nothing was changed."""


class PassphraseNeeded(StorageProblem):
    """The database is encrypted; the passphrase was not given, or does not fit."""


class Cancelled(LvpError):
    """A long task was stopped on request; nothing was changed."""
