"""The handlers of the action table, gathered from their rooms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from lvp_workstation import __version__
from lvp_workstation.app.detach_actions import DetachActions
from lvp_workstation.app.finding_actions import FindingActions
from lvp_workstation.app.hanging_actions import HangingActions
from lvp_workstation.app.image_actions import ImageActions
from lvp_workstation.app.label_actions import LabelActions
from lvp_workstation.app.level_actions import LevelActions
from lvp_workstation.app.looking_actions import LookingActions
from lvp_workstation.app.mark_actions import MarkActions
from lvp_workstation.app.mark_list import MarkList
from lvp_workstation.app.people_actions import PeopleActions
from lvp_workstation.app.prior_actions import PriorActions
from lvp_workstation.app.protocol_actions import ProtocolActions
from lvp_workstation.app.report_actions import ReportActions
from lvp_workstation.app.setting_actions import SettingActions
from lvp_workstation.app.signed_reports import SignedReports
from lvp_workstation.app.view_actions import ViewActions
from lvp_workstation.app.worklist_actions import WorklistActions
from lvp_workstation.viewer.language import tr

ABOUT = (
    "<b>LVP Workstation {version}</b><br>Reading workstation for lumbar-spine MRI.<br>Research software · "
    "not a medical device; not cleared or approved by any authority.<br><br>The V-Net was trained with data "
    "from the SPIDER lumbar spine MRI data set (van der Graaf et al., Scientific Data 11, 264, 2024; "
    "CC BY 4.0)."
)
READERS_NAME = "Your name, as it stands beside what you decide and in the report:"


class WindowActions(
    HangingActions,
    DetachActions,
    FindingActions,
    ImageActions,
    LabelActions,
    LevelActions,
    LookingActions,
    MarkActions,
    MarkList,
    PriorActions,
    ReportActions,
    SignedReports,
    ViewActions,
    ProtocolActions,
    PeopleActions,
    WorklistActions,
    SettingActions,
):
    """Every method that the action table names."""

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open studies from paths."""
        raise NotImplementedError

    def reopen_reading(self) -> None:
        """Try once more to open the reading of the study on screen."""
        raise NotImplementedError

    def open_folder(self) -> None:
        """Ask for a folder and open it."""
        folder = QFileDialog.getExistingDirectory(self._widget(), tr("Open folder"))
        if folder:
            self.open_paths([Path(folder)])

    def open_files(self) -> None:
        """Ask for files or an archive and open them."""
        names, _ = QFileDialog.getOpenFileNames(self._widget(), tr("Open files or archive"))
        if names:
            self.open_paths([Path(name) for name in names])

    def name_reader(self) -> None:
        """Ask who reads."""
        settings = self.context.settings
        if self.context.person is not None:
            self.status.warn(tr("Your name is that of your account; an administrator changes it."))
            return
        name, ok = QInputDialog.getText(
            self._widget(), tr("Reader's name"), tr(READERS_NAME), text=settings.reader
        )
        if ok:
            settings.reader = name.strip()
            self.save_settings()
            self.status.set_reader(settings.reader)

    def open_demo(self) -> None:
        """Open the embedded demo study, made on first use."""
        self.status.say(tr("Making the demo study …"))
        self.studies.open_made(self._demo_folder)

    def _demo_folder(self) -> Path:
        from lvp_workstation.services.make_phantom import demo_folder  # scipy, not needed by other studies

        return demo_folder(self.context.data)

    def show_about(self) -> None:
        """Say what the program is and is not."""
        QMessageBox.about(self._widget(), tr("About"), tr(ABOUT).format(version=__version__))
