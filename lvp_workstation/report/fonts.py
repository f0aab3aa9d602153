"""Fonts of the PDF: embedded TrueType outlines, and which font can print which character."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from lvp_workstation.domain.errors import EnvironmentProblem

REGULAR, BOLD, WIDE = "LvpSans", "LvpSans-Bold", "LvpCjk"
_FILES = {
    REGULAR: "LiberationSans-Regular.ttf",
    BOLD: "LiberationSans-Bold.ttf",
    WIDE: "DroidSansFallback.ttf",
}
MISSING = "□"
"""Printed for a character that no embedded font holds, so that a gap is never silent."""


@dataclass(frozen=True)
class Fonts:
    """The registered fonts; the one for Chinese, Japanese and Korean is read only when needed."""

    folder: Path

    def markup(self, text: str) -> str:
        """Return text as reportlab paragraph markup, every character in a font that has it."""
        parts = []
        for name, run in self._runs(text):
            safe = escape(run).replace("\n", "<br/>")
            parts.append(f'<font name="{name}">{safe}</font>' if name else safe)
        return "".join(parts)

    def _runs(self, text: str) -> Iterator[tuple[str, str]]:
        current, run = "", ""
        for character in text:
            name = self._font_for(character)
            if name == "?":
                name, character = "", MISSING
            if name != current and run:
                yield current, run
                run = ""
            current = name
            run += character
        if run:
            yield current, run

    def _font_for(self, character: str) -> str:
        """Return "" for the text font, the name of the wide font, or "?" when neither has it."""
        if character == "\n" or ord(character) in _glyphs(self.folder, REGULAR):
            return ""
        return WIDE if ord(character) in _glyphs(self.folder, WIDE) else "?"


def registered(folder: Path) -> Fonts:
    """Return the fonts of a folder, registered with the PDF library."""
    _glyphs(folder, REGULAR)
    _glyphs(folder, BOLD)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    pdfmetrics.registerFontFamily(WIDE, normal=WIDE, bold=WIDE, italic=WIDE, boldItalic=WIDE)
    return Fonts(folder)


@lru_cache(maxsize=8)
def _glyphs(folder: Path, name: str) -> frozenset[int]:
    """Register a font and return the characters it holds."""
    path = folder / _FILES[name]
    try:
        font = TTFont(name, str(path))
    except (OSError, TTFError) as error:
        raise EnvironmentProblem(f"The font {path} of the report cannot be read: {error}") from error
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)
