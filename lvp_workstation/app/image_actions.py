"""Handlers that take the image on screen elsewhere, as it is seen: words, patient and measurements on it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog

from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.io.atomic import write_bytes
from lvp_workstation.viewer.language import tr

NAME = "image.png"
PNG_FILES = "PNG (*.png)"


class ImageActions(WindowParts):
    """Copy and save what the active viewport shows; the audit trail hears of it."""

    def copy_image(self) -> None:
        """Put the active viewport into the clipboard."""
        image = self._image_on_screen()
        if image is not None:
            QGuiApplication.clipboard().setImage(image)
            self.readings.record("export", files="clipboard")
            self.status.say(tr("The image is in the clipboard, with the patient's name on it."))

    def save_image(self) -> None:
        """Ask for a file and write the active viewport as PNG."""
        image = self._image_on_screen()
        if image is None:
            return
        name, _ = QFileDialog.getSaveFileName(self._widget(), tr("Save the image"), NAME, PNG_FILES)
        if not name:
            return
        try:
            path = write_bytes(Path(name), _png(image))
        except OutputProblem as problem:
            self.status.warn(str(problem))
            return
        self.readings.record("export", files=path.name)
        self.status.say(tr("The image is {path}, with the patient's name on it.", path=path))

    def _image_on_screen(self) -> QImage | None:
        viewport = self.viewports.active
        if viewport is None or viewport.series is None:
            self.status.warn(tr("No image is shown here."))
            return None
        return viewport.grab().toImage()


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
