"""Handlers of tools, slices and what is shown over the images."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from lvp_workstation.app.tool_actions import ToolActions
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.mouse_map import PROFILES, MouseProfile, profile_named
from lvp_workstation.viewer.mouse_words import bound
from lvp_workstation.viewer.viewport import Viewport


class ViewActions(ToolActions):
    """Tools, paging, overlays, focus."""

    def tool_window(self) -> None:
        """Window/level on the left button."""
        self.choose_tool("window")

    def tool_zoom(self) -> None:
        """Zoom on the left button."""
        self.choose_tool("zoom")

    def tool_pan(self) -> None:
        """Pan on the left button."""
        self.choose_tool("pan")

    def tool_scroll(self) -> None:
        """Scroll on the left button."""
        self.choose_tool("scroll")

    def tool_distance(self) -> None:
        """Distance on the left button."""
        self.choose_tool("distance")

    def tool_angle(self) -> None:
        """Angle on the left button."""
        self.choose_tool("angle")

    def tool_roi(self) -> None:
        """Region of interest on the left button."""
        self.choose_tool("roi")

    def tool_brush(self) -> None:
        """Brush on the left button."""
        self.choose_tool("brush")

    def tool_eraser(self) -> None:
        """Eraser on the left button."""
        self.choose_tool("eraser")

    def mouse_default(self) -> None:
        """Use the default mouse map."""
        self._choose_mouse("default")

    def mouse_stack_scroll(self) -> None:
        """Use the mouse map that scrolls with the left button."""
        self._choose_mouse("stack_scroll")

    def mouse_ihe_bir(self) -> None:
        """Use the mouse map of IHE Basic Image Review."""
        self._choose_mouse("ihe_bir")

    def _choose_mouse(self, name: str) -> None:
        self.context.settings.mouse_profile = name
        self.save_settings()
        self.use_mouse_profile()
        self.viewports.set_tool(profile_named(name).first_tool)
        self.status.say(tr("mouse: {profile}", profile=tr(profile_named(name).title)))

    def use_mouse_profile(self) -> None:
        """Give the viewports the mouse map of the settings and tick it in the menu."""
        chosen = profile_named(self.context.settings.mouse_profile)
        self.viewports.set_mouse_profile(self.mouse_map())
        for profile in PROFILES:
            item = self._actions[f"mouse.{profile.name}"]
            item.setCheckable(True)
            item.setChecked(profile is chosen)

    def mouse_map(self) -> MouseProfile:
        """Return the mouse map in use, with the gestures that the user bound anew."""
        settings = self.context.settings
        return bound(profile_named(settings.mouse_profile), settings.mouse.get(settings.mouse_profile, {}))

    def toggle_annotations(self) -> None:
        """Show or hide words and lines over the images."""
        viewport = self.viewports.active
        if viewport is not None:
            self.viewports.set_annotations_visible(not viewport.content.annotations)
            self.keeper.touch()

    def toggle_overlay(self) -> None:
        """Show or hide the contours of the segmentation; level names stay."""
        self.show_segmentation(not self._segmentation_shown)
        self.status.say(tr("segmentation shown") if self._segmentation_shown else tr("segmentation hidden"))

    def show_segmentation(self, shown: bool) -> None:
        """Show or hide the contours of the segmentation in every viewport."""
        self._segmentation_shown = shown
        self.viewports.set_segmentation_visible(shown)
        self.keeper.touch()

    def level_plane(self) -> None:
        """Turn computed planes back to the plane of the current level, without one to how they were hung."""
        target = self.rail.current
        self.viewports.level_planes(self.screen_state.place_of(target) if target else None)
        self.status.say(
            tr("computed planes: along the level") if target else tr("computed planes: not oblique")
        )

    def escape(self) -> None:
        """Stop the cine, else give up a drag, else reset the view."""
        viewport = self.viewports.active
        if self.stop_cine():
            return
        if viewport is not None and not viewport.cancel_tool():
            viewport.reset_view()

    def slice_previous(self) -> None:
        """Page back."""
        self._active(lambda viewport: viewport.scroll_by(-1))

    def slice_next(self) -> None:
        """Page forward."""
        self._active(lambda viewport: viewport.scroll_by(1))

    def slice_first(self) -> None:
        """Show the first slice."""
        self._active(lambda viewport: viewport.first_slice())

    def slice_last(self) -> None:
        """Show the last slice."""
        self._active(lambda viewport: viewport.last_slice())

    def _active(self, act: Callable[[Viewport], None]) -> None:
        if self.viewports.active is not None:
            act(self.viewports.active)

    def series_previous(self) -> None:
        """Hang the series before."""
        self._step_series(-1)

    def series_next(self) -> None:
        """Hang the series after."""
        self._step_series(1)

    def _step_series(self, step: int) -> None:
        viewport, keys = self.viewports.active, list(self.studies.series)
        if viewport is None or not keys:
            return
        current = keys.index(viewport.series.key) if viewport.series is not None else 0
        self.hang_series(keys[(current + step) % len(keys)])

    def toggle_findings(self) -> None:
        """Put levels and findings away to leave their room to the images, or bring them back."""
        self._toggle_panel(self.body.findings)

    def toggle_series(self) -> None:
        """Put the list of series away, or bring it back."""
        self._toggle_panel(self.body.series)

    def _toggle_panel(self, panel: QWidget) -> None:
        shown = panel.isHidden()
        if not shown and panel.isAncestorOf(self._widget().focusWidget() or panel):
            self.focus_viewport()
        panel.setVisible(shown)

    def focus_grid(self) -> None:
        """Give the keyboard to the findings grid."""
        self.body.findings.show()
        self.grid.setFocus()
        if not self.grid.currentIndex().isValid():
            self.grid.setCurrentIndex(self.grid.model().index(0, 0))

    def focus_viewport(self) -> None:
        """Give the keyboard to the images."""
        if self.viewports.active is not None:
            self.viewports.active.setFocus()
