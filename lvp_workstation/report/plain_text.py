"""A report document as plain text: fixed width, tables in columns where they fit."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

from lvp_workstation.report.document import (
    Block,
    Figures,
    Items,
    Paragraph,
    ReportDocument,
    Rows,
    Section,
    Table,
)

WIDTH = 96
NARROW = 12
"""Width that the caption of a column is broken to where a table is too wide (our choice)."""
GAP = 2
_WIDE = ("W", "F")


def render_text(document: ReportDocument) -> str:
    """Return the document as text, lines at most `WIDTH` columns wide where words allow it."""
    furniture = document.furniture
    head = document.letterhead.lines if document.letterhead is not None else ()
    lines = [*furniture.banners, *head, document.title]
    lines += [line for line in (document.subtitle,) if line]
    lines += [furniture.patient_name, *furniture.patient_lines, *furniture.study_lines]
    for section in document.sections:
        lines += ["", section.title.upper() if section.level == 1 else section.title]
        lines += section_lines(section)
    lines += ["", *furniture.banners, *_wrapped(furniture.footer)]
    return "\n".join(lines) + "\n"


def section_lines(section: Section) -> list[str]:
    """Return the content of a section as lines of text, without its title."""
    return [line.rstrip() for block in section.blocks for line in _block(block)]


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield from _wrapped(block.text)
    elif isinstance(block, Items):
        for number, item in enumerate(block.items, 1):
            yield from _wrapped(item, f"{number}. " if block.numbered else "- ")
    elif isinstance(block, Rows):
        for row in block.rows:
            yield from _wrapped(row.value, f"{row.label}: ")
    elif isinstance(block, Figures):
        for image in block.images:
            yield from _wrapped(image.caption, "- ")
    else:
        yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    rows = [[" ".join(p.text for p in entry) for entry in row] for row in table.rows]
    if table.title:
        yield table.title
    for heads in ([[title] for title in table.header], [_broken(title) for title in table.header]):
        widths = [max(map(width_of, [*head, *column])) for head, *column in zip(heads, *rows, strict=True)]
        if sum(widths) + GAP * (len(widths) - 1) <= WIDTH:
            yield from _columns(heads, rows, widths)
            return
    for first, *rest in rows:
        *short, words = rest or [""]
        aside = "; ".join(text for text in short if text)
        yield from _wrapped(words, f"{first} ({aside}): " if aside else f"{first}: ", indent="  ")


def _columns(heads: list[list[str]], rows: list[list[str]], widths: list[int]) -> Iterator[str]:
    """Yield a table in columns; captions may take several lines, and end above the rule."""
    deepest = max(len(head) for head in heads)
    above = zip(*([""] * (deepest - len(head)) + head for head in heads), strict=True)
    for number, line in enumerate((*above, *rows)):
        yield (" " * GAP).join(_padded(text, width) for text, width in zip(line, widths, strict=True))
        if number == deepest - 1:
            yield "-" * (sum(widths) + GAP * (len(widths) - 1))


def _broken(caption: str) -> list[str]:
    """Return the caption of a narrow column, broken at its words and between wide characters."""
    return [part for word in caption.split() for part in _folded(word, "", NARROW)] or [""]


def width_of(text: str) -> int:
    """Return how many columns a text takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in _WIDE else 1 for c in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def _wrapped(text: str, prefix: str = "", indent: str = "") -> Iterator[str]:
    indent = indent or " " * min(width_of(prefix), 4)
    for number, line in enumerate(text.split("\n")):
        start = prefix if number == 0 else indent
        yield from _folded(f"{start}{line}", indent) if line or start else ("",)


def _folded(line: str, indent: str, limit: int = WIDTH) -> Sequence[str]:
    """Break a line at its words, and between any two characters of a script without spaces."""
    if width_of(line) <= limit:
        return (line,)
    if width_of(line) == len(line):
        return textwrap.wrap(line, limit, subsequent_indent=indent, break_on_hyphens=False)
    lines, current = [], ""
    for character in line:
        if width_of(current) + width_of(character) > limit:
            lines.append(current)
            current = indent
        current += character
    return (*lines, current)
