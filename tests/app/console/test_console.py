"""The technologist's window: planes are looked at, nudged, decided, logged, and only then sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from lvp_workstation.app.console.feed import ConsoleFeed
from lvp_workstation.app.console.keys import ACTIONS
from lvp_workstation.app.console.window import ConsoleWindow
from lvp_workstation.domain.clock import utc_now
from lvp_workstation.domain.errors import StorageProblem
from lvp_workstation.planning.quality import Verdict
from lvp_workstation.planning.stack import AXIAL, PlannedStack
from lvp_workstation.services.acquisition.decisions import EVENT, DecisionLog
from lvp_workstation.services.acquisition.judge import ExaminationJudge, load_rules
from lvp_workstation.services.acquisition.news import Arrived, Broken, Doors, Happened, Judged, Told
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.acquisition.room import Event
from lvp_workstation.services.plan import Planner, load_plan_protocol
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database, sqlite_url
from lvp_workstation.viewer.plan_view import places_nothing
from tests.services.acquisition.test_judge import arrived
from tests.services.evaluate_samples import KnowingSegmenter, known_spine

PATIENCE_MS = 20_000


class Receivers:
    """Receivers without a network: what is told is handed in, what is released is kept."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.released: list[tuple[str, str, tuple[PlannedStack, ...]]] = []
        self.stopped = False

    def release(self, key: str, series: str, stacks: tuple[PlannedStack, ...]) -> None:
        self.released.append((key, series, stacks))

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture(scope="module")
def outcome() -> SeriesOutcome:
    """A sagittal series with planes."""
    spine = known_spine()[0]
    judge = ExaminationJudge(Planner(KnowingSegmenter(spine)), load_plan_protocol(), load_rules())
    return judge.judge("dicom:1", arrived(spine.volume, study_uid="2.25.7"))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "readings.sqlite"), tmp_path)
    yield made
    made.close()


@pytest.fixture
def console(qtbot: QtBot, database: Database) -> Iterator[ConsoleWindow]:
    feed = ConsoleFeed(Receivers)
    window = ConsoleWindow(feed, lambda: DecisionLog(database, utc_now), "technologist 1")
    qtbot.addWidget(window)
    window.resize(1600, 900)
    window.show()
    yield window
    window.close()


def logged(database: Database) -> list[dict[str, str]]:
    return [json.loads(r.detail) for r in AuditTrail(database).records() if r.event == EVENT]


def press(console: ConsoleWindow, key: str) -> None:
    combined = QKeySequence(key)[0]
    QTest.keyClick(console, combined.key(), combined.keyboardModifiers())


def receivers(console: ConsoleWindow) -> Any:
    return console._feed.gateway


def test_planes_are_logged_beside_their_proposals_and_then_sent(
    console: ConsoleWindow, outcome: SeriesOutcome, database: Database, qtbot: QtBot
) -> None:
    receivers(console).told(Judged(outcome))
    assert not console.model.can_send
    lowest = [s.name for s in console.model.rows if s.proposal.kind == AXIAL][-1]
    console.choose(lowest)
    for key in ("Up", "Up", "Left", "Return", "A", "S"):
        press(console, key)
    qtbot.waitUntil(lambda: bool(receivers(console).released), timeout=PATIENCE_MS)
    key, series, stacks = receivers(console).released[0]
    assert (key, series) == (outcome.key, outcome.series)
    sent = next(stack for stack in stacks if stack.name == lowest)
    proposed = console.model.review.find(lowest).proposal
    assert sent.centre is not None
    assert proposed.centre is not None
    np.testing.assert_allclose(sent.centre - proposed.centre, 2.0 * proposed.normal, atol=1e-6)
    records = logged(database)
    assert AuditTrail(database).problem() == ""
    final = next(r for r in records if r["action"] == "sent nudged")
    assert (final["stack"], final["study"]) == (lowest, "2.25.7")
    assert (final["angle_deg"], final["offset_mm"]) == ("1.00", "2.00")
    assert json.loads(final["proposal"])["centre_lps"] == pytest.approx(proposed.centre.tolist(), abs=1e-3)
    assert json.loads(final["final"])["centre_lps"] == pytest.approx(sent.centre.tolist(), abs=1e-3)
    assert {r["stack"] for r in records if r["action"].startswith("sent")} == {
        s.name for s in console.model.rows
    }
    press(console, "Up")
    assert console.model.review.find(lowest).offset_mm == pytest.approx(2.0)  # what was sent stays


def test_what_is_rejected_is_not_sent(console: ConsoleWindow, outcome: SeriesOutcome, qtbot: QtBot) -> None:
    receivers(console).told(Judged(outcome))
    rejected = console.model.selected
    for key in ("X", "A", "S"):
        press(console, key)
    qtbot.waitUntil(lambda: bool(receivers(console).released), timeout=PATIENCE_MS)
    assert rejected not in [stack.name for stack in receivers(console).released[0][2]]


def test_nothing_is_sent_that_could_not_be_logged(qtbot: QtBot, outcome: SeriesOutcome) -> None:
    def full() -> DecisionLog:
        raise StorageProblem("The disk is full.")

    window = ConsoleWindow(ConsoleFeed(Receivers), full, "")
    qtbot.addWidget(window)
    receivers(window).told(Judged(outcome))
    window.accept_all()
    window.send()
    qtbot.waitUntil(
        lambda: any("not be logged" in e.text for e in window.model.troubles), timeout=PATIENCE_MS
    )
    assert receivers(window).released == []
    assert window.model.can_send  # once the disk has room
    window.close()


def test_a_newer_plan_replaces_one_that_was_not_sent_and_that_is_logged(
    console: ConsoleWindow, outcome: SeriesOutcome, database: Database, qtbot: QtBot
) -> None:
    receivers(console).told(Judged(outcome))
    console.accept()
    receivers(console).told(Judged(outcome))
    qtbot.waitUntil(lambda: any("replaced" in r["action"] for r in logged(database)), timeout=PATIENCE_MS)
    assert console.model.review.open_names


def test_stacks_are_dragged_and_turned_on_the_image(console: ConsoleWindow, outcome: SeriesOutcome) -> None:
    receivers(console).told(Judged(outcome))
    view = console.pictures.sagittal
    name = next(s.name for s in console.model.rows if s.proposal.kind == AXIAL)
    one = next(d for d in view.drawn() if d.stack.name == name)
    at = QPoint(*(round(x) for x in one.pivot))
    drag(view, at, at + QPoint(0, -12))
    moved = console.model.review.find(name)
    assert console.model.selected == name
    camera = view.view()
    assert camera is not None
    assert moved.offset_mm == pytest.approx(12 * camera.mm_per_pixel, rel=0.05)
    one = next(d for d in view.drawn() if d.stack.name == name)
    end = QPoint(*(round(x) for x in one.middle[0]))
    drag(view, end, end + QPoint(0, 15))
    assert console.model.review.find(name).angle_deg > 2.0


def drag(view: Any, start: QPoint, end: QPoint) -> None:
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(view, left, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(view, start + (end - start) / 2)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, left, Qt.KeyboardModifier.NoModifier, end)


def test_slices_and_trouble_are_shown_as_they_come(console: ConsoleWindow, outcome: SeriesOutcome) -> None:
    told = receivers(console).told
    told(Doors((("DICOM", 11112),)))
    one = outcome.stack.slices[0]
    told(Arrived("dicom:1", one.series, "SAG T2", 7, 15, one))
    assert console.state.text() == "SAG T2   7 / 15"
    told(Happened(Event(0.0, "slow", "SAG T2: 7 of 15 slices, nothing for 4 s.")))
    told(Happened(Event(0.0, "preview", "not for the technologist")))
    assert [event.code for event in console.model.troubles] == ["slow"]
    assert "7 of 15" in console.notes.toolTip()
    told(Broken("The receivers ended."))
    assert console.state.text() == "NOT RECEIVING"
    assert "The receivers ended." in console.notes.toolTip()


def test_the_lights_tell_coverage_from_quality(console: ConsoleWindow, outcome: SeriesOutcome) -> None:
    receivers(console).told(Judged(outcome))
    codes = {reason.code for reason in outcome.quality.reasons}
    coverage, quality = console.model.lamps()
    assert codes  # the few slices of this phantom do not reach the foramina
    assert coverage.verdict is not Verdict.GOOD
    assert len(coverage.reasons) + len(quality.reasons) == len(outcome.quality.reasons)


def test_keys_are_unique_and_every_handler_exists(console: ConsoleWindow) -> None:
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(set(keys)) == len(keys)
    handlers: list[Callable[[], None]] = [getattr(console, action.handler) for action in ACTIONS]
    assert all(map(callable, handlers))


def test_closing_shuts_the_doors(console: ConsoleWindow) -> None:
    console.close()
    assert receivers(console).stopped


def test_why_a_stack_has_no_proposal_is_told(console: ConsoleWindow, outcome: SeriesOutcome) -> None:
    assert outcome.found is not None
    stacks = list(outcome.found.plan.stacks)
    stacks[1] = replace(stacks[1], declined="The disc was not found.", confidence=0.0)
    plan = replace(outcome.found.plan, stacks=tuple(stacks))
    receivers(console).told(Judged(replace(outcome, found=replace(outcome.found, plan=plan))))
    console.choose(stacks[1].name)
    assert console.canal.text() == "The disc was not found."
    declined = console.model.review.find(stacks[1].name)
    assert places_nothing(declined), "it is drawn as what is rejected, until it is placed by hand"
    assert not places_nothing(console.model.review.find(stacks[2].name))


def test_the_console_says_that_it_is_no_medical_device(console: ConsoleWindow) -> None:
    assert any("not a medical device" in line.text() for line in console.findChildren(QLabel))
