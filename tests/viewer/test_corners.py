"""Words in the corners: the identity is whole and nothing lies over it, however narrow the viewport."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import letters, palette
from lvp_workstation.viewer.overlay_corners import Badge, CornerPainter, CornerTexts
from lvp_workstation.viewer.overlay_text import LEFT, TOP, WRAP, overlay_font, shadowed

TEXTS = CornerTexts(
    identity=(
        "ABCDEFGHIJKLMNOPQRST-UVWXYZ, MARIA MAGDALENA",
        "ID 123456789-987654321 (HOSPITAL)",
        "born 1960-01-02  F",
    ),
    study=("Institute of a very long name", "MR LUMBAR SPINE", "2026-01-02"),
    series=("SAG T2", "Se 3  SAG T2 TSE", "TR 3500  TE 102  1.5 T"),
    state=("W 1103  L 556", "8/15"),
    badges=(Badge("COMPUTED from 4.4 mm slices", palette.BADGE_COMPUTED),),
    level="L4-L5?",
)


def canvas(width: int, height: int) -> QImage:
    """Return a black picture."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0)
    return image


@pytest.mark.parametrize("width", [120, 180, 260, 400, 900])
@pytest.mark.parametrize("detailed", [True, False])
def test_the_identity_has_a_place_of_its_own(qtbot: QtBot, width: int, detailed: bool) -> None:
    view = ViewTransform((0, 0, 0), (0, 1, 0), (0, 0, -1), 0.5, width, 500)
    whole, alone = canvas(width, 500), canvas(width, 500)
    painter = QPainter(whole)
    corners = CornerPainter(painter, view, TEXTS, detailed)
    box = corners.identity_box
    corners.paint()
    painter.end()
    assert box.left() >= 0
    assert box.right() <= width
    painter = QPainter(alone)
    CornerPainter(painter, view, CornerTexts(identity=TEXTS.identity), False).paint()
    painter.end()
    place = box.toRect()
    assert whole.copy(place) == alone.copy(place)


def test_words_are_drawn_where_they_are_asked_for(qtbot: QtBot) -> None:
    image = canvas(200, 100)
    painter = QPainter(image)
    painter.setFont(overlay_font(painter.font()))
    assert shadowed(painter, QRectF(0, 0, 0, 0), LEFT | TOP, "", palette.TEXT) == 0
    one = shadowed(painter, QRectF(10, 10, 60, 80), LEFT | TOP | WRAP, "word", palette.TEXT)
    many = shadowed(
        painter, QRectF(100, 10, 60, 80), LEFT | TOP | WRAP, "several words that wrap", palette.TEXT
    )
    painter.end()
    assert many > 1.9 * one
    lit = [(x, y) for x in range(200) for y in range(100) if image.pixelColor(x, y).lightness() > 100]
    assert min(x for x, _ in lit) >= 10
    assert not [x for x, _ in lit if 70 < x < 100]


@pytest.mark.parametrize("width", [130, 180, 260])
def test_words_that_do_not_fit_are_shortened_from_the_right_and_told_whole(qtbot: QtBot, width: int) -> None:
    view = ViewTransform((0, 0, 0), (0, 1, 0), (0, 0, -1), 0.5, width, 500)
    image = canvas(width, 500)
    painter = QPainter(image)
    corners = CornerPainter(painter, view, TEXTS, True)
    corners.paint()
    painter.end()
    assert ("COMPUTED from 4.4 mm slices" in corners.cut) == (width < 200)
    edge = [(x, y) for x in range(6) for y in range(300, 500) if image.pixelColor(x, y).value() > 0]
    assert edge == []


@pytest.mark.parametrize("width", [130, 260, 320, 700])
def test_level_names_are_kept_off_badges(qtbot: QtBot, width: int) -> None:
    view = ViewTransform((0, 0, 0), (0, 1, 0), (0, 0, -1), 0.5, width, 400)
    image = canvas(width, 400)
    painter = QPainter(image)
    corners = CornerPainter(painter, view, TEXTS, True)
    taken = corners.taken()
    corners.paint()
    painter.end()
    badge = palette.BADGE_COMPUTED.rgb()
    drawn = [(x, y) for x in range(width) for y in range(400) if image.pixel(x, y) == badge]
    assert drawn
    uncovered = [at for at in drawn if not any(box.adjusted(-1, -1, 1, 1).contains(*at) for box in taken)]
    assert uncovered == []


@pytest.mark.parametrize(("width", "height"), [(200, 335), (200, 260), (300, 300)])
def test_words_leave_the_middle_of_a_small_viewport_to_the_image(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, width: int, height: int
) -> None:
    texts = replace(TEXTS, identity=("DOE^JANE", "ID 123456789", "born 1960-01-02  F"), level="")
    view = ViewTransform((0, 0, 0), (0, 1, 0), (0, 0, -1), 0.5, width, height)
    monkeypatch.setattr(letters, "letter_scale", lambda: 1.5)
    image = canvas(width, height)
    painter = QPainter(image)
    taken = CornerPainter(painter, view, texts, True).taken()
    painter.end()
    middle = QRectF(34, 0.4 * height, width - 68, 0.2 * height)
    assert not [box for box in taken if box.intersects(middle)]
