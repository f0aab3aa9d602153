"""Reports are printed in the language that was chosen in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from pytestqt.qtbot import QtBot

from lvp_workstation.app.settings import load_settings
from lvp_workstation.report.phrases import languages, load_phrases
from tests.app.conftest import PATIENCE_MS, Opener


def text_of(path: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(path).pages)


def test_the_languages_are_those_of_the_phrase_files() -> None:
    assert next(iter(languages().items())) == ("en", "English")
    assert languages()["zh"] == load_phrases("zh")("language.name")


def test_a_report_is_printed_in_the_chosen_language(
    open_window: Opener, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("concurrent")
    texts = {}
    for name, code in (("简体中文", "zh"), ("English", "en")):
        monkeypatch.setattr(
            "lvp_workstation.app.report_actions.QInputDialog.getItem", lambda *_, n=name: (n, True)
        )
        window.choose_report_language()
        assert load_settings(tmp_path / "settings.json").report_language == code
        folder = tmp_path / code
        window._export(folder, show=False)
        qtbot.waitUntil((folder / "segmentation.nii.gz").exists, timeout=PATIENCE_MS)
        texts[code] = text_of(folder / "report_DRAFT.pdf")
    assert load_phrases("zh")("section.impression") in texts["zh"]
    assert load_phrases("en")("section.impression") in texts["en"]
    assert load_phrases("en")("section.impression") not in texts["zh"]
