"""The composition root: builds everything once and hands it to constructors."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lvp_workstation.app.actions import load_key_map
from lvp_workstation.app.settings import Settings, save_settings
from lvp_workstation.assets import asset_path
from lvp_workstation.domain.clock import local_now as local_now
from lvp_workstation.domain.clock import utc_now as utc_now
from lvp_workstation.domain.errors import OutputProblem, StorageProblem
from lvp_workstation.io.decode_worker import WorkerDecoder
from lvp_workstation.services.analysis_process import AnalysisProcess, StudyAnalyser
from lvp_workstation.services.open_study import VolumeCache, VolumeLoader
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.services.shipped_analyser import make_analyser as make_analyser
from lvp_workstation.store.database import Database, sqlite_url
from lvp_workstation.viewer.hanging import HangingProtocol
from lvp_workstation.viewer.hanging_files import load_protocols

PREVIEW_LIFE_S = 12 * 3600
"""Age at which a preview that a killed run left behind is deleted (our choice)."""

DATABASE_NAME = "readings.sqlite"


class AppContext:
    """What the windows share: settings, key map, loaders, the analyser and the database."""

    def __init__(self, settings: Settings, settings_path: Path, data: Path) -> None:
        self.settings = settings
        self._settings_path = settings_path
        self.data = data
        self._previews = data / f"previews_{os.getpid()}"
        self._decoder = WorkerDecoder()
        self._volumes = VolumeCache()
        self.loader = VolumeLoader(self._volumes, self._decoder)
        self._analyser = AnalysisProcess(settings.threads or None)
        self._database: Database | None = None

    def start(self) -> None:
        """Start what runs beside the window: the workers that decode untrusted files."""
        for left in self.data.glob("previews_*"):  # of a run that was killed
            if time.time() - left.stat().st_mtime > PREVIEW_LIFE_S:
                shutil.rmtree(left, ignore_errors=True)
        self._decoder.start()

    def analyser(self) -> StudyAnalyser:
        """Return the analyser; its process and the model are started with the first analysis."""
        return self._analyser

    def reading_room(self) -> ReadingRoom:
        """Return the readings in the local database, opened and migrated on first use.

        Raises
        ------
        StorageProblem
            When the database cannot be used.
        """
        if self._database is None:
            try:
                self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise StorageProblem(f"{self.data} cannot be made: {error.strerror}.") from error
            url = self.settings.database or sqlite_url(self.data / DATABASE_NAME)
            self._database = Database(url, self._settings_path.parent)
        return ReadingRoom(self._database, utc_now)

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
        if self._database is not None:
            self._database.close()
            self._database = None
