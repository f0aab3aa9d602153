"""The grid of viewports: layouts, the active viewport, maximising; setters for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.label_lut import OverlayStyle
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.companion import Companion
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.hanging import GridLayout, HangingPlan
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.linked_views import LinkedViews, Place
from lvp_workstation.viewer.marks import WorldMark
from lvp_workstation.viewer.mouse_map import DEFAULT_PROFILE, MouseProfile
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.stack_group import StackGroup
from lvp_workstation.viewer.tools import DEFAULT_TOOL
from lvp_workstation.viewer.viewport import Viewport

GAP = 2


class ViewportGrid(QWidget):
    """Shows several viewports, linked by patient position."""

    active_changed = Signal(object)
    """The active `Viewport`."""
    layout_changed = Signal()
    hung_changed = Signal()
    """Another series or stack hangs in some viewport, see `hung_keys`."""
    cursor_changed = Signal(object)
    """LPS point of the linked cursor, or None."""
    hovered = Signal(object)
    """`PointReadout` under the mouse, or None."""
    clicked = Signal(object, object)
    """Viewport and `PointReadout` of a click without a drag."""
    context_requested = Signal(object, object, QPoint)
    """Viewport, `PointReadout` and global position of a right click without a drag."""
    slice_changed = Signal(object, int)
    """Viewport and index of its new slice."""
    slice_painted = Signal(str, int)
    """Series key and index of an acquired slice that was painted."""
    window_changed = Signal(object, float, float)
    """Viewport, centre and width."""
    stroke_finished = Signal(object)
    """`BrushStroke`."""
    label_asked = Signal(object)
    """`LabelGesture`."""
    mark_drawn = Signal(object)
    """`MarkDrawn`: a measurement."""
    mark_moved = Signal(object)
    """`MarkMoved`: a point of a measurement was dragged."""

    def __init__(self, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colours = self.palette()
        colours.setColor(QPalette.ColorRole.Window, palette.BACKGROUND)
        self.setPalette(colours)
        self.setAutoFillBackground(True)
        self._scheduler = scheduler
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.links = LinkedViews(scheduler, self)
        self.links.cursor_changed.connect(self.cursor_changed)
        self._viewports: list[Viewport] = []
        self._layout = self._placed = GridLayout.regular(1, 1)
        self._active: Viewport | None = None
        self._maximised: Viewport | None = None
        self._library: tuple[DisplaySeries, ...] = ()
        self._layer: LabelLayer | None = None
        self._study_uid = ""
        self._companion: Companion | None = None
        self._style = OverlayStyle()
        self._overlay_visible = True
        self._segmentation_visible = True
        self._annotations = True
        self._marks: tuple[WorldMark, ...] = ()
        self._tool = DEFAULT_TOOL
        self._profile = DEFAULT_PROFILE
        self._brush_radius = 3.0
        self.set_grid(self._layout)

    # -- layout -------------------------------------------------------------------------

    @property
    def viewports(self) -> tuple[Viewport, ...]:
        """The viewports in reading order of the layout."""
        return tuple(self._viewports)

    @property
    def hung_keys(self) -> frozenset[str]:
        """Keys of the series that hang in a viewport."""
        return frozenset(v.series.key for v in self._viewports if v.series is not None)

    @property
    def active(self) -> Viewport | None:
        """The viewport that keys and menus act on."""
        return self._active

    @property
    def maximised(self) -> Viewport | None:
        """The viewport that fills the grid, if any."""
        return self._maximised

    @property
    def layout_now(self) -> GridLayout:
        """How the viewports are arranged, with what a narrow window makes of it."""
        return self._layout

    def set_grid(self, layout: GridLayout) -> None:
        """Arrange the viewports; those that stay keep what they show."""
        self._maximised = None
        while len(self._viewports) > len(layout.cells):
            self._remove(self._viewports.pop())
        while len(self._viewports) < len(layout.cells):
            self._viewports.append(self._make())
        self._layout = layout
        self._place()
        self.links.set_viewports(self._viewports)
        self.set_active(self._active if self._active in self._viewports else self._viewports[0])
        self.layout_changed.emit()

    def set_regular_grid(self, rows: int, columns: int) -> None:
        """Arrange the viewports in equal rows and columns."""
        self.set_grid(GridLayout.regular(rows, columns))

    def apply_plan(self, plan: HangingPlan, series: Mapping[str, DisplaySeries]) -> None:
        """Hang a study as a hanging protocol decided; ``series`` by key."""
        self._library = tuple(series.values())
        first = next((each.study for each in self._library if each.study is not None), None)
        self._study_uid = first.study_instance_uid if first is not None else ""
        self.links.forget_place()
        self.set_grid(plan.layout)
        for viewport, choice in zip(self._viewports, plan.choices, strict=True):
            shown = series.get(choice.series_key) if choice.series_key else None
            viewport.set_series(shown, choice.reformat)
        self.links.set_cursor_only(None)
        self.set_active(self._viewports[0])

    def show_in_active(self, series: DisplaySeries, reformat: ImagePlane | None = None) -> None:
        """Hang a series in the active viewport."""
        if self._active is not None:
            self._active.set_series(series, reformat)
            self.links.join(self._active)

    def set_active(self, viewport: Viewport) -> None:
        """Make a viewport the one that keys and menus act on."""
        if viewport is self._active:
            return
        self._active = viewport
        for each in self._viewports:
            each.set_active(each is viewport and len(self._viewports) > 1)
            if each is not viewport:
                each.cancel_tool()
        self.links.set_active(viewport)
        self.active_changed.emit(viewport)

    def toggle_maximised(self, viewport: Viewport | None = None) -> None:
        """Fill the grid with a viewport (the active one unless told), or go back."""
        chosen = viewport or self._active
        self._maximised = None if self._maximised is not None else chosen
        for each in self._viewports:
            each.setVisible(self._maximised is None or each is self._maximised)
        self._place()
        if self._maximised is not None:
            self.set_active(self._maximised)
        self.layout_changed.emit()

    # -- state for all viewports --------------------------------------------------------

    def set_labels(self, label_map: LabelMap | None, levels: LevelMap | None) -> None:
        """Show a label map under its level names in every linked viewport; None takes it away."""
        if label_map is None:
            self.set_label_layer(None)
            return
        layer = self._layer
        if layer is not None and layer.label_map is label_map:
            self.set_label_layer(layer.with_levels(levels))
        else:
            self.set_label_layer(LabelLayer.build(label_map, levels))

    def set_label_layer(self, layer: LabelLayer | None) -> None:
        """Show labels that a worker made ready."""
        self._layer = layer
        uid = layer.label_map.geometry.frame_of_reference_uid if layer is not None else ""
        self.links.home = (self._study_uid, uid) if uid else None
        for viewport in self._viewports:
            self._give_labels(viewport)

    def set_companion(self, companion: Companion | None) -> None:
        """Show level names and labels of an earlier examination in its viewports; None takes them away."""
        self._companion = companion
        for viewport in self._viewports:
            self._give_labels(viewport)

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide everything that comes from the AI (held Space hides it)."""
        self._overlay_visible = visible
        for viewport in self._viewports:
            viewport.set_overlay_visible(visible)

    def set_segmentation_visible(self, visible: bool) -> None:
        """Show or hide the labels themselves; level names stay (before the reader's grade is locked)."""
        self._segmentation_visible = visible
        for viewport in self._viewports:
            viewport.set_segmentation_visible(visible)

    @property
    def overlay_style(self) -> OverlayStyle:
        """How the labels are drawn."""
        return self._style

    def set_overlay_style(self, style: OverlayStyle) -> None:
        """Choose opacity and outline of the labels."""
        self._style = style
        for viewport in self._viewports:
            viewport.set_overlay_style(style)

    def set_annotations_visible(self, visible: bool) -> None:
        """Show or hide words and lines; the patient identity always stays."""
        self._annotations = visible
        for viewport in self._viewports:
            viewport.set_annotations_visible(visible)

    def set_lines(self, marks: Sequence[WorldMark]) -> None:
        """Draw measured lines and contours, each in the viewports of its frame of reference."""
        self._marks = tuple(marks)
        for viewport in self._viewports:
            self._give_marks(viewport)

    @property
    def tool(self) -> str:
        """The tool of the left button."""
        return self._tool

    def set_tool(self, tool_id: str) -> None:
        """Choose the active tool by id."""
        self._tool = tool_id
        for viewport in self._viewports:
            viewport.set_tool(tool_id)

    def set_mouse_profile(self, profile: MouseProfile) -> None:
        """Use another mouse map."""
        self._profile = profile
        for viewport in self._viewports:
            viewport.set_mouse_profile(profile)

    @property
    def brush_radius(self) -> float:
        """Radius of brush and eraser, mm."""
        return self._brush_radius

    def set_brush_radius(self, radius_mm: float) -> None:
        """Choose the size of brush and eraser."""
        self._brush_radius = radius_mm
        for viewport in self._viewports:
            viewport.set_brush_radius(radius_mm)

    def go_to(self, point: Array, plane: Plane | None = None, name: str = "") -> None:
        """Take every viewport to a place, such as the middle and the plane of a disc (LPS mm), by name.

        The place is one of the labels, when there are any, else one of the active viewport.
        """
        layer = self._layer
        uid = layer.label_map.geometry.frame_of_reference_uid if layer is not None else ""
        own = Place(point, name, uid, plane, self._study_uid if self._companion is not None else "")
        also = self._companion.place(name) if self._companion is not None else None
        self.links.go_to_places((own, also) if also is not None else (own,))

    def level_planes(self, plane: Plane | None) -> None:
        """Turn computed planes back to the plane of a level (LPS mm), or to how they were hung."""
        self.links.level_planes(plane)

    def set_cursor(self, point: Array | None) -> None:
        """Put the linked cursor at an LPS point; every linked viewport goes to its slice."""
        self.links.set_cursor(point)

    def dispose(self) -> None:
        """Let go of every viewport; may be called again."""
        self.links.dispose()
        for viewport in self._viewports:
            viewport.dispose()

    # -- inside -------------------------------------------------------------------------

    def _make(self) -> Viewport:
        viewport = Viewport(self._scheduler, self)
        viewport.activated.connect(partial(self.set_active, viewport))
        viewport.maximise_requested.connect(partial(self.toggle_maximised, viewport))
        viewport.hovered.connect(self.hovered)
        viewport.clicked.connect(partial(self.clicked.emit, viewport))
        viewport.context_requested.connect(partial(self.context_requested.emit, viewport))
        viewport.slice_changed.connect(partial(self.slice_changed.emit, viewport))
        viewport.window_changed.connect(partial(self.window_changed.emit, viewport))
        viewport.slice_painted.connect(self.slice_painted)
        viewport.stroke_finished.connect(self.stroke_finished)
        viewport.label_asked.connect(self.label_asked)
        viewport.mark_drawn.connect(self.mark_drawn)
        viewport.mark_moved.connect(self.mark_moved)
        viewport.stack_changed.connect(partial(self._on_stack, viewport))
        viewport.series_dropped.connect(partial(self._on_drop, viewport))
        viewport.set_tool(self._tool)
        viewport.set_mouse_profile(self._profile)
        viewport.set_brush_radius(self._brush_radius)
        viewport.set_overlay_style(self._style)
        viewport.set_overlay_visible(self._overlay_visible)
        viewport.set_segmentation_visible(self._segmentation_visible)
        viewport.set_annotations_visible(self._annotations)
        return viewport

    def _on_stack(self, viewport: Viewport) -> None:
        if viewport.series is not None:
            viewport.set_group(StackGroup.around(viewport.series, self._library))
        self._give_labels(viewport)
        self._give_marks(viewport)
        self.hung_changed.emit()

    def _on_drop(self, viewport: Viewport, key: str) -> None:
        dropped = next((each for each in self._library if each.key == key), None)
        if dropped is not None:
            viewport.set_series(dropped)
            self.links.join(viewport)
            self.set_active(viewport)

    def _give_labels(self, viewport: Viewport) -> None:
        companion = self._companion
        study = viewport.series.study if viewport.series is not None else None
        other = (
            companion is not None and study is not None and study.study_instance_uid == companion.study_uid
        )
        layer = companion.layer if companion is not None and other else self._layer
        viewport.set_labels(layer if layer is not None and _holds(viewport, layer) else None)

    def _give_marks(self, viewport: Viewport) -> None:
        viewport.set_lines([mark for mark in self._marks if _shows(viewport, mark)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the viewports anew where the size calls for the other arrangement."""
        super().resizeEvent(event)
        if self._layout.fitting(self.width(), self.height()) is not self._placed:
            self._place()

    def _place(self) -> None:
        while self._grid.count():
            self._grid.takeAt(0)
        self._placed = layout = self._layout.fitting(self.width(), self.height())
        rows, columns = layout.rows, layout.columns
        if self._maximised is not None:
            self._grid.addWidget(self._maximised, 0, 0, rows, columns)
        else:
            for viewport, cell in zip(self._viewports, layout.cells, strict=True):
                self._grid.addWidget(viewport, cell.row, cell.column, cell.row_span, cell.column_span)
                viewport.show()
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 1 if row < rows else 0)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _remove(self, viewport: Viewport) -> None:
        if viewport is self._active:
            self._active = None
        viewport.dispose()
        viewport.setParent(None)
        viewport.deleteLater()


def _holds(viewport: Viewport, layer: LabelLayer) -> bool:
    """Return whether labels belong over a viewport: by frame of reference, or by grid when none is known."""
    grid, stack = layer.label_map.geometry, viewport.stack
    if grid.frame_of_reference_uid and viewport.frame_of_reference_uid:
        return _fits(viewport, grid.frame_of_reference_uid)
    return stack is not None and stack.source.same_grid(grid)


def _fits(viewport: Viewport, frame_of_reference_uid: str) -> bool:
    return bool(frame_of_reference_uid) and viewport.frame_of_reference_uid == frame_of_reference_uid


def _shows(viewport: Viewport, mark: WorldMark) -> bool:
    """Return whether a mark belongs to the space of a viewport, and to its pixels where it needs them."""
    if mark.series_key and (viewport.series is None or viewport.series.key != mark.series_key):
        return False
    uid = mark.frame_of_reference_uid
    if not uid and mark.measured is not None:
        return viewport.series is not None and viewport.series.key == mark.measured.series_key
    return not uid or _fits(viewport, uid)
