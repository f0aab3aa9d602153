"""Handlers of the reader's own measurements: kept in the reading, changed, deleted, listed, jumped to."""

from __future__ import annotations

import uuid
from dataclasses import replace

from PySide6.QtGui import QCursor

from lvp_workstation.app.context import utc_now
from lvp_workstation.app.dialogs.marks import MarksDialog
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain import mark_edits
from lvp_workstation.domain.annotations import Provenance, as_points
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.reader_marks import MarkShape, ReaderMark, SignalStatistics
from lvp_workstation.domain.reading import Reading
from lvp_workstation.measure.region_signal import ellipse_signal
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.intents import MarkDrawn, MarkMoved
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.reader_marks import mark_grip_at, reader_mark
from lvp_workstation.viewer.viewport import Viewport

NOT_KEPT_WITHOUT_READING = (
    "The measurement is shown until another study is opened; it is not kept: no reading is open."
)
NOT_KEPT_SIGNED = (
    "The measurement is shown until another study is opened; it is not kept: the reading is signed."
)


class MarkActions(WindowParts):
    """From the tools that measure to the reading, and back to the images."""

    _marks_dialog: MarksDialog | None = None

    def keep_mark(self, drawn: MarkDrawn) -> None:
        """Keep a measurement in the reading; without one that takes it, keep it on screen."""
        series = self.studies.series.get(drawn.series_key)
        if series is None:
            return
        mark = ReaderMark(
            uuid.uuid4().hex,
            drawn.shape,
            as_points(*drawn.points),
            drawn.series_key,
            drawn.slice_index,
            Provenance(Provenance.READER, self.readings.reader, utc_now()),
            drawn.frame_of_reference_uid,
            _sop_uids(series, drawn.slice_index),
            series.series.description or series.series.role.caption,
            _image(series, drawn.slice_index),
        )
        mark = replace(mark, signal=signal_of(mark, series, mark.points))
        reading = self.readings.reading
        if reading is None or reading.state.signed:
            self.screen_state.add_reader_mark(reader_mark(mark))
            self.status.warn(tr(NOT_KEPT_WITHOUT_READING) if reading is None else tr(NOT_KEPT_SIGNED))
            return
        self.readings.run(lambda current, author: mark_edits.draw_mark(current, mark, author))

    def move_mark(self, moved: MarkMoved) -> None:
        """Change the points of a measurement."""

        def build(current: Reading, author: Author) -> Edit:
            mark = current.marks.get(moved.mark_id)
            if mark is None:
                return mark_edits.delete_mark(current, moved.mark_id, author)  # raises: it is gone
            signal = signal_of(mark, self.studies.series.get(mark.series_key), moved.points)
            return mark_edits.move_mark(current, mark.with_points(moved.points, signal), author)

        self.readings.run(build)

    def delete_mark(self) -> None:
        """Delete the measurement under the mouse, else the one drawn last on the slice on screen."""
        viewport = self.viewports.active
        mark = self._mark_meant(viewport) if viewport is not None else None
        if mark is None:
            self.status.warn(tr("There is no measurement on this slice to delete."))
            return
        self.remove_mark(mark.mark_id)

    def remove_mark(self, mark_id: str) -> None:
        """Delete a measurement."""
        self.readings.run(lambda current, author: mark_edits.delete_mark(current, mark_id, author))

    def _mark_meant(self, viewport: Viewport) -> ReaderMark | None:
        view, stack = viewport.view(), viewport.stack
        reading = self.readings.reading
        if view is None or stack is None or reading is None:
            return None
        at = viewport.mapFromGlobal(QCursor.pos())
        shown = [m for m in viewport.content.marks if m.mark_id in reading.marks]
        grip = mark_grip_at(view, shown, stack.reach_mm, at.x(), at.y())
        if grip is not None:
            return grip.mark
        here = [m.measured for m in shown if m.lies_on(view.plane, stack.reach_mm) and m.measured]
        return max(here, key=lambda mark: mark.provenance.time_utc, default=None)

    def list_marks(self) -> None:
        """List the measurements beside the images; the window stays usable meanwhile."""
        if self._marks_dialog is None:
            dialog = MarksDialog(self._widget())
            dialog.chosen.connect(self.go_to_mark)
            dialog.deletion_asked.connect(self.remove_mark)
            for changed in (self.readings.opened, self.readings.changed):
                changed.connect(lambda _snapshot: self._fill_marks())
            self._marks_dialog = dialog
        self._fill_marks()
        self._marks_dialog.show()
        self._marks_dialog.raise_()

    def _fill_marks(self) -> None:
        reading = self.readings.reading
        if self._marks_dialog is not None:
            self._marks_dialog.show_marks(tuple(reading.marks.values()) if reading is not None else ())

    def go_to_mark(self, mark_id: str) -> None:
        """Show the slice that a measurement lies on."""
        reading = self.readings.reading
        mark = reading.marks.get(mark_id) if reading is not None else None
        if mark is None:
            return
        hung = next((v for v in self.viewports.viewports if _shows(v, mark)), None)
        if hung is None:
            self.hang_series(mark.series_key)
            hung = self.viewports.active
        else:
            self.viewports.set_active(hung)
        middle: Array = mark.points.mean(axis=0)
        self.viewports.set_cursor(middle)
        if hung is not None and hung.acquired and mark.slice_index is not None:
            hung.go_to_slice(mark.slice_index)


def signal_of(mark: ReaderMark, series: DisplaySeries | None, points: Array) -> SignalStatistics | None:
    """Return the signal that a region encloses with these points, None where there is none to be told."""
    if mark.shape is not MarkShape.ELLIPSE or mark.slice_index is None or series is None:
        return None
    if series.array is None or series.geometry is None or not series.is_ready(mark.slice_index):
        return None
    return ellipse_signal(series.array, series.geometry, mark.slice_index, points)


def _shows(viewport: Viewport, mark: ReaderMark) -> bool:
    same = viewport.series is not None and viewport.series.key == mark.series_key
    return same and viewport.acquired == (mark.slice_index is not None)


def _sop_uids(series: DisplaySeries, index: int | None) -> tuple[str, ...]:
    frames = series.series.frames
    return (frames[index].sop_instance_uid,) if index is not None and index < len(frames) else ()


def _image(series: DisplaySeries, index: int | None) -> str:
    return f"{series.stack.number(index)}/{series.count}" if index is not None and series.stack else ""
