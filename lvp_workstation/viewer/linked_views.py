"""Viewports that share a cursor, follow each other and show where the others cut them.

Viewports are linked within one frame of reference of one examination; files that state none are linked
only within one series. Spaces that were linked by hand or by their levels follow each other as well, and
say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QMetaObject, QObject, Signal

from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.intents import PlaneMove, PlaneTurn
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.oblique import moved, turned
from lvp_workstation.viewer.reference_lines import parallel, reference_lines
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.spaces import IDENTITY, Rigid, Space, Spaces, space_of
from lvp_workstation.viewer.viewport import Viewport


@dataclass(frozen=True, eq=False)
class Place:
    """A level that was gone to: its middle (LPS mm), its name and where it is known.

    ``plane`` is the plane of the disc, ``study_uid`` the examination whose level map tells the place; empty
    for the one on screen alone.
    """

    point: Array
    name: str
    frame_of_reference_uid: str
    plane: Plane | None = None
    study_uid: str = ""


class LinkedViews(QObject):
    """Links a set of viewports by patient position."""

    cursor_changed = Signal(object)
    """The LPS point of the linked cursor, None when it was taken away."""

    def __init__(self, scheduler: RenderScheduler, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scheduler = scheduler
        self._viewports: list[Viewport] = []
        self._connections: list[QMetaObject.Connection] = []
        self._active: Viewport | None = None
        self._cursor: Array | None = None
        self._places: tuple[Place, ...] = ()
        self.spaces = Spaces()
        self.home: Space | None = None
        """The space of the labels: of places and measurements that no viewport asked for."""
        self._following = False
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

    def dispose(self) -> None:
        """Let go of every viewport; may be called again."""
        self.set_viewports(())
        self._scheduler.forget(self)

    def forget_place(self) -> None:
        """Forget the level gone to and what was said of it: another study has none."""
        self._places = ()
        self.spaces.clear()
        for viewport in self._viewports:
            viewport.set_notice("")
        self.links_changed()

    def links_changed(self) -> None:
        """Say in every viewport how its space is linked to others."""
        for viewport in self._viewports:
            viewport.set_link_note(self.spaces.words(space_of(viewport.series)))
        self.update_reference_lines()

    def set_active(self, viewport: Viewport | None) -> None:
        """Name the viewport whose line the others draw bright."""
        self._active = viewport
        self.update_reference_lines()

    def set_cursor(self, point: Array | None, source: Viewport | None = None) -> None:
        """Put the cursor at an LPS point; every other linked viewport goes to its slice."""
        self._cursor, self._places = point, ()
        for viewport in self._viewports:
            self._note_coverage(viewport)
            way = self._way(source, viewport)
            here = way.points(point) if way is not None and point is not None else None
            viewport.set_cursor(here)
            if viewport is not source and here is not None:
                self._follow(viewport, here)
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
        self.go_to_places((Place(point, name, frame_of_reference_uid, plane),))

    def go_to_places(self, places: Sequence[Place]) -> None:
        """Take every viewport to a level as the level map of its own examination places it, see `go_to`."""
        self._places = ()
        for viewport in self._viewports:
            place = self._place_in(viewport, places)
            if place is None:
                continue
            if place.plane is not None and _is_transverse(viewport):
                viewport.set_oblique(place.plane)
            else:
                self._follow(viewport, place.point)
        self._places = tuple(place for place in places if place.name)
        for viewport in self._viewports:
            self._note_coverage(viewport)
        self.set_cursor_only(None)

    def rename_place(self, name: str, study_uid: str = "") -> None:
        """Call the place gone to last by another name: the levels of an examination were renamed."""
        if any(place.study_uid in ("", study_uid) and place.name != name for place in self._places):
            self._places = tuple(
                replace(place, name=name) if place.study_uid in ("", study_uid) else place
                for place in self._places
            )
            for viewport in self._viewports:
                self._note_coverage(viewport)

    def _note_coverage(self, viewport: Viewport) -> None:
        """Say in a viewport that it shows the nearest slice only, or nothing, of the level gone to."""
        stack = viewport.stack
        if stack is None or not self._places:
            viewport.set_notice("")
            return
        place = self._place_in(viewport, self._places)
        if place is None:
            name = self._places[0].name
            viewport.set_notice(tr("does not follow to {level}: another frame of reference", level=name))
            return
        away = stack.away_mm(place.point)
        nearest = viewport.slice_index == stack.nearest_index(place.point)
        shown = away > 0 and nearest and viewport.acquired
        text = tr("nearest slice, {level} not covered: {mm} mm away", level=place.name, mm=f"{away:.0f}")
        viewport.set_notice(text if shown else "")

    def _place_in(self, viewport: Viewport, places: Sequence[Place]) -> Place | None:
        """Return the place as a viewport's own space has it: told for its study, else through a link."""
        study = viewport.series.study if viewport.series is not None else None
        own = study.study_instance_uid if study is not None else ""
        for place in sorted(places, key=lambda each: each.study_uid != own):
            found = self._reached(viewport, place, own)
            if found is not None:
                return found
        return None

    def _reached(self, viewport: Viewport, place: Place, own_study: str) -> Place | None:
        uid = place.frame_of_reference_uid
        if place.study_uid and place.study_uid != own_study:
            return None
        if uid and viewport.frame_of_reference_uid:
            if viewport.frame_of_reference_uid == uid:
                return place
            way = self.spaces.between((own_study, uid), space_of(viewport.series))
        else:
            way = self._way(self._active, viewport)
        if way is None:
            return None
        plane = way.plane(place.plane) if place.plane is not None else None
        return replace(place, point=way.points(place.point), plane=plane)

    def _way(self, source: Viewport | None, viewport: Viewport) -> Rigid | None:
        """Return the way from the space of one viewport (None: of the labels) to that of another, if any."""
        space = space_of(viewport.series)
        if source is None:
            return IDENTITY if self.home is None else self.spaces.between(self.home, space)
        if source.series is viewport.series:
            return IDENTITY if space is not None else None
        return self.spaces.between(space_of(source.series), space)

    def set_cursor_only(self, point: Array | None) -> None:
        """Show the cursor at a point without moving any slice."""
        self._cursor = point
        for viewport in self._viewports:
            viewport.set_cursor(point)
        self.update_reference_lines()
        self.cursor_changed.emit(point)

    def join(self, viewport: Viewport) -> None:
        """Take a viewport in which a series was just hung to the slice of a parallel one."""
        others = [v for v in self._viewports if v is not viewport and self._parallel(v, viewport)]
        plane = others[0].slice_plane if others else None
        way = self._way(others[0], viewport) if others else None
        stack = viewport.stack
        if (
            plane is not None
            and way is not None
            and stack is not None
            and stack.covers(way.points(plane.point))
        ):
            self._following = True
            viewport.go_to_slice(stack.nearest_index(way.points(plane.point)))
            self._following = False
        self.links_changed()

    def update_reference_lines(self) -> None:
        """Redraw where each viewport is cut by the others, at the next frame."""
        self._scheduler.prepare(self)

    def render_frame(self) -> None:
        """Redraw the lines now."""
        lines = reference_lines(self._viewports, self._way, self._active, self._cursor)
        for viewport, own in zip(self._viewports, lines, strict=True):
            viewport.set_reference_lines(own)

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
            way = self._way(None, viewport)
            if viewport.reformat is None or way is None:
                continue
            if plane is not None and _is_transverse(viewport):
                viewport.set_oblique(way.plane(plane))
            else:
                viewport.set_reformat(viewport.reformat)
                if plane is not None:
                    self._follow(viewport, way.points(plane.point))
        self.update_reference_lines()

    def _on_slice(self, source: Viewport, _index: int) -> None:
        plane = source.slice_plane
        self._note_coverage(source)
        if self._following or plane is None:
            return
        if self.scroll_linked:
            self._following = True
            for viewport in self._viewports:
                way = self._way(source, viewport)
                if viewport is not source and way is not None and self._parallel(source, viewport):
                    self._follow(viewport, way.points(plane.point))
            self._following = False
        self.update_reference_lines()

    def _parallel(self, first: Viewport, second: Viewport) -> bool:
        a, b, way = first.slice_plane, second.slice_plane, self._way(first, second)
        if a is None or b is None or way is None:
            return False
        return parallel(way.directions(a.normal), b.normal)

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
