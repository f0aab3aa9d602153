"""A report document as DOCX, for a word processor: same content, headings, tables and pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph
from PIL import Image

from lvp_workstation.report.document import (
    Block,
    Cell,
    Figures,
    Items,
    Letterhead,
    Paragraph,
    ReportDocument,
    ReportImage,
    Rows,
    Section,
    Table,
    Tone,
)

TEXT_WIDTH_CM = 17.0
PICTURE_WIDTH_CM = 8.2
SIZES = {Tone.NOTE: 7.5, Tone.CODE: 8.0}
COLOURS = {Tone.ALERT: "A11212", Tone.MUTED: "5B6570", Tone.NOTE: "5B6570"}
BOLD = frozenset({Tone.STRONG, Tone.ALERT})
FONTS = {"zh": ("Arial", "Microsoft YaHei")}
"""Western and East Asian type of a language; the word processor takes another when it has not got them."""


def render_docx(document: ReportDocument) -> bytes:
    """Return the document as a DOCX file."""
    word = docx.Document()
    _prepare(word, document)
    _letterhead(word, document.letterhead)
    word.add_heading(document.title, 0)
    if document.subtitle:
        _write(word.add_paragraph(), Paragraph(document.subtitle, Tone.MUTED))
    for section in document.sections:
        word.add_heading(section.title, min(section.level, 2))
        for block in section.blocks:
            _block(word, block, section)
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def _prepare(word: Document, document: ReportDocument) -> None:
    meta = document.metadata
    properties = word.core_properties
    properties.title, properties.author, properties.subject = meta.title, meta.author, meta.subject
    properties.language, properties.keywords = meta.language, ", ".join(meta.keywords)
    properties.comments = ""
    try:
        moment = datetime.fromisoformat(meta.time_utc).replace(tzinfo=None)
    except ValueError:
        moment = datetime(2000, 1, 1)
    properties.created = properties.modified = moment
    western, eastern = FONTS.get(meta.language[:2], ("Arial", "Arial"))
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = western, Pt(9.5)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), eastern)
    language = OxmlElement("w:lang")
    kind = "w:eastAsia" if meta.language.startswith("zh") else "w:val"
    language.set(qn(kind), "zh-CN" if meta.language.startswith("zh") else meta.language)
    normal.element.rPr.append(language)
    normal.paragraph_format.space_after = Pt(3)
    for name in ("Title", "Heading 1", "Heading 2"):
        fonts = word.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for place in ("w:ascii", "w:hAnsi", "w:eastAsia"):
            fonts.set(qn(place), eastern if place == "w:eastAsia" else western)
    for name, size in (("Title", 16), ("Heading 1", 12), ("Heading 2", 10.5)):
        word.styles[name].font.size = Pt(size)
    _furnish(word, document)


def _furnish(word: Document, document: ReportDocument) -> None:
    """Put identity and notices on every page."""
    page, furniture = word.sections[0], document.furniture
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.0)
    page.top_margin = page.bottom_margin = Cm(2.0)
    head = page.header.paragraphs[0]
    _write(head, Paragraph(furniture.patient_name, Tone.STRONG))
    for line in (*furniture.patient_lines, *furniture.study_lines):
        _write(page.header.add_paragraph(), Paragraph(line, Tone.NOTE))
    for banner in furniture.banners:
        paragraph = page.header.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _write(paragraph, Paragraph(banner, Tone.ALERT))
    foot = page.footer.paragraphs[0]
    _write(foot, Paragraph(f"{furniture.footer}   ", Tone.NOTE))
    before, _, rest = furniture.page_template.partition("{page}")
    between, _, after = rest.partition("{pages}")
    for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
        _write(foot, Paragraph(text, Tone.NOTE))
        if field:
            _field(foot, field)


def _letterhead(word: Document, head: Letterhead | None) -> None:
    if head is None:
        return
    if head.logo is not None:
        run = word.add_paragraph().add_run()
        run.add_picture(_png(ReportImage(head.logo, "")), height=Mm(head.logo_height_mm))
    for line in head.lines:
        _write(word.add_paragraph(), Paragraph(line))


def _field(paragraph: WordParagraph, name: str) -> None:
    run = paragraph.add_run()
    run.font.size = Pt(SIZES[Tone.NOTE])
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _write(paragraph: WordParagraph, content: Paragraph) -> None:
    run = paragraph.add_run(content.text)
    run.bold = content.tone in BOLD
    if content.tone in SIZES:
        run.font.size = Pt(SIZES[content.tone])
    if content.tone in COLOURS:
        run.font.color.rgb = RGBColor.from_string(COLOURS[content.tone])


def _block(word: Document, block: Block, section: Section) -> None:
    if isinstance(block, Paragraph):
        _write(word.add_paragraph(), block)
    elif isinstance(block, Items):
        for number, item in enumerate(block.items, 1):
            _write(word.add_paragraph(), Paragraph(f"{number}. {item}" if block.numbered else f"• {item}"))
    elif isinstance(block, Rows):
        lines = [((Paragraph(r.label, Tone.MUTED),), (Paragraph(r.value, r.tone),)) for r in block.rows]
        _grid(word, lines, (0.3, 0.7), "")
    elif isinstance(block, Figures):
        _pictures(word, block)
    else:
        _table(word, block, section)


def _table(word: Document, table: Table, section: Section) -> None:
    if table.title:
        _write(word.add_paragraph(), Paragraph(table.title, Tone.STRONG))
    heads: list[tuple[Cell, ...]] = []
    if section.ai:  # said on every page the table reaches
        empty = (Paragraph(""),)
        heads.append(((Paragraph(section.title, Tone.ALERT),), *[empty] * (len(table.header) - 1)))
    heads.append(tuple((Paragraph(text, Tone.STRONG),) for text in table.header))
    _grid(word, [*heads, *table.rows], table.widths, "Table Grid", len(heads))


def _grid(
    word: Document, lines: Sequence[tuple[Cell, ...]], widths: Sequence[float], style: str, heads: int = 0
) -> None:
    grid = word.add_table(rows=len(lines), cols=len(widths))
    grid.autofit = False
    if style:
        grid.style = style
    for number, line in enumerate(lines):
        row = grid.rows[number]
        for place, (content, share) in enumerate(zip(line, widths, strict=True)):
            cell = row.cells[place]
            cell.width = Cm(TEXT_WIDTH_CM * share)
            for position, paragraph in enumerate(content):
                target = cell.paragraphs[0] if position == 0 else cell.add_paragraph()
                target.paragraph_format.space_after = Pt(1)
                _write(target, paragraph)
        if number < heads:
            repeat = OxmlElement("w:tblHeader")
            repeat.set(qn("w:val"), "true")
            row._tr.get_or_add_trPr().append(repeat)
    word.add_paragraph().paragraph_format.space_after = Pt(0)


def _pictures(word: Document, figures: Figures) -> None:
    images = figures.images
    for start in range(0, len(images), 2):
        pair = images[start : start + 2]
        grid = word.add_table(rows=1, cols=2)
        for cell, image in zip(grid.rows[0].cells, pair, strict=False):
            run = cell.paragraphs[0].add_run()
            shape = run.add_picture(_png(image), width=Cm(PICTURE_WIDTH_CM))
            shape.height = round(shape.width * image.pixels.shape[0] * image.aspect / image.pixels.shape[1])
            shape._inline.docPr.set("descr", image.caption)
            _write(cell.add_paragraph(), Paragraph(image.caption))
            _write(cell.add_paragraph(), Paragraph(figures.identity, Tone.NOTE))


def _png(image: ReportImage) -> io.BytesIO:
    buffer = io.BytesIO()
    Image.fromarray(image.pixels).save(buffer, "PNG")
    buffer.seek(0)
    return buffer
