"""What signing leaves behind: the signed report as a PDF, in the folder that the user set for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from lvp_workstation.app.task_runner import Lane
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.reading import Reading
from lvp_workstation.services.reading_state import ReadingSnapshot
from lvp_workstation.viewer.language import told, tr

ID_LENGTH = 8
"""How much of the id of a reading tells its folder from those of other readings of the study (our choice)."""


class SignedReports(WindowParts):
    """Writes the report of a reading the moment it is signed, and says where."""

    _writing: Callable[[ReadingSnapshot, Path, bool], Callable[[], tuple[Path, ...]]]
    _report_of: str = ""

    def write_signed(self, snapshot: object) -> None:
        """Write the signed report when a change was the signature; each signature once."""
        if not isinstance(snapshot, ReadingSnapshot) or "signature" not in snapshot.fields:
            return
        signature = snapshot.reading.signature
        if signature is None or signature.sha256 == self._report_of:
            return
        self._report_of = signature.sha256
        folder = self.context.reports_folder / folder_name(snapshot.reading)
        write = self._writing(snapshot, folder, False)

        def done(paths: tuple[Path, ...]) -> None:
            self.readings.record("export", files=", ".join(path.name for path in paths))
            self.status.say(tr("Signed. The report is {path}", path=paths[0]))

        def failed(error: Exception) -> None:
            if not isinstance(error, LvpError):
                raise error
            self.status.warn(
                tr("The reading is signed; its report could not be written. {why}", why=told(str(error)))
            )

        self.runner.start(Lane.FILES, "signed report", lambda _, __: write(), done, failed)

    def choose_reports_folder(self) -> None:
        """Ask where signed reports are written from now on."""
        now = self.context.reports_folder
        name = QFileDialog.getExistingDirectory(self._widget(), tr("Folder of signed reports"), str(now))
        if name:
            self.context.settings.reports = name
            self.save_settings()
            self.status.say(tr("Signed reports are written into {folder}", folder=name))


def folder_name(reading: Reading) -> str:
    """Return the name of the folder of a signed reading: PatientID, then part of the reading's own id."""
    patient = re.sub(r"[^A-Za-z0-9._-]+", "_", reading.patient.patient_id).strip("._") or "no_patient_id"
    return f"{patient}_{reading.reading_id[:ID_LENGTH]}"
