"""An image with proposed stacks drawn over it, large enough for two metres; stacks are dragged and turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atan2, degrees

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent

from lvp_workstation.domain.geometry import Array
from lvp_workstation.planning.canal import CanalCover
from lvp_workstation.planning.review import Choice, ReviewedStack
from lvp_workstation.planning.stack import SATURATION
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.image_surface import ImageSurface
from lvp_workstation.viewer.overlay_text import CENTRE, LEFT, MIDDLE, RIGHT, overlay_font, shadowed
from lvp_workstation.viewer.plan_lines import DrawnStack, Hold, drawn_stacks, hold_at
from lvp_workstation.viewer.render_scheduler import RenderScheduler

NAME_PIXELS, BONE_PIXELS = 30, 24
"""Sizes of the names of stacks and of vertebrae (our choice: 8 and 6.5 mm on a screen of 0.27 mm pixels, read
from two metres)."""
GRIP_RADIUS = 11.0
NOTCH = 120
COLOURS: Mapping[Choice, QColor] = {
    Choice.OPEN: palette.MARK_AI,
    Choice.ACCEPTED: palette.PLAN_ACCEPTED,
    Choice.REJECTED: palette.PLAN_REJECTED,
}


@dataclass(frozen=True, eq=False)
class PlanContent:
    """What is drawn over the image.

    Attributes
    ----------
    stacks
        Under review.
    selected
        Name of the stack that keys and grips work on; empty for none.
    names
        Name of a stack as it is written on the image.
    bones
        Name and middle (LPS mm) of each vertebra.
    cover
        Canal that no accepted or open slice shows; None where it is not known.
    """

    stacks: tuple[ReviewedStack, ...] = ()
    selected: str = ""
    names: Mapping[str, str] | None = None
    bones: Sequence[tuple[str, Array]] = ()
    cover: CanalCover | None = None


class PlanView(ImageSurface):
    """Shows a plan on an image; what is dragged goes out as signals."""

    stack_chosen = Signal(str)
    stack_moved = Signal(str, object)
    """Name of a stack and the LPS vector in mm by which it shall move."""
    stack_turned = Signal(str, object, float)
    """Name, LPS axis through its middle, and degrees, right-handed."""

    def __init__(self, scheduler: RenderScheduler) -> None:
        super().__init__(scheduler)
        self.setMouseTracking(True)
        self._plan = PlanContent()
        self._held: tuple[str, Hold] | None = None
        self._last = QPointF()
        self._wheel = 0

    def set_plan(self, plan: PlanContent) -> None:
        """Draw another state of the plan."""
        self._plan = plan
        self.update()

    def drawn(self) -> tuple[DrawnStack, ...]:
        """Return the stacks as they are on the image."""
        view = self.view()
        return drawn_stacks(view, self._plan.stacks, self._plan.selected) if view is not None else ()

    # -- mouse --------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a stack."""
        at = event.position()
        found = hold_at(self.drawn(), self._plan.selected, at.x(), at.y())
        if event.button() is not Qt.MouseButton.LeftButton or found is None:
            return
        self._held, self._last = (found[0].stack.name, found[1]), at
        if found[0].stack.name != self._plan.selected:
            self.stack_chosen.emit(found[0].stack.name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the stack follow the mouse, or tell by its shape that something can be taken."""
        at = event.position()
        if self._held is None:
            found = hold_at(self.drawn(), self._plan.selected, at.x(), at.y())
            shape = {None: Qt.CursorShape.ArrowCursor, Hold.END: Qt.CursorShape.PointingHandCursor}
            self.setCursor(shape.get(found[1] if found else None, Qt.CursorShape.SizeAllCursor))
            return
        name, hold = self._held
        view = self.view()
        one = next((d for d in self.drawn() if d.stack.name == name), None)
        if view is None or one is None:
            return
        if hold is Hold.BODY:
            points = view.pixel_to_world([(self._last.x(), self._last.y()), (at.x(), at.y())])
            self.stack_moved.emit(name, points[1] - points[0])
        else:
            self.stack_turned.emit(name, view.normal, _turn(one.pivot, self._last, at))
        self._last = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Page through the slices."""
        self._wheel += event.angleDelta().y()
        notches = int(self._wheel / NOTCH)
        self._wheel -= notches * NOTCH
        if notches and self.state.step(-notches):
            self._slice_changed()
        event.accept()

    # -- painting -----------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the image, then the plan over it."""
        super().paintEvent(event)
        view = self.view()
        if view is None or self._series is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base = painter.font()
        _paint_bones(painter, base, view, self._plan.bones)
        drawn = sorted(self.drawn(), key=lambda one: one.stack.name == self._plan.selected)
        for one in drawn:
            _paint_stack(painter, one, one.stack.name == self._plan.selected)
        if self._plan.cover is not None and self._across(view):
            _paint_unimaged(painter, base, view, self._plan.cover)
        _paint_names(painter, base, view, drawn, self._plan)
        painter.end()

    def _across(self, view: ViewTransform) -> bool:
        """Whether the view is sagittal, so that the canal runs along it."""
        return abs(float(view.normal[0])) > 0.7


def _turn(pivot: Array, last: QPointF, at: QPointF) -> float:
    """Return the angle from one place of the mouse to the next about a pivot, -180 to 180."""
    before = atan2(last.y() - pivot[1], last.x() - pivot[0])
    angle = degrees(atan2(at.y() - pivot[1], at.x() - pivot[0]) - before)
    return (angle + 180.0) % 360.0 - 180.0


def _pen(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(colour, width, style)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def _line(ends: Array) -> QLineF:
    return QLineF(float(ends[0, 0]), float(ends[0, 1]), float(ends[1, 0]), float(ends[1, 1]))


def _colour(stack: ReviewedStack) -> QColor:
    band = stack.proposal.kind == SATURATION and stack.choice is Choice.OPEN
    if band:
        return palette.PLAN_BAND
    return COLOURS[Choice.REJECTED] if places_nothing(stack) else COLOURS[stack.choice]


def places_nothing(stack: ReviewedStack) -> bool:
    """Return whether a drawn stack is not meant: rejected, or neither proposed nor placed by hand."""
    by_nobody = stack.choice is Choice.OPEN and not stack.proposal.proposed and not stack.nudged
    return by_nobody or stack.choice is Choice.REJECTED


def _paint_stack(painter: QPainter, one: DrawnStack, selected: bool) -> None:
    colour = _colour(one.stack)
    dotted = places_nothing(one.stack)
    painter.setPen(
        _pen(colour, 3.0 if selected else 1.6, Qt.PenStyle.DotLine if dotted else Qt.PenStyle.SolidLine)
    )
    for ends in one.lines:
        painter.drawLine(_line(ends))
    if one.proposed is not None:
        painter.setPen(_pen(palette.TEXT, 1.6, Qt.PenStyle.DashLine))
        painter.drawLine(_line(one.proposed))
    if selected:
        painter.setPen(_pen(palette.SHADOW, 2.0))
        painter.setBrush(palette.MARK_ACTIVE)
        for x, y in one.middle:
            painter.drawEllipse(QPointF(x, y), GRIP_RADIUS, GRIP_RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_bones(
    painter: QPainter, base: QFont, view: ViewTransform, bones: Sequence[tuple[str, Array]]
) -> None:
    painter.setFont(overlay_font(base, BONE_PIXELS, True))
    for name, middle in bones:
        x, y = view.world_to_pixel(middle)
        box = QRectF(float(x) - 60.0, float(y) - BONE_PIXELS, 120.0, 2.0 * BONE_PIXELS)
        shadowed(painter, box, CENTRE | MIDDLE, name, palette.LEVEL_VERTEBRA)


def _paint_unimaged(painter: QPainter, base: QFont, view: ViewTransform, cover: CanalCover) -> None:
    """Draw the canal that no slice shows, with its length."""
    painter.setFont(overlay_font(base, BONE_PIXELS - 4, True))
    for stretch in cover.unimaged:
        ends = view.world_to_pixel(np.array([stretch.start, stretch.end]))
        painter.setPen(_pen(palette.BADGE_WARNING, 6.0))
        painter.drawLine(_line(ends))
        x, y = ends.mean(axis=0)
        box = QRectF(float(x) + 12.0, float(y) - BONE_PIXELS, 120.0, 2.0 * BONE_PIXELS)
        shadowed(painter, box, LEFT | MIDDLE, f"{stretch.length_mm:.0f} mm", palette.BADGE_WARNING)


def _paint_names(
    painter: QPainter, base: QFont, view: ViewTransform, drawn: Sequence[DrawnStack], plan: PlanContent
) -> None:
    """Write the name of each stack at its left end, where it fits into the view."""
    painter.setFont(overlay_font(base, NAME_PIXELS, True))
    for one in drawn:
        name = (plan.names or {}).get(one.stack.name, "")
        x, y = one.middle[int(np.argmin(one.middle[:, 0]))]
        colour = palette.MARK_ACTIVE if one.stack.name == plan.selected else _colour(one.stack)
        width = painter.fontMetrics().horizontalAdvance(name) + 8.0
        right = min(max(float(x) - 20.0, width), view.width - 10.0)
        middle = min(max(float(y), NAME_PIXELS), view.height - NAME_PIXELS)
        box = QRectF(right - width, middle - NAME_PIXELS, width, 2.0 * NAME_PIXELS)
        shadowed(painter, box, RIGHT | MIDDLE, name, colour)
