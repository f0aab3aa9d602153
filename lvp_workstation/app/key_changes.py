"""Which keys an action may have: what is refused, and why, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from lvp_workstation.app.actions import ACTIONS, Action, Context, KeyMap
from lvp_workstation.viewer.language import tr

FIXED = frozenset({"Tab", "Shift+Tab", "Backtab", "Alt+F4"})
"""Keys by which the keyboard moves between widgets and windows; no action may take them."""
HELD = "ai.peek"
"""The action whose key is held, see `peek.PeekKey`."""


def action_named(action_id: str) -> Action:
    """Return an action of the table."""
    return next(action for action in ACTIONS if action.id == action_id)


def holder_of(keys: KeyMap, action: Action, key: str) -> Action | None:
    """Return the other action that runs by a key where ``action`` would hear it, None when it is free.

    Keys of the whole window are heard everywhere; those of the images and of the findings only there.
    """
    for other in ACTIONS:
        together = other.context is action.context or Context.WINDOW in (other.context, action.context)
        taken = key.casefold() in (each.casefold() for each in keys.get(other.id, ()))
        if other.id != action.id and together and taken:
            return other
    return None


def refusal(keys: KeyMap, action: Action, key: str) -> str:
    """Return why an action cannot have a key, an empty text when it can."""
    if key in FIXED:
        return tr("{key} moves the keyboard and cannot run an action.", key=key)
    if len(key) == 1 and key.isdigit():
        return tr("{key}: digits set grades and window presets and cannot run an action.", key=key)
    if action.id == HELD and "+" in key:
        return tr("{key}: this key is held, so it has no Ctrl, Shift or Alt.", key=key)
    other = holder_of(keys, action, key)
    if other is None:
        return ""
    where = tr(other.context.value)
    return tr(
        "{key} already runs “{action}” ({where}). Take it away there first, or choose another key.",
        key=key,
        action=tr(other.title),
        where=where,
    )


def changed_from(default: KeyMap, keys: KeyMap) -> dict[str, list[str]]:
    """Return what the settings keep: the keys of actions that differ from the default ones."""
    ids: Iterable[str] = (action.id for action in ACTIONS)
    return {i: list(keys.get(i, ())) for i in ids if tuple(keys.get(i, ())) != tuple(default.get(i, ()))}
