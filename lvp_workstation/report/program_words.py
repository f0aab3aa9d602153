"""What other parts of the program say in English, brought together and put into the report's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lvp_workstation.domain.findings import Proposal
from lvp_workstation.report.phrases import Phrases

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[A-Za-z]+|.", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SIDES = ("left", "right")
PLACE_OF_DISPLACEMENT = re.compile(r"(?:Displaced most|Material) \d+ mm [^.]*\.")
"""The sentence of `grading.zones.zone_sentence` or `grading.axial_herniation.sentence` in a proposal."""
_ANY = re.compile(r".+", re.DOTALL)
_NOTED = {"herniation": PLACE_OF_DISPLACEMENT, "spondylolisthesis": _ANY}
"""Scales whose positive proposals carry words that a grade alone does not say: place and direction."""


def shape(text: str) -> str:
    """Return a sentence without its numbers and sides: equal shapes are one reason."""
    return "".join("#" if _NUMBER.fullmatch(t) else "|" if t in _SIDES else t for t in _TOKEN.findall(text))


def merged(texts: Sequence[str]) -> str:
    """Return sentences of one `shape` as one: numbers become a range, sides are joined by a stroke."""
    columns = zip(*(_TOKEN.findall(text) for text in texts), strict=True)
    return "".join(_together(list(dict.fromkeys(column))) for column in columns)


def _together(tokens: list[str]) -> str:
    if len(tokens) == 1:
        return tokens[0]
    if all(_NUMBER.fullmatch(token) for token in tokens):
        ordered = sorted(tokens, key=float)
        return f"{ordered[0]}–{ordered[-1]}"
    return "/".join(sorted(tokens))


def reason(proposal: Proposal) -> str:
    """Return why a grade is withheld, its code when there are no words."""
    return proposal.text or proposal.not_assessable


def reasons_by_shape(proposals: Iterable[Proposal]) -> dict[str, str]:
    """Return for each shape of the reasons of withheld grades one sentence for all of them."""
    found: dict[str, dict[str, None]] = {}
    for proposal in proposals:
        if not proposal.assessable:
            found.setdefault(shape(reason(proposal)), {})[reason(proposal)] = None
    return {key: merged(tuple(texts)) for key, texts in found.items()}


def remark(proposal: Proposal | None, phrases: Phrases) -> str:
    """Return what a positive proposal says beyond its grade: where a disc is displaced, which way a body."""
    if proposal is None or not proposal.assessable or proposal.proposes_normal:
        return ""
    pattern = _NOTED.get(proposal.scale)
    found = pattern.search(proposal.text) if pattern is not None else None
    return phrases.of_program(found[0].strip()) if found else ""


def source_in_words(source: str, phrases: Phrases) -> str:
    """Return which images a measurement was taken from, part by part."""
    joined = phrases("measurement.list_separator")
    return joined.join(phrases.of_program(part.strip()) for part in source.split(";"))
