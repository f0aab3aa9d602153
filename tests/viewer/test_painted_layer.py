"""What lies over an image is drawn anew when it changes, and only then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from lvp_workstation.viewer.painted_layer import PaintedLayer


class Square:
    """Draws a filled square and counts how often it did."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(self, painter: QPainter) -> int:
        """Draw it."""
        self.drawn += 1
        painter.fillRect(2, 2, 4, 4, QColor("red"))
        return self.drawn


@pytest.fixture
def surface(qtbot: QtBot) -> Iterator[tuple[QImage, QPainter]]:
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("blue"))
    painter = QPainter(image)
    yield image, painter
    painter.end()


def test_the_picture_is_kept_until_its_key_changes(surface: tuple[QImage, QPainter]) -> None:
    image, painter = surface
    layer: PaintedLayer[int] = PaintedLayer()
    square = Square()
    for key, drawn in (("a", 1), ("a", 1), ("b", 2), ("a", 3)):
        assert layer.prepare(painter, (20, 20), (key,), square) == drawn
        layer.lay_over(painter)
    assert image.pixelColor(3, 3) == QColor("red")
    assert image.pixelColor(10, 10) == QColor("blue")


def test_other_sizes_and_letters_draw_it_anew(surface: tuple[QImage, QPainter]) -> None:
    _, painter = surface
    layer: PaintedLayer[int] = PaintedLayer()
    square = Square()
    layer.prepare(painter, (20, 20), (), square)
    layer.prepare(painter, (20, 18), (), square)
    font = painter.font()
    font.setPixelSize(31)
    painter.setFont(font)
    layer.prepare(painter, (20, 18), (), square)
    assert square.drawn == 3


def test_an_earlier_picture_leaves_no_trace(surface: tuple[QImage, QPainter]) -> None:
    image, painter = surface
    layer: PaintedLayer[None] = PaintedLayer()
    layer.prepare(painter, (20, 20), ("one",), lambda p: p.fillRect(2, 2, 4, 4, QColor("red")))
    layer.prepare(painter, (20, 20), ("other",), lambda p: p.fillRect(12, 12, 4, 4, QColor("red")))
    layer.lay_over(painter)
    assert image.pixelColor(3, 3) == QColor("blue")
    assert image.pixelColor(13, 13) == QColor("red")
