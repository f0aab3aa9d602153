"""A report document as rich text for a screen: sentences are links, the reader's own words are marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import quote, unquote

from lvp_workstation.report.document import (
    Block,
    Figures,
    Items,
    Paragraph,
    ReportDocument,
    Rows,
    Section,
    Span,
    Table,
    Tone,
)
from lvp_workstation.report.sentences import MEASURE

OWN_MARK = "✎"
LEVELS = "level_findings"
_MANY = re.compile(r"([0-9a-z]{16})")


@dataclass(frozen=True)
class Colours:
    """Colours of a screen, as ``#rrggbb``."""

    text: str
    dim: str
    own: str
    alert: str
    heading: str
    current: str
    line: str
    letters: float = 1.0
    """Size of letters as a factor."""


def render_html(document: ReportDocument, keys: Sequence[str], colours: Colours, current: str = "") -> str:
    """Return the sections named by ``keys`` in that order; ``current`` is the link that is marked.

    Measured values stand without their spread, so that their tables fit a narrow panel.
    """
    sections = (document.section(key) for key in keys)
    page = _Page(colours, current)
    return "".join(page.section(section) for section in sections if section is not None)


def links_of(document: ReportDocument, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the links of these sections in reading order, each once."""
    sections = (document.section(key) for key in keys)
    found = (span.link for s in sections if s is not None for b in s.blocks for span in _spans(b))
    return tuple(dict.fromkeys(link for link in found if link))


@lru_cache(maxsize=4096)
def href(link: str) -> str:
    """Return a link as rich text carries it."""
    return quote(link, safe="")


def link_from(reference: str) -> str:
    """Return the link that `href` wrote."""
    return unquote(reference)


def _spans(block: Block) -> Iterator[Span]:
    if isinstance(block, Paragraph | Items):
        yield from block.spans
    elif isinstance(block, Rows):
        yield from (Span(row.value, row.link) for row in block.rows)
    elif isinstance(block, Table):
        yield from (span for row in block.rows for entry in row for p in entry for span in p.spans)


@dataclass(frozen=True)
class _Page:
    colours: Colours
    current: str

    def _pixels(self, size: int) -> str:
        """Return a size that was chosen for letters of 100 % in the letters of the screen."""
        return f"{round(size * self.colours.letters)}px"

    def section(self, section: Section) -> str:
        size = self._pixels(13 if section.level == 1 else 12)
        style = f"color:{self.colours.heading};font-weight:bold;font-size:{size};margin:10px 0 2px 0"
        levels = section.key == LEVELS
        blocks = (
            self._levels(b) if levels and isinstance(b, Table) else self._block(b) for b in section.blocks
        )
        return f"<p style='{style}'>{escape(section.title)}</p>{''.join(blocks)}"

    def _levels(self, table: Table) -> str:
        """Return name and findings of each level; a narrow panel has no room for the roots between them."""
        rows = "".join(f"<tr>{self._cell(row[0])}{self._cell(row[-1])}</tr>" for row in table.rows)
        return f"<table cellspacing='0' cellpadding='1'>{rows}</table>"

    def _block(self, block: Block) -> str:
        if isinstance(block, Paragraph):
            return f"<p style='margin:1px 0'>{self._text(block)}</p>"
        if isinstance(block, Items):
            return self._items(block)
        if isinstance(block, Rows):
            return self._rows(block)
        if isinstance(block, Figures):
            return "".join(f"<p>{escape(image.caption)}</p>" for image in block.images)
        return self._table(block)

    def _text(self, paragraph: Paragraph) -> str:
        spans = paragraph.spans or (Span(paragraph.text),)
        words = "".join(self._span(span, paragraph.tone) for span in spans)
        return f"<b>{words}</b>" if paragraph.tone in (Tone.STRONG, Tone.ALERT) else words

    def _span(self, span: Span, tone: Tone = Tone.BODY) -> str:
        colour = self._colour(span, tone)
        mark = f"{OWN_MARK} " if span.own else ""
        text = span.text if span.link.partition(":")[0] != MEASURE else span.text.partition(" ± ")[0]
        words = escape(f"{mark}{text}").replace("\n", "<br>")
        if tone is Tone.CODE:  # such as a hash, which has no place to break by itself
            words = _MANY.sub(r"\1&#8203;", words)
        size = f";font-size:{self._pixels(11)}" if tone is Tone.NOTE else ""
        if not span.link:
            return f"<span style='color:{colour}{size}'>{words}</span>"
        here = f";background-color:{self.colours.current}" if span.link == self.current else ""
        name = href(span.link)
        style = f"color:{colour};text-decoration:none{here}{size}"
        return f"<a name='{name}' href='{name}' style='{style}'>{words}</a>"

    def _colour(self, span: Span, tone: Tone) -> str:
        if span.own:
            return self.colours.own
        quiet = {Tone.MUTED: self.colours.dim, Tone.NOTE: self.colours.dim, Tone.ALERT: self.colours.alert}
        return quiet.get(tone, self.colours.text)

    def _items(self, block: Items) -> str:
        spans = block.spans or tuple(Span(item) for item in block.items)
        marks = (f"{n}. " if block.numbered else "• " for n in range(1, len(spans) + 1))
        lines = (f"{mark}{self._span(span)}" for mark, span in zip(marks, spans, strict=True))
        return "".join(f"<p style='margin:1px 0 1px 6px'>{line}</p>" for line in lines)

    def _rows(self, block: Rows) -> str:
        lines = (
            f"<span style='color:{self.colours.dim}'>{escape(row.label)}:</span> "
            f"{self._span(Span(row.value, row.link), row.tone)}"
            for row in block.rows
        )
        return "".join(f"<p style='margin:1px 0'>{line}</p>" for line in lines)

    def _table(self, table: Table) -> str:
        title = f"<p style='margin:4px 0 0 0'><b>{escape(table.title)}</b></p>" if table.title else ""
        dim = self.colours.dim
        head = "".join(f"<td style='color:{dim};padding-right:6px'>{escape(t)}</td>" for t in table.header)
        rows = "".join(f"<tr>{''.join(map(self._cell, row))}</tr>" for row in table.rows)
        size = self._pixels(10 if table.compact else 12)
        style = f"font-size:{size}"
        return f"{title}<table cellspacing='0' cellpadding='1' style='{style}'><tr>{head}</tr>{rows}</table>"

    def _cell(self, entry: Sequence[Paragraph]) -> str:
        words = "<br>".join(self._text(paragraph) for paragraph in entry)
        return f"<td style='padding-right:6px'>{words}</td>"
