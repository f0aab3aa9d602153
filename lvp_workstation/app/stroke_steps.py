"""Undo and redo of strokes: a stroke and the measurements made anew after it are one step.

A stroke is journalled at once, so that nothing can lose it; what depends on it is measured in the
background and journalled as an edit of its own. Strokes drawn before the measuring has ended share it.
Every function here belongs on the database worker.
"""

from __future__ import annotations

from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import LABELS_EDITED, Edit, History
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.labelmap import LabelArray
from lvp_workstation.domain.reading_edits import edit_labels
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.read import ReadingSession
from lvp_workstation.services.reading_state import ReadingSnapshot


def is_stroke(edit: Edit) -> bool:
    """Whether an edit changed the segmentation and nothing that depends on it."""
    if edit.kind != LABELS_EDITED or edit.labels is None or not edit.labels.runs:
        return False
    return all(change.field in ("labels_sha256", "state") for change in edit.changes)


def awaits_measures(history: History) -> bool:
    """Whether strokes were journalled whose measurements are still those from before."""
    last = next((edit for edit in reversed(history.done) if edit.kind == LABELS_EDITED), None)
    return last is not None and is_stroke(last)


def stroke_edit(session: ReadingSession, after: LabelArray, sha256: str, text: str, author: Author) -> Edit:
    """Return the edit that changes the segmentation and leaves what depends on it for later."""
    assert session.labels is not None
    reading = session.reading
    proposals = [f.proposal for f in reading.findings.values() if f.proposal is not None]
    delta = LabelDelta.between(session.labels.array, after)
    return edit_labels(reading, delta, sha256, reading.measurements, proposals, author, text)


def measuring_edit(session: ReadingSession, fresh: Analysis, author: Author) -> Edit:
    """Return the edit that brings measurements and proposals in step with the segmentation."""
    assert session.labels is not None
    reading, labels = session.reading, session.labels.array
    return edit_labels(
        reading,
        LabelDelta.between(labels, labels),
        reading.labels_sha256,
        fresh.measurements,
        fresh.proposals,
        author,
        next(e.description for e in reversed(session.history.done) if is_stroke(e)),
    )


def undo_step(session: ReadingSession) -> ReadingSnapshot:
    """Take the last step back, with the measurements that followed from it."""
    measured = False
    while session.history.done and session.history.done[-1].measures_strokes:
        session.undo()
        measured = True
    snapshot = session.undo()
    if measured and is_stroke(session.history.undone[-1]):
        while session.history.done and is_stroke(session.history.done[-1]):
            snapshot = session.undo()
    return snapshot


def redo_step(session: ReadingSession) -> ReadingSnapshot:
    """Make the step again that was undone last, with the measurements that followed from it."""
    snapshot = session.redo()
    while session.history.undone and _belongs(session.history):
        snapshot = session.redo()
    return snapshot


def _belongs(history: History) -> bool:
    """Return whether the edit to be redone next is part of the step just made again."""
    following = history.undone[-1]
    return following.measures_strokes or (is_stroke(following) and awaits_measures(history))
