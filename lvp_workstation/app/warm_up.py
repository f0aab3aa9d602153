"""Do once what the first study would have to wait for: fonts, enumerations and tables that are made on use.

A made-up series of three small slices is hung, painted and taken away in widgets that are never shown, a
step in each turn of the event loop.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QObject, QTimer

from lvp_workstation.app.responsive import spare_what_stays
from lvp_workstation.assets import asset_path
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Patient, RoleDecision, Series, SeriesRole, Study
from lvp_workstation.domain.volume import ImagePlane, VolumeGeometry
from lvp_workstation.report.facts import StudyFacts
from lvp_workstation.report.phrases import languages
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.hanging import GridLayout, HangingPlan, HungSeries
from lvp_workstation.viewer.hanging_files import load_protocols
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.thumbnails import SeriesList

SHAPE = (3, 64, 64)
AXES = (-1, 0, 0), (0, 0, -1), (0, 1, 0)
UID = "2.25.1"
PATIENT = Patient("1", "", "WARM^UP", "20000101", "F", "026Y")
"""Nobody; every kind of text that stands in a corner of a viewport is made once."""


class WarmUp(QObject):
    """Runs once, soon after it is made; `done` tells whether it is over."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.done = False
        self._steps = _steps()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)
        self._timer.start(0)

    def _step(self) -> None:
        if next(self._steps, None) is None:
            self._timer.stop()
            self.done = True


def _steps() -> Iterator[bool]:
    """Yield after each step."""
    import lvp_workstation.report.template  # noqa: F401  (reads pictures; the first report needs it)

    StudyFacts.of(Reading("", "", PATIENT))
    yield True
    load_protocols(asset_path("resources", "hanging"))
    yield True
    languages()
    yield True
    geometry = VolumeGeometry.from_axes((0, 0, 0), AXES, (4.0, 1.0, 1.0), SHAPE, UID)
    series = Series(UID, 0, (), geometry, RoleDecision(SeriesRole.SAG_T2, "made up"), "made up")
    study = Study(UID, PATIENT, (series,))
    shown = DisplaySeries(series, study)
    listed = SeriesList()
    listed.set_series([shown])
    listed.resize(150, 200)
    yield True
    grid = ViewportGrid(RenderScheduler(parent=listed))
    grid.resize(400, 200)
    cells = (HungSeries(shown.key), HungSeries(shown.key, ImagePlane.AXIAL))
    grid.apply_plan(HangingPlan("", "", GridLayout.regular(1, 2), cells), {shown.key: shown})
    yield True
    shown.put_slices([(n, np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)) for n in range(SHAPE[0])])
    yield True
    grid.grab()
    yield True
    listed.grab()
    yield True
    grid.dispose()
    grid.deleteLater()
    listed.set_series(())
    listed.deleteLater()
    shown.deleteLater()
    yield True
    spare_what_stays()
