"""What the reading on screen takes from the study it is opened on, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from lvp_workstation.domain import reading_edits
from lvp_workstation.domain.reading import ReadingState
from lvp_workstation.domain.study import Prior
from lvp_workstation.report.facts import PriorFact, StudyFacts
from tests.app.conftest import PATIENCE_MS, Opener, reading_of


def test_an_earlier_examination_that_is_open_is_signed_with_the_reading(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("concurrent")
    study = window.studies.study
    assert study is not None
    assert StudyFacts.of(reading_of(window)).priors == ()
    prior = Prior("1.2.3", "20190302", "MR", "LUMBAR")
    with qtbot.waitSignal(window.readings.opened, timeout=PATIENCE_MS):
        window.readings.open(replace(study, priors=(prior,)))
    window.readings.run(reading_edits.confirm_numbering)
    window.readings.sign("reader A", ())
    qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
    assert StudyFacts.of(reading_of(window)).priors == (PriorFact("20190302", "MR", "LUMBAR"),)


def test_an_analysis_of_another_patient_is_refused_in_a_sentence(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    analysis, before = window.screen_state.analysis, reading_of(window)
    assert analysis is not None
    stranger = replace(analysis.study.patient, patient_id="SOMEBODY ELSE")
    with qtbot.waitSignal(window.readings.refused, timeout=PATIENCE_MS) as refused:
        window.readings.attach(replace(analysis, study=replace(analysis.study, patient=stranger)))
    assert "SOMEBODY ELSE" in refused.args[0]
    assert "not combined" in refused.args[0]
    assert reading_of(window) == before
