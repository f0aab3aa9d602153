"""Handlers of the reader's own measurements: kept in the reading, changed, worded, deleted."""

from __future__ import annotations

import uuid
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor

from lvp_workstation.app.context import utc_now
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.app.words_field import WordsField
from lvp_workstation.domain import mark_edits
from lvp_workstation.domain.annotations import Provenance, as_points
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import FACTS, MarkShape, SignalStatistics
from lvp_workstation.domain.reader_marks import ReaderMark
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.volume import SLICE, VolumeGeometry
from lvp_workstation.measure.edge_snap import EdgeImage, snapped
from lvp_workstation.measure.region_signal import mark_signal
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
WORDED = frozenset({MarkShape.ARROW, MarkShape.TEXT})


class MarkActions(WindowParts):
    """From the tools that measure to the reading."""

    def keep_mark(self, drawn: MarkDrawn) -> None:
        """Keep a measurement in the reading, once its words are written when it takes some."""
        series = self.studies.series.get(drawn.series_key)
        if series is None:
            return
        mark = self._mark_of(drawn, series)
        viewport = self.viewports.active
        if mark.shape not in WORDED or viewport is None:
            self._keep(mark)
            return
        field = WordsField(viewport, _pixel(viewport, mark.points[-1]))
        field.kept.connect(lambda text: self._keep_worded(replace(mark, text=text)))

    def _keep_worded(self, mark: ReaderMark) -> None:
        if mark.text or mark.shape is not MarkShape.TEXT:
            self._keep(mark)
        self._keyboard_back()

    def _mark_of(self, drawn: MarkDrawn, series: DisplaySeries) -> ReaderMark:
        points = self._points_of(drawn, series)
        spine = FACTS[drawn.shape].spine and drawn.shape is not MarkShape.LORDOSIS
        mark = ReaderMark(
            uuid.uuid4().hex,
            drawn.shape,
            as_points(*points),
            drawn.series_key,
            drawn.slice_index,
            Provenance(Provenance.READER, self.readings.reader, utc_now()),
            drawn.frame_of_reference_uid,
            _sop_uids(series, drawn.slice_index),
            series.series.description or series.series.role.caption,
            _image(series, drawn.slice_index),
            target=self.screen_state.disc_near(points.mean(axis=0)) if spine else "",
            slab_mm=drawn.slab_mm if FACTS[drawn.shape].unit else 0.0,
        )
        return measured_anew(mark, series, mark.points)

    def _points_of(self, drawn: MarkDrawn, series: DisplaySeries) -> Array:
        """Return the points as drawn, or on the edges of the image where a tool of the spine snaps."""
        snaps = FACTS[drawn.shape].spine and self.context.settings.snap_to_edges
        if not snaps or series.array is None or series.geometry is None or not series.complete:
            return drawn.points
        return snapped(drawn.shape, drawn.points, EdgeImage(series.array, series.geometry, drawn.normal))

    def _keep(self, mark: ReaderMark) -> None:
        reading = self.readings.reading
        if reading is None or reading.state.signed:
            self.screen_state.add_reader_mark(reader_mark(mark))
            self.status.warn(tr(NOT_KEPT_WITHOUT_READING) if reading is None else tr(NOT_KEPT_SIGNED))
            return
        self._warn_of_thickness(mark)
        self.readings.run(lambda current, author: mark_edits.draw_mark(current, mark, author))

    def _warn_of_thickness(self, mark: ReaderMark) -> None:
        """Say what is not as exact as it looks."""
        if mark.across_mm:
            text = tr(
                "Drawn across slices {spacing} mm apart: lengths in that direction are interpolated.",
                spacing=f"{mark.across_mm:.1f}",
            )
            self.status.warn(text)
        elif mark.slab_mm:
            text = tr(
                "Drawn on a slab of {thickness} mm: only what lies in its plane is measured.",
                thickness=f"{mark.slab_mm:.0f}",
            )
            self.status.warn(text)

    def move_mark(self, moved: MarkMoved) -> None:
        """Change the points of a measurement."""

        def build(current: Reading, author: Author) -> Edit:
            mark = current.marks.get(moved.mark_id)
            if mark is None:
                return mark_edits.delete_mark(current, moved.mark_id, author)  # raises: it is gone
            after = measured_anew(mark, self.studies.series.get(mark.series_key), moved.points)
            return mark_edits.move_mark(current, after, author)

        self.readings.run(build)

    def word_mark(self, mark_id: str) -> None:
        """Change the words of an arrow or a text, over the image."""
        reading, viewport = self.readings.reading, self.viewports.active
        mark = reading.marks.get(mark_id) if reading is not None else None
        if mark is None or viewport is None:
            return
        if mark.shape not in WORDED:
            self.status.warn(tr("Only arrows and texts have words."))
            return
        field = WordsField(viewport, _pixel(viewport, mark.points[-1]), mark.text)
        field.kept.connect(lambda text: self._reword(mark_id, text))

    def _reword(self, mark_id: str, text: str) -> None:
        self.readings.run(lambda current, author: mark_edits.word_mark(current, mark_id, text, author))
        self._keyboard_back()

    def _keyboard_back(self) -> None:
        if self.viewports.active is not None:
            self.viewports.active.setFocus()

    def delete_mark(self) -> None:
        """Delete the measurement under the mouse, else the one drawn last on the slice on screen."""
        mark = self.mark_meant()
        if mark is None:
            self.status.warn(tr("There is no measurement on this slice to delete."))
            return
        self.remove_mark(mark.mark_id)

    def remove_mark(self, mark_id: str) -> None:
        """Delete a measurement."""
        self.readings.run(lambda current, author: mark_edits.delete_mark(current, mark_id, author))

    def mark_meant(self) -> ReaderMark | None:
        """Return the measurement under the mouse, else the one drawn last on the slice on screen."""
        viewport, reading = self.viewports.active, self.readings.reading
        if viewport is None or reading is None:
            return None
        view, stack = viewport.view(), viewport.stack
        if view is None or stack is None:
            return None
        at = viewport.mapFromGlobal(QCursor.pos())
        shown = [m for m in viewport.content.marks if m.mark_id in reading.marks]
        grip = mark_grip_at(view, shown, stack.reach_mm, at.x(), at.y())
        if grip is not None:
            return grip.mark
        here = [m.measured for m in shown if m.lies_on(view.plane, stack.reach_mm) and m.measured]
        return max(here, key=lambda mark: mark.provenance.time_utc, default=None)


def measured_anew(mark: ReaderMark, series: DisplaySeries | None, points: Array) -> ReaderMark:
    """Return a mark with these points, what it encloses there, and whether it crosses thick slices."""
    across = 0.0
    if mark.slice_index is None and series is not None and series.geometry is not None:
        across = across_slices(mark.shape, points, series.geometry)
    return mark.with_points(points, signal_of(mark, series, points), across)


def signal_of(mark: ReaderMark, series: DisplaySeries | None, points: Array) -> SignalStatistics | None:
    """Return the signal that a region encloses with these points, None where there is none to be told."""
    if mark.slice_index is None or series is None:
        return None
    if series.array is None or series.geometry is None or not series.is_ready(mark.slice_index):
        return None
    return mark_signal(mark.shape, series.array, series.geometry, mark.slice_index, points)


def across_slices(shape: MarkShape, points: Array, geometry: VolumeGeometry) -> float:
    """Return the spacing of the slices, mm, that a measurement on a computed slice goes across; 0 for none.

    Slices that lie no further apart than twice a pixel count as cubes, and what stays within half their
    spacing as lying in one (our choice).
    """
    spacing = float(geometry.spacing[SLICE])
    if not FACTS[shape].unit or spacing <= 2.0 * min(geometry.spacing[1:]):
        return 0.0
    extent = float(np.ptp(points @ geometry.slice_normal))
    return spacing if extent > spacing / 2 else 0.0


def _pixel(viewport: Viewport, point: Array) -> QPoint:
    view = viewport.view()
    x, y = view.world_to_pixel(point) if view is not None else (0.0, 0.0)
    return QPoint(round(float(x)), round(float(y)))


def _sop_uids(series: DisplaySeries, index: int | None) -> tuple[str, ...]:
    frames = series.series.frames
    return (frames[index].sop_instance_uid,) if index is not None and index < len(frames) else ()


def _image(series: DisplaySeries, index: int | None) -> str:
    return f"{series.stack.number(index)}/{series.count}" if index is not None and series.stack else ""
