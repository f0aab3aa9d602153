"""The labels as surfaces: turned by dragging, cut open by a plane that the wheel moves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from lvp_workstation.domain.geometry import LEFT, POSTERIOR, SUPERIOR, Array, Plane, unit, vector
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.slice_scene import Pixels
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer.cover import Cover
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.render_scheduler import RenderScheduler

if TYPE_CHECKING:
    from lvp_workstation.render.surface_scene import SurfaceScene

TURN_PER_PIXEL = 0.5
ZOOM_PER_PIXEL = 1.01
STEEPEST = 85.0
"""Degrees a pixel of dragging turns, factor it zooms, and the steepest view from above (our choice)."""

CLIP_STEP_MM = 2.0
"""How far a notch of the wheel moves the cut (our choice)."""

CLIPS: tuple[ImagePlane | None, ...] = (None, ImagePlane.SAGITTAL, ImagePlane.CORONAL, ImagePlane.AXIAL)
"""Planes of the cut in the order in which one key goes through them."""

_NORMALS = {ImagePlane.SAGITTAL: LEFT, ImagePlane.CORONAL: POSTERIOR, ImagePlane.AXIAL: SUPERIOR}

NOTHING_SHOWN = "The surfaces are the AI's outlines: they are shown for levels whose grades are locked."


class SurfaceMaker:
    """Owns the scene; every call belongs on the worker, where the scene is made, used and closed."""

    def __init__(self) -> None:
        self._scene: SurfaceScene | None = None
        self._of: LabelMap | None = None

    def render(self, labels: LabelMap, camera: ViewTransform, clip: Plane | None) -> Pixels:
        """Return the picture of a label map; its surfaces are built once."""
        from lvp_workstation.render.surface_scene import SurfaceScene  # OpenGL, not needed by slices

        if self._scene is None or self._of is not labels:
            self.close()
            self._scene, self._of = SurfaceScene(labels), labels
        return self._scene.render(camera, clip)

    def close(self) -> None:
        """Let go of the scene."""
        if self._scene is not None:
            self._scene.close()
        self._scene = self._of = None


@dataclass
class Turn:
    """Where the labels are looked at from: degrees around the body and above it, and the zoom."""

    around: float = 60.0
    above: float = 10.0
    zoom: float = 1.0


class SurfaceCover(Cover):
    """Shows the surfaces of the labels as far as they may be seen."""

    def __init__(self, series: DisplaySeries, scheduler: RenderScheduler, parent: QWidget) -> None:
        super().__init__(series, scheduler, parent)
        self.turn = Turn()
        self._clip: ImagePlane | None = None
        self._clip_mm = 0.0
        self._maker = SurfaceMaker()
        self._box: tuple[LabelMap, Array, Array] | None = None
        scheduler.worker.at_close(self, self._maker.close)

    def close_cover(self) -> None:
        """Close the scene where it was made."""
        self._scheduler.worker.let_go(self)

    @property
    def clip(self) -> ImagePlane | None:
        """The plane of the cut."""
        return self._clip

    def next_clip(self) -> None:
        """Go on to the next plane of the cut, after the last to none; it begins in the middle."""
        self._clip = CLIPS[(CLIPS.index(self._clip) + 1) % len(CLIPS)]
        self._clip_mm = 0.0
        self.refresh()

    def refresh(self) -> None:
        """Ask the worker for the picture."""
        camera = self.camera()
        if camera is None or self.message() or self._layer is None:
            self.update()
            return
        view = camera.scaled(self.devicePixelRatioF())
        work = partial(self._maker.render, self._layer.label_map, view, self._cut(camera))
        self._scheduler.worker.request(self, work, self.take)

    def camera(self) -> ViewTransform | None:
        """Return the view from the side that was turned to, onto the middle of the labels."""
        box = self._extent()
        if box is None or self.width() < 1 or self.height() < 1:
            return None
        low, high = box
        around, above = np.radians(self.turn.around), np.radians(self.turn.above)
        right = vector((np.cos(around), np.sin(around), 0.0))
        level = np.cross(right, -SUPERIOR)
        down = unit(np.cos(above) * -SUPERIOR + np.sin(above) * level)
        height, width = float(high[2] - low[2]), float(np.hypot(*(high - low)[:2]))
        scale = max(height / self.height(), width / self.width()) * 1.1 / self.turn.zoom
        return ViewTransform((low + high) / 2, right, down, scale, self.width(), self.height())

    def _extent(self) -> tuple[Array, Array] | None:
        """Return the corners of the box that holds the labels, LPS mm."""
        if self._layer is None:
            return None
        labels = self._layer.label_map
        if self._box is None or self._box[0] is not labels:
            voxels = np.argwhere(labels.array[:, ::4, ::4]) * (1, 4, 4)
            points = labels.geometry.index_to_world(voxels) if len(voxels) else np.zeros((0, 3))
            nothing = not len(points)
            low = np.zeros(3) if nothing else points.min(axis=0)
            self._box = (labels, low, low if nothing else points.max(axis=0))
        low, high = self._box[1:]
        return None if (low == high).all() else (low, high)

    def _cut(self, camera: ViewTransform) -> Plane | None:
        """Return the cutting plane, turned so that what lies towards the reader is cut away."""
        if self._clip is None:
            return None
        normal = _NORMALS[self._clip]
        away = normal if normal @ camera.normal >= 0 else -normal
        return Plane(camera.centre + self._clip_mm * normal, away)

    def message(self) -> str:
        """Say why nothing is shown."""
        if not self._shown:
            return ""
        return tr(NOTHING_SHOWN) if self._extent() is None else ""

    def badge_words(self) -> tuple[str, ...]:
        """Say what the picture is, and where it is cut."""
        words = (tr("COMPUTED surfaces of the outlines"),)
        if self._clip is None:
            return words
        return (*words, tr("cut {plane}, {mm} mm", plane=tr(self._clip.value), mm=f"{self._clip_mm:+.0f}"))

    def paint_names(self, painter: QPainter, camera: ViewTransform) -> None:
        """Write the names of the vertebrae that are shown over them."""
        if self._layer is None or not self._shown:
            return
        shown = frozenset(self._layer.label_map.instances)
        for anchor in self._layer.anchors:
            name = self._layer.names.get(anchor.instance, "")
            if name and anchor.instance in shown and not anchor.is_disc:
                x, y = camera.world_to_pixel(anchor.middle)
                self.write(painter, QPointF(float(x), float(y)), name, anchor.is_disc)

    def take(self, pixels: Pixels) -> None:
        """Show a picture, unless the labels were hidden meanwhile."""
        if self._shown:
            super().take(pixels)

    def set_layer(self, layer: object, shown: bool) -> None:
        """Take the labels as they may be seen; hidden ones leave no picture."""
        if not shown:
            self._pixels = None
        super().set_layer(layer, shown)  # type: ignore[arg-type]

    def dragged(self, dx: float, dy: float, buttons: Qt.MouseButton) -> None:
        """Turn with the left button, zoom with the right one."""
        if buttons & Qt.MouseButton.RightButton:
            self.turn.zoom = float(np.clip(self.turn.zoom * ZOOM_PER_PIXEL**-dy, 0.5, 8.0))
        else:
            self.turn.around = (self.turn.around - TURN_PER_PIXEL * dx) % 360.0
            self.turn.above = float(np.clip(self.turn.above + TURN_PER_PIXEL * dy, -STEEPEST, STEEPEST))
        self.refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move the cut; without one, zoom."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        if self._clip is None:
            self.turn.zoom = float(np.clip(self.turn.zoom * 1.1**notches, 0.5, 8.0))
        else:
            self._clip_mm += CLIP_STEP_MM * notches
        self.refresh()
        event.accept()
