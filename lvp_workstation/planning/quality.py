"""The verdict on a series: measured facts against a rule file that a hospital can read and change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

KNOWN = {
    "angle_deg": "degrees between the acquired and the planned slices",
    "offset_mm": "distance of the planned centre from the middle of the acquired stack",
    "outside_mm": "how far the column from L1 to S1 (axial: the disc and its canal) reaches out of the stack",
    "foramina_missed": "lumbar foramina outside the stack",
    "aside_mm": "distance of the middle of the stack from the mid-plane; positive to the patient's left",
    "ripple": "modulation of the spectrum along the phase direction by a second outline: motion or ghosts",
    "snr": "tissue signal over noise",
    "marrow_snr": "median marrow signal over the noise in it",
    "fold_over": "signal at both borders from front to back, share of the tissue's signal (sagittal)",
    "missing_slices": "slices that did not arrive",
    "uneven": "1 when the slices do not form one even stack",
    "weighting_wrong": "1 when the contrast is not the ordered one",
    "void_share": "largest share of a vertebral body without signal",
}
"""Facts that a rule may judge; a fact that is not known of a series is not judged."""
WORSE = ("above", "below")


class Verdict(StrEnum):
    """What should be done with a series."""

    GOOD = "good"
    ACCEPTABLE = "acceptable"
    REPEAT = "repeat"


@dataclass(frozen=True)
class Rule:
    """One judgement.

    Attributes
    ----------
    measure
        A fact of `KNOWN`; its size counts.
    worse
        ``above``: larger is worse; ``below``: smaller is worse.
    acceptable, repeat
        From the first limit on the series is no longer good, from the second on it should be repeated.
    text
        The reason; ``{value}`` stands for the fact.
    """

    code: str
    measure: str
    worse: str
    acceptable: float
    repeat: float
    text: str

    def verdict(self, value: float) -> Verdict:
        """Return the judgement of a fact."""
        sign = 1.0 if self.worse == "above" else -1.0
        size = sign * abs(value)
        if size >= sign * self.repeat:
            return Verdict.REPEAT
        return Verdict.ACCEPTABLE if size >= sign * self.acceptable else Verdict.GOOD


@dataclass(frozen=True)
class Reason:
    """Why a series is not good."""

    code: str
    verdict: Verdict
    text: str


@dataclass(frozen=True)
class SeriesQuality:
    """The verdict of a series.

    Attributes
    ----------
    reasons
        The worst first; empty when the series is good.
    facts
        What was measured, by the names of `KNOWN`.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    facts: Mapping[str, float]


def judge_series(facts: Mapping[str, float], rules: Sequence[Rule]) -> SeriesQuality:
    """Return the verdict: the worst of all rules whose fact is known."""
    reasons = []
    for rule in rules:
        if rule.measure not in facts:
            continue
        value = facts[rule.measure]
        verdict = rule.verdict(value)
        if verdict is not Verdict.GOOD:
            shown = f"{abs(value):.2g}" if abs(value) < 10 else f"{abs(value):.0f}"
            reasons.append(Reason(rule.code, verdict, rule.text.format(value=shown)))
    reasons.sort(key=lambda reason: reason.verdict is not Verdict.REPEAT)
    verdict = reasons[0].verdict if reasons else Verdict.GOOD
    return SeriesQuality(verdict, tuple(reasons), dict(facts))


def read_rules(content: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Return the rules of a rule file's content.

    Raises
    ------
    ValueError
        With a sentence, when something is missing, unknown or impossible.
    """
    entries = content.get("check")
    if not isinstance(entries, list) or not entries:
        raise ValueError("the rule file holds no [[check]]")
    return tuple(_rule(entry, number) for number, entry in enumerate(entries, start=1))


def _rule(entry: Mapping[str, Any], number: int) -> Rule:
    where = f"check {number}"
    missing = sorted(set(Rule.__annotations__) - set(entry))
    strange = sorted(set(entry) - set(Rule.__annotations__))
    if missing or strange:
        raise ValueError(
            f"{where} lacks {missing[0]}" if missing else f"{where} has an unknown entry {strange[0]}"
        )
    limits = [entry["acceptable"], entry["repeat"]]
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in limits):
        raise ValueError(f"acceptable and repeat of {where} are numbers")
    rule = Rule(**{**entry, "acceptable": float(limits[0]), "repeat": float(limits[1])})
    if rule.measure not in KNOWN:
        raise ValueError(f"measure of {where} is one of {', '.join(KNOWN)}")
    if rule.worse not in WORSE:
        raise ValueError(f"worse of {where} is one of {', '.join(WORSE)}")
    rising = rule.acceptable <= rule.repeat
    if rising is not (rule.worse == "above") and rule.acceptable != rule.repeat:
        raise ValueError(f"acceptable and repeat of {where} are the wrong way round")
    try:
        rule.text.format(value="1")
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"text of {where} may hold {{value}} and nothing else in braces") from error
    return rule
