"""Handlers of tools that correct the segmentation: fill, grow, interpolate, smooth, relabel, split, merge."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from lvp_workstation.app.segmentation_actions import SegmentationActions
from lvp_workstation.app.tool_actions import ToolActions
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.geometry import Array, Plane, unit
from lvp_workstation.domain.labelmap import LabelArray, LabelMap, code_of
from lvp_workstation.services.edit_segmentation import cut_off, instance_at, outline_filled, relabelled
from lvp_workstation.viewer.intents import LabelGesture, LabelTool
from lvp_workstation.viewer.language import told, tr

BRUSH_SIZES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
"""Radii of the brush, mm (our choice)."""
SIDES = (("part at the left", "part at the right"), ("front part", "back part"), ("lower part", "upper part"))
"""Names of both sides of a cut by the axis (LPS) that it lies across most, against it and along it."""


class LabelActions(SegmentationActions, ToolActions):
    """From the tools of the segmentation to edits of it."""

    def edit_labels(self, gesture: LabelGesture) -> None:
        """Do what a tool of the segmentation was told."""
        shown = self.editable()
        if shown:
            act: dict[LabelTool, Callable[[LabelGesture, frozenset[InstanceId]], None]] = {
                LabelTool.FILL: self._fill,
                LabelTool.GROW: self._grow,
                LabelTool.RELABEL: self._relabel,
                LabelTool.SPLIT: self._split,
                LabelTool.MERGE: self._merge,
            }
            act[gesture.tool](gesture, shown)

    def _fill(self, gesture: LabelGesture, shown: frozenset[InstanceId]) -> None:
        points, normal = gesture.points, gesture.normal
        if len(points) == 1:
            self.segmentation.change(partial(_hole_filled, points[0], shown), "fill a hole")
            return
        instance = None if gesture.erase else self.structure_for(points.mean(axis=0))
        if instance is None and not gesture.erase:
            return
        name = f"fill {self.structure_name(instance)}" if instance else "empty an outline"
        self.segmentation.change(lambda newest: outline_filled(newest, points, normal, instance, shown), name)

    def _grow(self, gesture: LabelGesture, shown: frozenset[InstanceId]) -> None:
        point = gesture.points[0]
        instance, image = self.structure_for(point), self._segmented_image()
        if image is None:
            self.status.warn(tr("The images that were segmented are not loaded yet."))
        elif instance is not None:
            self.segmentation.change(
                partial(_grown, image, point, instance), f"grow {self.structure_name(instance)}"
            )

    def _segmented_image(self) -> NDArray[Any] | None:
        """Return the voxels that the segmentation lies on, None while they are not all there."""
        labels = self.screen_state.labels
        assert labels is not None
        for series in self.studies.series.values():
            same = series.geometry is not None and series.geometry.same_grid(labels.geometry)
            if same and series.complete and series.array is not None:
                return series.array
        return None

    def _relabel(self, gesture: LabelGesture, shown: frozenset[InstanceId]) -> None:
        point = gesture.points[0]
        instance = self._shown_at(point, shown)
        if instance is None:
            self.status.warn(tr("Click a segmented structure that is shown."))
            return
        name = self.structure_name(instance)

        def become(other: InstanceId | None) -> None:
            text = f"relabel {name} as {self.structure_name(other)}" if other else f"delete a piece of {name}"
            self.segmentation.change(partial(_piece_relabelled, point, other), text)

        if self._picked and self._picked != instance:
            become(self._picked)
            return
        menu = QMenu(self._widget())
        for other in self._others(instance):
            menu.addAction(told(self.structure_name(other))).triggered.connect(partial(_call, become, other))
        menu.addSeparator()
        menu.addAction(tr("delete this piece")).triggered.connect(partial(_call, become, None))
        menu.popup(QCursor.pos())

    def _shown_at(self, point: Array, shown: frozenset[InstanceId]) -> InstanceId | None:
        labels = self.screen_state.labels
        instance = instance_at(labels, point) if labels is not None else None
        return instance if instance in shown else None

    def _others(self, instance: InstanceId) -> list[InstanceId]:
        """Return what a piece may become: neighbours of its kind first, then every other shown structure."""
        reading, labels = self.readings.reading, self.screen_state.labels
        if reading is None or reading.level_map is None or labels is None:
            return []
        shown = self.screen_state.shown_instances()
        known = dict.fromkeys((*reading.level_map.vertebrae, *reading.level_map.discs, *labels.instances))
        code = code_of(instance)
        others = [each for each in known if each != instance and each in shown]
        return sorted(others, key=lambda each: (each[0] != instance[0], abs(code_of(each) - code)))

    def _split(self, gesture: LabelGesture, shown: frozenset[InstanceId]) -> None:
        start, end = gesture.points
        instance = self._shown_at((start + end) / 2, shown)
        if instance is None:
            self.status.warn(tr("The middle of the line must lie in a structure that is shown."))
            return
        normal = unit(np.cross(gesture.normal, end - start))
        axis = int(np.argmax(np.abs(normal)))
        sign = 1.0 if normal[axis] > 0 else -1.0
        menu = QMenu(self._widget())
        for side, name in zip((-1.0, 1.0), SIDES[axis], strict=True):
            cut = Plane(start, sign * side * normal)
            part = menu.addMenu(tr(name))
            for other in (*self._others(instance)[:6], None):
                words = told(self.structure_name(other)) if other else tr("delete it")
                act = partial(self._cut, instance, cut, other)
                part.addAction(words).triggered.connect(partial(_call, act))
        menu.popup(QCursor.pos())

    def _cut(self, instance: InstanceId, cut: Plane, other: InstanceId | None) -> None:
        name = self.structure_name(instance)
        becomes = f"split {name}: a part becomes {self.structure_name(other)}" if other else f"cut {name}"
        self.segmentation.change(lambda newest: cut_off(newest, instance, cut, other), becomes)

    def _merge(self, gesture: LabelGesture, shown: frozenset[InstanceId]) -> None:
        first, second = (self._shown_at(point, shown) for point in gesture.points)
        if first is None or second is None or first == second:
            self.status.warn(tr("Drag from one structure that is shown to another one."))
            return
        self.segmentation.change(
            lambda newest: relabelled(newest, first, second),
            f"merge {self.structure_name(first)} into {self.structure_name(second)}",
        )

    # -- without a gesture ----------------------------------------------------------------

    def _structure_meant(self) -> InstanceId | None:
        """Return the shown structure under the mouse, else the picked one, else the current level's disc."""
        shown, viewport = self.editable(), self.viewports.active
        if not shown:
            return None
        if viewport is not None and viewport.underMouse():
            at = viewport.mapFromGlobal(QCursor.pos())
            view = viewport.view()
            under = self._shown_at(view.pixel_to_world((at.x(), at.y())), shown) if view is not None else None
            if under is not None:
                return under
        wanted = self._picked or self.rail.current
        if wanted in shown:
            return wanted
        self.status.warn(tr("Put the mouse on a structure that is shown."))
        return None

    def smooth_structure(self) -> None:
        """Smooth the structure under the mouse."""
        instance = self._structure_meant()
        if instance is not None:
            self.segmentation.change(partial(_smoothed, instance), f"smooth {self.structure_name(instance)}")

    def interpolate_structure(self) -> None:
        """Interpolate the structure under the mouse between the slices on which it was corrected."""
        instance = self._structure_meant()
        if instance is not None:
            corrected = self._corrected_slices(instance)
            self.segmentation.change(
                partial(_interpolated, instance, corrected), f"interpolate {self.structure_name(instance)}"
            )

    def _corrected_slices(self, instance: InstanceId) -> frozenset[int]:
        """Return the slices on which strokes changed a structure, each stroke on one slice alone."""
        snapshot, code = self.readings.snapshot, code_of(instance)
        done = snapshot.history.done if snapshot is not None else ()
        changed = (edit.labels.slices_of(code) for edit in done if edit.labels is not None)
        return frozenset(number for slices in changed if len(slices) == 1 for number in slices)

    def pick_structure(self) -> None:
        """Let brush, fill, grow and relabel give voxels to the structure under the mouse, or no longer."""
        shown, viewport = self.editable(), self.viewports.active
        view = viewport.view() if viewport is not None else None
        if not shown or viewport is None or view is None:
            return
        at = viewport.mapFromGlobal(QCursor.pos())
        under = self._shown_at(view.pixel_to_world((at.x(), at.y())), shown)
        if under is not None and under != self._picked:
            self._pick(under)
        elif self._picked:
            self._pick("")
        else:
            menu = QMenu(self._widget())
            for each in self._others(self.rail.current or "D1"):
                menu.addAction(told(self.structure_name(each))).triggered.connect(
                    partial(_call, self._pick, each)
                )
            menu.popup(QCursor.pos())

    def _pick(self, instance: InstanceId) -> None:
        self._picked = instance
        if instance:
            self.status.say(tr("painting: {name}", name=told(self.structure_name(instance))))
        else:
            self.status.say(tr("painting: the structure under the mouse"))

    def brush_smaller(self) -> None:
        """Make the brush smaller."""
        self._step_brush(-1)

    def brush_larger(self) -> None:
        """Make the brush larger."""
        self._step_brush(1)

    def _step_brush(self, step: int) -> None:
        now = self.viewports.brush_radius
        beyond = [r for r in BRUSH_SIZES if (r > now if step > 0 else r < now)]
        if beyond:
            self.viewports.set_brush_radius(min(beyond, key=lambda radius: abs(radius - now)))
        self.status.say(tr("brush: {radius} mm", radius=f"{self.viewports.brush_radius:g}"))

    def tool_fill(self) -> None:
        """Fill on the left button."""
        self.choose_tool("fill")

    def tool_grow(self) -> None:
        """Grow from here on the left button."""
        self.choose_tool("grow")

    def tool_relabel(self) -> None:
        """Relabel on the left button."""
        self.choose_tool("relabel")

    def tool_split(self) -> None:
        """Split on the left button."""
        self.choose_tool("split")

    def tool_merge(self) -> None:
        """Merge on the left button."""
        self.choose_tool("merge")


def _call(act: Callable[..., None], *arguments: object) -> None:
    """Call without what Qt's ``triggered`` adds at the end."""
    act(*(each for each in arguments if not isinstance(each, bool)))


# SciPy is loaded on the worker, not at the start of the window.


def _hole_filled(point: Array, among: frozenset[InstanceId], newest: LabelMap) -> LabelArray:
    from lvp_workstation.services.reshape_segmentation import hole_filled

    return hole_filled(newest, point, among)


def _grown(image: NDArray[Any], point: Array, instance: InstanceId, newest: LabelMap) -> LabelArray:
    from lvp_workstation.services.reshape_segmentation import grown_from

    return grown_from(newest, image, point, instance)


def _piece_relabelled(point: Array, other: InstanceId | None, newest: LabelMap) -> LabelArray:
    from lvp_workstation.services.reshape_segmentation import piece_relabelled

    return piece_relabelled(newest, point, other)


def _smoothed(instance: InstanceId, newest: LabelMap) -> LabelArray:
    from lvp_workstation.services.reshape_segmentation import smoothed_out

    return smoothed_out(newest, instance)


def _interpolated(instance: InstanceId, corrected: frozenset[int], newest: LabelMap) -> LabelArray:
    from lvp_workstation.services.reshape_segmentation import interpolated

    return interpolated(newest, instance, corrected)
