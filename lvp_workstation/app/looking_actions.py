"""Handlers of how images are looked at: windows, computed planes, slabs, cine."""

from __future__ import annotations

from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain.anatomy import Structure
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.cine import Cine
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.viewport import Viewport
from lvp_workstation.viewer.window_presets import structure_window

NO_OUTLINES = {
    Structure.DISC: "The window of the discs needs the AI's outlines: lock your grades of a level first.",
    Structure.CANAL: "The window of the canal needs the AI's outline: lock your grades of all levels first.",
}


class LookingActions(WindowParts):
    """Windows, computed planes, slabs and cine of the active viewport."""

    cine: Cine

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
        viewport.set_window(found)
        self.status.say(tr("window from the discs" if kind is Structure.DISC else "window from the canal"))

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
