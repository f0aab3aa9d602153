"""How findings are ordered in a composed impression (the ranks are our choice).

Rank 4 asks for attention first (sequestration, severe central stenosis, slip of grade III or more), rank 1
is degenerative change that is common without complaints.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lvp_workstation.domain.findings import SCALES, Action, Finding, FindingStatus

_STENOSIS_OF_A_ROOT = {"mild": 1, "moderate": 2, "severe": 3}

RANKS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "herniation": {"bulge": 1, "herniation": 2, "protrusion": 2, "extrusion": 3, "sequestration": 4},
        "central_canal": {"mild": 1, "moderate": 3, "severe": 4},
        "lateral_recess_left": _STENOSIS_OF_A_ROOT,
        "lateral_recess_right": _STENOSIS_OF_A_ROOT,
        "foramen_left": _STENOSIS_OF_A_ROOT,
        "foramen_right": _STENOSIS_OF_A_ROOT,
        "spondylolisthesis": {"1": 2, "2": 3, "3": 4, "4": 4, "5": 4},
        "modic": {"1": 1, "2": 1, "3": 1},
        "pfirrmann": {"3": 0, "4": 0, "5": 1},
    }
)

ANATOMICAL_ORDER = (
    "pfirrmann",
    "herniation",
    "spondylolisthesis",
    "modic",
    "central_canal",
    "lateral_recess_left",
    "lateral_recess_right",
    "foramen_left",
    "foramen_right",
)
"""How a level is described: disc, neighbours, canal, roots; later scales follow."""

_ORDER = {scale: position for position, scale in enumerate(RANKS)}
_ANATOMY = {scale: position for position, scale in enumerate(ANATOMICAL_ORDER)}


def rank(finding: Finding) -> int:
    """Return how urgent the reader's grade is, 0 lowest; a grade unknown here ranks by its position."""
    scale = finding.key.scale
    known = RANKS.get(scale, {}).get(finding.grade)
    return known if known is not None else min(3, SCALES[scale].grades.index(finding.grade))


def order_in_level(finding: Finding) -> tuple[int, int]:
    """Return the sort key of findings inside a level: most urgent first, then disc, canal, roots."""
    return -rank(finding), _ORDER.get(finding.key.scale, len(_ORDER))


def anatomical_position(finding: Finding) -> int:
    """Return the sort key of sentences inside the description of a level."""
    return _ANATOMY.get(finding.key.scale, len(_ANATOMY))


def positive(finding: Finding) -> bool:
    """Return whether the reader set a grade that is not normal."""
    return bool(finding.grade) and not SCALES[finding.key.scale].is_normal(finding.grade)


def rests_on_unvalidated_model(finding: Finding) -> bool:
    """Return whether the grade is the AI's, accepted from a model not validated on patients.

    The same grade set by the reader before the AI was shown is the reader's own.
    """
    proposal = finding.proposal
    if proposal is None or proposal.validated_on_patients or finding.status is not FindingStatus.ACCEPTED:
        return False
    before = finding.before_reveal
    return before is None or before.grade != finding.grade or before.action is not Action.ADD
