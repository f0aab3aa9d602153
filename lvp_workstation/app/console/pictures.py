"""The images of the console: live sagittal with the plan, coronal cut, and the series that came last."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QSplitter

from lvp_workstation.app.console.feed import Prepared
from lvp_workstation.domain.arrival import ReceivedSlice
from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.domain.study import Frame, RoleDecision, Series, SeriesRole, Study
from lvp_workstation.domain.volume import SLICE, ImagePlane, VolumeGeometry
from lvp_workstation.measure.boxes import middle_slice
from lvp_workstation.planning.canal import CanalCover
from lvp_workstation.planning.review import PlanReview
from lvp_workstation.planning.stack import CORONAL, SAGITTAL
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.plan import PlannedVolume
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.image_surface import ImageSurface
from lvp_workstation.viewer.plan_view import PlanContent, PlanView
from lvp_workstation.viewer.render_scheduler import RenderScheduler

THROUGH_BODIES_MM = 12.0
"""The coronal cut lies so far in front of the coronal stack's middle: through the bodies (our choice)."""
SHARES = (2, 1)
"""Widths of the sagittal image and of the images beside it (our choice)."""
LIVE = RoleDecision(SeriesRole.OTHER, "still arriving", 0.0)


class ConsolePictures(QSplitter):
    """Three views: the sagittal image with the plan, a coronal cut with it, and what came last."""

    def __init__(self, scheduler: RenderScheduler) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.sagittal, self.coronal = PlanView(scheduler), PlanView(scheduler)
        self.last = ImageSurface(scheduler)
        self._study: Study | None = None
        self._frame_uid = ""
        self._nearest = 0.0
        self._live = ""
        self._bones: tuple[tuple[str, Array], ...] = ()
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(self.coronal)
        right.addWidget(self.last)
        right.setSizes([500, 400])
        self.addWidget(self.sagittal)
        self.addWidget(right)
        for number, share in enumerate(SHARES):
            self.setStretchFactor(number, share)
        self.setSizes([100 * share for share in SHARES])

    def show_slice(self, one: ReceivedSlice, middle: Plane | None) -> None:
        """Show a slice that just came: a sagittal one under the plan when it lies nearest to the middle."""
        series = live_series(one, self)
        self._show(self.last, series)
        if series.geometry is None or series.geometry.image_plane is not ImagePlane.SAGITTAL:
            return
        away = 0.0 if middle is None else abs(float(middle.signed_distance(series.geometry.centre)))
        if one.series != self._live or away < self._nearest:
            self._live, self._nearest = one.series, away
            self._frame_uid = one.frame_of_reference_uid
            self._bones = ()
            self._show(self.sagittal, series)

    def show_judged(self, prepared: Prepared) -> None:
        """Show a whole series, and cut it coronally where planes were made on it."""
        outcome = prepared.news.outcome
        series = judged_series(outcome, prepared.pixels, self)
        self._live = ""
        self._show(self.last, series)
        found = outcome.found
        if found is None:
            return
        self._bones, self._frame_uid = prepared.bones, series_frame(outcome)
        self._show(self.sagittal, series)
        self.sagittal.state.go_to(_middle(found))
        coronal = found.plan.of_kind(CORONAL)[0]
        if coronal.centre is not None:
            self._show(self.coronal, series)
            self.coronal.set_oblique(
                Plane(coronal.centre - THROUGH_BODIES_MM * coronal.normal, coronal.normal)
            )
        self.sagittal.request_render()

    def show_plan(
        self, review: PlanReview, selected: str, names: dict[str, str], cover: CanalCover | None
    ) -> None:
        """Draw the plan as it is now, on images of its own frame of reference."""
        plan = PlanContent(review.stacks, selected, names, self._bones, cover)
        self.sagittal.set_plan(plan)
        sideways = tuple(s for s in review.stacks if s.proposal.kind == SAGITTAL or s.name == selected)
        self.coronal.set_plan(PlanContent(sideways, selected, names))

    @property
    def frame_uid(self) -> str:
        """Frame of reference of the sagittal image; empty when it is not known."""
        return self._frame_uid

    def dispose(self) -> None:
        """Let go of pixels."""
        for view in (self.sagittal, self.coronal, self.last):
            view.dispose()

    def _show(self, view: ImageSurface, series: DisplaySeries) -> None:
        before = view.series
        view.set_series(series)
        shown = (self.sagittal.series, self.coronal.series, self.last.series)
        if before is not None and before not in shown:
            before.deleteLater()


def _middle(found: PlannedVolume) -> int:
    """Return the slice of a volume in the middle of the spine."""
    centre = found.plan.of_kind(SAGITTAL)[0].centre
    geometry = found.volume.geometry
    if centre is None:
        return middle_slice(found.labels)
    return int(np.clip(round(float(geometry.world_to_index(centre)[SLICE])), 0, geometry.shape[SLICE] - 1))


def series_frame(outcome: SeriesOutcome) -> str:
    """Return the frame of reference that the planes of a series are stated in."""
    return outcome.stack.volume.geometry.frame_of_reference_uid


def judged_series(outcome: SeriesOutcome, pixels: NDArray[Any], parent: QObject) -> DisplaySeries:
    """Return a judged stack for the screen, under the name of its patient."""
    stack = outcome.stack
    study = _study(stack.slices[0], stack.series) if stack.slices else None
    shown = DisplaySeries(stack.series, study, parent)
    shown.set_volume(stack.volume, pixels)
    return shown


def live_series(one: ReceivedSlice, parent: QObject) -> DisplaySeries:
    """Return a single slice for the screen."""
    thick = max(one.thickness_mm, 1.0)
    rows, columns = one.pixels.shape
    geometry = VolumeGeometry.from_axes(
        one.position,
        (one.normal, one.down, one.across),
        (thick, *one.pixel_mm),
        (1, rows, columns),
        one.frame_of_reference_uid,
    )
    frames = (Frame("", one.uid, 0, 0.0),)
    series = Series(
        one.series,
        0,
        frames,
        geometry,
        LIVE,
        one.description,
        attributes=dict(one.attributes),
        synthetic=one.synthetic,
    )
    shown = DisplaySeries(series, _study(one, series), parent)
    shown.put_slice(0, one.pixels)
    return shown


def _study(one: ReceivedSlice, series: Series) -> Study:
    return Study(one.study_uid, one.patient, (series,))
