"""What an evaluation leaves behind: ``metrics.json``, ``report.md``, ``report.pdf`` and pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lvp_workstation import __version__
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.evaluation.figures import Figure, Need, read_need
from lvp_workstation.inference.bundle import ModelBundle
from lvp_workstation.io.atomic import write_bytes, write_text
from lvp_workstation.render.png import png_bytes
from lvp_workstation.report.document import Figures, ReportDocument, ReportImage, Section
from lvp_workstation.report.evaluation import (
    EvaluationFacts,
    all_figures_section,
    evaluation_document,
    needs_section,
)
from lvp_workstation.report.markdown import markdown
from lvp_workstation.report.pdf import render_pdf

SCHEMA_VERSION = "1.0"
METRICS, REPORT_MD, REPORT_PDF = "metrics.json", "report.md", "report.pdf"
PICTURES = "pictures"


@dataclass(frozen=True, eq=False)
class Outcome:
    """The result of an evaluation of any kind.

    Attributes
    ----------
    kind, bundle
        What was evaluated, and the model.
    patients, items
        How many patients, and how many images, discs or measurements were judged.
    coverage
        Share of the items found that could be judged, 0-1.
    figures
        By documented name.
    sections
        Of the report, between the needs and the list of all figures.
    facts
        Labelled facts for the head of the report.
    details
        Further parts of ``metrics.json``.
    notes
        Sentences about what was left out, and why.
    stored
        ``id`` of a picture of the report to its file in the pictures folder, where there is one already.
    """

    kind: str
    bundle: ModelBundle
    patients: int
    items: int
    coverage: float
    figures: Mapping[str, Figure]
    sections: Sequence[Section] = ()
    facts: tuple[tuple[str, str], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    stored: Mapping[int, str] = field(default_factory=dict)


def read_needs(texts: Sequence[str]) -> tuple[Need, ...]:
    """Return the needs of a command line; raise `UsageProblem` for one that cannot be read."""
    try:
        return tuple(read_need(text) for text in texts)
    except ValueError as error:
        raise UsageProblem(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


def write_outcome(folder: Path, outcome: Outcome, needs: Sequence[Need], time_utc: str) -> None:
    """Write all files of an outcome into its folder, ``metrics.json`` last.

    Raises
    ------
    OutputProblem
        When a file cannot be written.
    """
    document = outcome_document(outcome, needs, time_utc)
    images = _images(document)
    names = {id(image): outcome.stored.get(id(image), f"{name}.png") for name, image in images}
    if images:
        (folder / PICTURES).mkdir(exist_ok=True)
    for image in (image for _, image in images if id(image) not in outcome.stored):
        write_bytes(folder / PICTURES / names[id(image)], png_bytes(image.pixels))
    write_text(folder / REPORT_MD, markdown(document, lambda image: f"{PICTURES}/{names[id(image)]}"))
    write_bytes(folder / REPORT_PDF, render_pdf(document))
    metrics = metrics_document(outcome, needs, time_utc)
    text = json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(folder / METRICS, text + "\n")


def outcome_document(outcome: Outcome, needs: Sequence[Need], time_utc: str) -> ReportDocument:
    """Return the report of an outcome."""
    facts = EvaluationFacts(
        outcome.kind,
        f"lvp_workstation {__version__}",
        outcome.bundle.title,
        time_utc,
        (
            ("Patients", str(outcome.patients)),
            ("Items judged", f"{outcome.items} ({100 * outcome.coverage:.1f} % of those found)"),
            *outcome.facts,
            *((("Left out", " ".join(outcome.notes)),) if outcome.notes else ()),
        ),
    )
    sections = (*needs_section(needs, outcome.figures), *outcome.sections)
    return evaluation_document(facts, (*sections, all_figures_section(outcome.figures)))


def _images(document: ReportDocument) -> list[tuple[str, ReportImage]]:
    """Return every picture of a report with a name made of its section and place."""
    return [
        (f"{section.key}_{n:02d}", image)
        for section in document.sections
        for n, image in enumerate(
            (i for block in section.blocks if isinstance(block, Figures) for i in block.images), start=1
        )
    ]


def metrics_document(outcome: Outcome, needs: Sequence[Need], time_utc: str) -> dict[str, Any]:
    """Return the content of ``metrics.json`` (``docs/metrics.schema.json``)."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": outcome.kind,
        "program": __version__,
        "time_utc": time_utc,
        "model": {
            "name": outcome.bundle.name,
            "version": outcome.bundle.version,
            "sha256": outcome.bundle.sha256,
        },
        "patients": outcome.patients,
        "items": outcome.items,
        "coverage": round(outcome.coverage, 4),
        "figures": {
            name: {"value": f.value, "low": f.low, "high": f.high, "n": f.n}
            for name, f in sorted(outcome.figures.items())
        },
        "needs": [
            {
                "name": need.name,
                "wanted": need.wanted,
                "at_most": need.at_most,
                "met": need.met(outcome.figures),
            }
            for need in needs
        ],
        "notes": list(outcome.notes),
        **outcome.details,
    }
