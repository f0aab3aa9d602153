"""A report document becomes a PDF: A4, embedded fonts, bookmarks, the same bytes for the same input."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from lvp_workstation.assets import asset_path
from lvp_workstation.report.document import ReportDocument
from lvp_workstation.report.embed import attach_sealed, close_file
from lvp_workstation.report.fonts import REGULAR, registered
from lvp_workstation.report.furniture import BOTTOM, MARGIN, TEXT_WIDTH, TOP, Furniture
from lvp_workstation.report.layout import Layout


def render_pdf(document: ReportDocument, font_folder: Path | None = None) -> bytes:
    """Return the document as a PDF file.

    A signed document carries the canonical form of its reading as an attached file, and every file
    ends in a hash over all its bytes: see `embed` and `verify`.
    """
    rl_config.useA85 = 0  # reportlab's own switch; the package has no other user of the library
    fonts = registered(font_folder or asset_path("resources", "fonts"))
    layout = Layout(fonts, document.metadata.language, TEXT_WIDTH)
    furniture = Furniture(document.furniture, fonts)
    pages = _Builder(document, furniture).build_pages(layout, 0)[1]
    data, _ = _Builder(document, furniture).build_pages(layout, pages)
    return close_file(data)


def _moment(time_utc: str) -> SimpleNamespace | None:
    """Return a time as reportlab's document wants it, None when it is not ISO 8601."""
    try:
        moment = datetime.fromisoformat(time_utc).astimezone(UTC)
    except ValueError:
        return None
    return SimpleNamespace(YMDhms=tuple(moment.timetuple())[:6], dhh=0, dmm=0)


class _Builder:
    """One pass of laying out; the first only counts the pages."""

    def __init__(self, document: ReportDocument, furniture: Furniture) -> None:
        self._document = document
        self._furniture = furniture
        self._total = 0

    def build_pages(self, layout: Layout, total: int) -> tuple[bytes, int]:
        """Return the file and its number of pages; ``total`` is printed as "of n"."""
        self._total = total
        buffer = BytesIO()
        meta = self._document.metadata
        template = BaseDocTemplate(
            buffer,
            pagesize=A4,
            title=meta.title,
            author=meta.author,
            subject=meta.subject,
            creator=meta.creator,
            producer=meta.creator,
            keywords=list(meta.keywords),
            lang=meta.language,
            displayDocTitle=1,
            invariant=1,
            pageCompression=1,
            initialFontName=REGULAR,
        )
        top = TOP + self._furniture.header_height
        height = A4[1] - top - BOTTOM
        frame = Frame(MARGIN, BOTTOM, TEXT_WIDTH, height, 0, 0, 0, 0, id="body")
        page = PageTemplate("page", [frame], onPage=self._on_page, onPageEnd=self._on_page_end)
        template.addPageTemplates(page)
        template.build(layout.story(self._document))
        return buffer.getvalue(), template.page

    def _on_page(self, canvas: Any, template: Any) -> None:
        if template.page == 1:
            canvas.showOutline()
            canvas._doc._timeStamp = _moment(self._document.metadata.time_utc) or canvas._doc._timeStamp
            if self._document.sealed is not None:
                attach_sealed(canvas, self._document.sealed)
        self._furniture.draw(canvas)

    def _on_page_end(self, canvas: Any, template: Any) -> None:
        self._furniture.draw_foot(canvas, template.page, self._total)
