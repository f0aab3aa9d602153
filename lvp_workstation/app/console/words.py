"""How the console writes stacks, choices and trouble; sizes for a reader two metres away."""

from __future__ import annotations

from lvp_workstation.planning.quality import Verdict
from lvp_workstation.planning.review import Choice, ReviewedStack
from lvp_workstation.planning.stack import AXIAL, CONTINUOUS, CORONAL, SAGITTAL, SATURATION
from lvp_workstation.viewer.language import told, tr

LESS_SURE = 0.7
"""Below this confidence a proposal is marked (our choice, as in the picture of a plan)."""


def stack_name(stack: ReviewedStack, shown_level: str) -> str:
    """Return the name of a stack as it is written."""
    if stack.proposal.kind == AXIAL:
        return shown_level or stack.proposal.level
    return {
        SAGITTAL: tr("Sagittal"),
        CONTINUOUS: tr("Continuous"),
        CORONAL: tr("Coronal"),
        SATURATION: tr("Saturation band"),
    }[stack.proposal.kind]


def stack_state(stack: ReviewedStack) -> str:
    """Return what was decided, how far it was moved, or how sure the proposal is."""
    moved = f"{stack.angle_deg:.1f}°  {stack.offset_mm:.1f} mm" if stack.nudged else ""
    if stack.choice is Choice.REJECTED:
        return tr("rejected")
    if stack.choice is Choice.ACCEPTED:
        return moved or tr("accepted")
    if not stack.proposal.proposed:
        return moved or tr("no proposal")
    if moved:
        return moved
    sure = tr("check") if stack.proposal.confidence < LESS_SURE else tr("proposed")
    return tr("offered") if stack.optional else sure


def mark_of(stack: ReviewedStack) -> str:
    """Return the sign of a choice; signs are told apart by shape, not by colour alone."""
    if stack.choice is Choice.REJECTED:
        return "✕"
    if stack.choice is Choice.ACCEPTED:
        return "✎" if stack.nudged else "✓"
    return "○" if stack.proposal.proposed else "–"


def verdict_word(verdict: Verdict | None) -> str:
    """Return the verdict in a word."""
    words = {
        Verdict.GOOD: tr("good"),
        Verdict.ACCEPTABLE: tr("acceptable"),
        Verdict.REPEAT: tr("REPEAT"),
    }
    return "–" if verdict is None else words[verdict]


def sentences(texts: tuple[str, ...]) -> str:
    """Return sentences of lower floors in the language of the interface."""
    return " ".join(told(text) for text in texts)
