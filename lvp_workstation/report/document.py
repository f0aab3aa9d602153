"""The report as a document without layout: sections of text blocks, tables and images.

Nothing here knows paper, fonts or a PDF library. `builder.build_report` makes a document from
a reading; `pdf.render_pdf` lays it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import InstanceId


class ReportKind(StrEnum):
    """What the document is."""

    SIGNED = "signed"
    DRAFT = "draft"
    AI_DRAFT = "ai_draft"
    EVALUATION = "evaluation"


class Tone(StrEnum):
    """How a paragraph is meant to be read."""

    BODY = "body"
    STRONG = "strong"
    MUTED = "muted"
    NOTE = "note"
    CODE = "code"
    ALERT = "alert"


@dataclass(frozen=True)
class Span:
    """A part of a paragraph that a screen can lead from; see `sentences.link_of` for what ``link`` names.

    ``own`` marks the reader's own words.
    """

    text: str
    link: str = ""
    own: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Plain text; line breaks are kept. ``spans``, where there are any, join to ``text``."""

    text: str
    tone: Tone = Tone.BODY
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Items:
    """A list, numbered or not; ``spans`` are the items again with their links."""

    items: tuple[str, ...]
    numbered: bool = False
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Row:
    """One labelled fact."""

    label: str
    value: str
    tone: Tone = Tone.BODY
    link: str = ""


@dataclass(frozen=True)
class Rows:
    """Labelled facts, in one or two columns; an odd last one of two columns takes the whole width."""

    rows: tuple[Row, ...]
    columns: int = 1
    wide_labels: bool = False


Cell = tuple[Paragraph, ...]


def cell(text: str, tone: Tone = Tone.BODY) -> Cell:
    """Return a table cell with one paragraph."""
    return (Paragraph(text, tone),)


@dataclass(frozen=True)
class Table:
    """A table whose header is repeated on every page it reaches.

    ``widths`` are shares of the text width; ``compact`` asks for small type.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    title: str = ""
    compact: bool = False


@dataclass(frozen=True, eq=False)
class ReportImage:
    """A picture for the report.

    Attributes
    ----------
    pixels
        Shape (rows, columns, 3), uint8 RGB, with labels and orientation letters already drawn.
    caption
        What it shows: series, slice, level; words of the caller.
    aspect
        Height of a pixel over its width.
    ai_content
        Whether overlay, labels or the very choice of the image come from the AI. Such an image is
        left out while the AI's values are not shown to the reader.
    target
        The level it shows, None for a view of the whole spine.
    """

    pixels: NDArray[np.uint8]
    caption: str
    aspect: float = 1.0
    ai_content: bool = False
    target: InstanceId | None = None


@dataclass(frozen=True)
class Figures:
    """Pictures with the identity line that stands under each of them."""

    images: tuple[ReportImage, ...]
    identity: str


Block = Paragraph | Items | Rows | Table | Figures


@dataclass(frozen=True)
class Section:
    """A headed part of the report; ``key`` is stable and names its bookmark.

    ``level`` 2 is a part of the section before it; ``ai`` marks output of the AI.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]
    level: int = 1
    ai: bool = False


@dataclass(frozen=True)
class PageFurniture:
    """What stands on every page."""

    patient_name: str
    patient_lines: tuple[str, ...]
    study_lines: tuple[str, ...]
    banners: tuple[str, ...]
    watermark: str
    footer: str
    page_template: str
    """``{page}`` and ``{pages}`` are filled when the pages are known."""


@dataclass(frozen=True, eq=False)
class Letterhead:
    """What a hospital puts at the top of the first page.

    ``logo`` has shape (rows, columns, 3), uint8 RGB.
    """

    lines: tuple[str, ...]
    logo: NDArray[np.uint8] | None = None
    logo_height_mm: float = 14.0


@dataclass(frozen=True)
class Metadata:
    """Properties of the file; ``reader`` is empty while nobody signed."""

    title: str
    author: str
    subject: str
    language: str
    creator: str
    keywords: tuple[str, ...] = ()
    time_utc: str = ""
    """ISO 8601; when the content was signed or computed."""


@dataclass(frozen=True)
class SealedReading:
    """The signed reading in its canonical JSON form, and the hash printed in the report."""

    reading_id: str
    sha256: str
    canonical_json: str
    reader: str
    time_utc: str


@dataclass(frozen=True)
class ReportDocument:
    """A complete report; ``sealed`` is present exactly when it is signed."""

    kind: ReportKind
    title: str
    subtitle: str
    furniture: PageFurniture
    metadata: Metadata
    sections: tuple[Section, ...]
    sealed: SealedReading | None = None
    letterhead: Letterhead | None = None

    def section(self, key: str) -> Section | None:
        """Return the section with this key, None when the report has none."""
        return next((section for section in self.sections if section.key == key), None)

    def text_of(self, key: str) -> str:
        """Return the plain text of a section, for checks and for export as text."""
        section = self.section(key)
        return "\n".join(line for block in section.blocks for line in _lines(block)) if section else ""


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield block.text
    elif isinstance(block, Items):
        yield from block.items
    elif isinstance(block, Rows):
        yield from (f"{row.label}: {row.value}" for row in block.rows)
    elif isinstance(block, Figures):
        yield from (image.caption for image in block.images)
    else:
        yield " | ".join(block.header)
        for row in block.rows:
            yield " | ".join(" ".join(paragraph.text for paragraph in entry) for entry in row)
