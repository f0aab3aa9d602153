"""Texts of the interface in another language, and back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from lvp_workstation.viewer.language import Catalogue, told, tr, translations, use_language


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[QApplication]:
    """The application in Chinese; afterwards it speaks English again."""
    use_language(qapp, "zh")
    yield qapp
    use_language(qapp, "en")


def test_texts_are_said_in_the_language_and_gaps_are_filled(chinese: QApplication) -> None:
    assert tr("Open folder …") == translations("zh")["Open folder …"]
    assert tr("nobody translated {n}", n=3) == "nobody translated 3"
    use_language(chinese, "en")
    assert tr("Open folder …") == "Open folder …"


def test_sentences_of_lower_floors_are_recognised_with_what_varies(chinese: QApplication) -> None:
    assert told("Fewer than 3 discs were measured.") == "测得的椎间盘少于 3 个。"
    assert told("A sentence that nobody translated.") == "A sentence that nobody translated."


def test_the_buttons_of_qt_speak_the_language(chinese: QApplication, qtbot: QtBot) -> None:
    def caption() -> str:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        qtbot.addWidget(box)
        return box.buttons()[0].text()

    assert caption() == "取消"
    use_language(chinese, "en")
    assert caption() == "Cancel"


def test_a_gap_that_stands_twice_and_sentences_in_a_row() -> None:
    catalogue = Catalogue(
        {"left": "左"}, {"{a} is {a}.": "{a} 就是 {a}。", "The {side} one.": "{side}边的。"}
    )
    assert catalogue.translate("lvp sentences", "L4 is L4. The left one.") == "L4 就是 L4。左边的。"
    assert catalogue.translate("lvp sentences", "L4 is L5.") == "L4 is L5."
    assert catalogue.translate("of another", "left") is None
