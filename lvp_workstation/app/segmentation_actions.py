"""Handlers that change the segmentation."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu

from lvp_workstation.app.panels.evidence_panel import why_hidden
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.reading import ReadingMode, RevealBy
from lvp_workstation.services.edit_segmentation import deleted, instance_at, painted, relabelled
from lvp_workstation.viewer.intents import BrushStroke, PointReadout
from lvp_workstation.viewer.language import told, tr
from lvp_workstation.viewer.viewport import Viewport

NOT_SHOWN = "The contours here are not shown yet: lock your grades of this level first (L)."


class SegmentationActions(WindowParts):
    """Brush, eraser, relabel, delete."""

    _picked: InstanceId = ""
    """What drawing gives voxels to; empty is the structure it begins on, else the current level's disc."""

    context_menu: Callable[[str], QMenu]

    def paint_stroke(self, stroke: BrushStroke) -> None:
        """Paint or erase along a stroke: the structure under its first point, or at the current level."""
        shown = self.editable()
        instance = self.structure_for(stroke.points[0]) if shown and not stroke.erase else None
        if not shown or (instance is None and not stroke.erase):
            return
        points, normal = list(stroke.points), stroke.normal
        name = self.structure_name(instance) if instance else ""
        self.segmentation.change(
            lambda newest: painted(newest, points, stroke.radius_mm, instance, shown, normal),
            f"brush {name}" if instance else "eraser",
        )

    def editable(self) -> frozenset[InstanceId]:
        """Return the structures that may be edited, and say why there are none when there are none."""
        shown = self.screen_state.shown_instances()
        if self.screen_state.labels is None or not self.screen_state.has_analysis:
            self.status.warn(tr("There is no segmentation to edit; run the analysis first."))
            return frozenset()
        reading = self.readings.reading
        if not shown and reading is not None:
            told_why = reading.mode is ReadingMode.INDEPENDENT_FIRST and reading.reveal_by is RevealBy.LEVEL
            self.status.warn(tr(NOT_SHOWN if told_why else why_hidden(reading.mode, reading.reveal_by)))
        return shown

    def structure_for(self, point: Array) -> InstanceId | None:
        """Return what drawing at an LPS point gives voxels to; None, with the reason said, for nothing.

        It is the structure that was picked, else the shown one at the point, else the current level's disc.
        """
        shown, labels = self.screen_state.shown_instances(), self.screen_state.labels
        assert labels is not None
        under = instance_at(labels, point)
        wanted = self._picked or (under if under in shown else "") or self.rail.current
        if wanted in shown:
            return wanted
        self.status.warn(tr(NOT_SHOWN))
        return None

    def structure_name(self, instance: InstanceId) -> str:
        """Return the level name of a structure, with "?" until the numbering was confirmed."""
        reading = self.readings.reading
        return reading.level_map.shown_name(instance) if reading and reading.level_map else instance

    def relabel_structure(self) -> None:
        """Give the structure under the cursor to another instance."""
        self._with_structure_at_cursor(self._ask_relabel)

    def delete_structure(self) -> None:
        """Delete the structure under the cursor."""
        self._with_structure_at_cursor(self._delete)

    def _with_structure_at_cursor(self, act: Callable[[InstanceId], None]) -> None:
        labels, cursor = self.screen_state.labels, self.viewports.links.cursor
        instance = instance_at(labels, cursor) if labels is not None and cursor is not None else None
        if instance is None or instance not in self.screen_state.shown_instances():
            self.status.warn(
                tr("Put the crosshair (shift + move) on a segmented structure that is shown first.")
            )
        else:
            act(instance)

    def _ask_relabel(self, instance: InstanceId) -> None:
        labels = self.screen_state.labels
        assert labels is not None
        others = [i for i in labels.instances if i != instance]
        names = [told(self.structure_name(i)) for i in others]
        name, ok = QInputDialog.getItem(
            self._widget(),
            tr("Label"),
            tr("{name} becomes part of:", name=told(self.structure_name(instance))),
            names,
            0,
            False,
        )
        if ok:
            other = others[names.index(name)]
            self.segmentation.change(
                lambda newest: relabelled(newest, instance, other),
                f"relabel {self.structure_name(instance)} as {self.structure_name(other)}",
            )

    def _delete(self, instance: InstanceId) -> None:
        self.segmentation.change(
            lambda newest: deleted(newest, instance), f"delete {self.structure_name(instance)}"
        )

    def show_context_menu(self, _viewport: Viewport, readout: PointReadout | None, at: QPoint) -> None:
        """Offer what can be done with the structure that was clicked."""
        menu = self.context_menu("viewport")
        first = menu.actions()[0]
        instance = readout.instance if readout is not None else None
        reading = self.readings.reading
        if instance is not None and reading is not None and not reading.state.signed:
            name = told(self.structure_name(instance))
            for words, act in (
                (tr("Relabel {name} …", name=name), self._ask_relabel),
                (tr("Delete {name}", name=name), self._delete),
            ):
                item = QAction(words, menu)
                item.triggered.connect(lambda _checked=False, a=act: a(instance))
                menu.insertAction(first, item)
        menu.popup(at)
