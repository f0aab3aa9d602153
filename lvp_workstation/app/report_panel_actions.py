"""Handlers of the report beside the images: it follows the reading, and changes it sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer

from lvp_workstation.app.report_links import editable_of, place_of, sentence_of, split
from lvp_workstation.app.task_runner import Lane
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.progress import CancelToken, ProgressCallback
from lvp_workstation.domain.report_rows import SentenceRow
from lvp_workstation.domain.sentence_edits import set_sentence
from lvp_workstation.report.builder import build_report
from lvp_workstation.report.document import ReportDocument
from lvp_workstation.report.facts import CoverageFact, StudyFacts
from lvp_workstation.report.phrases import Phrases, languages, load_phrases
from lvp_workstation.report.sentences import SENTENCE

REPORT = "report on screen"
AFTER_IMAGES_MS = 250
"""How long after a change the report is written anew: what changed in the images is painted first, and edits
that follow each other are reported once (our choice)."""


class ReportPanelActions(WindowParts):
    """From the reading to the report on screen, and from its sentences to images and edits."""

    coverage_later: Callable[[], Callable[[], tuple[CoverageFact, ...]]]
    go_to_level: Callable[[str], None]
    show_measurement: Callable[[str, str], None]

    def connect_report(self) -> None:
        """Keep the panel in step with the reading."""
        self._report_timer = QTimer(self._widget())
        self._report_timer.setSingleShot(True)
        self._report_timer.timeout.connect(self.show_report)
        for changed in (self.readings.opened, self.readings.changed):
            changed.connect(lambda _snapshot: self._report_timer.start(AFTER_IMAGES_MS))
        self.studies.study_shown.connect(lambda _study: self.report.clear())
        self.report.link_activated.connect(self.follow_report)
        self.report.chosen.connect(self._offer)
        self.report.words_given.connect(self._take_words)
        self.report.statement_given.connect(self._take_statement)

    def show_report(self) -> None:
        """Bring the panel up to date; a hidden one waits until it is shown. A worker writes the report."""
        reading = self.readings.reading
        if reading is None or not self.report.isVisible():
            return
        phrases, coverage = self._phrases(), self.coverage_later()

        def done(document: ReportDocument) -> None:
            if self.readings.reading is reading:
                self.report.show_document(document)

        def failed(error: Exception) -> None:
            raise error

        def work(_: ProgressCallback, __: CancelToken) -> ReportDocument:
            facts = replace(StudyFacts.of(reading), coverage=coverage())
            return build_report(reading, facts, phrases)

        self.runner.start(Lane.FILES, REPORT, work, done, failed)

    @property
    def report_pending(self) -> bool:
        """Whether the panel is about to be brought up to date."""
        return self._report_timer.isActive() or self.runner.running(REPORT)

    def focus_report(self) -> None:
        """Bring the keyboard to the report."""
        self.report.show()
        self.show_report()
        self.report.page.setFocus()

    def toggle_report(self) -> None:
        """Show the report beside the images, or leave its place empty."""
        self.report.setVisible(not self.report.isVisible())
        self.show_report()

    def _phrases(self) -> Phrases:
        """Return the phrases with the user's wording; the program's own while that cannot be used."""
        language = self.context.settings.report_language
        language = language if language in languages() else "en"
        known = getattr(self, "_known_phrases", None)
        stamp = (language, *_stamps(self.context.report_folder))
        if known is None or known[0] != stamp:
            known = (stamp, self._loaded_phrases(language))
            self._known_phrases = known
        return known[1]

    def _loaded_phrases(self, language: str) -> Phrases:
        from lvp_workstation.report.template import load_template  # reads pictures: not at the start

        try:
            return load_template(self.context.report_folder).phrases(language)
        except LvpError as error:
            self.status.warn(str(error))
            return load_phrases(language)

    def follow_report(self, link: str) -> None:
        """Take the images to what a sentence, a level or a measurement of the report speaks of."""
        reading = self.readings.reading
        if reading is None or not link:
            return
        target, measures = place_of(reading, link, self._phrases())
        if target in reading.levels:
            self.go_to_level(target)
        if measures:
            self.show_measurement(target, measures[0])

    def _offer(self, link: str) -> None:
        reading = self.readings.reading
        if reading is not None:
            self.report.set_editable(editable_of(reading, link, self._phrases()))

    def _take_words(self, link: str, text: str) -> None:
        reading = self.readings.reading
        if reading is None:
            return
        kind, name = split(link)
        row = SentenceRow.parse(name) if kind == SENTENCE else None
        if row is None:
            self.readings.run(lambda current, author: edits.set_text(current, name, text, author))
            return
        sentence = sentence_of(reading, link, self._phrases())
        words = "" if sentence is not None and text == sentence.composed else text
        self.readings.run(lambda current, author: set_sentence(current, row, words, author))

    def _take_statement(self, name: str, value: str) -> None:
        row = SentenceRow.parse(name)
        if row is not None:
            self.readings.run(lambda current, author: set_sentence(current, row, value, author))


def _stamps(folder: Path) -> tuple[float, ...]:
    """Return when the files of the user's template were written last."""
    try:
        return tuple(path.stat().st_mtime for path in sorted(folder.iterdir()))
    except OSError:
        return ()
