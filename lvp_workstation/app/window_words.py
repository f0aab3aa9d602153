"""Words of the main window about its input and its study."""

from __future__ import annotations

from collections.abc import Sequence

from lvp_workstation.domain.reading import Reading, ReadingState
from lvp_workstation.domain.study import Study
from lvp_workstation.viewer.captions import patient_name
from lvp_workstation.viewer.language import tr

MOST_NOTES = 6
"""More sentences about the input than this are counted, not shown."""


def input_notes(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the sentences about the input that fit beside the images."""
    different = tuple(dict.fromkeys(texts))
    if len(different) <= MOST_NOTES:
        return different
    return (
        *different[:MOST_NOTES],
        tr("… and {n} more problems with the input.", n=len(different) - MOST_NOTES),
    )


def opened_again(reading: Reading, own: bool = True) -> str:
    """Return what is said when a reading with levels is opened: one found again, or a fresh addendum.

    Of a reading that is not one's ``own`` the notes say whose it is: nothing.
    """
    if not own:
        return ""
    if reading.supersedes is not None and reading.state is ReadingState.NEW:
        return tr("The addendum has begun with what was signed; the signed reading stays as it is.")
    if reading.undecided:
        return tr("To be decided, in amber in the grid: {count}", count=len(reading.undecided))
    return tr("Your reading of this study was found and is open again.")


def patient_caption(study: Study) -> str:
    """Return who a study is of, as the viewports write it."""
    who = study.patient
    return patient_name(who.name) or who.patient_id or study.description or tr("research file")
