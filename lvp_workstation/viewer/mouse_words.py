"""Gestures and tools of the mouse map in words, and which tools a gesture can run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.mouse_map import ACTIVE_TOOL, MouseProfile

TOOL_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "": "nothing",
        ACTIVE_TOOL: "the chosen tool",
        "window": "Window / level",
        "pan": "Pan",
        "zoom": "Zoom",
        "scroll": "Scroll",
        "slab": "Thickness of the slab",
        "crosshair": "Crosshair",
        "maximise": "Maximise the viewport",
        "distance": "Distance",
        "angle": "Angle",
        "cobb": "Cobb angle",
        "roi": "Ellipse: area and signal",
        "polygon": "Polygon: area and signal",
        "freehand": "Freehand: area and signal",
        "point": "Point: signal",
        "arrow": "Arrow",
        "text": "Text",
        "disc_height": "Disc height",
        "canal_ap": "Canal AP",
        "slip": "Slip",
        "lordosis": "Lordosis",
        "brush": "Brush",
        "eraser": "Eraser",
        "fill": "Fill an outline or a hole",
        "grow": "Grow from here",
        "relabel": "Relabel a piece",
        "split": "Split a structure",
        "merge": "Merge structures",
    }
)
"""Tool ids that a gesture may run, in words."""

_NOT_DRAGGED = ("slab", "crosshair", "maximise")
_DRAGS = tuple(tool for tool in TOOL_WORDS if tool not in _NOT_DRAGGED)
_TURNS = ("", "scroll", "zoom", "slab")
GESTURES: Mapping[str, str] = MappingProxyType(
    {
        "left": "left drag",
        "ctrl+left": "Ctrl + left drag",
        "shift+left": "Shift + left drag",
        "alt+left": "Alt + left drag",
        "middle": "middle drag",
        "ctrl+middle": "Ctrl + middle drag",
        "shift+middle": "Shift + middle drag",
        "right": "right drag",
        "ctrl+right": "Ctrl + right drag",
        "shift+right": "Shift + right drag",
        "wheel": "wheel",
        "ctrl+wheel": "Ctrl + wheel",
        "shift+wheel": "Shift + wheel",
        "double": "double click",
        "shift+move": "Shift + move",
        "ctrl+move": "Ctrl + move",
    }
)
"""Gestures that can be bound, in words."""


def tools_for(gesture: str) -> tuple[str, ...]:
    """Return the ids of the tools that a gesture can run, the empty one for none."""
    name = gesture.rpartition("+")[2]
    if name == "wheel":
        return _TURNS
    if name == "move":
        return ("", "crosshair")
    return ("", "maximise") if name == "double" else _DRAGS


def bound(profile: MouseProfile, own: Mapping[str, str]) -> MouseProfile:
    """Return a profile with what the user bound anew; gestures and tools that do not go together are left."""
    for gesture, tool in own.items():
        if gesture in GESTURES and tool in tools_for(gesture):
            profile = profile.with_binding(gesture, tool)
    return profile


def rows_of(profile: MouseProfile) -> list[tuple[str, str]]:
    """Return (gesture, tool) in words for every gesture that does something."""
    rows = [(GESTURES[gesture], profile.bindings.get(gesture, "")) for gesture in GESTURES]
    return [(tr(words), tr(TOOL_WORDS.get(tool, tool))) for words, tool in rows if tool]
