"""The edits a reader or the program can make of a reading, each a function that builds an `Edit`.

None of them changes anything: `services.read` applies the edit, journals it, and only then
tells the screen.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lvp_workstation.domain.anatomy import InstanceId, LevelMap
from lvp_workstation.domain.annotations import Measurement, Provenance
from lvp_workstation.domain.edits import Change, Edit
from lvp_workstation.domain.errors import ReadingStateError, UsageProblem
from lvp_workstation.domain.findings import (
    GRID_SCALES,
    SCALES,
    Action,
    Finding,
    FindingKey,
    FindingStatus,
    Proposal,
    ReaderValue,
)
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.reading import (
    STUDY_ROWS,
    CriticalCommunication,
    Reading,
    ReadingMode,
    ReadingState,
    Signature,
    TextEntry,
)

ACCEPT_NORMAL_MIN_PROBABILITY = 0.9
"""Accept-normal needs at least this calibrated probability (our choice; a setting)."""

_LEVEL_NAME = re.compile(r"(?<![A-Za-z])(?:L[1-6]|S[1-5]|T(?:1[0-3]|[3-9]))(?!\d)", re.IGNORECASE)
"""Vertebra names in free text; T1 and T2 are left out because they name MR contrasts there."""


@dataclass(frozen=True)
class Author:
    """Who edits, and the time in UTC (ISO 8601)."""

    name: str
    time_utc: str

    @property
    def provenance(self) -> Provenance:
        """The reader's provenance of a value."""
        return Provenance(Provenance.READER, self.name, self.time_utc)


def _edit(
    kind: str,
    text: str,
    author: Author,
    changes: Iterable[Change],
    labels: LabelDelta | None = None,
    undoable: bool = True,
) -> Edit:
    return Edit(uuid.uuid4().hex, kind, text, author.name, author.time_utc, tuple(changes), labels, undoable)


def _finding_change(reading: Reading, key: FindingKey, after: Finding | None) -> Change:
    return Change("findings", reading.findings.get(key), after, key)


def _level(reading: Reading, target: InstanceId) -> str:
    return reading.level_map.name(target) if reading.level_map and target != "STUDY" else target


def set_grade(reading: Reading, key: FindingKey, grade: str, author: Author, reason: str = "") -> Edit:
    """Set the reader's grade; beside a visible proposal it counts as accepted or edited, else as added.

    A value locked before the reveal is kept: the new one stands beside it.
    """
    scale = SCALES[key.scale]
    scale.require(grade)
    finding = reading.finding(key)
    proposal = finding.proposal if reading.ai_visible(key.target) else None
    if proposal is None or not proposal.assessable:
        action = Action.ADD
    else:
        action = Action.ACCEPT if proposal.grade == grade else Action.EDIT
    after = replace(finding, final=ReaderValue(action, author.provenance, grade, reason))
    text = f"{_level(reading, key.target)} {scale.caption}: {grade}"
    return _edit("set_grade", text, author, [_finding_change(reading, key, after)])


def accept(reading: Reading, key: FindingKey, author: Author) -> Edit:
    """Accept the AI's visible proposal as the reader's grade."""
    finding = reading.finding(key)
    if not reading.ai_visible(key.target):
        raise ReadingStateError("The AI's grade is not shown yet: lock your own grade of this level first.")
    if finding.proposal is None or not finding.proposal.assessable:
        raise ReadingStateError("There is no AI grade to accept here.")
    grade = finding.proposal.grade
    after = replace(finding, final=ReaderValue(Action.ACCEPT, author.provenance, grade))
    text = f"accept {_level(reading, key.target)} {SCALES[key.scale].caption}: {grade}"
    return _edit("accept", text, author, [_finding_change(reading, key, after)])


def reject(reading: Reading, key: FindingKey, author: Author, reason: str) -> Edit:
    """Reject the AI's visible proposal without setting a grade of one's own."""
    finding = reading.finding(key)
    proposal = finding.proposal if reading.ai_visible(key.target) else None
    if proposal is None or not proposal.assessable:
        raise ReadingStateError("There is no AI grade shown here to reject.")
    after = replace(finding, final=ReaderValue(Action.REJECT, author.provenance, "", reason))
    text = f"reject {_level(reading, key.target)} {SCALES[key.scale].caption}"
    return _edit("reject", text, author, [_finding_change(reading, key, after)])


def clear_grade(reading: Reading, key: FindingKey, author: Author) -> Edit:
    """Take the reader's value back; the proposal stays."""
    finding = reading.finding(key)
    text = f"clear {_level(reading, key.target)} {SCALES[key.scale].caption}"
    return _edit("clear_grade", text, author, [_finding_change(reading, key, replace(finding, final=None))])


def lock_and_reveal(reading: Reading, target: InstanceId, author: Author) -> Edit:
    """Lock the reader's grades of a level and reveal the AI's; this cannot be undone.

    Every column of the level is touched, graded or not, so that no earlier grade of it is undone or
    redone once the AI was seen.
    """
    if reading.mode is ReadingMode.MANUAL:
        raise ReadingStateError("In manual mode the AI is never shown.")
    if reading.mode is not ReadingMode.INDEPENDENT_FIRST:
        raise ReadingStateError(f"Levels are not locked one by one in the mode {reading.mode.caption}.")
    if target in reading.locked:
        raise ReadingStateError(f"{_level(reading, target)} is locked already.")
    changes = [
        Change("locked", reading.locked, reading.locked | {target}),
        Change("revealed", reading.revealed, reading.revealed | {target}),
    ]
    changes += [_locked_change(reading, FindingKey(target, scale.key)) for scale in GRID_SCALES]
    text = f"lock {_level(reading, target)} and reveal the AI"
    return _edit("lock_level", text, author, changes, undoable=False)


def _locked_change(reading: Reading, key: FindingKey) -> Change:
    before = reading.findings.get(key)
    after = replace(before, before_reveal=before.final) if before is not None else None
    return _finding_change(reading, key, after)


def levels_eligible_for_accept_normal(
    reading: Reading,
    fully_seen: Callable[[InstanceId], bool],
    minimum: float = ACCEPT_NORMAL_MIN_PROBABILITY,
) -> tuple[InstanceId, ...]:
    """Return the levels whose every column may be accepted as normal in bulk.

    A level qualifies when a proposal of it is open, every slice of it was displayed, the AI calls every
    column normal with at least the minimum probability, nothing is withheld or rests on a model not
    validated on patients, no grade of the reader says otherwise, and, in independent first, the
    reader's grade is locked.
    """
    return tuple(
        target
        for target in reading.levels
        if fully_seen(target)
        and not _bars_accept_normal(reading, target)
        and all(_well_founded(reading.finding(FindingKey(target, s.key)), minimum) for s in GRID_SCALES)
    )


def _well_founded(finding: Finding, minimum: float) -> bool:
    proposal = finding.proposal
    return proposal is not None and proposal.validated_on_patients and proposal.confidence >= minimum


def _bars_accept_normal(reading: Reading, target: InstanceId) -> str:
    """Return why a level may not be accepted as normal in bulk; empty when it may."""
    if not reading.ai_visible(target):
        return "the AI is not shown"
    if reading.mode is ReadingMode.INDEPENDENT_FIRST and target not in reading.locked:
        return "the reader's grade is not locked"
    findings = [reading.finding(FindingKey(target, scale.key)) for scale in GRID_SCALES]
    if all(finding.status is not FindingStatus.OPEN for finding in findings):
        return "nothing is open"
    return next((why for why in map(_not_plainly_normal, findings) if why), "")


def _not_plainly_normal(finding: Finding) -> str:
    scale, proposal = SCALES[finding.key.scale], finding.proposal
    if proposal is None or not proposal.assessable:
        return f"the AI gives no grade for {scale.caption}"
    if not proposal.proposes_normal:
        return f"the AI calls {scale.caption} {proposal.grade}"
    if finding.final is not None and not scale.is_normal(finding.final.grade):
        return f"the reader decided otherwise on {scale.caption}"
    return ""


def accept_normal(reading: Reading, targets: Iterable[InstanceId], author: Author) -> Edit:
    """Accept the AI's normal grades of whole levels in one undoable edit, recorded as in bulk.

    Which levels qualify is told by `levels_eligible_for_accept_normal`; a level with anything positive,
    withheld or hidden is refused here too.
    """
    changes = []
    names = []
    for target in targets:
        why = _bars_accept_normal(reading, target)
        if why:
            raise ReadingStateError(f"{_level(reading, target)} cannot be accepted as normal: {why}.")
        names.append(_level(reading, target))
        for scale in GRID_SCALES:
            finding = reading.finding(FindingKey(target, scale.key))
            if finding.status is FindingStatus.OPEN and finding.proposal is not None:
                value = ReaderValue(Action.ACCEPT, author.provenance, finding.proposal.grade, bulk=True)
                changes.append(_finding_change(reading, finding.key, replace(finding, final=value)))
    if not changes:
        raise UsageProblem("No level qualifies for accepting as normal.")
    return _edit("accept_normal", f"accept as normal: {', '.join(names)}", author, changes)


def set_text(reading: Reading, row: str, text: str, author: Author) -> Edit:
    """Set the words of a study row or, with an instance id as row, of a level; empty clears it."""
    before = reading.texts.get(row)
    after = TextEntry(text, author.name, author.time_utc) if text.strip() else None
    caption = STUDY_ROWS.get(row) or _level(reading, row)
    return _edit("set_text", f"text of {caption}", author, [Change("texts", before, after, row)])


def change_level_map(reading: Reading, levels: LevelMap, author: Author, text: str) -> Edit:
    """Rename levels: grades stay with their instances; text that names a level is marked for re-reading."""
    if reading.level_map is None or levels.vertebra_count != reading.level_map.vertebra_count:
        raise UsageProblem("Renaming levels does not add or remove any.")
    return _edit("level_map", text, author, _renaming(reading, levels))


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
    return _edit("confirm_numbering", "confirm the numbering", author, [change])


def set_mode(reading: Reading, mode: ReadingMode, author: Author) -> Edit:
    """Choose how AI and reader work together; only before any grade is set."""
    decided = any(finding.final or _shown(reading, finding) for finding in reading.findings.values())
    if decided or reading.revealed:
        raise ReadingStateError("The mode is fixed once a grade was set or the AI was shown.")
    change = Change("mode", reading.mode, mode)
    return _edit("set_mode", f"mode {mode.caption}", author, [change], undoable=False)


def _shown(reading: Reading, finding: Finding) -> bool:
    return finding.proposal is not None and reading.ai_visible(finding.key.target)


def reveal_disagreements(reading: Reading, author: Author) -> Edit:
    """AI second: after the reader is done, reveal the levels where reader and AI differ.

    A positive proposal at a scale that the reader left empty counts as a disagreement. It is done once.
    """
    if reading.mode is not ReadingMode.AI_SECOND:
        raise ReadingStateError("Only in the mode AI second are disagreements revealed at the end.")
    if reading.locked:
        raise ReadingStateError("The disagreements were revealed already.")
    levels = frozenset(f.key.target for f in reading.findings.values() if f.disagrees or f.left_out)
    changes = [
        Change("revealed", reading.revealed, reading.revealed | levels),
        Change("locked", reading.locked, reading.locked | frozenset(reading.levels)),
    ]
    changes += [_locked_change(reading, key) for key in reading.findings]
    return _edit("reveal_disagreements", "reveal disagreements", author, changes, undoable=False)


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
        Change("facts", dict(reading.facts), {**reading.facts, **facts}),
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
    return _edit("attach_analysis", "analysis", author, changes, undoable=False)


def edit_labels(
    reading: Reading,
    delta: LabelDelta,
    labels_sha256: str,
    measurements: Mapping[tuple[InstanceId, str], Measurement],
    proposals: Iterable[Proposal],
    author: Author,
    text: str,
) -> Edit:
    """Change the segmentation, with the measurements and proposals that follow from it."""
    changes = [
        Change("labels_sha256", reading.labels_sha256, labels_sha256),
        *_replace_measurements(reading, measurements),
        *_replace_proposals(reading, proposals),
    ]
    return _edit("edit_labels", text, author, changes, labels=delta)


def _replace_measurements(
    reading: Reading, measurements: Mapping[tuple[InstanceId, str], Measurement]
) -> list[Change]:
    keys = {*reading.measurements, *measurements}
    pairs = ((key, reading.measurements.get(key), measurements.get(key)) for key in sorted(keys))
    return [Change("measurements", before, after, key) for key, before, after in pairs if before != after]


def _replace_proposals(reading: Reading, proposals: Iterable[Proposal]) -> list[Change]:
    fresh = {FindingKey(p.target, p.scale): p for p in proposals}
    changes = []
    for key in sorted({*reading.findings, *fresh}, key=lambda k: (k.target, k.scale)):
        before = reading.findings.get(key)
        after = reading.finding(key).with_proposal(fresh.get(key))
        if after.proposal is None and after.final is None and after.before_reveal is None:
            if before is not None:
                changes.append(_finding_change(reading, key, None))
        elif after != before:
            changes.append(_finding_change(reading, key, after))
    return changes


def record_facts(reading: Reading, facts: Mapping[str, Any], author: Author) -> Edit:
    """Bring what the report states about the study up to date, such as the slices seen; JSON types only."""
    change = Change("facts", dict(reading.facts), {**reading.facts, **facts})
    return _edit("record_facts", "facts of the study", author, [change], undoable=False)


def add_critical(reading: Reading, entry: CriticalCommunication, author: Author) -> Edit:
    """Record to whom a critical finding was told."""
    change = Change("critical", reading.critical, (*reading.critical, entry))
    return _edit("critical", f"critical finding told to {entry.told_to}", author, [change])


def obstacles_to_signing(reading: Reading) -> tuple[str, ...]:
    """Return what still has to be done before the reading can be signed, in sentences."""
    reading.require_draft()
    problems = []
    if reading.level_map is not None and not reading.level_map.confirmed_by:
        problems.append("The numbering of the levels is not confirmed.")
    marked = [STUDY_ROWS.get(row) or _level(reading, row) for row, e in reading.texts.items() if e.reread]
    if marked:
        problems.append(f"Text names levels that were renumbered; read it again: {', '.join(marked)}.")
    return tuple(problems)


def sign(reading: Reading, signature: Signature, author: Author) -> Edit:
    """Sign the reading; this cannot be undone.

    Raises
    ------
    ReadingStateError
        With the obstacles, when something still has to be done.
    """
    problems = obstacles_to_signing(reading)
    if problems:
        raise ReadingStateError(" ".join(problems))
    changes = [
        Change("signature", reading.signature, signature),
        Change("state", reading.state, ReadingState.SIGNED),
    ]
    return _edit("sign", "sign", author, changes, undoable=False)
