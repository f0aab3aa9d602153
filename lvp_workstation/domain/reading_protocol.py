"""The protocol between reader and AI: mode, lock, reveal, preliminary, sign. None of it is undone."""

from __future__ import annotations

from dataclasses import replace

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.edit_parts import Author, finding_change, level_name, program_edit, reader_edit
from lvp_workstation.domain.edits import Change, Edit
from lvp_workstation.domain.errors import ReadingStateError
from lvp_workstation.domain.findings import GRID_SCALES, SCALES, Finding, FindingKey
from lvp_workstation.domain.reading import (
    Reading,
    ReadingMode,
    ReadingState,
    RevealBy,
    Signature,
)
from lvp_workstation.domain.report_rows import row_applies, row_caption


def lock_and_reveal(reading: Reading, target: InstanceId, author: Author) -> Edit:
    """Lock the reader's grades of a level and reveal the AI's; this cannot be undone.

    Where the reading reveals by study, the level is only locked, and locking the last one reveals all.
    """
    if target in reading.locked:
        raise ReadingStateError(f"{level_name(reading, target)} is locked already.")
    return _lock(reading, frozenset({target}), author)


def lock_study(reading: Reading, author: Author) -> Edit:
    """Lock the reader's grades of every level and reveal the AI's; this cannot be undone."""
    targets = frozenset(reading.levels) - reading.locked
    if not targets:
        raise ReadingStateError("There is no level left to lock.")
    return _lock(reading, targets, author)


def ungraded(reading: Reading, targets: frozenset[InstanceId]) -> tuple[InstanceId, ...]:
    """Return which of these levels would be locked now although the reader graded nothing there.

    Nothing is to be said where the mode does not lock, and of levels that are locked already.
    """
    if reading.mode not in (ReadingMode.INDEPENDENT_FIRST, ReadingMode.AI_SECOND):
        return ()
    graded = {finding.key.target for finding in reading.findings.values() if finding.final is not None}
    return tuple(t for t in reading.levels if t in targets - reading.locked - graded)


def left_empty(reading: Reading, targets: frozenset[InstanceId]) -> tuple[FindingKey, ...]:
    """Return the cells of locked levels that held no grade when they were locked."""
    keys = (FindingKey(t, scale.key) for t in reading.levels if t in targets for scale in GRID_SCALES)
    return tuple(key for key in keys if reading.finding(key).before_reveal is None)


def _lock(reading: Reading, targets: frozenset[InstanceId], author: Author) -> Edit:
    """Touch every column of the levels, graded or not, so that nothing of them is undone or redone
    once the AI was seen.
    """
    if reading.mode is ReadingMode.MANUAL:
        raise ReadingStateError("In manual mode the AI is never shown.")
    if reading.mode is not ReadingMode.INDEPENDENT_FIRST:
        raise ReadingStateError(f"Levels are not locked one by one in the mode {reading.mode.caption}.")
    locked = reading.locked | targets
    by_level = reading.reveal_by is RevealBy.LEVEL
    shown = targets if by_level else locked if locked >= frozenset(reading.levels) else frozenset[str]()
    changes = [Change("locked", reading.locked, locked), *_revealing(reading, shown, author)]
    ordered = [target for target in reading.levels if target in targets] or sorted(targets)
    changes += [_locked_change(reading, FindingKey(t, scale.key)) for t in ordered for scale in GRID_SCALES]
    names = ", ".join(level_name(reading, target) for target in ordered)
    text = f"lock {names} and reveal the AI" if shown else f"lock {names}"
    return reader_edit(reading, "lock_level", text, author, changes, undoable=False)


def _revealing(reading: Reading, shown: frozenset[InstanceId], author: Author) -> list[Change]:
    """Return the changes that show the AI of levels from now on."""
    fresh = sorted(shown - reading.revealed)
    if not fresh:
        return []
    revealed = Change("revealed", reading.revealed, reading.revealed | shown)
    times = (Change("reveal_times", reading.reveal_times.get(t), author.time_utc, t) for t in fresh)
    return [revealed, *times]


def _locked_change(reading: Reading, key: FindingKey) -> Change:
    before = reading.findings.get(key)
    after = replace(before, before_reveal=before.final) if before is not None else None
    return finding_change(reading, key, after)


def set_mode(reading: Reading, mode: ReadingMode, author: Author) -> Edit:
    """Choose how AI and reader work together; only before any grade is set."""
    decided = any(finding.final or _shown(reading, finding) for finding in reading.findings.values())
    if decided or reading.revealed or reading.locked:
        raise ReadingStateError("The mode is fixed once a grade was set or the AI was shown.")
    change = Change("mode", reading.mode, mode)
    return program_edit("set_mode", f"mode {mode.caption}", author, [change])


def set_reveal_by(reading: Reading, reveal_by: RevealBy, author: Author) -> Edit:
    """Choose whether independent first reveals by level or by study; only before a level is locked."""
    if reading.locked or reading.revealed:
        raise ReadingStateError("What is revealed together is fixed once a level was locked.")
    change = Change("reveal_by", reading.reveal_by, reveal_by)
    return program_edit("set_reveal_by", f"reveal by {reveal_by.value}", author, [change])


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
        Change("locked", reading.locked, reading.locked | frozenset(reading.levels)),
        *_revealing(reading, levels, author),
    ]
    changes += [_locked_change(reading, key) for key in reading.findings]
    return reader_edit(
        reading, "reveal_disagreements", "reveal disagreements", author, changes, undoable=False
    )


def mark_preliminary(reading: Reading, author: Author) -> Edit:
    """Release the reading as preliminary: somebody else may rely on it, and it can still be changed.

    Raises
    ------
    ReadingStateError
        With the obstacles, or when it was released already.
    """
    problems = obstacles_to_signing(reading)
    if reading.state is ReadingState.PRELIMINARY:
        problems = ("This reading is preliminary already.",)
    if problems:
        raise ReadingStateError(" ".join(problems))
    change = Change("state", reading.state, ReadingState.PRELIMINARY)
    return program_edit("preliminary", "release as preliminary", author, [change])


def obstacles_to_signing(reading: Reading) -> tuple[str, ...]:
    """Return what still has to be done before the reading can be signed, in sentences."""
    reading.require_draft()
    problems = []
    if reading.level_map is not None and not reading.level_map.confirmed_by:
        problems.append("The numbering of the levels is not confirmed.")
    unread = [row for row, e in reading.texts.items() if e.reread and row_applies(reading, row)]
    marked = [row_caption(reading, row) for row in unread]
    if marked:
        problems.append(f"Text names levels that were renumbered; read it again: {', '.join(marked)}.")
    if _second_look_is_due(reading):
        problems.append("In the mode AI second, look at the disagreements with the AI first.")
    if reading.sources and reading.undecided:
        names = ", ".join(
            f"{level_name(reading, k.target)} {SCALES[k.scale].caption}" for k in reading.undecided
        )
        problems.append(f"The readers differ and nobody decided: {names}.")
    return tuple(problems)


def _second_look_is_due(reading: Reading) -> bool:
    proposed = any(finding.proposal for finding in reading.findings.values())
    return reading.mode is ReadingMode.AI_SECOND and proposed and not reading.locked


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
    return reader_edit(reading, "sign", "sign", author, changes, undoable=False)
