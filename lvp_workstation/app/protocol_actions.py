"""Handlers of the protocol: mode, locks, preliminary, signing, addenda, result sets side by side."""

from __future__ import annotations

from itertools import combinations

from PySide6.QtWidgets import QDialog, QInputDialog

from lvp_workstation.app.dialogs.result_sets import ResultSetsDialog
from lvp_workstation.app.dialogs.sign import SignDialog, unseen_lines
from lvp_workstation.app.layout_actions import LayoutActions
from lvp_workstation.app.reading_controller import EditBuilder
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.disagreements import disagreements
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.reading import ReadingMode, RevealBy, Role
from lvp_workstation.domain.result_sets import ResultSet
from lvp_workstation.report.facts import CoverageFact
from lvp_workstation.store.repositories import ReadingSummary
from lvp_workstation.viewer.captions import identity_lines
from lvp_workstation.viewer.language import tr

LOCKS_NOTHING = "Nothing graded: lock once more to keep it so and see the AI ({names})."
"""What to do stands first: the names of many levels are cut in a narrow window."""
MODES: dict[str, tuple[ReadingMode, RevealBy]] = {
    "manual": (ReadingMode.MANUAL, RevealBy.LEVEL),
    "independent first, the AI shown level by level": (ReadingMode.INDEPENDENT_FIRST, RevealBy.LEVEL),
    "independent first, the AI shown when all levels are locked": (
        ReadingMode.INDEPENDENT_FIRST,
        RevealBy.STUDY,
    ),
    "concurrent": (ReadingMode.CONCURRENT, RevealBy.LEVEL),
    "AI second": (ReadingMode.AI_SECOND, RevealBy.LEVEL),
}


class ProtocolActions(LayoutActions):
    """How reader and AI work together, and how a reading ends."""

    _lock_asked: tuple[tuple[InstanceId, ...], int] = ((), 0)
    """Levels that were asked to be locked with nothing graded, and the revision of the reading then."""

    def choose_mode(self) -> None:
        """Ask for the mode of this reading."""
        reading = self.readings.reading
        if reading is None:
            return
        known = [(mode, together) for mode, together in MODES.values()]
        now = (reading.mode, reading.reveal_by)
        captions = [tr(words) for words in MODES]
        caption, ok = QInputDialog.getItem(
            self._widget(),
            tr("Mode of reading"),
            tr("Mode:"),
            captions,
            known.index(now) if now in known else 0,
            False,
        )
        if not ok:
            return
        mode, together = known[captions.index(caption)]
        self.readings.run(lambda current, author: protocol.set_mode(current, mode, author))
        if together is not reading.reveal_by:
            self.readings.run(lambda current, author: protocol.set_reveal_by(current, together, author))

    def lock_level(self) -> None:
        """Lock the reader's grades at the current level and reveal the AI there.

        In the mode AI second the reader is done with all levels, and those that differ are revealed.
        """
        reading = self.readings.reading
        if reading is not None and reading.mode is ReadingMode.AI_SECOND:
            self._lock(frozenset(reading.levels), protocol.reveal_disagreements)
            return
        target = self.rail.current
        if not target:
            self.status.warn(tr("Go to a level first: [ and ] or a click on the level."))
            return
        self._lock(
            frozenset({target}), lambda newest, author: protocol.lock_and_reveal(newest, target, author)
        )

    def lock_study(self) -> None:
        """Lock the reader's grades of every level and show the AI."""
        reading = self.readings.reading
        if reading is not None:
            self._lock(frozenset(reading.levels), protocol.lock_study)

    def _lock(self, targets: frozenset[InstanceId], build: EditBuilder) -> None:
        """Lock levels; those where nothing is graded only when asked twice: there is no way back."""
        snapshot = self.readings.snapshot
        if snapshot is None:
            return
        reading, levels = snapshot.reading, snapshot.reading.level_map
        asked = (protocol.ungraded(reading, targets), snapshot.revision)
        if asked[0] and asked != self._lock_asked and levels is not None:
            self._lock_asked = asked
            names = ", ".join(levels.shown_name(target) for target in asked[0])
            self.status.warn(tr(LOCKS_NOTHING, names=names))
            return
        self.readings.run(build)

    def sign_reading(self) -> None:
        """Sign, after showing what stands open and where reader and AI differ."""
        reading = self.readings.reading
        if reading is None:
            return
        obstacles = protocol.obstacles_to_signing(reading)
        if obstacles:
            self.status.warn(" ".join(obstacles))
            return
        levels = reading.level_map
        names = {target: levels.shown_name(target) for target in reading.levels} if levels else {}
        dialog = SignDialog(
            ", ".join(identity_lines(reading.patient)[:2]),
            self.context.reader_name,
            len(reading.open_proposals()),
            disagreements(reading),
            names,
            unseen_lines(self.coverage()),
            reading.says_nothing,
            self._widget(),
        )
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._keep_name(dialog.reader)
            self.readings.sign(self.context.reader_name, self.coverage(), self.level_timer.seconds())

    def _keep_name(self, name: str) -> None:
        """Keep who signed as the reader's name; whoever signed in has one."""
        if self.context.person is None:
            self.context.settings.reader = name
            self.save_settings()
            self.status.set_reader(name)

    def release_preliminary(self) -> None:
        """Release the reading as preliminary."""
        self.readings.release_preliminary(self.coverage(), self.level_timer.seconds())

    def begin_addendum(self) -> None:
        """Ask why, and begin an addendum to the signed reading."""
        reading = self.readings.reading
        if reading is None or not reading.state.signed:
            self.status.warn(tr("An addendum is written to a signed reading; this one can still be changed."))
            return
        reason, ok = QInputDialog.getText(self._widget(), tr("Addendum"), tr("Why is the addendum written?"))
        if ok:
            self.readings.begin_addendum(reason)

    def compare_results(self) -> None:
        """Show readings and AI versions of this study side by side."""
        self.readings.compare(self._show_results)

    def join_readings(self) -> None:
        """Decide between two signed readings of this study, by consensus or as an arbiter."""
        self.readings.list_signed(self._ask_which)

    def _ask_which(self, signed: tuple[tuple[ReadingSummary, str], ...]) -> None:
        pairs = {
            tr(
                "{first} and {second}, {how}",
                first=by_first,
                second=by_second,
                how=words,
            ): (
                first,
                second,
                role,
            )
            for (first, by_first), (second, by_second) in combinations(signed, 2)
            for role, words in ((Role.CONSENSUS, tr("by consensus")), (Role.ARBITER, tr("by an arbiter")))
        }
        if not pairs:
            self.status.warn(tr("Two signed readings of this study by different readers are needed."))
            return
        caption, ok = QInputDialog.getItem(
            self._widget(), tr("Decide between readings"), tr("Readings:"), list(pairs), 0, False
        )
        if ok:
            first, second, role = pairs[caption]
            self.readings.join(first.reading_id, second.reading_id, role)

    def _show_results(self, sets: tuple[ResultSet, ...]) -> None:
        reading = self.readings.reading
        if reading is None:
            return
        if len(sets) < 2:
            self.status.warn(
                tr(
                    "There is nothing to compare yet: other readings are shown once this one is signed, "
                    "the AI's results once every level is locked."
                )
            )
            return
        try:
            dialog = ResultSetsDialog(sets, reading.level_map, self._widget())
        except UsageProblem as problem:
            self.status.warn(str(problem))
            return
        dialog.open()

    def coverage(self) -> tuple[CoverageFact, ...]:
        """Return how many images of each series were displayed."""
        raise NotImplementedError
