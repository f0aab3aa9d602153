"""Vertebrae, discs, and the editable map from anatomical instances to level names.

Findings, measurements and edits belong to *instances* (``V1`` is the lowest vertebra seen
above the sacrum, ``D1`` the disc below it, counted from caudal to cranial). Names such as
``L4`` or ``L4-L5`` are derived by a `LevelMap`, so that renumbering a spine renames
everything at once and moves no grade to another disc.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from lvp_workstation.domain.errors import UsageProblem

InstanceId = str
"""``V<n>`` for vertebrae and ``D<n>`` for discs, n = 1 the lowest; ``SACRUM`` and ``CANAL``."""

SACRUM: InstanceId = "SACRUM"
CANAL: InstanceId = "CANAL"

THORACIC_TOP = 1


class Structure(StrEnum):
    """The structures the program names."""

    VERTEBRA = "vertebra"
    DISC = "disc"
    CANAL = "canal"
    SACRUM = "sacrum"


def vertebra_id(n: int) -> InstanceId:
    """Return the id of the n-th vertebra from below, n >= 1."""
    return f"V{n}"


def disc_id(n: int) -> InstanceId:
    """Return the id of the disc below the n-th vertebra from below, n >= 1."""
    return f"D{n}"


def instance_number(instance: InstanceId) -> int:
    """Return the number of a vertebra or disc instance, counted from below."""
    if instance[:1] not in ("V", "D") or not instance[1:].isdigit():
        raise UsageProblem(f"{instance!r} is neither a vertebra nor a disc")
    return int(instance[1:])


@dataclass(frozen=True)
class CodedConcept:
    """A coded concept: scheme designator, value, meaning (DICOM code sequence)."""

    scheme: str
    value: str
    meaning: str


def mention(instance: InstanceId) -> str:
    """Return what stands for an instance in a sentence that is kept; see `LevelMap.worded`.

    A name written out would be wrong once the levels are renamed.
    """
    return f"{{{instance}}}"


def presacral_sequence(thoracic_count: int, lumbar_count: int) -> tuple[str, ...]:
    """Return vertebra names from the lowest lumbar upward, such as ``L5 … L1 T12 … T1``."""
    lumbar = [f"L{n}" for n in range(lumbar_count, 0, -1)]
    thoracic = [f"T{n}" for n in range(thoracic_count, 0, -1)]
    return tuple(lumbar + thoracic)


@dataclass(frozen=True)
class LevelMap:
    """Names of the presacral vertebrae, counted from below, and how sure the count is.

    Attributes
    ----------
    vertebra_count
        Number of vertebra instances in view.
    lumbar_count, thoracic_count
        Bodies of each kind assumed: 5 and 12 unless the anatomy is transitional.
    lowest
        Position of ``V1`` in the presacral sequence: 0 when the lowest vertebra in view is the last
        lumbar one, 1 when one more lies below the field of view …
    overrides
        Single instances renamed by a reader, as (instance, name) pairs.
    sacrum_seen
        Whether the sacrum was segmented below the lowest disc.
    method, confidence, alternatives
        How the count was made, how sure it is (0-1), and other readings of it in words; the count of a
        reader has none.
    confirmed_by
        The reader who confirmed the numbering; empty until then, and labels carry "?".
    """

    vertebra_count: int
    lumbar_count: int = 5
    thoracic_count: int = 12
    lowest: int = 0
    overrides: tuple[tuple[InstanceId, str], ...] = ()
    sacrum_seen: bool = True
    method: str = ""
    confidence: float = 0.0
    alternatives: tuple[str, ...] = ()
    confirmed_by: str = ""

    def __post_init__(self) -> None:
        if not 4 <= self.lumbar_count <= 6 or not 11 <= self.thoracic_count <= 13:
            raise UsageProblem("a level map has 4 to 6 lumbar and 11 to 13 thoracic vertebrae")
        if self.vertebra_count < 0 or self.lowest < 0:
            raise UsageProblem("a level map cannot place a vertebra below the last presacral one")
        if self.lowest + self.vertebra_count > self.lumbar_count + self.thoracic_count:
            raise UsageProblem("a level map cannot name more vertebrae than the spine has")

    @property
    def vertebrae(self) -> tuple[InstanceId, ...]:
        """Vertebra instances, caudal to cranial."""
        return tuple(vertebra_id(n) for n in range(1, self.vertebra_count + 1))

    @property
    def discs(self) -> tuple[InstanceId, ...]:
        """Disc instances with a vertebra above them, caudal to cranial.

        One more disc, above the topmost vertebra, may exist in a label map: see `name`.
        """
        return tuple(disc_id(n) for n in range(1, self.vertebra_count + 1))

    def vertebra_name(self, n: int) -> str:
        """Return the name of the n-th vertebra from below; n = 0 is what lies below ``V1``."""
        override = dict(self.overrides).get(vertebra_id(n))
        if override:
            return override
        position = self.lowest + n - 1
        if position < 0:
            return "S1"
        sequence = presacral_sequence(self.thoracic_count, self.lumbar_count)
        return sequence[position] if position < len(sequence) else f"C{7 - (position - len(sequence))}"

    def name(self, instance: InstanceId) -> str:
        """Return the level name of an instance: ``L4``, ``L4-L5``, ``sacrum`` or ``canal``."""
        if instance == SACRUM:
            return "sacrum"
        if instance == CANAL:
            return "canal"
        n = instance_number(instance)
        if instance.startswith("V"):
            return self.vertebra_name(n)
        return f"{self.vertebra_name(n)}-{self.vertebra_name(n - 1)}"

    def shown_name(self, instance: InstanceId) -> str:
        """Return the name as the screen shows it, with "?" until a reader confirmed the numbering."""
        return self.name(instance) + ("" if self.confirmed_by else "?")

    def worded(self, text: str) -> str:
        """Return a sentence in which instances stand as `mention` writes them, with their present names."""
        return _MENTION.sub(lambda found: self.shown_name(found[1]), text)

    def instance_named(self, name: str) -> InstanceId | None:
        """Return the instance with this level name, None when the map holds none."""
        candidates = [*self.vertebrae, *self.discs, disc_id(self.vertebra_count + 1)]
        return next((i for i in candidates if self.name(i) == name), None)

    def roots(self, disc: InstanceId) -> tuple[str, str]:
        """Return the exiting and the traversing nerve root of a disc level.

        The exiting root has the number of the upper vertebra, the traversing root that of the next
        vertebra below. At a lowest disc above the sacrum the traversing root is S1.
        """
        n = instance_number(disc)
        return self.vertebra_name(n), self.vertebra_name(n - 1)

    def shifted(self, steps: int) -> LevelMap:
        """Return the map with every label moved: +1 calls each vertebra by the name of the one above it."""
        lowest = self.lowest + steps
        if lowest < 0:
            raise UsageProblem("the lowest vertebra is already the last one above the sacrum")
        return replace(self, lowest=lowest, overrides=(), confirmed_by="", method=_EDITED, alternatives=())

    def with_counts(self, lumbar_count: int, thoracic_count: int | None = None) -> LevelMap:
        """Return the map with another number of lumbar (and thoracic) bodies."""
        return replace(
            self,
            lumbar_count=lumbar_count,
            thoracic_count=self.thoracic_count if thoracic_count is None else thoracic_count,
            overrides=(),
            confirmed_by="",
            method=_EDITED,
            alternatives=(),
        )

    def relabelled(self, instance: InstanceId, name: str) -> LevelMap:
        """Return the map with one vertebra renamed by the reader.

        Raises
        ------
        UsageProblem
            When another vertebra already has that name, or it is no name of a presacral vertebra.
        """
        if instance not in self.vertebrae:
            raise UsageProblem("only a vertebra in view is relabelled; disc names follow their neighbours")
        if name not in _PRESACRAL_NAMES:
            raise UsageProblem(f"{name!r} is not the name of a thoracic or lumbar vertebra")
        if any(self.name(other) == name for other in self.vertebrae if other != instance):
            raise UsageProblem(f"another vertebra is already named {name}")
        kept = tuple((i, n) for i, n in self.overrides if i != instance)
        return replace(
            self,
            overrides=(*kept, (instance, name)),
            confirmed_by="",
            method=_EDITED,
            alternatives=(),
        )

    @property
    def edited(self) -> bool:
        """Whether a reader changed the numbering."""
        return self.method == _EDITED

    def carried_over(self, fresh: LevelMap) -> LevelMap:
        """Return a new analysis' map, under these names when a reader confirmed or chose them."""
        if not (self.confirmed_by or self.edited):
            return fresh
        if self.vertebra_count == fresh.vertebra_count:
            return self
        try:
            return replace(self, vertebra_count=fresh.vertebra_count, overrides=(), confirmed_by="")
        except UsageProblem:
            return fresh

    def named_alike(self, other: LevelMap) -> bool:
        """Return whether both maps give every instance of either the same name."""
        both = {*self.discs, *self.vertebrae, *other.discs, *other.vertebrae}
        return all(self.name(instance) == other.name(instance) for instance in both)

    def confirmed(self, reader: str) -> LevelMap:
        """Return the map with its numbering confirmed by a reader."""
        return replace(self, confirmed_by=reader)

    @property
    def statement(self) -> str:
        """The sentence on the numbering method that screen and report always carry."""
        start = "counted upward from the sacrum" if self.sacrum_seen else "sacrum not seen"
        words = {4: "four", 5: "five", 6: "six"}[self.lumbar_count]
        tail = f"numbering confirmed by {self.confirmed_by}" if self.confirmed_by else "not confirmed"
        edited = f", {_EDITED}" if self.method == _EDITED else ""
        return f"{start}, {words} lumbar bodies assumed, no whole-spine localizer{edited}; {tail}"


_PRESACRAL_NAMES = frozenset(presacral_sequence(13, 6))
_EDITED = "edited by the reader"
_MENTION = re.compile(r"\{([VD]\d+|SACRUM|CANAL)\}")
