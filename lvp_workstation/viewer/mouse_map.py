"""Which mouse gesture runs which tool: data, so that profiles can be added and edited.

A gesture is ``[modifiers+]name`` with name ``left``, ``middle``, ``right`` (drags),
``double`` (double-click), ``wheel``, ``move`` or ``line`` (left drag that begins on the reference line of
a computed plane), and modifiers ``ctrl``, ``shift``, ``alt`` in this
order. A gesture whose modifiers are not bound falls back to the same one without them, so that
modifiers work in every tool; ``move`` and ``line`` do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

MODIFIERS = ("ctrl", "shift", "alt")
ACTIVE_TOOL = "active"
"""Stands for the tool chosen by key or toolbar."""
EXACT = ("move", "line")
"""Gestures that mean nothing with a modifier that is not bound."""


@dataclass(frozen=True)
class MouseProfile:
    """A named mouse map."""

    name: str
    title: str
    bindings: Mapping[str, str] = field(hash=False)

    def tool_for(self, name: str, modifiers: frozenset[str] = frozenset()) -> str | None:
        """Return the tool id of a gesture, None when it is not bound."""
        held = [m for m in MODIFIERS if m in modifiers]
        exact = self.bindings.get("+".join([*held, name]))
        return exact if exact is not None or name in EXACT else self.bindings.get(name)

    def with_binding(self, gesture: str, tool: str) -> MouseProfile:
        """Return the profile with one gesture bound anew."""
        return replace(self, bindings=MappingProxyType({**self.bindings, gesture: tool}))


DEFAULT_PROFILE = MouseProfile(
    "default",
    "Default",
    MappingProxyType(
        {
            "left": ACTIVE_TOOL,
            "middle": "pan",
            "right": "zoom",
            "wheel": "scroll",
            "ctrl+wheel": "zoom",
            "double": "maximise",
            "shift+move": "crosshair",
            "line": "reslice",
        }
    ),
)

STACK_SCROLL_PROFILE = MouseProfile(
    "stack_scroll",
    "Stack scroll",
    MappingProxyType(
        {
            **DEFAULT_PROFILE.bindings,
            "left": "scroll",
            "ctrl+left": ACTIVE_TOOL,
            "right": "window",
            "ctrl+right": "zoom",
        }
    ),
)

PROFILES: tuple[MouseProfile, ...] = (DEFAULT_PROFILE, STACK_SCROLL_PROFILE)
