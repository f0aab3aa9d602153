"""Handlers of how images are looked at: windows, computed planes, slabs, cine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QCursor

from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain.anatomy import Structure
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.cine import Cine
from lvp_workstation.viewer.curved_cover import KINDS, CurvedCover
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.spaces import Space, SpaceLink, shift, space_of
from lvp_workstation.viewer.surface_cover import SurfaceCover
from lvp_workstation.viewer.viewport import Viewport
from lvp_workstation.viewer.window_presets import structure_window

NO_OUTLINES = {
    Structure.DISC: "The window of the discs needs the AI's outlines: lock your grades of a level first.",
    Structure.CANAL: "The window of the canal needs the AI's outline: lock your grades of all levels first.",
}


class LookingActions(WindowParts):
    """Windows, computed planes, slabs and cine of the active viewport."""

    cine: Cine
    _first_place: tuple[Space, Array] | None = None
    """Where the reader pointed at first, to link two spaces."""

    def connect_looking(self) -> None:
        """Make what runs beside the viewports."""
        self.cine = Cine(self._widget())
        self.viewports.active_changed.connect(lambda _viewport: self.cine.stop())
        self.viewports.layout_changed.connect(self.cine.stop)

    def _looked_at(self) -> Viewport | None:
        """Return the active viewport when it shows a series."""
        viewport = self.viewports.active
        return viewport if viewport is not None and viewport.stack is not None else None

    # -- windows --------------------------------------------------------------------------

    def invert_greys(self) -> None:
        """Swap bright and dark in the series on screen."""
        viewport = self._looked_at()
        if viewport is not None:
            viewport.invert()

    def window_of_discs(self) -> None:
        """Choose the window that shows the inside of the outlined discs."""
        self._window_of(Structure.DISC)

    def window_of_canal(self) -> None:
        """Choose the window that shows the inside of the outlined canal."""
        self._window_of(Structure.CANAL)

    def _window_of(self, kind: Structure) -> None:
        """Take the window from outlines the reader may see: before the reveal there are none."""
        viewport = self._looked_at()
        series = viewport.series if viewport is not None else None
        if viewport is None or series is None or series.array is None or series.geometry is None:
            return
        layer = viewport.content.labels
        found = (
            structure_window(layer.label_map, kind, series.array, series.geometry)
            if layer is not None
            else None
        )
        if found is None:
            self.status.warn(tr(NO_OUTLINES[kind]))
            return
        viewport.set_window(replace(found, inverted=viewport.grey_window.inverted))
        self.status.say(tr("window from the discs" if kind is Structure.DISC else "window from the canal"))

    # -- links ----------------------------------------------------------------------------

    def link_by_hand(self) -> None:
        """Link two series of unequal frames of reference by the same place in both, under the mouse."""
        under = next((v for v in self.viewports.viewports if v.underMouse()), None)
        at = under.mapFromGlobal(QCursor.pos()) if under is not None else None
        readout = under.readout_at(at.x(), at.y()) if under is not None and at is not None else None
        space = space_of(under.series) if under is not None else None
        if readout is None or space is None:
            self.status.warn(tr("Point at a place in an image and press the key again."))
            return
        first, self._first_place = self._first_place, None
        if first is None or first[0] == space:
            self._first_place = space, readout.point
            self.status.say(tr("Now point at the same place in a series of another frame of reference."))
            return
        offset = float(np.linalg.norm(readout.point - first[1]))
        how = tr("linked by hand, {mm} mm offset", mm=f"{offset:.0f}")
        self.viewports.links.spaces.link(first[0], space, SpaceLink(shift(first[1], readout.point), how))
        self.viewports.links.links_changed()
        self.status.say(how)

    def unlink(self) -> None:
        """Take the links of the active series to other frames of reference away."""
        viewport = self._looked_at()
        space = space_of(viewport.series) if viewport is not None else None
        if space is not None and self.viewports.links.spaces.unlink_all(space):
            self.viewports.links.links_changed()
            self.status.say(tr("no longer linked"))

    # -- planes and slabs -----------------------------------------------------------------

    def show_acquired(self) -> None:
        """Show the slices of the series as they were acquired."""
        viewport = self._looked_at()
        if viewport is not None:
            viewport.set_slab(None)
            if not viewport.acquired:
                self._show_plane(None)

    def show_sagittal(self) -> None:
        """Show computed sagittal slices of the series."""
        self._show_plane(ImagePlane.SAGITTAL)

    def show_coronal(self) -> None:
        """Show computed coronal slices of the series."""
        self._show_plane(ImagePlane.CORONAL)

    def show_axial(self) -> None:
        """Show computed axial slices of the series."""
        self._show_plane(ImagePlane.AXIAL)

    def _show_plane(self, plane: ImagePlane | None) -> None:
        """Show another plane of the series through the place on screen."""
        viewport = self._looked_at()
        if viewport is None or viewport.slice_plane is None:
            return
        self.cine.stop()
        place = viewport.slice_plane.point
        target = self.rail.current
        if self.viewports.links.cursor is not None:
            place = self.viewports.links.cursor
        elif target and (level := self.screen_state.place_of(target)) is not None:
            place = level.point
        viewport.set_reformat(plane)
        viewport.go_to_point(place)

    def next_slab(self) -> None:
        """Go on to the next kind of slab."""
        viewport = self._looked_at()
        if viewport is not None:
            viewport.next_slab_mode()
            self._say_slab(viewport)

    def thicker_slab(self) -> None:
        """Make the slab thicker."""
        self._step_slab(1)

    def thinner_slab(self) -> None:
        """Make the slab thinner."""
        self._step_slab(-1)

    def _step_slab(self, step: int) -> None:
        viewport = self._looked_at()
        if viewport is not None:
            viewport.step_slab(step)
            self._say_slab(viewport)

    def _say_slab(self, viewport: Viewport) -> None:
        slab = viewport.slab
        words = f"{slab.mode.value} {slab.thickness_mm:.0f} mm" if slab else tr("single slices")
        self.status.say(tr("slab: {words}", words=words))

    # -- covers ---------------------------------------------------------------------------

    def toggle_surfaces(self) -> None:
        """Show the labels as surfaces in the active viewport, or its slices again."""
        viewport = self._looked_at()
        if viewport is None or viewport.series is None:
            return
        if isinstance(viewport.cover, SurfaceCover):
            viewport.set_cover(None)
        else:
            viewport.set_cover(SurfaceCover(viewport.series, self.scheduler, viewport))

    def clip_surfaces(self) -> None:
        """Cut the surfaces open by the next plane."""
        viewport = self._looked_at()
        if viewport is not None and isinstance(viewport.cover, SurfaceCover):
            viewport.cover.next_clip()
        else:
            self.status.warn(tr("Only surfaces are cut; show them first."))

    def next_curved(self) -> None:
        """Go on to the next kind of curved reformat in the active viewport, after the last to its slices."""
        viewport = self._looked_at()
        if viewport is None or viewport.series is None:
            return
        cover = viewport.cover
        at = KINDS.index(cover.plane) + 1 if isinstance(cover, CurvedCover) else 0
        if at == len(KINDS):
            viewport.set_cover(None)
            return
        curved = CurvedCover(viewport.series, KINDS[at], self.scheduler, viewport)
        curved.cursor_asked.connect(viewport.cursor_moved)
        viewport.set_cover(curved)

    # -- cine -----------------------------------------------------------------------------

    def toggle_cine(self) -> None:
        """Let the slices run, or stop them."""
        viewport = self._looked_at()
        if viewport is not None and not self.cine.stop():
            self.cine.start(viewport)

    def stop_cine(self) -> bool:
        """Stop slices that run by themselves; return whether they ran."""
        return self.cine.stop()

    def faster_cine(self) -> None:
        """Let the slices run faster."""
        self.cine.change_rate(1)

    def slower_cine(self) -> None:
        """Let the slices run slower."""
        self.cine.change_rate(-1)
