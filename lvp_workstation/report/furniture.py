"""What is drawn on every page: identity, notices, watermark, footer and page number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph as Text

from lvp_workstation.report.document import PageFurniture
from lvp_workstation.report.fonts import BOLD, REGULAR, Fonts
from lvp_workstation.report.layout import ACCENT, ALERT, INK, QUIET, RULE

MARGIN = 48.0
TOP = 30.0
BOTTOM = 46.0
BANNER_HEIGHT = 15.0
WATERMARK = HexColor("#F7EAEA")
BANNER_FILL = HexColor("#FBECEC")
TEXT_WIDTH: float = A4[0] - 2 * MARGIN
LEFT_SHARE = 0.66
LEFT_WIDTH = TEXT_WIDTH * LEFT_SHARE - 8
RIGHT_WIDTH = TEXT_WIDTH * (1 - LEFT_SHARE)


@dataclass(frozen=True)
class Furniture:
    """Draws the furniture of each page; its height depends on how long the identity is."""

    content: PageFurniture
    fonts: Fonts

    @property
    def header_height(self) -> float:
        """Height of the identity block and the banners, in points, from the top margin down."""
        block = max(self._height(self._left()), self._height(self._right()))
        return block + 14 + len(self.content.banners) * (BANNER_HEIGHT + 3)

    def draw(self, canvas: Any) -> None:
        """Draw watermark, identity and banners of one page, beneath what is drawn later."""
        canvas.saveState()
        if self.content.watermark:
            self._watermark(canvas)
        top = A4[1] - TOP
        block = max(self._height(self._left()), self._height(self._right()))
        self._stack(canvas, self._left(), MARGIN, top)
        self._stack(canvas, self._right(), MARGIN + TEXT_WIDTH * LEFT_SHARE, top)
        y = top - block - 3
        canvas.setStrokeColor(ACCENT)
        canvas.setLineWidth(0.9)
        canvas.line(MARGIN, y, MARGIN + TEXT_WIDTH, y)
        for banner in self.content.banners:
            y -= BANNER_HEIGHT + 3
            self._banner(canvas, banner, y)
        canvas.restoreState()

    def draw_foot(self, canvas: Any, page: int, pages: int) -> None:
        """Draw notice and page number after everything else, so that they are read last."""
        canvas.saveState()
        self._footer(canvas, page, pages)
        canvas.restoreState()

    def _left(self) -> list[Text]:
        name = ParagraphStyle("id-name", fontName=BOLD, fontSize=10.5, leading=13, textColor=INK)
        line = ParagraphStyle("id-line", fontName=REGULAR, fontSize=8, leading=10.4, textColor=INK)
        content = self.content
        return [
            Text(self.fonts.markup(content.patient_name), name),
            *(Text(self.fonts.markup(text), line) for text in content.patient_lines),
        ]

    def _right(self) -> list[Text]:
        line = ParagraphStyle(
            "id-right", fontName=REGULAR, fontSize=8, leading=10.4, textColor=QUIET, alignment=TA_RIGHT
        )
        return [Text(self.fonts.markup(text), line) for text in self.content.study_lines]

    def _height(self, column: list[Text]) -> float:
        width = self._column_width(column)
        total = 0.0
        for text in column:
            total += float(text.wrap(width, 1000)[1])
        return total

    def _column_width(self, column: list[Text]) -> float:
        right = bool(column) and column[0].style.alignment == TA_RIGHT
        return RIGHT_WIDTH if right else LEFT_WIDTH

    def _stack(self, canvas: Any, column: list[Text], x: float, top: float) -> None:
        width = self._column_width(column)
        for text in column:
            height = text.wrap(width, 1000)[1]
            top -= height
            text.drawOn(canvas, x, top)

    def _banner(self, canvas: Any, banner: str, y: float) -> None:
        canvas.setFillColor(BANNER_FILL)
        canvas.setStrokeColor(ALERT)
        canvas.setLineWidth(0.6)
        canvas.rect(MARGIN, y, TEXT_WIDTH, BANNER_HEIGHT, fill=1, stroke=1)
        style = ParagraphStyle(
            "banner", fontName=BOLD, fontSize=9, leading=11, textColor=ALERT, alignment=TA_CENTER
        )
        text = Text(self.fonts.markup(banner), style)
        height = text.wrap(TEXT_WIDTH - 8, BANNER_HEIGHT)[1]
        text.drawOn(canvas, MARGIN + 4, y + (BANNER_HEIGHT - height) / 2)

    def _watermark(self, canvas: Any) -> None:
        canvas.saveState()
        canvas.translate(A4[0] / 2, A4[1] / 2 - 30)
        canvas.rotate(52)
        style = ParagraphStyle(
            "watermark", fontName=BOLD, fontSize=150, leading=160, textColor=WATERMARK, alignment=TA_CENTER
        )
        text = Text(self.fonts.markup(self.content.watermark), style)
        _, height = text.wrap(900, 400)
        text.drawOn(canvas, -450, -height / 2)
        canvas.restoreState()

    def _footer(self, canvas: Any, page: int, pages: int) -> None:
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, BOTTOM - 8, MARGIN + TEXT_WIDTH, BOTTOM - 8)
        left = ParagraphStyle("foot", fontName=REGULAR, fontSize=6.8, leading=8.6, textColor=QUIET)
        right = ParagraphStyle("foot-right", parent=left, alignment=TA_RIGHT, textColor=INK, fontSize=7.5)
        notice = Text(self.fonts.markup(self.content.footer), left)
        height = notice.wrap(TEXT_WIDTH - 80, 40)[1]
        notice.drawOn(canvas, MARGIN, BOTTOM - 11 - height)
        number = Text(self.fonts.markup(self.content.page_template.format(page=page, pages=pages)), right)
        height = number.wrap(80, 20)[1]
        number.drawOn(canvas, MARGIN + TEXT_WIDTH - 80, BOTTOM - 11 - height)
