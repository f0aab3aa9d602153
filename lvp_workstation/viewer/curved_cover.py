"""A curved reformat along the canal, laid flat over a viewport."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from lvp_workstation.domain.geometry import SUPERIOR
from lvp_workstation.domain.volume import SLICE, ImagePlane, VolumeGeometry
from lvp_workstation.render.curved import CurvedPlane, values_at
from lvp_workstation.render.label_lut import grey_pixels
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.render.window import grey
from lvp_workstation.viewer.canal_curve import canal_curve
from lvp_workstation.viewer.cover import Cover
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.render_scheduler import RenderScheduler

BELOW_IDENTITY = 70.0
"""Names keep this far from the top, where the patient's identity stands, in pixels (our choice)."""

NO_LEVELS = "A curved reformat follows the levels; there are none yet."

KINDS = (ImagePlane.CORONAL, ImagePlane.SAGITTAL)
"""Kinds of reformat in the order in which one key goes through them."""


class CurvedCover(Cover):
    """Shows the surface through the canal; the wheel moves it aside, a click puts the cursor there."""

    cursor_asked = Signal(object)
    """LPS point that was clicked."""

    def __init__(
        self, series: DisplaySeries, plane: ImagePlane, scheduler: RenderScheduler, parent: QWidget
    ) -> None:
        super().__init__(series, scheduler, parent)
        self.plane = plane
        self.aside_mm = 0.0
        self._curved: CurvedPlane | None = None
        self._own = False
        self._values: NDArray[np.float32] | None = None
        series.window_changed.connect(self._compose)

    def close_cover(self) -> None:
        """Stop following the series."""
        super().close_cover()
        self._series.window_changed.disconnect(self._compose)

    def set_layer(self, layer: Any, shown: bool) -> None:
        """Follow the canal of these labels as far as it may be seen."""
        found = canal_curve(layer) if layer is not None else None
        self._curved, self._own = (CurvedPlane(found[0], self.plane), found[1]) if found else (None, False)
        super().set_layer(layer, shown)

    def refresh(self) -> None:
        """Ask the worker for the values of the surface."""
        series, camera = self._series, self.camera()
        if self._curved is None or series.array is None or series.geometry is None or camera is None:
            self.update()
            return
        cut = partial(flat_values, series.array, series.geometry, self._curved, camera, self.aside_mm)
        self._scheduler.worker.request(self, cut, self._take_values)

    def _take_values(self, values: NDArray[np.float32]) -> None:
        self._values = values
        self._compose()

    def _compose(self) -> None:
        if self._values is not None:
            self.take(np.take(grey_pixels(), grey(self._values, self._series.window)))

    def camera(self) -> ViewTransform | None:
        """Return the flat picture as a view: the first point of the curve is at the top, in the middle."""
        if self._curved is None or self.width() < 1 or self.height() < 1:
            return None
        wide = 120.0 if self.plane is ImagePlane.CORONAL else 180.0  # mm that should be seen across
        scale = max(self._curved.length_mm / self.height(), wide / self.width())
        centre = self._curved.curve[0] - SUPERIOR * self._curved.length_mm / 2
        return ViewTransform(centre, self._curved.across, -SUPERIOR, scale, self.width(), self.height())

    def message(self) -> str:
        """Say why nothing is shown."""
        return tr(NO_LEVELS) if self._curved is None else ""

    def badge_words(self) -> tuple[str, ...]:
        """Say what the picture is and what it follows."""
        geometry = self._series.geometry
        spacing = geometry.spacing[SLICE] if geometry is not None else 0.0
        kind = tr(
            "COMPUTED curved {plane} from {mm} mm slices", plane=tr(self.plane.value), mm=f"{spacing:.1f}"
        )
        along = tr("along the canal") if self._own else tr("along the column: the canal is not shown yet")
        aside = tr("{mm} mm aside", mm=f"{self.aside_mm:+.0f}")
        return kind, f"{along}, {aside}" if self.aside_mm else along

    def paint_names(self, painter: QPainter, camera: ViewTransform) -> None:
        """Write level names at the left."""
        layer, curved = self._layer, self._curved
        if layer is None or curved is None or not self._shown:
            return
        for anchor in layer.anchors:
            name = layer.names.get(anchor.instance, "")
            y = curved.spot(anchor.middle)[1] / camera.mm_per_pixel + self._top(camera)
            if name and BELOW_IDENTITY < y < self.height():
                self.write(painter, QPointF(self.width() * 0.16, y), name, anchor.is_disc)

    def _top(self, camera: ViewTransform) -> float:
        """Return the pixel row of the first point of the curve."""
        assert self._curved is not None
        return (self.height() - self._curved.length_mm / camera.mm_per_pixel) / 2

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the linked cursor at the place that was clicked."""
        super().mousePressEvent(event)
        camera, curved = self.camera(), self._curved
        if camera is None or curved is None:
            return
        across = (event.position().x() - self.width() / 2) * camera.mm_per_pixel
        along = (event.position().y() - self._top(camera)) * camera.mm_per_pixel
        self.cursor_asked.emit(curved.place(across, along, self.aside_mm))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move the surface aside by a millimetre a notch."""
        self.aside_mm -= (event.angleDelta().y() or event.angleDelta().x()) / 120
        self.refresh()
        event.accept()


def flat_values(
    array: NDArray[Any], geometry: VolumeGeometry, curved: CurvedPlane, camera: ViewTransform, aside_mm: float
) -> NDArray[np.float32]:
    """Return the values of the flat picture, shape (height, width); below every window outside the curve."""
    mm = camera.mm_per_pixel
    across = (np.arange(camera.width) + 0.5 - camera.width / 2) * mm
    along = (np.arange(camera.height) + 0.5 - camera.height / 2) * mm + curved.length_mm / 2
    points = curved.place(across[None, :], along[:, None] + np.zeros_like(across)[None, :], aside_mm)
    values = values_at(array, geometry, points)
    values[(along < 0) | (along > curved.length_mm)] = np.nan
    return np.nan_to_num(values, nan=float(np.finfo(np.float32).min))
