"""Fixtures of viewer tests: a small study on a grid of viewports, without a window system."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lvp_workstation.domain.study import Frame, Patient, RoleDecision, Series, SeriesRole, Study
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.marks import ReferenceLine
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.viewport import Viewport
from tests.render.samples import geometry, ramp_volume

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pass what Qt's off-screen platform says about every window with a smallest size."""
    for item in items:
        if "tests/viewer" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_ignore("does not support propagateSizeHints"))


PATIENT = Patient("P-0042", "HOSP", "DOE^JANE^M", "19600102", "F")


def make_series(
    role: SeriesRole = SeriesRole.SAG_T2,
    grid: VolumeGeometry | None = None,
    uid: str = "",
    description: str = "",
    **attributes: object,
) -> Series:
    """Return a series with a geometry and nothing on disk."""
    plane = {"a": "axial", "c": "coronal"}.get(role.value[0], "sagittal")
    grid = grid or geometry(plane)
    name = uid or f"1.9.{abs(hash((role, description))) % 9999}"
    frames = tuple(Frame("", f"{name}.{n}") for n in range(grid.shape[0]))
    decision = RoleDecision(role, "the rule", 0.9)
    return Series(
        name, 0, frames, grid, decision, description or role.caption, 3, attributes=dict(attributes)
    )


def make_study(*series: Series) -> Study:
    """Return a study of one patient."""
    return Study("1.8", PATIENT, series, study_date="20260102", description="MR LUMBAR", institution="HOSP")


def shown_series(
    role: SeriesRole = SeriesRole.SAG_T2, grid: VolumeGeometry | None = None, volume: Volume | None = None
) -> DisplaySeries:
    """Return a series whose pixels are all there: a ramp unless told."""
    series = make_series(role, grid or (volume.geometry if volume else None))
    shown = DisplaySeries(series, make_study(series))
    assert series.geometry is not None
    shown.set_volume(volume or ramp_volume(series.geometry))
    return shown


def constant_slices(grid: VolumeGeometry) -> Volume:
    """Return a volume whose slice n holds 10 * (n + 1) everywhere."""
    values = (10 * (1 + np.arange(grid.shape[0]))).astype(np.uint8)
    return Volume(np.broadcast_to(values[:, None, None], grid.shape).copy(), grid)


def turn_wheel(
    viewport: Viewport,
    notches: int,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    at: QPoint | None = None,
) -> None:
    """Turn the wheel; positive is away from the reader."""
    where = QPointF(at or viewport.rect().center())
    event = QWheelEvent(
        where,
        viewport.mapToGlobal(where),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


@pytest.fixture
def scheduler(qtbot: QtBot) -> RenderScheduler:
    """A scheduler with ordinary frames."""
    return RenderScheduler()


@pytest.fixture
def make_grid(qtbot: QtBot, scheduler: RenderScheduler) -> Iterator[Callable[..., ViewportGrid]]:
    """Make a grid on screen; it is disposed of afterwards."""
    made: list[ViewportGrid] = []

    def make(rows: int = 1, columns: int = 1, size: tuple[int, int] = (500, 400)) -> ViewportGrid:
        grid = ViewportGrid(scheduler)
        qtbot.addWidget(grid)
        grid.set_regular_grid(rows, columns)
        grid.resize(*size)
        grid.show()
        qtbot.waitExposed(grid)
        made.append(grid)
        return grid

    yield make
    for grid in made:
        grid.dispose()


def drawn_lines(grid: ViewportGrid, viewport: Viewport) -> tuple[ReferenceLine, ...]:
    """The reference lines of a viewport one frame later."""
    grid.links.render_frame()
    return viewport.content.reference_lines
