"""Where actions are offered besides the menus: the tool bar and the context menus of the panels."""

from __future__ import annotations

from collections.abc import Mapping

TOOLBAR: tuple[str, ...] = (
    "file.open_folder",
    "hang.choose",
    "hang.next",
    "tool.window",
    "tool.zoom",
    "tool.pan",
    "tool.scroll",
    "tool.distance",
    "tool.angle",
    "tool.roi",
    "view.key_image",
    "view.annotations",
    "view.overlay",
    "ai.lock",
    "report.preview",
    "report.sign",
    "help.commands",
)
"""Actions of the tool bar, from left to right (our choice)."""

CONTEXT_MENUS: Mapping[str, tuple[str, ...]] = {
    "grid": (
        "grid.accept",
        "grid.edit",
        "grid.reject",
        "grid.clear",
        "ai.lock",
        "ai.accept_normal",
        "report.focus",
    ),
    "rail": (
        "level.previous",
        "level.next",
        "level.confirm",
        "level.relabel",
        "level.shift_up",
        "level.shift_down",
        "ai.lock",
    ),
    "series": ("hang.choose", "hang.next", "hang.grid", "hang.save", "view.series"),
    "report": ("report.text", "report.language", "report.preview", "report.addendum", "report.sign"),
    "viewport": (
        "view.key_image",
        "view.copy_image",
        "view.reset",
        "tool.copy_mark",
        "tool.delete_mark",
        "tool.window",
        "tool.distance",
        "tool.angle",
        "tool.roi",
        "tool.brush",
        "tool.eraser",
        "seg.fill",
        "seg.grow",
        "hang.choose",
        "hang.save",
    ),
}
"""Actions that the context menu of each panel offers."""
