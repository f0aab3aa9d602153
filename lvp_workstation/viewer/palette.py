"""Colours of everything drawn over an image: few, calm, and told apart with any colour vision."""

from __future__ import annotations

from PySide6.QtGui import QColor

BACKGROUND = QColor(0, 0, 0)
SHADOW = QColor(0, 0, 0, 210)
TEXT = QColor(214, 219, 224)
TEXT_DIM = QColor(148, 156, 164)
IDENTITY = QColor(240, 242, 244)
ORIENTATION = QColor(228, 196, 120)
LEVEL_VERTEBRA = QColor(160, 206, 240)
LEVEL_DISC = QColor(240, 190, 130)
REFERENCE = QColor(96, 150, 190, 190)
REFERENCE_ACTIVE = QColor(240, 200, 80, 235)
CROSSHAIR = QColor(90, 220, 160, 220)
CROSSHAIR_FAR = QColor(90, 220, 160, 110)
MARK_READER = QColor(255, 226, 110)
MARK_AI = QColor(110, 214, 232)
MARK_ACTIVE = QColor(255, 255, 255)
BADGE_ACQUIRED = QColor(120, 132, 142)
BADGE_COMPUTED = QColor(232, 160, 70)
BADGE_WARNING = QColor(236, 110, 92)
KEY_IMAGE = QColor(255, 206, 84)
SEEN = QColor(84, 150, 140)
UNSEEN = QColor(52, 58, 64)
LOADING = QColor(26, 29, 32)
CURRENT = QColor(240, 242, 244)
FRAME = QColor(38, 42, 46)
FRAME_ACTIVE = QColor(92, 128, 158)
FRAME_FOCUS = QColor(104, 172, 232)
BRUSH = QColor(255, 255, 255, 200)
BRUSH_TRAIL = QColor(255, 236, 140, 120)
