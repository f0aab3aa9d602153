"""The frame of an evaluation report: what was measured, with which model, on what, and the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lvp_workstation.evaluation.figures import Figure, Need
from lvp_workstation.report.document import (
    Metadata,
    PageFurniture,
    ReportDocument,
    ReportKind,
    Row,
    Rows,
    Section,
    Table,
    Tone,
    cell,
)

FOOTER = (
    "Measured on labelled data by the program itself. It tells how far the program agrees with these labels "
    "on these cases; it is no proof of clinical performance. Not a cleared medical device."
)
CREATOR = "lvp_workstation"


@dataclass(frozen=True)
class EvaluationFacts:
    """What an evaluation was made of, in words.

    Attributes
    ----------
    kind, program, model, time_utc
        What was evaluated, by which program version and model, and when.
    rows
        Further labelled facts: data, patients, conventions …
    """

    kind: str
    program: str
    model: str
    time_utc: str
    rows: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """Heading of the report."""
        return f"Evaluation: {self.kind}"


def evaluation_document(facts: EvaluationFacts, sections: Sequence[Section]) -> ReportDocument:
    """Return the report: its facts first, then the sections."""
    rows = tuple(Row(label, value) for label, value in _rows(facts))
    return ReportDocument(
        kind=ReportKind.EVALUATION,
        title=facts.title,
        subtitle=facts.model,
        furniture=PageFurniture(
            patient_name=facts.title,
            patient_lines=(facts.model,),
            study_lines=(facts.program, facts.time_utc),
            banners=(),
            watermark="",
            footer=FOOTER,
            page_template="Page {page} of {pages}",
        ),
        metadata=Metadata(facts.title, facts.program, facts.model, "en", CREATOR, time_utc=facts.time_utc),
        sections=(Section("data", "What was evaluated", (Rows(rows),)), *sections),
    )


def _rows(facts: EvaluationFacts) -> list[tuple[str, str]]:
    return [
        ("Model", facts.model),
        ("Program", facts.program),
        ("Time (UTC)", facts.time_utc),
        *facts.rows,
    ]


def figure_text(figure: Figure | None, decimals: int = 3) -> str:
    """Return a figure with its interval, a dash when there is none."""
    if figure is None:
        return "–"
    if figure.low == figure.high == figure.value:
        return f"{figure.value:.{decimals}f}"
    return f"{figure.value:.{decimals}f} ({figure.low:.{decimals}f}–{figure.high:.{decimals}f})"


def needs_section(needs: Sequence[Need], figures: Mapping[str, Figure]) -> list[Section]:
    """Return the section that tells which needs were met, none when nothing was asked for."""
    if not needs:
        return []
    rows = []
    for need in needs:
        met = need.met(figures)
        wanted = f"{'at most' if need.at_most else 'at least'} {need.wanted:g}"
        found = figures.get(need.name)
        reached = f"{found.value:g} ({found.low:g} – {found.high:g})" if found else "no such figure here"
        verdict = cell("met", Tone.STRONG) if met else cell("missed", Tone.ALERT)
        rows.append((cell(need.name), cell(wanted), cell(reached), verdict))
    table = Table(("figure", "wanted", "reached (95 % interval)", ""), tuple(rows), (0.36, 0.2, 0.3, 0.14))
    return [Section("needs", "Needs", (table,))]


def all_figures_section(figures: Mapping[str, Figure]) -> Section:
    """Return every figure by its documented name; those of single levels stand in a table of their own."""
    rows = tuple(
        (cell(name), cell(f"{f.value:g}"), cell(f"{f.low:g} – {f.high:g}"), cell(str(f.n)))
        for name, f in sorted(figures.items())
        if not name.startswith("dice_level_")
    )
    table = Table(("figure", "value", "95 % interval", "n"), rows, (0.44, 0.16, 0.26, 0.14), compact=True)
    return Section("figures", "All figures", (table,))
