"""From document blocks to PDF flowables: type, spacing, tables that break over pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, ListFlowable, ListItem, Spacer
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from lvp_workstation.report.document import (
    Block,
    Figures,
    Items,
    Letterhead,
    Paragraph,
    ReportDocument,
    ReportImage,
    Row,
    Rows,
    Section,
    Table,
    Tone,
)
from lvp_workstation.report.figures import figure_flowables, first_row_height, picture, plain_caption
from lvp_workstation.report.fonts import BOLD, REGULAR, Fonts

INK = HexColor("#1A1D21")
QUIET = HexColor("#5B6570")
ACCENT = HexColor("#1F3B57")
AI_INK = HexColor("#8A4A00")
ALERT = HexColor("#A11212")
RULE = HexColor("#C3CBD3")
HEADER_FILL = HexColor("#EEF1F4")
AI_FILL = HexColor("#FBF1E2")

LABEL_WIDTH, WIDE_LABEL_WIDTH = 64.0, 118.0
KEPT_TOGETHER = 300.0
"""A small table and its note up to this high, in points, are not broken over pages (our choice)."""
KEPT_ROWS = 4
"""A small table starts on a page only when so many of its rows fit there."""

SPLITTABLE_ROW = 40.0
"""A row of a table may break over pages when at least this many points of it remain on each."""


def _style(name: str, size: float, leading: float, font: str = REGULAR, color: Color = INK) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=leading, textColor=color, allowWidows=0, allowOrphans=0
    )


@dataclass(frozen=True)
class Styles:
    """Paragraph styles by tone, in normal and in small type."""

    normal: dict[Tone, ParagraphStyle]
    small: dict[Tone, ParagraphStyle]
    label: ParagraphStyle
    table_head: ParagraphStyle
    table_head_small: ParagraphStyle
    ai_head: ParagraphStyle
    title: ParagraphStyle
    subtitle: ParagraphStyle
    letterhead: ParagraphStyle
    caption: ParagraphStyle
    identity: ParagraphStyle

    def all(self) -> Iterator[ParagraphStyle]:
        """Yield every style."""
        yield from (*self.normal.values(), *self.small.values(), self.label, self.table_head)
        yield from (
            self.table_head_small,
            self.ai_head,
            self.title,
            self.subtitle,
            self.letterhead,
            self.caption,
            self.identity,
        )


def make_styles(language: str) -> Styles:
    """Return the styles; Chinese and Japanese lines may break between any two characters."""
    styles = Styles(
        normal={
            Tone.BODY: _style("body", 9.2, 12.2),
            Tone.STRONG: _style("strong", 9.2, 12.2, BOLD),
            Tone.MUTED: _style("muted", 9.2, 12.2, color=QUIET),
            Tone.NOTE: _style("note", 7.4, 9.8, color=QUIET),
            Tone.CODE: _style("code", 8.0, 11.0),
            Tone.ALERT: _style("alert", 9.2, 12.2, BOLD, ALERT),
        },
        small={
            Tone.BODY: _style("small", 7.8, 9.8),
            Tone.STRONG: _style("small-strong", 7.8, 9.8, BOLD),
            Tone.MUTED: _style("small-muted", 7.8, 9.8, color=QUIET),
            Tone.NOTE: _style("small-note", 7.0, 8.8, color=QUIET),
            Tone.CODE: _style("small-code", 7.0, 9.0),
            Tone.ALERT: _style("small-alert", 7.8, 9.8, BOLD, ALERT),
        },
        label=_style("label", 8.4, 12.2, color=QUIET),
        table_head=_style("table-head", 8.0, 10.4, BOLD, ACCENT),
        table_head_small=_style("table-head-small", 7.0, 8.8, BOLD, ACCENT),
        ai_head=_style("ai-head", 7.4, 9.4, BOLD, AI_INK),
        title=_style("title", 16, 20, BOLD, ACCENT),
        subtitle=_style("subtitle", 9.2, 12.2, color=QUIET),
        letterhead=_style("letterhead", 9.2, 12.2),
        caption=_style("caption", 8.0, 10.2),
        identity=_style("identity", 7.0, 9.0, color=QUIET),
    )
    if language[:2] in ("zh", "ja"):
        for style in styles.all():
            style.wordWrap = "CJK"
    return styles


class Heading(Text):  # type: ignore[misc]
    """A section heading that sets a bookmark and draws a hairline beneath itself."""

    def __init__(self, section: Section, markup: str) -> None:
        color = AI_INK if section.ai else ACCENT
        size = 10.6 if section.level == 1 else 9.2
        style = _style(f"heading-{section.level}-{section.ai}", size, size * 1.3, BOLD, color)
        super().__init__(markup, style)
        self._section = section
        self._rule = AI_INK if section.ai else RULE

    def draw(self) -> None:
        """Draw the heading, its bookmark and its rule."""
        section = self._section
        self.canv.bookmarkHorizontal(section.key, 0, self.height + 6)
        self.canv.addOutlineEntry(section.title, section.key, section.level - 1, closed=False)
        super().draw()
        if section.level == 1:
            self.canv.saveState()
            self.canv.setStrokeColor(self._rule)
            self.canv.setLineWidth(0.6)
            self.canv.line(0, -2.5, self.width, -2.5)
            self.canv.restoreState()


class Layout:
    """Turns the blocks of one document into flowables of a given width."""

    def __init__(self, fonts: Fonts, language: str, width: float) -> None:
        """Keep the fonts and the text width in points."""
        self._markup = fonts.markup
        self._styles = make_styles(language)
        self._width = width

    def story(self, document: ReportDocument) -> list[Flowable]:
        """Return the whole document as flowables, fresh ones at each call."""
        story = [
            *self._letterhead(document.letterhead),
            Text(self._markup(document.title), self._styles.title),
        ]
        if document.subtitle:
            story.append(Text(self._markup(document.subtitle), self._styles.subtitle))
        for section in document.sections:
            story += self._section(section)
        return story

    def _letterhead(self, head: Letterhead | None) -> Iterator[Flowable]:
        if head is None:
            return
        lines = [Text(self._markup(line), self._styles.letterhead) for line in head.lines]
        if head.logo is None:
            yield from lines
        else:
            logo = picture(ReportImage(head.logo, ""), self._width / 2, head.logo_height_mm * mm)
            side = float(logo.drawWidth) + 10
            widths = [side, self._width - side]
            yield self._grid([[logo, lines]], widths, [("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
        yield Spacer(1, 8)

    def _section(self, section: Section) -> Iterator[Flowable]:
        yield CondPageBreak(self._needed(section))
        yield Spacer(1, 7 if section.level == 1 else 5)
        yield Heading(section, self._markup(section.title))
        yield Spacer(1, 4 if section.level == 1 else 2)
        following: tuple[Block | None, ...] = (*section.blocks[1:], None)
        for block, after in zip(section.blocks, following, strict=False):
            if isinstance(block, Table) and block.compact:
                yield from self._room_for(block, after, section)
            yield from self._block(block, section)

    def _room_for(self, block: Table, after: Block | None, section: Section) -> Iterator[Flowable]:
        """Let a small table begin only where all of it fits with the note about it."""
        kept: list[Block] = [block]
        if isinstance(after, Paragraph) and after.tone is Tone.NOTE:
            kept.append(after)
        parts = [part for each in kept for part in self._block(each, section)]
        fixed = [part for part in parts if not isinstance(part, CondPageBreak)]
        height = sum(part.wrap(self._width, A4[1])[1] for part in fixed)
        if height <= KEPT_TOGETHER:
            yield CondPageBreak(height)

    def _needed(self, section: Section) -> float:
        """Return how much room a heading wants beneath itself before it moves to the next page."""
        room = 30.0
        for block in section.blocks:
            if isinstance(block, Figures):
                return 50 + first_row_height(block, self._width)
            if isinstance(block, Table):
                return room + self._height(block)
            room += 16
        return 80 if section.level == 1 else 56

    def _block(self, block: Block, section: Section) -> Iterator[Flowable]:
        if isinstance(block, Paragraph):
            yield self._text(block)
            yield Spacer(1, 2)
        elif isinstance(block, Items):
            yield self._items(block)
        elif isinstance(block, Rows):
            yield self._rows(block)
        elif isinstance(block, Table):
            yield from self._table(block, section)
        else:
            yield from self._figures(block)

    def _text(self, paragraph: Paragraph, small: bool = False) -> Text:
        tones = self._styles.small if small else self._styles.normal
        return Text(self._markup(paragraph.text), tones[paragraph.tone])

    def _items(self, block: Items) -> Flowable:
        body = self._styles.normal[Tone.BODY]
        entries = [ListItem(Text(self._markup(text), body), spaceAfter=2) for text in block.items]
        return ListFlowable(
            entries,
            bulletType="1" if block.numbered else "bullet",
            start=None if block.numbered else "•",
            bulletFormat="%s." if block.numbered else None,
            bulletFontName=REGULAR,
            bulletFontSize=body.fontSize,
            bulletColor=INK,
            leftIndent=16,
        )

    def _rows(self, block: Rows) -> Flowable:
        cells = [self._row(row) for row in block.rows]
        style: list[tuple[Any, ...]] = [("BOTTOMPADDING", (0, 0), (-1, -1), 1.2)]
        if block.columns == 2:
            half = self._width / 2
            label = half * 0.63 if block.wide_labels else LABEL_WIDTH
            widths = [label, half - label] * 2
            if len(cells) % 2:
                cells.append([Text("", self._styles.label)] * 2)
                style.append(("SPAN", (1, -1), (3, -1)))
            lines: list[list[Any]] = [[*a, *b] for a, b in zip(cells[::2], cells[1::2], strict=True)]
        else:
            lines = [list(pair) for pair in cells]
            widths = [WIDE_LABEL_WIDTH, self._width - WIDE_LABEL_WIDTH]
        return self._grid(lines, widths, style)

    def _row(self, row: Row) -> list[Flowable]:
        label = Text(self._markup(row.label), self._styles.label)
        return [label, Text(self._markup(row.value), self._styles.normal[row.tone])]

    def _table(self, block: Table, section: Section) -> Iterator[Flowable]:
        head = self._styles.table_head_small if block.compact else self._styles.table_head
        yield CondPageBreak(self._height(block))
        if block.title:
            yield Spacer(1, 4)
            yield self._text(Paragraph(block.title, Tone.STRONG), block.compact)
            yield Spacer(1, 2)
        lines: list[list[Any]] = [[Text(self._markup(text), head) for text in block.header]]
        for row in block.rows:
            lines.append([[self._text(p, block.compact) for p in entry] for entry in row])
        widths = [self._width * share for share in block.widths]
        heads = 1
        if section.ai:
            lines.insert(
                0, [Text(self._markup(section.title), self._styles.ai_head), *[""] * (len(widths) - 1)]
            )
            heads = 2
        style: list[tuple[Any, ...]] = [
            ("SPAN", (0, 0), (-1, 0)) if section.ai else ("NOSPLIT", (0, 0), (-1, 0)),
            ("BACKGROUND", (0, 0), (-1, heads - 1), AI_FILL if section.ai else HEADER_FILL),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5 if block.compact else 3.5),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
        ]
        yield self._grid(lines, widths, style, repeat=heads)
        yield Spacer(1, 4)

    def _height(self, block: Table) -> float:
        """Return the room a table asks for before it starts: its header and its first rows."""
        line = 9.8 if block.compact else 12.2
        first = block.rows[: KEPT_ROWS if block.compact else 1]
        return 44 + sum(6 + line * max(1, *(len(entry) for entry in row)) for row in first)

    def _grid(
        self, lines: list[list[Any]], widths: list[float], style: list[tuple[Any, ...]], repeat: int = 0
    ) -> Flowable:
        grid = Grid(lines, colWidths=widths, repeatRows=repeat, splitInRow=SPLITTABLE_ROW, hAlign="LEFT")
        base: list[tuple[Any, ...]] = [
            ("FONT", (0, 0), (-1, -1), REGULAR, 8),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 1.2),
        ]
        grid.setStyle([*base, *style])
        return grid

    def _figures(self, block: Figures) -> list[Flowable]:
        caption = plain_caption(self._styles.caption, self._markup)
        identity = plain_caption(self._styles.identity, self._markup)
        return figure_flowables(block, self._width, caption, identity)
