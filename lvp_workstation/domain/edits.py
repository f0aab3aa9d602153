"""Edits of a reading as values: apply, invert, serialise, and the undo stack.

An `Edit` lists `Change` s, each naming a field of the `Reading`, the value before and the
value after. Applying checks the value before, so an edit never overwrites what something
else changed. The inverse swaps before and after. What edits exist is in `reading_edits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from lvp_workstation.domain import codec
from lvp_workstation.domain.errors import ReadingStateError
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.reading import Reading


@dataclass(frozen=True)
class Change:
    """One field of the reading, or one entry of a mapping field, before and after.

    ``key`` is None for a whole field; ``before`` or ``after`` None for an absent entry.
    """

    field: str
    before: Any
    after: Any
    key: Any = None

    @property
    def place(self) -> tuple[str, Any]:
        """What the change is about."""
        return self.field, self.key

    def applied(self, reading: Reading) -> Reading:
        """Return the reading with the change made; raise `ReadingStateError` on a conflict."""
        current = getattr(reading, self.field)
        if self.key is None:
            _require(current == self.before, self)
            return _with(reading, self.field, self.after)
        _require(current.get(self.key) == self.before, self)
        entries = {key: item for key, item in current.items() if key != self.key}
        if self.after is not None:
            entries[self.key] = self.after
        return _with(reading, self.field, entries)

    def inverted(self) -> Change:
        """Return the change that undoes this one."""
        return replace(self, before=self.after, after=self.before)


def _with(reading: Reading, field: str, value: Any) -> Reading:
    values: dict[str, Any] = {field: value}
    return replace(reading, **values)


def _require(condition: bool, change: Change) -> None:
    if not condition:
        raise ReadingStateError(f"{change.field} was changed by something else since this edit was made.")


@dataclass(frozen=True)
class Edit:
    """A described, attributable, invertible change of a reading and its label map.

    ``kind`` is stable (``set_grade``, ``lock_level`` …); ``description`` is the words of the undo
    menu. ``labels`` is the difference of the label map that belongs to the edit.
    """

    edit_id: str
    kind: str
    description: str
    who: str
    time_utc: str
    changes: tuple[Change, ...]
    labels: LabelDelta | None = None
    undoable: bool = True

    def applied(self, reading: Reading) -> Reading:
        """Return the reading with every change made, or raise and change nothing."""
        if self.kind not in AFTER_SIGNING:
            reading.require_draft()
        for change in self.changes:
            reading = change.applied(reading)
        return reading

    def inverted(self) -> Edit:
        """Return the edit that undoes this one."""
        return replace(
            self,
            changes=tuple(change.inverted() for change in reversed(self.changes)),
            labels=self.labels.inverted() if self.labels else None,
        )

    @property
    def measures_strokes(self) -> bool:
        """Whether the edit brings what was measured anew after strokes: it changes no voxel itself."""
        return self.kind == LABELS_EDITED and self.labels is not None and not self.labels.runs

    @property
    def places(self) -> frozenset[tuple[str, Any]]:
        """What the edit is about."""
        labels = frozenset({("labels", None)}) if self.labels and self.labels.runs else frozenset()
        return frozenset(change.place for change in self.changes) | labels


LABELS_EDITED = "edit_labels"
"""Kind of an edit of the segmentation, and of what was measured on it."""

AFTER_SIGNING = frozenset({"addendum"})
"""Kinds of edit that a signed reading takes."""

BARRIERS = frozenset({"set_mode", "reveal_disagreements", "preliminary", "sign"})
"""Kinds of edit behind which nothing is undone."""


@cache
def _value_kinds() -> dict[str, tuple[Any, Any, Any]]:
    """Return the types of key, entry and whole of every field of a reading."""
    kinds: dict[str, tuple[Any, Any, Any]] = {}
    for name, hint in get_type_hints(Reading).items():
        origin = get_origin(hint)
        if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
            key_kind, item_kind = get_args(hint)
            kinds[name] = (key_kind, item_kind, hint)
        else:
            kinds[name] = (None, None, hint)
    return kinds


def edit_to_plain(edit: Edit) -> dict[str, Any]:
    """Return an edit as JSON types."""
    plain: dict[str, Any] = codec.to_plain(edit)
    return plain


def edit_from_plain(data: Mapping[str, Any]) -> Edit:
    """Return the edit that `edit_to_plain` wrote."""
    changes = tuple(_change_from(entry) for entry in data["changes"])
    rest = {key: value for key, value in data.items() if key not in ("changes", "labels")}
    labels = codec.from_plain(LabelDelta, data["labels"]) if data.get("labels") else None
    return Edit(changes=changes, labels=labels, **rest)


def _change_from(data: Mapping[str, Any]) -> Change:
    key_kind, item_kind, field_kind = _value_kinds()[data["field"]]
    whole = data["key"] is None
    kind = field_kind if whole else item_kind

    def value(raw: Any) -> Any:
        return None if raw is None else codec.from_plain(kind, raw)

    key = None if whole else codec.from_plain(key_kind, data["key"])
    return Change(data["field"], value(data["before"]), value(data["after"]), key)


@dataclass(frozen=True)
class History:
    """The undo stack of a reading as a value; the last edit done is at the end."""

    done: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()

    def pushed(self, edit: Edit) -> History:
        """Return the stack after a new edit; what was undone can no longer be redone.

        Measurements that follow from strokes are no step of the reader: what was undone stays, as far as
        it is about other things.

        An edit that cannot be undone takes earlier edits of the same things off the stack, and with
        them those before that touch what they touched: a grade that was locked is not undone behind
        the lock, and what stays on the stack can always be undone.
        """
        if edit.undoable:
            return History((*self.done, edit), self._untouched(edit) if edit.measures_strokes else ())
        if edit.kind in BARRIERS:
            return History()
        kept: list[Edit] = []
        blocked = edit.places
        for earlier in reversed(self.done):
            if earlier.places & blocked:
                blocked |= earlier.places
            else:
                kept.append(earlier)
        return History(tuple(reversed(kept)))

    def _untouched(self, edit: Edit) -> tuple[Edit, ...]:
        """Return what was undone, up to the first step to be made again that is about the same things."""
        for place in range(len(self.undone) - 1, -1, -1):
            if self.undone[place].places & edit.places:
                return self.undone[place + 1 :]
        return self.undone

    @property
    def undo_text(self) -> str:
        """What undo would take back, in words; empty when there is nothing."""
        return self.done[-1].description if self.done else ""

    @property
    def redo_text(self) -> str:
        """What redo would make again, in words; empty when there is nothing."""
        return self.undone[-1].description if self.undone else ""

    def undo(self) -> tuple[Edit, History]:
        """Return the inverse of the last edit and the stack after it."""
        if not self.done:
            raise ReadingStateError("There is nothing to undo.")
        edit = self.done[-1]
        return edit.inverted(), History(self.done[:-1], (*self.undone, edit))

    def redo(self) -> tuple[Edit, History]:
        """Return the last edit undone and the stack after it."""
        if not self.undone:
            raise ReadingStateError("There is nothing to redo.")
        edit = self.undone[-1]
        return edit, History((*self.done, edit), self.undone[:-1])
