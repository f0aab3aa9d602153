"""Analyse studies before anybody reads them, one after the other, and hand the result to the reading.

What is kept is a reading that nobody touched with the analysis in it. When somebody opens the study it is
put into that person's reading by the same edit as an analysis made on the spot; what of it may be seen
follows from the mode, as ever.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from lvp_workstation import __version__
from lvp_workstation.domain.analysis_request import AnalysisRequest
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.errors import Cancelled, EnvironmentProblem, NoLumbarSeries, UnreadableInput
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.progress import CancelToken, ProgressCallback, ignore_progress
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.reading_edits import attach_analysis
from lvp_workstation.domain.study import Study
from lvp_workstation.domain.worklist import AiState, StudyKey, WorklistItem
from lvp_workstation.services.analysis import Analysis, with_axial
from lvp_workstation.services.analysis_process import LoadVolume, StudyAnalyser
from lvp_workstation.services.open_study import open_paths
from lvp_workstation.services.read import ReadingRoom, ReadingSession
from lvp_workstation.services.study_facts import study_facts
from lvp_workstation.store.database import Database
from lvp_workstation.store.jobs import Jobs
from lvp_workstation.store.pre_readings import PreReading, PreReadings
from lvp_workstation.store.worklists import Worklists

CLAIM_LIFE = timedelta(minutes=15)
"""A study claimed longer ago is free again: whoever worked on it is gone (our choice)."""


class PreReader:
    """Takes studies from the queue; claiming and keeping belong on the database worker, working elsewhere.

    Parameters
    ----------
    name
        Which window or workstation claims.
    axial
        Whether what the axial model says is kept too, as the settings ask for.
    """

    def __init__(self, database: Database, clock: Callable[[], str], name: str, axial: bool = False) -> None:
        self._jobs = Jobs(database)
        self._lists = Worklists(database)
        self._results = PreReadings(database)
        self._clock = clock
        self._name = name
        self._axial = axial

    def claim(self) -> WorklistItem | None:
        """Take the next study of the queue, None when none waits."""
        now = self._clock()
        stale = (datetime.fromisoformat(now) - CLAIM_LIFE).isoformat(timespec="seconds")
        key = self._jobs.claim(self._name, now, stale.replace("+00:00", "Z"))
        return None if key is None else self._lists.item(key)

    def work(
        self,
        item: WorklistItem,
        analyser: StudyAnalyser,
        load: LoadVolume,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> PreReading:
        """Return the analysis of a study as it is kept; touches no database.

        Raises
        ------
        EnvironmentProblem
            When files are gone or unreadable, or no lumbar series is there.
        Cancelled
            When ``cancel`` was raised.
        """
        study = found_study(item, cancel)
        analysis = analyser.analyse(study, load, AnalysisRequest(), progress, cancel)
        return self.made(with_axial(analysis) if self._axial else analysis)

    def made(self, analysis: Analysis) -> PreReading:
        """Return an analysis as it is kept."""
        study = analysis.study
        blank = Reading(uuid.uuid4().hex, study.study_instance_uid, study.patient)
        now = self._clock()
        facts = study_facts(study, analysis).to_plain()
        edit = attach_analysis(
            blank,
            analysis.levels,
            analysis.measurements,
            analysis.proposals,
            facts,
            labels_sha256(analysis.labels.array),
            Author(analysis.model.name, now),
        )
        return PreReading(edit.applied(blank), analysis.labels, now)

    def keep(self, made: PreReading) -> None:
        """Keep a result and take the study out of the queue."""
        self._results.add(made, __version__)
        self._jobs.end(StudyKey.of(made.reading), AiState.READY)

    def failed(self, item: WorklistItem, error: Exception | None) -> None:
        """Say why there is no result; without a reason the study is put back into the queue.

        A bug is told by its kind only: its words may name a patient.
        """
        if error is None or isinstance(error, Cancelled):
            self._jobs.end(item.key, AiState.QUEUED)
        elif isinstance(error, NoLumbarSeries):
            self._jobs.end(item.key, AiState.REFUSED, str(error))
        else:
            known = isinstance(error, EnvironmentProblem)
            why = str(error) if known else f"An internal error happened ({type(error).__name__})."
            self._jobs.end(item.key, AiState.FAILED, why)

    def run(self, analyser: StudyAnalyser, load: LoadVolume, cancel: CancelToken | None = None) -> int:
        """Work until the queue is empty; return how many results there are. For use without a window."""
        count = 0
        while (item := self.claim()) is not None:
            try:
                self.keep(self.work(item, analyser, load, cancel=cancel))
                count += 1
            except Cancelled as error:
                self.failed(item, error)
                raise
            except EnvironmentProblem as error:
                self.failed(item, error)
        return count


def found_study(item: WorklistItem, cancel: CancelToken | None = None) -> Study:
    """Return a study of the worklist from its files.

    Raises
    ------
    UnreadableInput
        When its files are not where they were, or belong to somebody else by now.
    """
    places = [Path(place) for place in item.paths]
    missing = [place for place in places if not place.exists()]
    if missing or not places:
        raise UnreadableInput(
            "The files of this study are not where they were "
            f"({missing[0] if missing else 'no place is known'}); open them again where they are now."
        )
    opened = open_paths(places, cancel=cancel)
    study = next((s for s in opened.studies if s.study_instance_uid == item.study_instance_uid), None)
    if study is None:
        raise UnreadableInput(
            f"{places[0]} does not hold this study any more; open it again where it is now."
        )
    study.patient.require_same(item.patient, "study on the worklist")
    return study


def take_over(room: ReadingRoom, session: ReadingSession) -> bool:
    """Put an analysis that was made before into a reading that has none; return whether there was one."""
    reading = session.reading
    if session.labels is not None or reading.state.signed:
        return False
    made = room.pre_readings.newest(StudyKey.of(reading), __version__)
    if made is None:
        return False
    before = made.reading
    reading.patient.require_same(before.patient, "analysis made before")
    if before.level_map is None:
        return False
    proposals = [f.proposal for f in before.findings.values() if f.proposal is not None]
    model = proposals[0].provenance.name if proposals else ""
    edit = attach_analysis(
        reading,
        before.level_map,
        before.measurements,
        proposals,
        before.facts,
        before.labels_sha256,
        Author(model, room.clock()),
    )
    session.run(edit, made.labels)
    return True
