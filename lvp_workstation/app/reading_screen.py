"""What the panels and viewports show of a reading: nothing of the AI before it is revealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject

from lvp_workstation.app.panels.evidence_panel import EvidencePanel, why_hidden
from lvp_workstation.app.panels.findings_grid import FindingsGrid
from lvp_workstation.app.panels.level_rail import LevelRail
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.anatomy import CANAL, SACRUM, InstanceId, instance_number
from lvp_workstation.domain.annotations import Formula, Measurement
from lvp_workstation.domain.geometry import Array, Plane, unit, vector
from lvp_workstation.domain.labelmap import LabelMap, code_of
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.reading_view import OpenCell, level_rows
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.input_codes import INPUT_CODES
from lvp_workstation.services.level_places import place_in
from lvp_workstation.services.reading_state import ReadingSnapshot
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.language import told, tr
from lvp_workstation.viewer.marks import MarkKind, WorldMark
from lvp_workstation.viewer.reader_marks import reader_mark

MOST_NAMED = 3
"""So many levels are named in the status bar; more are counted (our choice)."""
LEVEL_REACH_MM = 40.0
"""A measurement further than this from the middle of every disc belongs to no level (our choice)."""

_CLOSED = frozenset({Formula.POLYGON_AREA})

_NUMBERING_CODES = frozenset({"level_count_uncertain", "numbering_uncertain"})
"""Said already by the numbering statement and its alternatives."""


class ReadingScreen(QObject):
    """Keeps rail, grid, evidence and overlays in step with a reading and its analysis."""

    def __init__(
        self,
        viewports: ViewportGrid,
        rail: LevelRail,
        grid: FindingsGrid,
        evidence: EvidencePanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewports = viewports
        self._rail = rail
        self._grid = grid
        self._evidence = evidence
        self._analysis: Analysis | None = None
        self._snapshot: ReadingSnapshot | None = None
        self._layer: LabelLayer | None = None
        self._shown_labels: tuple[LabelMap, frozenset[InstanceId], LabelMap] | None = None
        self._looked_at: set[InstanceId] = set()
        self._hint = ""
        self._reader_marks: list[WorldMark] = []
        self._shown_measurement: Measurement | None = None
        grid.cell_focused.connect(lambda _key: self._show_evidence())

    # -- state ----------------------------------------------------------------------------

    @property
    def analysis(self) -> Analysis:
        """The analysis on screen."""
        assert self._analysis is not None
        return self._analysis

    @property
    def has_analysis(self) -> bool:
        """Whether an analysis of the study on screen is at hand."""
        return self._analysis is not None

    @property
    def reading(self) -> Reading | None:
        """The reading on screen."""
        return self._snapshot.reading if self._snapshot else None

    @property
    def labels(self) -> LabelMap | None:
        """The segmentation as edited."""
        return self._snapshot.labels if self._snapshot else None

    @property
    def layer(self) -> LabelLayer | None:
        """Level names and their places; which outlines may be seen is told by `shown_instances`."""
        return self._layer

    def clear(self) -> None:
        """Forget everything: another study is coming."""
        self._analysis = self._snapshot = self._layer = self._shown_measurement = None
        self._shown_labels = None
        self._looked_at.clear()
        self._reader_marks.clear()
        self._rail.set_rows(())
        self._rail.set_current("")
        self._grid.set_rows(())
        self._show_evidence()
        self._viewports.set_label_layer(None)
        self._viewports.set_lines(())

    def set_hint(self, text: str) -> None:
        """Say what is going on while there is no finding to show."""
        self._hint = text
        self._show_evidence()

    def set_analysis(self, analysis: object) -> None:
        """Take a new analysis; it is shown through the reading."""
        if isinstance(analysis, Analysis):
            self._analysis = analysis

    def set_snapshot(self, snapshot: ReadingSnapshot) -> None:
        """Show a reading as last confirmed."""
        self._snapshot = snapshot
        self._show_rows()
        self._show_labels()
        self._show_marks()
        self._show_evidence()

    # -- showing --------------------------------------------------------------------------

    def _show_rows(self) -> None:
        if self.reading is not None:
            rows = level_rows(self.reading, self._looked_at)
            if rows != self._rail.rows:
                self._rail.set_rows(rows)
                self._grid.set_rows(rows)

    def _show_labels(self) -> None:
        reading, labels = self.reading, self.labels
        if reading is None or labels is None or reading.level_map is None:
            self._layer = None
            self._viewports.set_label_layer(None)
            return
        if self._layer is None or self._layer.label_map is not labels:
            self._layer = LabelLayer.build(labels, reading.level_map)
        else:
            self._layer = self._layer.with_levels(reading.level_map)
        if self._rail.current:
            name = reading.level_map.shown_name(self._rail.current)
            self._viewports.links.rename_place(name, reading.study_instance_uid)
        self._viewports.set_label_layer(replace(self._layer, label_map=self._visible(reading, labels)))

    def _visible(self, reading: Reading, labels: LabelMap) -> LabelMap:
        """Return what may be seen of the labels, made anew only when labels or locks changed."""
        shown = visible_instances(reading)
        known = self._shown_labels
        if known is None or known[0] is not labels or known[1] != shown:
            known = (labels, shown, labels if all_revealed(reading) else only(labels, shown))
            self._shown_labels = known
        return known[2]

    def shown_instances(self) -> frozenset[InstanceId]:
        """Return the structures whose contours the reader may see now."""
        return visible_instances(self.reading) if self.reading is not None else frozenset()

    def _show_marks(self) -> None:
        kept = self.reading.marks.values() if self.reading is not None else ()
        marks = [*self._reader_marks, *(reader_mark(m, self.level_name(m.target)) for m in kept)]
        shown = self._shown_measurement
        if shown is not None and self.reading is not None and self.reading.ai_visible(shown.target):
            current = self.reading.measurements.get((shown.target, shown.name))
            if current is not None:
                marks += measurement_marks(current)
        self._viewports.set_lines(marks)

    def _show_evidence(self) -> None:
        cell, reading = self._grid.focused_cell(), self.reading
        if cell is None or reading is None or reading.level_map is None:
            self._evidence.show_hint(self._hint)
            return
        measurements = reading.measurements if isinstance(cell, OpenCell) else {}
        hidden = why_hidden(reading.mode, reading.reveal_by)
        self._evidence.show_cell(reading.level_map.shown_name(cell.key.target), cell, measurements, hidden)

    def show_measurement(self, target: InstanceId, name: str) -> Array | None:
        """Draw the line of a measurement and return its middle, None when it may not be shown."""
        reading = self.reading
        if reading is None or not reading.ai_visible(target):
            return None
        self._shown_measurement = reading.measurements.get((target, name))
        self._show_marks()
        if self._shown_measurement is None or not self._shown_measurement.points_lps:
            return None
        return vector(np.mean(self._shown_measurement.points_lps, axis=0))

    def add_reader_mark(self, mark: WorldMark) -> None:
        """Keep a line on screen that the reading does not take."""
        self._reader_marks.append(mark)
        self._show_marks()

    # -- levels ---------------------------------------------------------------------------

    @property
    def looked_at(self) -> frozenset[InstanceId]:
        """The levels that the reader went to."""
        return frozenset(self._looked_at)

    def look_back(self, levels: Iterable[InstanceId]) -> None:
        """Mark levels that were looked at before the reading was left."""
        self._looked_at.update(levels)
        self._show_rows()

    def jump_to_first_level(self) -> None:
        """Show a level at first: the lowest one, where most findings are."""
        reading = self.reading
        if reading is not None and reading.levels:
            self.go_to_level(reading.levels[-1])

    def go_to_level(self, target: InstanceId) -> bool:
        """Take every viewport to a disc level; geometric navigation only."""
        place = self.place_of(target)
        if place is None:
            return False
        self._looked_at.add(target)
        self._rail.set_current(target)
        self._grid.focus_level(target)
        levels = self.reading.level_map if self.reading is not None else None
        self._viewports.go_to(place.point, place, levels.shown_name(target) if levels else "")
        self._show_rows()
        self._show_evidence()
        return True

    def place_of(self, target: InstanceId) -> Plane | None:
        """Return middle and plane of a disc, None when it is not in the segmentation."""
        if self._analysis is not None and target in self._analysis.discs:
            disc = self._analysis.discs[target]
            return Plane(vector(disc.centroid), unit(disc.normal))
        return place_in(self.labels, target) if self.labels is not None else None

    def disc_near(self, point: Array) -> InstanceId:
        """Return the disc level nearest to an LPS point, by the places of the level names; empty for none."""
        anchors = self._layer.anchors if self._layer is not None else ()
        away = {a.instance: float(np.linalg.norm(a.middle - point)) for a in anchors if a.is_disc}
        nearest = min(away, key=lambda target: away[target], default="")
        return nearest if nearest and away[nearest] <= LEVEL_REACH_MM else ""

    def level_name(self, target: InstanceId) -> str:
        """Return the name of a disc level as the screen writes it, empty for anything else."""
        levels = self.reading.level_map if self.reading is not None else None
        return levels.shown_name(target) if levels is not None and target in levels.discs else ""

    # -- words ----------------------------------------------------------------------------

    def model_text(self) -> str:
        """Return provider, model and seconds for the status bar."""
        if self._analysis is None:
            return ""
        run = self._analysis.model
        seconds = self._analysis.timings.get("total")
        tail = f" · {seconds:.1f} s" if seconds else ""
        return f"{run.provider} · {run.name} {run.version}{tail}"

    def scope_notes(self) -> tuple[str, ...]:
        """Return what is wrong with the input, and once all levels are revealed why the AI withholds.

        A reason that rests on what the AI saw or measured, such as a scoliosis, is an AI value.
        """
        if self._analysis is None or self.reading is None:
            return ()
        problems = (*self._analysis.scope.reasons, *self._analysis.said)
        told = [p for p in problems if p.code not in _NUMBERING_CODES]
        if not all_revealed(self.reading):
            told = [p for p in told if p.code in INPUT_CODES]
        levels = self.reading.level_map or self._analysis.levels
        return tuple(dict.fromkeys(p.worded(levels).text for p in told))

    def last_change(self, snapshot: ReadingSnapshot) -> str:
        """Return what was just done, in words, for the status bar."""
        if "revealed" in snapshot.fields and snapshot.reading.level_map is not None:
            names = [
                snapshot.reading.level_map.shown_name(t)
                for t in snapshot.reading.levels
                if t in snapshot.targets
            ]
            levels = ", ".join(names) if len(names) <= MOST_NAMED else tr("{n} levels", n=len(names))
            said = tr("{levels}: your grades are locked, the AI is shown", levels=levels)
            empty = len(protocol.left_empty(snapshot.reading, snapshot.targets))
            return f"{said}; {tr('{n} cells stay empty', n=empty)}" if empty else said
        signature = snapshot.reading.signature
        if "signature" in snapshot.fields and signature is not None:
            return tr(
                "signed by {reader}; SHA-256 {sha}…", reader=signature.reader, sha=signature.sha256[:12]
            )
        text = snapshot.history.undo_text
        return tr("saved: {what}", what=told(text)) if text and snapshot.fields else ""


def all_revealed(reading: Reading) -> bool:
    """Whether the AI's values of every level may be shown."""
    return bool(reading.levels) and all(reading.ai_visible(level) for level in reading.levels)


def visible_instances(reading: Reading) -> frozenset[InstanceId]:
    """Return the structures whose contours may be shown now.

    Contours of discs and canal are AI values; a level's disc and the vertebra above it appear when
    the level is revealed, canal and sacrum when all levels are.
    """
    numbers = [instance_number(level) for level in reading.levels if reading.ai_visible(level)]
    shown = {f"{kind}{number}" for number in numbers for kind in "VD"}
    return frozenset(shown | ({CANAL, SACRUM} if all_revealed(reading) else set()))


def only(labels: LabelMap, shown: frozenset[InstanceId]) -> LabelMap:
    """Return the label map with these structures alone."""
    table = np.zeros(256, dtype=np.uint8)
    for instance in shown:
        table[code_of(instance)] = code_of(instance)
    return labels.with_array(table[labels.array])


def measurement_marks(measurement: Measurement) -> list[WorldMark]:
    """Return the lines of a measurement; the first carries its value."""
    unit_text = {"mm2": "mm²", "deg": "°", "ratio": ""}.get(measurement.unit, measurement.unit)
    digits = 2 if measurement.unit == "ratio" else 1
    caption = f"{measurement.value:.{digits}f} {unit_text}".strip()
    points = np.array(measurement.points_lps)
    uid = measurement.frame_of_reference_uid
    if measurement.formula in _CLOSED or len(points) < 4:
        pieces = [points]
    else:
        pieces = [points[n : n + 2] for n in range(0, len(points) - 1, 2)]
    return [
        WorldMark(
            piece,
            caption if n == 0 else "",
            MarkKind.AI,
            measurement.formula in _CLOSED,
            f"{measurement.target}/{measurement.name}/{n}",
            uid,
        )
        for n, piece in enumerate(pieces)
    ]
