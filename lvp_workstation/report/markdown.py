"""A report document as Markdown: the same words and tables, pictures by file name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lvp_workstation.report.document import (
    Block,
    Cell,
    Figures,
    Items,
    Paragraph,
    ReportDocument,
    ReportImage,
    Rows,
    Table,
    Tone,
)

ImageName = Callable[[ReportImage], str]


def markdown(document: ReportDocument, image_name: ImageName) -> str:
    """Return the document as Markdown text.

    Parameters
    ----------
    image_name
        Gives the path of the file that holds a picture.
    """
    lines = [f"# {_safe(document.title)}", ""]
    if document.subtitle:
        lines += [_safe(document.subtitle), ""]
    for section in document.sections:
        lines += [f"{'#' * (section.level + 1)} {_safe(section.title)}", ""]
        for block in section.blocks:
            lines += [*_block(block, image_name), ""]
    return "\n".join(lines).rstrip() + "\n"


def _block(block: Block, image_name: ImageName) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield _paragraph(block)
    elif isinstance(block, Items):
        yield from (f"{'1.' if block.numbered else '-'} {_safe(text)}" for text in block.items)
    elif isinstance(block, Rows):
        yield from (f"- **{_safe(row.label)}**: {_safe(row.value)}" for row in block.rows)
    elif isinstance(block, Table):
        yield from _table(block)
    else:
        yield from _pictures(block, image_name)


def _paragraph(paragraph: Paragraph) -> str:
    text = _safe(paragraph.text)
    return f"**{text}**" if paragraph.tone in (Tone.STRONG, Tone.ALERT) else text


def _table(block: Table) -> Iterator[str]:
    if block.title:
        yield f"**{_safe(block.title)}**"
        yield ""
    yield f"| {' | '.join(_safe(text) for text in block.header)} |"
    yield "|" + "---|" * len(block.header)
    for row in block.rows:
        yield f"| {' | '.join(_cell(entry) for entry in row)} |"


def _cell(entry: Cell) -> str:
    return "<br>".join(_paragraph(paragraph) for paragraph in entry)


def _pictures(block: Figures, image_name: ImageName) -> Iterator[str]:
    for image in block.images:
        caption = _safe(image.caption)
        yield f"![{caption}]({image_name(image)})"
        yield ""
        yield f"{caption}"
        yield ""


def _safe(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", " ".join(text.split()))
