"""Which series to scan next, by the rules of a hospital: conditions on what is known, and a reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONDITIONS = {
    "no_sagittal_t2": "no sagittal T2 was acquired",
    "no_sagittal_t1": "no sagittal T1 was acquired",
    "no_stir": "no STIR was acquired",
    "no_axial": "no axial series was acquired",
    "canal_unimaged": "the angled stacks leave canal between L3 and S1 unimaged",
    "narrow_canal": "a level has a narrow canal on the sagittal images",
    "marrow_abnormal": "marrow of some vertebra is much darker or brighter than that of the others",
    "curved": "the spine leaves every straight plane",
    "metal": "metal is suspected",
    "repeat": "the last series should be repeated",
    "always": "in any case",
}
"""What a rule may ask for."""


@dataclass(frozen=True)
class SuggestionRule:
    """``when`` all conditions hold, ``series`` is suggested for the reason ``because``."""

    when: tuple[str, ...]
    series: str
    because: str


@dataclass(frozen=True)
class Suggestion:
    """A series to scan next.

    Attributes
    ----------
    levels
        Where, when it is not the whole lumbar spine.
    """

    series: str
    because: str
    levels: tuple[str, ...] = ()


def suggest(
    holding: Collection[str], rules: Sequence[SuggestionRule], levels: Sequence[str] = ()
) -> tuple[Suggestion, ...]:
    """Return the suggestions whose conditions hold, in the order of the rules, each series once.

    Parameters
    ----------
    holding
        Names of `CONDITIONS` that hold.
    levels
        The levels that ``narrow_canal`` is about, the worst first.
    """
    found: dict[str, Suggestion] = {}
    for rule in rules:
        if all(name in holding or name == "always" for name in rule.when):
            at = tuple(levels) if "narrow_canal" in rule.when else ()
            found.setdefault(rule.series, Suggestion(rule.series, rule.because, at))
    return tuple(found.values())


def read_suggestions(content: Mapping[str, Any]) -> tuple[SuggestionRule, ...]:
    """Return the rules of a rule file's content.

    Raises
    ------
    ValueError
        With a sentence, when something is missing or unknown.
    """
    rules = []
    for number, entry in enumerate(content.get("suggest", []), start=1):
        when = entry.get("when", [])
        strange = sorted(set(when) - set(CONDITIONS)) if isinstance(when, list) else ["when"]
        if strange or not when:
            raise ValueError(f"when of suggestion {number} is a list of some of {', '.join(CONDITIONS)}")
        if not entry.get("series") or not entry.get("because"):
            raise ValueError(f"suggestion {number} needs series and because")
        rules.append(SuggestionRule(tuple(when), str(entry["series"]), str(entry["because"])))
    return tuple(rules)
