"""Key images as PDF flowables: lossless pixels, captions, and the patient's identity under each."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image as PilImage
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Image, KeepTogether, Paragraph, Spacer, Table

from lvp_workstation.report.document import Figures, ReportImage
from lvp_workstation.report.fonts import REGULAR

GAP = 12.0
MAX_HEIGHT = 270.0
ALONE_MAX_HEIGHT = 360.0
CAPTION_HEIGHT = 50.0


def figure_flowables(
    figures: Figures, width: float, caption: Callable[[str], Paragraph], identity: Callable[[str], Paragraph]
) -> list[Flowable]:
    """Return the pictures two a row; a row stays on one page."""
    images = figures.images
    pairs = [images[start : start + 2] for start in range(0, len(images), 2)]
    rows: list[Flowable] = []
    for pair in pairs:
        single = len(images) == 1
        column = width * 0.62 if single else (width - GAP) / 2
        limit = ALONE_MAX_HEIGHT if single else MAX_HEIGHT
        cells = [
            [picture(image, column, limit), Spacer(1, 3), caption(image.caption), identity(figures.identity)]
            for image in pair
        ]
        table = Table([cells], colWidths=[column + (0 if single else GAP / 2)] * len(cells), hAlign="LEFT")
        table.setStyle(
            [
                ("FONT", (0, 0), (-1, -1), REGULAR, 8),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0 if single else GAP / 2),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
            ]
        )
        rows.append(KeepTogether([table]))
    return rows


def first_row_height(figures: Figures, width: float) -> float:
    """Return about how high the first row of pictures is, captions included."""
    images = figures.images[:2]
    single = len(figures.images) == 1
    column = width * 0.62 if single else (width - GAP) / 2
    limit = ALONE_MAX_HEIGHT if single else MAX_HEIGHT
    highest: float = max(min(limit, column * _proportion(image)) for image in images)
    return CAPTION_HEIGHT + highest


def _proportion(image: ReportImage) -> float:
    rows, columns = image.pixels.shape[:2]
    return float(rows * image.aspect / columns)


def picture(image: ReportImage, width: float, height: float) -> Flowable:
    """Return the pixels of an image, fitted into a box with its aspect kept, lossless."""
    pixels = np.ascontiguousarray(image.pixels)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise ValueError("a key image is an array of shape (rows, columns, 3), uint8")
    rows, columns = pixels.shape[:2]
    scale = min(width / columns, height / (rows * image.aspect))
    grey = bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 0] == pixels[..., 2]).all())
    source = PilImage.fromarray(np.ascontiguousarray(pixels[..., 0]) if grey else pixels)
    buffer = BytesIO()
    source.save(buffer, "PNG", compress_level=1)
    buffer.seek(0)
    return Image(buffer, columns * scale, rows * image.aspect * scale, hAlign="LEFT", lazy=0)


def plain_caption(style: ParagraphStyle, markup: Callable[[str], str]) -> Callable[[str], Paragraph]:
    """Return a function that makes caption paragraphs of one style."""
    return lambda text: Paragraph(markup(text), style)
