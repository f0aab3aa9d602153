"""Small plots as pixels: points, lines and marks in a frame with ticks, in the type of the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lvp_workstation.assets import asset_path

SCALE = 3
"""Pixels per unit of the layout below; 3 prints sharply at the width of half a page."""
WIDTH, HEIGHT = 320, 240
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 22, 36
INK, QUIET, GRID = (26, 29, 33), (91, 101, 112), (225, 230, 235)
BLUE, ORANGE = (31, 95, 150), (200, 92, 10)

Color = tuple[int, int, int]
Point = tuple[float, float]


@dataclass
class Plot:
    """A frame with two linear axes; draw into it, then take `pixels`.

    Parameters
    ----------
    title, x_label, y_label
        Words around the frame.
    x_range, y_range
        Ends of the axes.
    """

    title: str
    x_label: str
    y_label: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    _image: Image.Image = field(init=False, repr=False)
    _draw: ImageDraw.ImageDraw = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), "white")
        self._draw = ImageDraw.Draw(self._image)
        self._axes()

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The plot, uint8, shape (rows, columns, 3)."""
        return np.asarray(self._image, dtype=np.uint8)

    def line(self, points: Sequence[Point], color: Color = BLUE, width: float = 1.4) -> None:
        """Draw a line through points in the units of the axes."""
        self._draw.line([self._place(p) for p in points], fill=color, width=round(width * SCALE))

    def dashed(self, start: Point, end: Point, color: Color = QUIET) -> None:
        """Draw a thin dashed line."""
        ends = np.array([start, end], dtype=np.float64)
        shares = np.linspace(0.0, 1.0, 41)
        points = ends[0] + shares[:, None] * (ends[1] - ends[0])
        for a, b in zip(points[:-1:2], points[1::2], strict=True):
            self.line([(a[0], a[1]), (b[0], b[1])], color, 0.8)

    def points(self, points: Iterable[Point], color: Color = BLUE, radius: float = 2.2) -> None:
        """Draw dots."""
        size = radius * SCALE
        for point in points:
            x, y = self._place(point)
            self._draw.ellipse((x - size, y - size, x + size, y + size), fill=color)

    def note(self, point: Point, text: str, color: Color = QUIET) -> None:
        """Write a few words, their lower left corner at a point."""
        self._draw.text(self._place(point), text, fill=color, font=_font(8), anchor="lb")

    def _place(self, point: Point) -> Point:
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        x = LEFT + (point[0] - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - (point[1] - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM)
        return x * SCALE, y * SCALE

    def _axes(self) -> None:
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        for x in ticks(x0, x1):
            self.line([(x, y0), (x, y1)], GRID, 0.6)
            px, py = self._place((x, y0))
            self._draw.text((px, py + 4 * SCALE), _number(x), fill=QUIET, font=_font(8), anchor="mt")
        for y in ticks(y0, y1):
            self.line([(x0, y), (x1, y)], GRID, 0.6)
            px, py = self._place((x0, y))
            self._draw.text((px - 4 * SCALE, py), _number(y), fill=QUIET, font=_font(8), anchor="rm")
        self.line([(x0, y1), (x0, y0), (x1, y0)], INK, 0.8)
        middle = (LEFT + WIDTH - RIGHT) / 2 * SCALE
        self._draw.text((middle, 5 * SCALE), self.title, fill=INK, font=_font(9.5), anchor="mt")
        low = ((WIDTH + LEFT) / 2 * SCALE, (HEIGHT - 6) * SCALE)
        self._draw.text(low, self.x_label, fill=INK, font=_font(8.5), anchor="mb")
        self._sideways()

    def _sideways(self) -> None:
        font = _font(8.5)
        box = font.getbbox(self.y_label)
        label = Image.new("RGB", (round(box[2]) + 2, round(box[3]) + 4), "white")
        ImageDraw.Draw(label).text((0, 0), self.y_label, fill=INK, font=font)
        turned = label.rotate(90, expand=True)
        middle = (TOP + HEIGHT - BOTTOM) / 2 * SCALE
        self._image.paste(turned, (4 * SCALE, round(middle - turned.height / 2)))


def ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers between two ends."""
    step = 10.0 ** np.floor(np.log10((high - low) / 4))
    step *= next(f for f in (1, 2, 2.5, 5, 10) if (high - low) / (step * f) <= 6)
    first = np.ceil(low / step - 1e-9)
    last = np.floor(high / step + 1e-9)
    return [round(float(n * step), 10) for n in np.arange(first, last + 1)]


def _number(value: float) -> str:
    return f"{value + 0.0:g}".replace("-", "−")


def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(
        str(asset_path("resources", "fonts", "LiberationSans-Regular.ttf")), size * SCALE
    )
