"""What is on screen, as plain data: level, slices, windows, seen slices, key images, overlay flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.render.window import Window
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.viewport import Viewport

VERSION = 1

State = dict[str, Any]


def captured(
    viewports: ViewportGrid,
    series: Mapping[str, DisplaySeries],
    level: InstanceId,
    segmentation: bool,
) -> State:
    """Return what is on screen; computed planes are left to the level they were cut for."""
    active = viewports.active
    return {
        "version": VERSION,
        "level": level,
        "segmentation": segmentation,
        "annotations": active.content.annotations if active is not None else True,
        "active": viewports.viewports.index(active) if active in viewports.viewports else 0,
        "viewports": [_viewport_state(viewport) for viewport in viewports.viewports],
        "series": {key: _series_state(each) for key, each in series.items()},
    }


def _viewport_state(viewport: Viewport) -> State:
    if viewport.series is None:
        return {}
    return {"series": viewport.series.key, "acquired": viewport.acquired, "slice": viewport.slice_index}


def _series_state(series: DisplaySeries) -> State:
    state: State = {"viewed": sorted(series.viewed), "key_images": sorted(series.key_images)}
    if series.array is not None and series.window != series.default_window:
        window = series.window
        state["window"] = [window.centre, window.width, window.inverted]
    return state


def restore_series(state: State, series: Mapping[str, DisplaySeries]) -> None:
    """Take over windows, seen slices and key images."""
    for key, kept in state.get("series", {}).items():
        shown = series.get(key)
        if shown is None:
            continue
        shown.restore_viewed(frozenset(kept.get("viewed", ())))
        shown.key_images = frozenset(n for n in kept.get("key_images", ()) if 0 <= n < shown.count)
        window = kept.get("window")
        if window and window[1] > 0:
            shown.remember_window(Window(float(window[0]), float(window[1]), bool(window[2])))


def restore_viewports(state: State, viewports: ViewportGrid, series: Mapping[str, DisplaySeries]) -> None:
    """Hang the series again that hung in each viewport, at the slice that was on screen."""
    linked, viewports.links.scroll_linked = viewports.links.scroll_linked, False
    try:
        for viewport, kept in zip(viewports.viewports, state.get("viewports", ()), strict=False):
            shown = series.get(kept.get("series", ""))
            if shown is None or not kept.get("acquired"):
                continue
            if viewport.series is not shown or not viewport.acquired:
                viewport.set_series(shown)
            viewport.go_to_slice(int(kept.get("slice", viewport.slice_index)))
    finally:
        viewports.links.scroll_linked = linked
    number = int(state.get("active", 0))
    if 0 <= number < len(viewports.viewports):
        viewports.set_active(viewports.viewports[number])
    viewports.links.update_reference_lines()
