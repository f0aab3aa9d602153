"""Names, dates and numbers as a report prints them."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from lvp_workstation.domain.anatomy import InstanceId, LevelMap, instance_number
from lvp_workstation.domain.annotations import Measurement
from lvp_workstation.report.phrases import Phrases

_DECIMALS = {"mm": 1, "mm2": 0, "deg": 1, "%": 0, "ratio": 2}


def person_name(value: str) -> str:
    """Return a DICOM person name for print: ``DOE, JOHN``; other scripts follow in brackets."""
    groups = [_group(part) for part in clean(value).split("=")]
    groups = [group for group in groups if group]
    if not groups:
        return ""
    return groups[0] + (f" ({' / '.join(groups[1:])})" if len(groups) > 1 else "")


def _group(part: str) -> str:
    components = [component.strip() for component in part.split("^")]
    family, given = components[0], " ".join(c for c in components[1:3] if c)
    rest = " ".join(c for c in components[3:] if c)
    name = ", ".join(c for c in (family, given) if c)
    return f"{name} {rest}".strip()


def clean(text: str) -> str:
    """Return composed Unicode text without control and direction characters; line breaks are kept."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(c for c in composed if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def date(value: str) -> str:
    """Return a DICOM date as ``2026-11-21``; what is no date is returned as it is."""
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", value.strip())
    return "-".join(match.groups()) if match else value.strip()


def age(value: str, phrases: Phrases) -> str:
    """Return a DICOM age such as ``045Y`` as ``45 y``."""
    match = re.fullmatch(r"0*(\d+)([DWMY])", value.strip())
    return phrases(f"age.{match[2]}", count=match[1]) if match else value.strip()


def utc(value: str) -> str:
    """Return an ISO 8601 time in UTC as ``2026-11-21 10:30:00 UTC``."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?:Z|\+00:00)", value)
    return f"{match[1]} {match[2]} UTC" if match else value


def local_time(value: str) -> str:
    """Return an ISO 8601 time with its offset as ``2026-11-21 11:30:00 (UTC+01:00)``, else as it is."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?([+-]\d\d:\d\d)", value)
    return f"{match[1]} {match[2]} (UTC{match[3].replace('-', '−')})" if match else value


def number(value: float, decimals: int) -> str:
    """Return a number with a true minus sign and no negative zero."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0.0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def optional(value: float | None, decimals: int) -> str:
    """Return a number, or a dash when there is none."""
    return "–" if value is None else number(value, decimals)


def measured(measurement: Measurement) -> str:
    """Return the value of a measurement without its unit, a dash when it is not finite."""
    value = measurement.value
    if not math.isfinite(value):
        return "–"
    decimals = _DECIMALS.get(measurement.unit, 1)
    spread = measurement.uncertainty
    known = spread is not None and math.isfinite(spread) and spread > 0
    return number(value, decimals) + (f" ± {number(spread, decimals)}" if known and spread else "")


def probability(value: float) -> str:
    """Return a probability with two decimals that never rounds to certainty."""
    return number(min(max(value, 0.0), 0.99) if value < 1.0 else 1.0, 2)


def numbering_statement(levels: LevelMap, phrases: Phrases) -> str:
    """Return the sentence on the numbering method; in English it equals `LevelMap.statement`."""
    start = phrases("numbering.start_sacrum" if levels.sacrum_seen else "numbering.start_none")
    count = phrases({4: "numbering.four", 5: "numbering.five", 6: "numbering.six"}[levels.lumbar_count])
    by = levels.confirmed_by
    confirmation = phrases("numbering.confirmed", reader=by) if by else phrases("numbering.not_confirmed")
    edited = bool(levels.method) and f", {levels.method};" in levels.statement
    key = "numbering.body_edited" if edited else "numbering.body"
    return phrases(key, start=start, count=count, confirmation=confirmation)


@dataclass(frozen=True)
class LevelNames:
    """The names of one disc level, with "?" until a reader confirmed the numbering."""

    level: str
    upper: str
    lower: str
    exiting: str
    traversing: str

    @classmethod
    def of(cls, levels: LevelMap, disc: InstanceId) -> LevelNames:
        """Return the names of a disc under a level map."""
        mark = "" if levels.confirmed_by else "?"
        exiting, traversing = (f"{root}{mark}" for root in levels.roots(disc))
        n = instance_number(disc)
        upper, lower = (f"{levels.vertebra_name(k)}{mark}" for k in (n, n - 1))
        return cls(levels.shown_name(disc), upper, lower, exiting, traversing)

    @property
    def values(self) -> dict[str, str]:
        """The names as values for phrases."""
        return {
            "level": self.level,
            "upper": self.upper,
            "lower": self.lower,
            "exiting": self.exiting,
            "traversing": self.traversing,
        }
