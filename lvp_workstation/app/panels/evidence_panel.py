"""What a grade rests on: the AI's probabilities and measured lines of the focused cell, as links."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from lvp_workstation.app import theme
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Measurement
from lvp_workstation.domain.findings import Action, Scale
from lvp_workstation.domain.reading import ReadingMode, RevealBy
from lvp_workstation.domain.reading_view import BlindCell, OpenCell
from lvp_workstation.report.phrases import load_phrases
from lvp_workstation.viewer.language import language_in_use, told, tr

ACTION_WORDS = {
    Action.ADD: "own grade",
    Action.ACCEPT: "AI accepted",
    Action.EDIT: "AI edited",
    Action.REJECT: "AI rejected",
}
MeasurementMap = Mapping[tuple[InstanceId, str], Measurement]


BY_LEVEL = "AI not shown before your grade is locked (L)."


def why_hidden(mode: ReadingMode, reveal_by: RevealBy) -> str:
    """Return why the AI of a level is not shown yet, and what shows it."""
    if mode is ReadingMode.MANUAL:
        return "In manual mode the AI is never shown."
    if mode is ReadingMode.AI_SECOND:
        return "The AI is shown when you are done with all levels (L)."
    return BY_LEVEL if reveal_by is RevealBy.LEVEL else "AI not shown before all levels are locked (Ctrl+L)."


class EvidencePanel(QLabel):
    """Shows one cell in words; a click on a measurement asks for its line on the image."""

    measurement_requested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phrases = load_phrases(language_in_use())
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setMargin(8)
        self.setMinimumHeight(110)
        self.setAccessibleName(tr("Evidence of the focused finding"))
        links = (
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.setTextInteractionFlags(links)
        self.linkActivated.connect(self._link)

    def show_hint(self, text: str) -> None:
        """Show a sentence in place of a finding."""
        self.setText(_coloured(escape(text), theme.DIM) if text else "")

    def show_cell(
        self, level: str, cell: BlindCell | None, measurements: MeasurementMap, hidden: str = BY_LEVEL
    ) -> None:
        """Show a cell's evidence; a `BlindCell` shows the reader's grade and why the AI is ``hidden``."""
        if cell is None:
            self.setText("")
            return
        lines = [f"<b>{escape(level)} · {escape(tr(cell.scale.caption))}</b>"]
        if cell.reader is not None:
            grade, how = _said(cell.scale, cell.grade), tr(ACTION_WORDS[cell.reader.action])
            lines.append(
                tr("Reader: {grade} ({how})", grade=grade, how=how) if grade else tr("Reader: {how}", how=how)
            )
        if cell.between:
            words = tr("Decided between: {values}") if cell.grade else tr("To be decided between: {values}")
            lines.append(_coloured(words.format(values=_between(cell)), theme.WARN))
        if isinstance(cell, OpenCell):
            lines += self._ai_lines(cell, measurements)
        else:
            lines.append(_coloured(tr(hidden), theme.DIM))
        if cell.scale.source:
            lines.append(_coloured(escape(tr(cell.scale.source)), theme.DIM))
        self.setText("<br>".join(lines))

    def _ai_lines(self, cell: OpenCell, measurements: MeasurementMap) -> list[str]:
        proposal = cell.proposal
        if proposal is None:
            return [tr("No AI grade.")]
        if not proposal.assessable:
            return [tr("AI: not assessable. {why}", why=escape(told(proposal.text)))]
        shares = " · ".join(f"{_said(cell.scale, g)} {p:.2f}" for g, p in proposal.probabilities if p >= 0.01)
        lines = [_coloured(f"AI: <b>{_said(cell.scale, proposal.grade)}</b> ({shares})", theme.AI)]
        lines += _before_correction(cell)
        links = [
            self._measurement_link(measurements[(target, name)])
            for name in proposal.evidence
            for target in (cell.key.target,)
            if (target, name) in measurements
        ]
        if links:
            lines.append(tr("Rests on {what}", what=", ".join(links)))
        if proposal.text:
            lines.append(escape(told(proposal.text)))
        if not proposal.validated_on_patients:
            lines.append(_coloured(tr("Not validated on patients."), theme.WARN))
        return lines

    def _measurement_link(self, measurement: Measurement) -> str:
        name = self._phrases.measure(measurement.name)
        value = f"{measurement.value:.2f}" if measurement.unit == "ratio" else f"{measurement.value:.1f}"
        unit = self._phrases(f"unit.{measurement.unit}")
        unit = f" {unit}" if unit else ""
        href = f"{measurement.target}/{measurement.name}"
        return f"<a style='color:{theme.ACCENT.name()}' href='{href}'>{escape(name)} {value}{unit}</a>"

    def _link(self, href: str) -> None:
        target, _, name = href.partition("/")
        self.measurement_requested.emit(target, name)


def _coloured(html: str, colour: QColor) -> str:
    """Return rich text in a colour."""
    return f"<span style='color:{colour.name()}'>{html}</span>"


def _said(scale: Scale, grade: str) -> str:
    """Return a grade in the language of the screen, as rich text."""
    return escape(tr(scale.written(grade))) if grade else ""


def _between(cell: BlindCell) -> str:
    """Return who gave which grade, where a consensus or an arbitration decides."""
    return " · ".join(
        f"{escape(value.provenance.name)} <b>{_said(cell.scale, value.grade) or '–'}</b>"
        for value in cell.between
    )


def _before_correction(cell: OpenCell) -> list[str]:
    """Return what the model itself had proposed, where the reader corrected the segmentation since."""
    before, now = cell.original, cell.proposal
    if before is None or now is None or not before.assessable or before.grade == now.grade:
        return []
    old, new = _said(cell.scale, before.grade), _said(cell.scale, now.grade)
    return [tr("After your correction: {old} → {new}", old=old, new=new)]
