"""Handlers of the list of measurements and key images: shown, jumped to, copied into the report."""

from __future__ import annotations

from collections.abc import Callable

from lvp_workstation.app.dialogs.marks import MarkRow, MarksDialog
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.reader_marks import CAPTIONS, ReaderMark, shape_words
from lvp_workstation.domain.reading import Reading
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.reader_measures import mark_sentence
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.language import told, tr
from lvp_workstation.viewer.viewport import Viewport

OTHER_ROW = "other"
"""Row of the report for measurements that belong to no level."""
KEY = "key image"
"""Begins the id of a row of the list that is a key image."""


class MarkList(WindowParts):
    """From the reading to the list beside the images, and back to images and report."""

    _marks_dialog: MarksDialog | None = None
    remove_mark: Callable[[str], None]
    word_mark: Callable[[str], None]
    mark_meant: Callable[[], ReaderMark | None]
    _phrases: Callable[[], Phrases]

    def list_marks(self) -> None:
        """List measurements and key images beside the images; the window stays usable meanwhile."""
        if self._marks_dialog is None:
            dialog = MarksDialog(self._widget())
            dialog.chosen.connect(self.go_to_row)
            dialog.deletion_asked.connect(self._remove_row)
            dialog.copy_asked.connect(self.copy_row)
            dialog.wording_asked.connect(self._word_row)
            for changed in (self.readings.opened, self.readings.changed):
                changed.connect(lambda _snapshot: self._fill_marks())
            self._marks_dialog = dialog
        self._fill_marks()
        self._marks_dialog.show()
        self._marks_dialog.raise_()

    def _fill_marks(self) -> None:
        if self._marks_dialog is None:
            return
        reading = self.readings.reading
        marks = sorted(reading.marks.values(), key=lambda m: m.provenance.time_utc) if reading else []
        rows = [MarkRow(mark.mark_id, self._words_of(mark)) for mark in marks]
        self._marks_dialog.show_rows([*rows, *self._key_image_rows()])

    def _words_of(self, mark: ReaderMark) -> str:
        computed = tr("computed plane")
        place = tr("image {number}", number=mark.image) if mark.image else computed
        level = self.screen_state.level_name(mark.target)
        name = "" if mark.shape in CAPTIONS else tr(shape_words(mark.shape))
        words = "  ".join((name, *map(told, mark.lines))).strip()
        return f"{level}  {words}\n{mark.source}, {place} · {mark.provenance.name}".strip()

    def _key_image_rows(self) -> list[MarkRow]:
        rows = []
        for series in self.studies.series.values():
            for index in sorted(series.key_images):
                number = f"{series.stack.number(index)}/{series.count}" if series.stack else str(index + 1)
                place = tr("image {number}", number=number)
                name = series.series.description or series.series.role.caption
                words = f"{tr('key image')}\n{name}, {place}"
                rows.append(MarkRow(f"{KEY}/{index}/{series.key}", words))
        return rows

    def mark_key_image(self) -> None:
        """Mark or unmark the slice on screen as a key image."""
        viewport = self.viewports.active
        if viewport is not None and viewport.series is not None and viewport.acquired:
            self._toggle_key_image(viewport.series, viewport.slice_index)
        elif viewport is not None:
            self.status.warn(tr("Only acquired images can be key images; this one is computed."))

    def _toggle_key_image(self, series: DisplaySeries, index: int) -> None:
        chosen = series.key_images ^ {index}
        series.key_images = chosen
        for viewport in self.viewports.viewports:
            viewport.update()
        marked = tr("key image: goes into the report, with your measurements on it")
        self.status.say(marked if index in chosen else tr("no longer a key image"))
        self.keeper.touch()
        self._fill_marks()

    def _remove_row(self, row: str) -> None:
        place = self._key_image_of(row)
        if place is not None:
            self._toggle_key_image(*place)
        else:
            self.remove_mark(row)

    def _key_image_of(self, row: str) -> tuple[DisplaySeries, int] | None:
        kind, _, rest = row.partition("/")
        index, _, key = rest.partition("/")
        series = self.studies.series.get(key)
        return (series, int(index)) if kind == KEY and series is not None else None

    def go_to_row(self, row: str) -> None:
        """Show the slice that a measurement lies on, or a key image."""
        place = self._key_image_of(row)
        if place is not None:
            self._show_slice(place[0].key, place[1])
            return
        self.go_to_mark(row)

    def go_to_mark(self, mark_id: str) -> None:
        """Show the slice that a measurement lies on."""
        reading = self.readings.reading
        mark = reading.marks.get(mark_id) if reading is not None else None
        if mark is not None:
            self._show_slice(mark.series_key, mark.slice_index)
            self.viewports.set_cursor(mark.points.mean(axis=0))
            self._show_slice(mark.series_key, mark.slice_index)

    def _show_slice(self, series_key: str, index: int | None) -> None:
        """Show a slice of a series, None for a computed one, where it hangs or in the active viewport."""
        hung = next((v for v in self.viewports.viewports if _shows(v, series_key, index is not None)), None)
        if hung is None:
            self.hang_series(series_key)
            hung = self.viewports.active
        else:
            self.viewports.set_active(hung)
        if hung is not None and hung.acquired and index is not None:
            hung.go_to_slice(index)

    def copy_mark(self) -> None:
        """Copy the measurement under the mouse, else the newest on the slice, into the report."""
        mark = self.mark_meant()
        if mark is None:
            self.status.warn(tr("There is no measurement on this slice to copy."))
        else:
            self.copy_row(mark.mark_id)

    def copy_row(self, row: str) -> None:
        """Add a measurement as a sentence to the text of its level, without one to the other findings."""
        phrases = self._phrases()
        if self._key_image_of(row) is not None:
            self.status.say(tr("Key images go into the report by themselves."))
            return

        def build(current: Reading, author: Author) -> Edit:
            mark = current.marks[row]
            place = mark.target if mark.target in current.levels else OTHER_ROW
            before = current.texts.get(place)
            sentence = mark_sentence(mark, phrases)
            text = f"{before.text.rstrip()}\n{sentence}" if before is not None else sentence
            return edits.set_text(current, place, text, author)

        reading = self.readings.reading
        if reading is not None and row in reading.marks:
            self.readings.run(build)

    def _word_row(self, row: str) -> None:
        if self._key_image_of(row) is None:
            self.go_to_mark(row)
            self.word_mark(row)


def _shows(viewport: Viewport, series_key: str, acquired: bool) -> bool:
    same = viewport.series is not None and viewport.series.key == series_key
    return same and viewport.acquired == acquired
