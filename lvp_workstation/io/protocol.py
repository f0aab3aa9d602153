"""What the header tells about the pulse sequence, single-frame and enhanced objects alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lvp_workstation.domain.study import Series

_DIXON_TOKENS = {
    "W": "water",
    "WATER": "water",
    "F": "fat",
    "FAT": "fat",
    "IP": "in",
    "IN_PHASE": "in",
    "OP": "opp",
    "OPP_PHASE": "opp",
    "OUT_PHASE": "opp",
    "OPPOSED_PHASE": "opp",
}
"""ImageType values of Siemens, Philips, GE, and PS3.3 C.8.13.3.1.2 for enhanced objects."""

_DIXON_NAMES = (
    ("water", r"(?:_|\b)(?:w|water|wasser)$|water"),
    ("fat", r"(?:_|\b)f$|(?<!no)fat(?!\s*-?_?(?:sat|sup|s\b))"),
    ("in", r"in[-_ ]?phase|(?:_|\b)(?:in|ip)$"),
    ("opp", r"opp(?:osed)?[-_ ]?(?:phase)?|out[-_ ]?(?:of[-_ ]?)?phase|(?:_|\b)op$"),
)
_MAP_TOKENS = {
    "P",
    "PHASE",
    "PHASE MAP",
    "PHASE_MAP",
    "R",
    "I",
    "REAL",
    "IMAGINARY",
    "FIELD_MAP",
    "B0",
    "T1 MAP",
    "T1_MAP",
    "T2 MAP",
    "T2_MAP",
    "T2_STAR MAP",
    "R2_MAP",
    "SUBTRACTION",
    "SUB",
    "FF",
    "FAT_FRACTION",
    "VELOCITY",
}
"""ImageType values of phase, real and computed images (PS3.3 C.8.3.1.1.1, C.8.13.3.1, vendors)."""

_AFTER = r"gd|gado\w*|post|k[.]?m[.]?|ce|contrast|dotarem|gadovist|\+ ?c|c ?\+|\+ ?gd"
_BEFORE = r"pre|nativ\w*|without|w/o|ohne|non[-_ ]?contrast|no[-_ ]?contrast"
_NO_AGENT = ("", "NO", "NONE", "N", "N/A", "NA", "0", "-", "WITHOUT", "NO CONTRAST", "NATIVE")


@dataclass(frozen=True)
class Protocol:
    """Facts for the role rules; words are empty where nothing was found.

    Attributes
    ----------
    tr, te, ti
        Milliseconds, None when not stated.
    agent
        True when an agent is stated, None when the header contradicts itself, False otherwise.
    """

    name: str
    tr: float | None
    te: float | None
    ti: float | None
    gradient_echo: bool
    echo_planar: bool
    steady_state: bool
    fat_suppressed: str
    diffusion: str
    localizer: str
    whole_spine: bool
    derived_map: str
    dixon: tuple[str, str] | None
    agent: bool | None
    agent_words: str

    def named(self, pattern: str) -> bool:
        """Return whether the description holds this word; letters and digits must not continue it."""
        return _has_word(self.name, pattern)


def _has_word(name: str, pattern: str) -> bool:
    return re.search(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])", name) is not None


def _number(attributes: dict[str, Any], key: str) -> float | None:
    found = attributes.get(key)
    if isinstance(found, list):
        found = found[0] if found else None
    return float(found) if isinstance(found, (int, float)) else None


def _tokens(attributes: dict[str, Any], key: str) -> set[str]:
    found = attributes.get(key, "")
    parts = found if isinstance(found, list) else str(found).split("\\")
    return {str(part).strip().upper() for part in parts if str(part).strip()}


def protocol_of(series: Series) -> Protocol:
    """Collect the facts of a stack from its attributes and description."""
    facts = series.attributes
    description = series.description.lower()
    name = f"{description} {str(facts.get('ProtocolName', '')).lower()}".strip()
    sequence = _tokens(facts, "ScanningSequence")
    kind = " ".join(str(facts.get(k, "")).lower() for k in ("SequenceName", "PulseSequenceName"))
    inversion = _positive(_number(facts, "InversionTime"))
    agent, agent_words = _contrast_agent(facts, description)
    return Protocol(
        name=name,
        tr=_positive(_number(facts, "RepetitionTime")),
        te=_number(facts, "EchoTime"),
        ti=inversion if facts.get("InversionRecovery") != "NO" else None,
        gradient_echo=_is_gradient(sequence, facts),
        echo_planar="EP" in sequence or "epfid" in kind or "ep_b" in kind,
        steady_state=_is_steady_state(facts, name),
        fat_suppressed=_fat_suppression(facts, name),
        diffusion=_diffusion(facts, name),
        localizer=_localizer(facts, name),
        whole_spine=_has_word(name, r"(?:whole|total|full|complete)(?:[-_ ]?spine)?|ganz\w*|wsp?"),
        derived_map=_derived_map(facts, name),
        dixon=_dixon(facts, description, name),
        agent=agent,
        agent_words=agent_words,
    )


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _is_gradient(sequence: set[str], facts: dict[str, Any]) -> bool:
    echo = str(facts.get("EchoPulseSequence", "")).upper()
    return "GRADIENT" in echo if echo else "GR" in sequence and "SE" not in sequence


def _is_steady_state(facts: dict[str, Any], name: str) -> bool:
    enhanced = str(facts.get("SteadyStatePulseSequence", "")).upper()
    return enhanced == "FREE_PRECESSION" or _has_word(name, r"ciss|fiesta(?:-c)?|trufi|b?ffe_?xd|bssfp")


def _fat_suppression(facts: dict[str, Any], name: str) -> str:
    if "FS" in _tokens(facts, "ScanOptions"):
        return "ScanOptions FS"
    if str(facts.get("SpectrallySelectedSuppression", "")).upper() in ("FAT", "FAT_AND_WATER"):
        return "SpectrallySelectedSuppression"
    if _has_word(name, r"fs|fatsat|fat[-_ ]?sat\w*|spair|spir|fat[-_ ]?sup\w*|chem[-_ ]?sat"):
        return "named in the description"
    return ""


def _diffusion(facts: dict[str, Any], name: str) -> str:
    weight = _number(facts, "DiffusionBValue")
    if weight:
        return f"b = {weight:.0f} s/mm2"
    found = _tokens(facts, "ImageType") & {"DIFFUSION", "ADC", "TRACEW", "FA"}
    if found:
        return f"ImageType {min(found)}"
    return "named in the description" if _has_word(name, r"dwi|diff\w*|adc|dti|resolve\w*") else ""


def _localizer(facts: dict[str, Any], name: str) -> str:
    if "LOCALIZER" in _tokens(facts, "ImageType"):
        return "ImageType LOCALIZER"
    words = r"loc|locali[sz]er\w*|scout|survey|aahscout|smartbrain|smartspine|3-?plane?|3-?pl|plan[-_ ]?scan"
    return "named in the description" if _has_word(name, words) else ""


def _derived_map(facts: dict[str, Any], name: str) -> str:
    """Return why an image shows a computed quantity (phase, field, relaxation time), else nothing."""
    found = _tokens(facts, "ImageType") & _MAP_TOKENS
    if found:
        return f"ImageType {min(found)}"
    return (
        "named in the description"
        if _has_word(name, r"[tb][012]\*?[-_ ]?map\w*|field[-_ ]?map|subtr?\w*")
        else ""
    )


def _dixon(facts: dict[str, Any], description: str, name: str) -> tuple[str, str] | None:
    for token in sorted(_tokens(facts, "ImageType")):
        if token in _DIXON_TOKENS:
            return _DIXON_TOKENS[token], f"ImageType {token}"
    if not re.search(r"dixon|ideal|lava[-_ ]?flex|(?<![a-z])flex(?![a-z])", name):
        return None
    for part, pattern in _DIXON_NAMES:
        if re.search(pattern, description):
            return part, "named in the description"
    return None


def _contrast_agent(facts: dict[str, Any], description: str) -> tuple[bool | None, str]:
    """Return whether an agent was given, and where that is said."""
    stated = str(facts.get("ContrastBolusAgent", "")).strip().upper()
    tagged = stated not in _NO_AGENT
    after, before = _has_word(description, _AFTER), _has_word(description, _BEFORE)
    if tagged:
        return (None, "tag and description disagree") if before else (True, "ContrastBolusAgent")
    if after and (before or stated):
        return None, "the description contradicts itself or the tag"
    if after:
        return True, "named in the description"
    return False, "native by description" if before else ""
