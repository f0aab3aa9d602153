"""Colours and style of the program: dark and calm, so that the images are the brightest thing."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from lvp_workstation.assets import asset_path
from lvp_workstation.viewer.letters import USUAL_PIXELS

CHINESE_FONT = "DroidSansFallback.ttf"
BACKGROUND = QColor("#16181b")
PANEL = QColor("#1e2125")
RAISED = QColor("#2a2e33")
LINE = QColor("#3a3f46")
TEXT = QColor("#d6d9dd")
DIM = QColor("#8b929b")
ACCENT = QColor("#5aa9e6")
AI = QColor("#c9a7f5")
OK = QColor("#6bbf8a")
WARN = QColor("#e0b04a")
ALERT = QColor("#e0705a")
"""Marks are told apart by shape as well as by colour; see the level rail."""

STYLE = f"""
QWidget {{ background: {PANEL.name()}; color: {TEXT.name()}; font-size: LETTERSpx; }}
QMainWindow, QSplitter {{ background: {BACKGROUND.name()}; }}
QMenuBar, QMenu, QStatusBar {{ background: {PANEL.name()}; }}
QMenu {{ border: 1px solid {LINE.lighter(130).name()}; }}
QMenu::item {{ padding: 3px 22px; }}
QMenu::item:selected, QMenuBar::item:selected {{ background: {RAISED.name()}; }}
QTableView {{ gridline-color: {LINE.name()}; selection-background-color: {RAISED.name()}; border: none; }}
QMenu::item:disabled {{ color: {DIM.darker(140).name()}; }}
QHeaderView::section {{ background: {PANEL.name()}; color: {DIM.name()}; border: none; padding: 3px; }}
QPushButton {{ background: {RAISED.name()}; border: 1px solid {LINE.name()}; padding: 4px 10px; }}
QPushButton:focus, QLineEdit:focus, QTextEdit:focus, QPlainTextEdit:focus, QTableView:focus {{
    border: 1px solid {ACCENT.name()}; }}
QPushButton:disabled {{ color: {DIM.name()}; }}
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox {{
    background: {BACKGROUND.name()}; border: 1px solid {LINE.name()}; padding: 3px; }}
QSplitter::handle {{ background: {BACKGROUND.name()}; }}
QToolTip {{ background: {RAISED.name()}; color: {TEXT.name()}; border: 1px solid {LINE.name()}; }}
QProgressBar {{ background: {BACKGROUND.name()}; border: 1px solid {LINE.name()}; text-align: center; }}
QProgressBar::chunk {{ background: {ACCENT.darker(160).name()}; }}
QListView::item:disabled {{ color: {LINE.lighter(130).name()}; }}
QCheckBox::indicator {{
    width: 12px; height: 12px; border: 1px solid {DIM.name()}; background: {BACKGROUND.name()}; }}
QCheckBox::indicator:checked {{ background: {ACCENT.name()}; border-color: {ACCENT.name()}; }}
QLabel#notice {{ color: {DIM.name()}; }}
"""


def _bring_chinese_letters() -> None:
    """Load the font that travels with the program where the system has none for Chinese names and words."""
    if not QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese):
        QFontDatabase.addApplicationFont(str(asset_path("resources", "fonts", CHINESE_FONT)))


def apply_theme(application: QApplication, percent: int = 100) -> None:
    """Give the application its dark palette, its style sheet and letters of a size, 100 to 200 percent."""
    _bring_chinese_letters()
    pixels = round(USUAL_PIXELS * percent / 100)
    font = QFont(application.font())
    font.setPixelSize(pixels)
    application.setFont(font)
    application.setStyle("Fusion")
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, PANEL)
    palette.setColor(QPalette.ColorRole.Base, BACKGROUND)
    palette.setColor(QPalette.ColorRole.AlternateBase, PANEL)
    palette.setColor(QPalette.ColorRole.WindowText, TEXT)
    palette.setColor(QPalette.ColorRole.Text, TEXT)
    palette.setColor(QPalette.ColorRole.Button, RAISED)
    palette.setColor(QPalette.ColorRole.ButtonText, TEXT)
    palette.setColor(QPalette.ColorRole.Highlight, ACCENT.darker(150))
    palette.setColor(QPalette.ColorRole.HighlightedText, TEXT)
    palette.setColor(QPalette.ColorRole.PlaceholderText, DIM)
    application.setPalette(palette)
    application.setStyleSheet(STYLE.replace("LETTERSpx", f"{pixels}px"))
