"""What opening the reading of a study does on the database worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lvp_workstation.app.context import AppContext
from lvp_workstation.domain.errors import NotPermitted
from lvp_workstation.domain.study import Study
from lvp_workstation.services.pre_read import take_over
from lvp_workstation.services.read import ReadingRoom, ReadingSession
from lvp_workstation.services.sign import note_superseded

Opened = tuple[ReadingSession, dict[str, Any], tuple[str, ...]]
"""A session, what was on screen when it was last left, and remarks on how it is kept."""

TAKEN_OVER = "The analysis was made before you opened the study."


def opening(context: AppContext, study: Study) -> Callable[[], Opened]:
    """Return what opens the reading of a study for whoever is at the workstation now, or begins one."""
    person, owner, role, here = context.person, context.owner, context.reading_role, context.rules

    def work() -> Opened:
        room = context.reading_room()
        context.worklist().register([study])
        if person is not None and not person.reads:
            return _looked_at(room, study)
        remarks, rules = room.remarks(), room.rules(study, here)
        session = room.open(study, owner, rules.mode, role, rules.reveal_by)
        note_superseded(room, session.reading, session.author())
        taken = (TAKEN_OVER,) if take_over(room, session) else ()
        return session, room.readings.layout(session.reading.reading_id), (*taken, *remarks)

    return work


def _looked_at(room: ReadingRoom, study: Study) -> Opened:
    """Return the newest signed reading of a study for somebody who reads nothing of one's own.

    Raises
    ------
    NotPermitted
        When nobody signed a reading of it yet.
    """
    session = room.signed(study)
    if session is None:
        raise NotPermitted("Nobody has signed a reading of this study yet; its images can be looked at.")
    signature = session.reading.signature
    signer = session.reader if signature is None else signature.reader
    return session, {}, (f"This is the reading signed by {signer}; it can be looked at.",)
