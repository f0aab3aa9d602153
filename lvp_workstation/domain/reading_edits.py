"""The edits a reader or the program can make of a reading, each a function that builds an `Edit`.

None of them changes anything: `services.read` applies the edit, journals it, and only then
tells the screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lvp_workstation.domain.anatomy import InstanceId, LevelMap
from lvp_workstation.domain.annotations import Measurement
from lvp_workstation.domain.edit_parts import (
    Author,
    finding_change,
    level_name,
    program_edit,
    reader_edit,
)
from lvp_workstation.domain.edits import LABELS_EDITED, Change, Edit
from lvp_workstation.domain.errors import ReadingStateError, UsageProblem
from lvp_workstation.domain.findings import (
    NO_REASON,
    REJECT_REASONS,
    SCALES,
    Action,
    FindingKey,
    Proposal,
    ReaderValue,
)
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.reading import (
    MODEL_LABELS,
    CriticalCommunication,
    Reading,
    ReadingMode,
    TextEntry,
)
from lvp_workstation.domain.report_rows import row_caption

_LEVEL_NAME = re.compile(r"(?<![A-Za-z])(?:L[1-6]|S[1-5]|T(?:1[0-3]|[3-9]))(?!\d)", re.IGNORECASE)
"""Vertebra names in free text; T1 and T2 are left out because they name MR contrasts there."""


def set_grade(reading: Reading, key: FindingKey, grade: str, author: Author, reason: str = "") -> Edit:
    """Set the reader's grade; beside a visible proposal it counts as accepted or edited, else as added.

    A value locked before the reveal is kept: the new one stands beside it.
    """
    scale = SCALES[key.scale]
    scale.require(grade)
    _require_not_waiting(reading, key)
    finding = reading.finding(key)
    proposal = finding.proposal if reading.ai_visible(key.target) else None
    if proposal is None or not proposal.assessable:
        action = Action.ADD
    else:
        action = Action.ACCEPT if proposal.grade == grade else Action.EDIT
    after = replace(finding, final=ReaderValue(action, author.provenance, grade, reason))
    text = f"{level_name(reading, key.target)} {scale.caption}: {scale.written(grade)}"
    return reader_edit(reading, "set_grade", text, author, [finding_change(reading, key, after)])


def _require_not_waiting(reading: Reading, key: FindingKey) -> None:
    """Raise when the level is locked and its AI not shown yet: the locked grade is what will be compared."""
    waiting = key.target in reading.locked and key.target not in reading.revealed
    if waiting and reading.mode is ReadingMode.INDEPENDENT_FIRST:
        raise ReadingStateError(
            f"{level_name(reading, key.target)} is locked until the AI is shown: lock the other levels first."
        )


def accept(reading: Reading, key: FindingKey, author: Author) -> Edit:
    """Accept the AI's visible proposal as the reader's grade."""
    finding = reading.finding(key)
    if not reading.ai_visible(key.target):
        raise ReadingStateError("The AI's grade is not shown yet: lock your own grade of this level first.")
    if finding.proposal is None or not finding.proposal.assessable:
        raise ReadingStateError("There is no AI grade to accept here.")
    grade = finding.proposal.grade
    after = replace(finding, final=ReaderValue(Action.ACCEPT, author.provenance, grade))
    scale = SCALES[key.scale]
    text = f"accept {level_name(reading, key.target)} {scale.caption}: {scale.written(grade)}"
    return reader_edit(reading, "accept", text, author, [finding_change(reading, key, after)])


def reject(
    reading: Reading, key: FindingKey, author: Author, reason: str = NO_REASON, comment: str = ""
) -> Edit:
    """Reject the AI's visible proposal; a grade of the reader's own that differs from it stays.

    Raises
    ------
    UsageProblem
        When the reason is neither `NO_REASON` nor of the list, or is ``other`` without words.
    """
    finding = reading.finding(key)
    proposal = finding.proposal if reading.ai_visible(key.target) else None
    if proposal is None or not proposal.assessable:
        raise ReadingStateError("There is no AI grade shown here to reject.")
    if reason != NO_REASON and reason not in REJECT_REASONS:
        raise UsageProblem(f"{reason!r} is not a reason for a rejection: {', '.join(REJECT_REASONS)}")
    if reason == REJECT_REASONS[-1] and not comment.strip():
        raise UsageProblem("Say in a few words why the AI's grade is rejected.")
    own = finding.grade if finding.disagrees else ""
    action = Action.EDIT if own else Action.REJECT
    value = ReaderValue(action, author.provenance, own, reason, comment=comment.strip())
    text = f"reject {level_name(reading, key.target)} {SCALES[key.scale].caption}"
    return reader_edit(
        reading, "reject", text, author, [finding_change(reading, key, replace(finding, final=value))]
    )


def clear_grade(reading: Reading, key: FindingKey, author: Author) -> Edit:
    """Take the reader's value back; the proposal stays."""
    _require_not_waiting(reading, key)
    finding = reading.finding(key)
    text = f"clear {level_name(reading, key.target)} {SCALES[key.scale].caption}"
    return reader_edit(
        reading, "clear_grade", text, author, [finding_change(reading, key, replace(finding, final=None))]
    )


def set_text(reading: Reading, row: str, text: str, author: Author) -> Edit:
    """Set the words of a study row, of a level by its instance id, or of a sentence; empty clears it."""
    before = reading.texts.get(row)
    after = TextEntry(text, author.name, author.time_utc) if text.strip() else None
    caption = row_caption(reading, row)
    return reader_edit(
        reading, "set_text", f"text of {caption}", author, [Change("texts", before, after, row)]
    )


def change_level_map(reading: Reading, levels: LevelMap, author: Author, text: str) -> Edit:
    """Rename levels: grades stay with their instances; text that names a level is marked for re-reading."""
    if reading.level_map is None or levels.vertebra_count != reading.level_map.vertebra_count:
        raise UsageProblem("Renaming levels does not add or remove any.")
    return reader_edit(reading, "level_map", text, author, _renaming(reading, levels))


def _renaming(reading: Reading, levels: LevelMap) -> list[Change]:
    changes = [Change("level_map", reading.level_map, levels)]
    for row, entry in reading.texts.items():
        if _LEVEL_NAME.search(entry.text) and not entry.reread:
            changes.append(Change("texts", entry, replace(entry, reread=True), row))
    return changes


def confirm_numbering(reading: Reading, author: Author) -> Edit:
    """Confirm the numbering of the levels as it stands."""
    if reading.level_map is None:
        raise ReadingStateError("There are no levels to confirm yet.")
    confirmed = reading.level_map.confirmed(author.name)
    change = Change("level_map", reading.level_map, confirmed)
    return reader_edit(reading, "confirm_numbering", "confirm the numbering", author, [change])


def attach_analysis(
    reading: Reading,
    levels: LevelMap,
    measurements: Mapping[tuple[InstanceId, str], Measurement],
    proposals: Iterable[Proposal],
    facts: Mapping[str, Any],
    labels_sha256: str,
    author: Author,
) -> Edit:
    """Put an AI result into the reading; what the reader set stays beside it.

    The names of a confirmed or edited level map are kept. ``facts`` holds JSON types only.
    """
    changes = [
        Change("facts", dict(reading.facts), {**reading.facts, **facts, MODEL_LABELS: labels_sha256}),
        Change("labels_sha256", reading.labels_sha256, labels_sha256),
        *_replace_measurements(reading, measurements),
        *_replace_proposals(reading, proposals),
    ]
    current = reading.level_map
    kept = levels if current is None else current.carried_over(levels)
    if current is not None and not kept.named_alike(current):
        changes += _renaming(reading, kept)
    elif kept != current:
        changes.append(Change("level_map", current, kept))
    return program_edit("attach_analysis", "analysis", author, changes)


def edit_labels(
    reading: Reading,
    delta: LabelDelta,
    labels_sha256: str,
    measurements: Mapping[tuple[InstanceId, str], Measurement],
    proposals: Iterable[Proposal],
    author: Author,
    text: str,
) -> Edit:
    """Change the segmentation, with the measurements and proposals that follow from it.

    What the model itself had proposed is kept beside them.
    """
    before = reading.labels_sha256
    changes = [
        *([Change("labels_sha256", before, labels_sha256)] if before != labels_sha256 else []),
        *_replace_measurements(reading, measurements),
        *_replace_proposals(reading, proposals, corrected=True),
    ]
    return reader_edit(reading, LABELS_EDITED, text, author, changes, labels=delta)


def _replace_measurements(
    reading: Reading, measurements: Mapping[tuple[InstanceId, str], Measurement]
) -> list[Change]:
    keys = {*reading.measurements, *measurements}
    pairs = ((key, reading.measurements.get(key), measurements.get(key)) for key in sorted(keys))
    return [Change("measurements", before, after, key) for key, before, after in pairs if before != after]


def _replace_proposals(
    reading: Reading, proposals: Iterable[Proposal], corrected: bool = False
) -> list[Change]:
    fresh = {FindingKey(p.target, p.scale): p for p in proposals}
    changes = []
    for key in sorted({*reading.findings, *fresh}, key=lambda k: (k.target, k.scale)):
        before = reading.findings.get(key)
        after = reading.finding(key).with_proposal(fresh.get(key), corrected)
        if after.empty:
            if before is not None:
                changes.append(finding_change(reading, key, None))
        elif after != before:
            changes.append(finding_change(reading, key, after))
    return changes


def record_facts(reading: Reading, facts: Mapping[str, Any], author: Author) -> Edit:
    """Bring what the report states about the study up to date, such as the slices seen; JSON types only."""
    change = Change("facts", dict(reading.facts), {**reading.facts, **facts})
    return program_edit("record_facts", "facts of the study", author, [change])


def add_critical(reading: Reading, entry: CriticalCommunication, author: Author) -> Edit:
    """Record to whom a critical finding was told."""
    change = Change("critical", reading.critical, (*reading.critical, entry))
    return reader_edit(reading, "critical", f"critical finding told to {entry.told_to}", author, [change])
