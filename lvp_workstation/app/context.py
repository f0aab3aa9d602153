"""The composition root: builds everything once and hands it to constructors."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lvp_workstation.app.actions import load_key_map
from lvp_workstation.app.settings import Settings, save_settings
from lvp_workstation.assets import asset_path
from lvp_workstation.domain.clock import local_now as local_now
from lvp_workstation.domain.clock import utc_now as utc_now
from lvp_workstation.domain.errors import (
    NotPermitted,
    OutputProblem,
    PassphraseNeeded,
    StorageProblem,
    UsageProblem,
)
from lvp_workstation.domain.people import Person, ReadingRules
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.reading import Role
from lvp_workstation.domain.study import Series
from lvp_workstation.domain.volume import Volume
from lvp_workstation.io.decode_worker import WorkerDecoder
from lvp_workstation.services.analysis import Analysis, with_axial
from lvp_workstation.services.analysis_process import AnalysisProcess, StudyAnalyser
from lvp_workstation.services.open_study import VolumeCache, VolumeLoader
from lvp_workstation.services.people import People
from lvp_workstation.services.pre_read import PreReader
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.services.report_process import ReportProcess, ReportWriter
from lvp_workstation.services.shipped_analyser import make_analyser as make_analyser
from lvp_workstation.services.worklist import WorklistRoom
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.cipher import is_plain
from lvp_workstation.store.database import Database, sqlite_url
from lvp_workstation.store.vault import NEEDED, Vault, drop_vault, has_vault, make_vault, open_vault, wrap
from lvp_workstation.viewer.hanging import HangingProtocol
from lvp_workstation.viewer.hanging_files import load_protocols

if TYPE_CHECKING:
    from lvp_workstation.services.acquisition.decisions import DecisionLog

PREVIEW_LIFE_S = 12 * 3600
"""Age at which a preview that a killed run left behind is deleted (our choice)."""

DATABASE_NAME = "readings.sqlite"


class AppContext:
    """What the windows share: settings, key map, loaders, the analyser and the database."""

    def __init__(self, settings: Settings, settings_path: Path, data: Path) -> None:
        self.settings = settings
        self._settings_path = settings_path
        self.data = data
        self._previews = _preview_home(data) / f"previews_{os.getpid()}"
        self._decoder = WorkerDecoder()
        self._volumes = VolumeCache()
        self.loader = VolumeLoader(self._volumes, self._decoder)
        self._analyser = AnalysisProcess(settings.threads or None)
        self._reports = ReportProcess()
        self._database: Database | None = None
        self.person: Person | None = None
        """Who signed in, None without accounts."""
        self._staffed = False
        self._vault: Vault | None = None

    @property
    def asks_at_start(self) -> bool:
        """Whether something has to be asked before anything is shown, known without the database."""
        return self.settings.staffed or self.encrypted

    @property
    def _vault_folders(self) -> tuple[Path, Path]:
        return self.data, self._settings_path.parent

    @property
    def encrypted(self) -> bool:
        """Whether what is kept on this computer is encrypted under a passphrase."""
        return has_vault(self._vault_folders)

    def remember_start(self) -> None:
        """Keep whether people have to sign in, so that the next start hides everything at once."""
        if self.settings.staffed is not self._staffed:
            self.settings.staffed = self._staffed
            self.save_settings()

    def unlock(self, passphrase: str) -> None:
        """Open what is encrypted; raises `PassphraseNeeded` when the passphrase does not fit."""
        self._vault = open_vault(self._vault_folders, passphrase)

    def encrypt(self, passphrase: str) -> None:
        """Encrypt the database, its backups and the session under a new passphrase; for the database worker.

        Whoever holds a reading of it has to open it again.

        Raises
        ------
        UsageProblem
            When readings are kept on a server, which looks after that itself, or the passphrase is short.
        StorageProblem
            When another program uses the database or the disk refuses; nothing is encrypted then. A program
            that is killed goes on at its next start.
        """
        if self.settings.database:
            raise UsageProblem("Readings are kept on a server; its disks are encrypted there.")
        self._vault = make_vault(self._vault_folders, passphrase)
        self._close_database()
        try:
            self.database()
        except StorageProblem:
            if is_plain(self.data / DATABASE_NAME):  # nothing was encrypted: all is as before
                drop_vault(self._vault_folders)
                self._vault = None
            raise
        AuditTrail(self.database()).append(utc_now(), self.reader_name, "encrypted", {})

    def change_passphrase(self, old: str, new: str) -> None:
        """Put another passphrase in place of the old one; nothing is encrypted anew."""
        wrap(self._vault_folders, open_vault(self._vault_folders, old), new)

    def seal(self, data: bytes) -> bytes:
        """Return bytes as they are kept beside the database: sealed where that is encrypted."""
        return data if self._vault is None else self._vault.seal(data)

    def unseal(self, data: bytes) -> bytes:
        """Return what `seal` was given; raises `ValueError` when it cannot be opened."""
        return data if self._vault is None else self._vault.unseal(data)

    @property
    def reader_name(self) -> str:
        """Who reads: whoever signed in, else as the settings name the reader; empty when nobody is named."""
        return self.person.name if self.person is not None else self.settings.reader

    @property
    def owner(self) -> str:
        """Whose readings are opened."""
        return self.person.login if self.person is not None else self.settings.owner

    @property
    def reading_role(self) -> Role:
        """In which capacity new readings are made."""
        return self.person.reading_role if self.person is not None else self.settings.reading_role

    @property
    def rules(self) -> ReadingRules:
        """How readings begin on this workstation where neither list nor person says otherwise."""
        return ReadingRules(self.settings.reading_mode, self.settings.revealed_together)

    def start(self) -> None:
        """Start what runs beside the window: the workers that decode untrusted files."""
        for left in self._previews.parent.glob("previews_*"):  # of a run that was killed
            if time.time() - left.stat().st_mtime > PREVIEW_LIFE_S:
                shutil.rmtree(left, ignore_errors=True)
        self._decoder.start()

    def analyser(self) -> StudyAnalyser:
        """Return the analyser; its process and the model are started with the first analysis."""
        return self._analyser

    def for_readings(self, analysis: Analysis) -> Analysis:
        """Return an analysis for a reading: with what the axial model says where that is switched on."""
        return with_axial(analysis) if self.settings.axial_grades else analysis

    def reports(self) -> ReportWriter:
        """Return what writes reports, in another process."""
        return self._reports

    def database(self) -> Database:
        """Return the database, opened and migrated on first use; for the database worker only.

        Raises
        ------
        StorageProblem
            When it cannot be used.
        """
        if self._database is None:
            try:
                self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise StorageProblem(f"{self.data} cannot be made: {error.strerror}.") from error
            url = self.settings.database or sqlite_url(self.data / DATABASE_NAME)
            if self.encrypted and self._vault is None:
                raise PassphraseNeeded(NEEDED)
            key = self._vault.database_key if self._vault is not None and not self.settings.database else ""
            self._database = Database(url, self._settings_path.parent, key)
        return self._database

    def _database_for_somebody(self) -> Database:
        """Return the database; raises `NotPermitted` while somebody has to sign in first."""
        database = self.database()
        if self._staffed and self.person is None:
            raise NotPermitted("Sign in to go on.")
        return database

    def reading_room(self) -> ReadingRoom:
        """Return the readings; raises what `database` does, or `NotPermitted` before somebody signed in."""
        return ReadingRoom(self._database_for_somebody(), utc_now, self.person)

    def people(self) -> People:
        """Return the accounts in the database; raises what `database` does."""
        people = People(self.database(), utc_now)
        self._staffed = people.needed()
        return people

    def worklist(self) -> WorklistRoom:
        """Return the worklist as whoever signed in sees it; raises what `reading_room` does."""
        return WorklistRoom(self._database_for_somebody(), utc_now, self.person, self.reader_name, self.rules)

    def pre_reader(self) -> PreReader:
        """Return what analyses studies of the queue; raises what `database` does."""
        name = f"{platform.node() or 'workstation'} {os.getpid()}"
        return PreReader(self.database(), utc_now, name, self.settings.axial_grades)

    def decision_log(self) -> DecisionLog:
        """Return the log of decisions on scan planes, whoever signed in; raises what `database` does."""
        from lvp_workstation.services.acquisition.decisions import DecisionLog  # planning: not of a reading

        return DecisionLog(self.database(), utc_now)

    def load_beside(self, series: Series, cancel: CancelToken | None) -> Volume:
        """Return a volume for work in the background: what the window keeps is not pushed out by it."""
        loaded = VolumeLoader(None, self._decoder, 1).load(series, cancel=cancel)
        return loaded.volume

    def forget_volumes(self) -> None:
        """Drop the decoded volumes that are kept for a study opened again."""
        self._volumes.clear()

    def key_map(self) -> dict[str, tuple[str, ...]]:
        """Return the default key map with the user's overrides."""
        return load_key_map(asset_path("resources", "keymap", "default.json"), self.settings.keys)

    def shipped_keys(self) -> dict[str, tuple[str, ...]]:
        """Return the key map without the user's overrides."""
        return load_key_map(asset_path("resources", "keymap", "default.json"))

    def protocols(self, refused: Callable[[str], None]) -> tuple[HangingProtocol, ...]:
        """Return the hanging protocols of the program and of the user; ``refused`` hears of unusable ones."""
        return load_protocols(asset_path("resources", "hanging"), self.own_protocols, refused)

    @property
    def own_protocols(self) -> Path:
        """Where the layouts that the user saved are kept."""
        return self.data / "hanging"

    @property
    def report_folder(self) -> Path:
        """Where the user keeps letterhead, wording and order of reports, beside the settings."""
        return self._settings_path.parent / "report"

    @property
    def reports_folder(self) -> Path:
        """Where signed reports are written: the folder the user set, else ``reports`` in the data folder."""
        return Path(self.settings.reports) if self.settings.reports else self.data / "reports"

    def save_settings(self) -> None:
        """Write the settings.

        Raises
        ------
        StorageProblem
            When they cannot be written; they hold until the program ends.
        """
        try:
            save_settings(self.settings, self._settings_path)
        except OSError as error:
            why = error.strerror or error
            raise StorageProblem(f"The settings cannot be kept in {self._settings_path}: {why}.") from error

    def preview_folder(self) -> Path:
        """Return a new folder for a report to look at; it names a patient, so it goes at the exit.

        Raises
        ------
        OutputProblem
            When it cannot be made.
        """
        try:
            self._previews.mkdir(parents=True, exist_ok=True, mode=0o700)
            return Path(tempfile.mkdtemp(dir=self._previews))
        except OSError as error:
            raise OutputProblem(f"{self._previews} cannot be written: {error.strerror}.") from error

    def close(self) -> None:
        """Let go of what was opened, and of every preview."""
        shutil.rmtree(self._previews, ignore_errors=True)
        self._decoder.close()
        self._analyser.close()
        self._reports.close()
        self._close_database()

    def _close_database(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _preview_home(data: Path) -> Path:
    """Return where previews lie: in memory where the system has such a folder for this user alone."""
    memory = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(memory) / "lvp" if memory and os.access(memory, os.W_OK) else data
