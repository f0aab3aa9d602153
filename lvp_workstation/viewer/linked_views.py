"""Viewports that share a cursor, follow each other and show where the others cut them.

Viewports are linked only within one frame of reference; files that state none are linked only
within one series.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QMetaObject, QObject, Signal

from lvp_workstation.domain.geometry import Array, Plane, plane_angle_deg
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.intents import PlaneMove, PlaneTurn
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.marks import ReferenceLine, cut_of_slice
from lvp_workstation.viewer.oblique import moved, nearest_on_line, turned
from lvp_workstation.viewer.viewport import Viewport

PARALLEL_DEG = 15.0
"""Slices closer than this in angle scroll together and cut each other in no useful line (our choice)."""


def same_space(first: Viewport, second: Viewport) -> bool:
    """Return whether positions in two viewports mean the same place in the patient."""
    if first.series is None or second.series is None:
        return False
    if first.series is second.series:
        return True
    uid = first.frame_of_reference_uid
    return bool(uid) and uid == second.frame_of_reference_uid


@dataclass(frozen=True, eq=False)
class Place:
    """A level that was gone to: its middle (LPS mm), its name and the frame of reference it is known in."""

    point: Array
    name: str
    frame_of_reference_uid: str


class LinkedViews(QObject):
    """Links a set of viewports by patient position."""

    cursor_changed = Signal(object)
    """The LPS point of the linked cursor, None when it was taken away."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewports: list[Viewport] = []
        self._connections: list[QMetaObject.Connection] = []
        self._active: Viewport | None = None
        self._cursor: Array | None = None
        self._place: Place | None = None
        self._following = False
        self._gathering = False
        """Several viewports are being moved; their lines are drawn once, in the end."""
        self.scroll_linked = True

    @property
    def cursor(self) -> Array | None:
        """The linked cursor, LPS mm."""
        return self._cursor

    def set_viewports(self, viewports: Sequence[Viewport]) -> None:
        """Link these viewports from now on."""
        for connection in self._connections:
            QObject.disconnect(connection)
        self._viewports = list(viewports)
        self._connections = []
        for viewport in self._viewports:
            self._connections += [
                viewport.cursor_moved.connect(partial(self.set_cursor, source=viewport)),
                viewport.slice_changed.connect(partial(self._on_slice, viewport)),
                viewport.stack_changed.connect(self.update_reference_lines),
                viewport.stack_changed.connect(partial(self._note_coverage, viewport)),
                viewport.plane_changed.connect(self.update_reference_lines),
                viewport.plane_asked.connect(self._on_plane_asked),
            ]
        self.update_reference_lines()

    def forget_place(self) -> None:
        """Forget the level gone to and what was said of it: another study has none."""
        self._place = None
        for viewport in self._viewports:
            viewport.set_notice("")

    def set_active(self, viewport: Viewport | None) -> None:
        """Name the viewport whose line the others draw bright."""
        self._active = viewport
        self.update_reference_lines()

    def set_cursor(self, point: Array | None, source: Viewport | None = None) -> None:
        """Put the cursor at an LPS point; every other linked viewport goes to its slice."""
        self._cursor, self._place = point, None
        for viewport in self._viewports:
            self._note_coverage(viewport)
            if source is None or same_space(source, viewport):
                viewport.set_cursor(point)
                if viewport is not source and point is not None:
                    self._follow(viewport, point)
            elif source is not None:
                viewport.set_cursor(None)
        self.update_reference_lines()
        self.cursor_changed.emit(point)

    def go_to(
        self, point: Array, plane: Plane | None = None, name: str = "", frame_of_reference_uid: str = ""
    ) -> None:
        """Take every viewport to a place, such as a disc.

        Acquired stacks show the slice nearest to ``point``; computed transverse views turn to
        ``plane`` when it is given. The cursor is taken away, so that nothing lies over the place. A
        viewport whose slices do not reach the place called ``name`` says so. Without a frame of reference
        the place is one of the active viewport.
        """
        place = Place(point, name, frame_of_reference_uid)
        self._place = place if name else None
        with self.gathered():
            for viewport in self._viewports:
                if not self._reaches(viewport, place):
                    continue
                if plane is not None and _is_transverse(viewport):
                    viewport.set_oblique(plane)
                else:
                    self._follow(viewport, point)
            for viewport in self._viewports:
                self._note_coverage(viewport)
            self.set_cursor_only(None)

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Draw the lines of several changes once, when they are all made."""
        before, self._gathering = self._gathering, True
        try:
            yield
        finally:
            self._gathering = before
        self.update_reference_lines()

    def _note_coverage(self, viewport: Viewport) -> None:
        """Say in a viewport that it shows the nearest slice only, or nothing, of the level gone to."""
        stack, place = viewport.stack, self._place
        if stack is None or place is None:
            viewport.set_notice("")
            return
        if not self._reaches(viewport, place):
            viewport.set_notice(
                tr("does not follow to {level}: another frame of reference", level=place.name)
            )
            return
        away = stack.away_mm(place.point)
        nearest = viewport.slice_index == stack.nearest_index(place.point)
        shown = away > 0 and nearest and viewport.acquired
        text = tr("nearest slice, {level} not covered: {mm} mm away", level=place.name, mm=f"{away:.0f}")
        viewport.set_notice(text if shown else "")

    def _reaches(self, viewport: Viewport, place: Place) -> bool:
        """Return whether a place means the same in a viewport."""
        if place.frame_of_reference_uid and viewport.frame_of_reference_uid:
            return viewport.frame_of_reference_uid == place.frame_of_reference_uid
        return self._active is None or same_space(self._active, viewport)

    def set_cursor_only(self, point: Array | None) -> None:
        """Show the cursor at a point without moving any slice."""
        self._cursor = point
        for viewport in self._viewports:
            viewport.set_cursor(point)
        self.update_reference_lines()
        self.cursor_changed.emit(point)

    def join(self, viewport: Viewport) -> None:
        """Take a viewport in which a series was just hung to the slice of a parallel one."""
        others = [v for v in self._viewports if v is not viewport and self._parallel(viewport, v)]
        plane = others[0].slice_plane if others else None
        stack = viewport.stack
        if plane is not None and stack is not None and stack.covers(plane.point):
            self._following = True
            viewport.go_to_slice(stack.nearest_index(plane.point))
            self._following = False
        self.update_reference_lines()

    def update_reference_lines(self) -> None:
        """Redraw where each viewport is cut by the others."""
        if self._gathering:
            return
        for viewport in self._viewports:
            viewport.set_reference_lines(self._lines_in(viewport))

    def _lines_in(self, viewport: Viewport) -> list[ReferenceLine]:
        plane = viewport.slice_plane
        if plane is None or not viewport.isVisible():
            return []
        lines = []
        for place, other in enumerate(self._viewports):
            cut = self._cut(plane, viewport, other)
            if cut is not None and other.stack is not None:
                number = str(other.stack.number(other.slice_index))
                pivot = self._pivot(other, *cut)
                lines.append(ReferenceLine(*cut, number, other is self._active, place, pivot))
        return lines

    def _pivot(self, other: Viewport, start: Array, end: Array) -> Array | None:
        """Return the point of a line about which its plane turns: at the cursor, else at its level."""
        through = other.through
        if through is None:
            return None
        return nearest_on_line(through if self._cursor is None else self._cursor, start, end)

    def _on_plane_asked(self, intent: PlaneMove | PlaneTurn) -> None:
        """Move or turn a computed plane; acquired slices that are parallel to a moved one follow it."""
        viewport = self._viewports[intent.number]
        plane, through = viewport.slice_plane, viewport.through
        if plane is None or through is None:
            return
        if isinstance(intent, PlaneTurn):
            viewport.turn_to(turned(plane, intent.pivot, intent.axis, intent.degrees))
        else:
            viewport.turn_to(moved(plane, intent.point, through))
            self._on_slice(viewport, viewport.slice_index)

    def level_planes(self, plane: Plane | None) -> None:
        """Turn computed planes back: transverse ones to the plane of a level, others as they were hung."""
        for viewport in self._viewports:
            if viewport.reformat is None:
                continue
            if plane is not None and _is_transverse(viewport):
                viewport.set_oblique(plane)
            else:
                viewport.set_reformat(viewport.reformat)
                if plane is not None:
                    self._follow(viewport, plane.point)
        self.update_reference_lines()

    def _cut(self, plane: Plane, viewport: Viewport, other: Viewport) -> tuple[Array, Array] | None:
        """Return where the slice of ``other`` cuts the plane of ``viewport``."""
        cutting = other.slice_plane
        if other is viewport or cutting is None or other.stack is None or not other.isVisible():
            return None
        if not same_space(viewport, other) or plane_angle_deg(plane.normal, cutting.normal) < PARALLEL_DEG:
            return None
        return cut_of_slice(plane, other.stack.corners(other.slice_index))

    def _on_slice(self, source: Viewport, _index: int) -> None:
        plane = source.slice_plane
        self._note_coverage(source)
        if self._following or plane is None:
            return
        if self.scroll_linked:
            self._following = True
            for viewport in self._viewports:
                if viewport is not source and self._parallel(source, viewport):
                    self._follow(viewport, plane.point)
            self._following = False
        self.update_reference_lines()

    def _parallel(self, first: Viewport, second: Viewport) -> bool:
        a, b = first.slice_plane, second.slice_plane
        if a is None or b is None or not same_space(first, second):
            return False
        return plane_angle_deg(a.normal, b.normal) < PARALLEL_DEG

    def _follow(self, viewport: Viewport, point: Array) -> None:
        """Show the slice of ``viewport`` nearest to a point, without making others follow in turn."""
        before, self._following = self._following, True
        viewport.go_to_point(point)
        self._following = before


def _is_transverse(viewport: Viewport) -> bool:
    """Return whether a viewport shows computed transverse slices, however far they were turned since."""
    if viewport.stack is None or viewport.stack.on_source_grid:
        return False
    return (viewport.reformat or viewport.stack.plane) is ImagePlane.AXIAL
