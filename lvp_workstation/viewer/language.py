"""The language of the interface: English in the code, other languages in ``resources/translations``.

A folder of ``resources/translations`` is a language; each of its JSON files holds English texts and
beside them how the language says them. ``tr`` is for texts that the interface writes itself, ``told``
for sentences that lower floors wrote in English. Both go through Qt's own translators, so that Qt's
buttons and dialogs speak the same language.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.sentences import SentenceBook
from lvp_workstation.report.phrases import load_phrases

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh": "简体中文"}
"""Languages of the interface: code to own name."""
_QT_NAMES = {"zh": "zh_CN"}
_WORDS, _SENTENCES = "lvp", "lvp sentences"
_OBJECT_NAME = "lvp language"
_CODE = "code"


def tr(text: str, /, **values: object) -> str:
    """Return a text of the interface in its language, the names in braces filled with ``values``."""
    said = QCoreApplication.translate(_WORDS, text)
    return said.format_map(values) if values else said


def told(text: str) -> str:
    """Return sentences that lower floors wrote in English in the language of the interface."""
    return QCoreApplication.translate(_SENTENCES, text)


class Catalogue(QTranslator):
    """Says texts of the interface in one language."""

    def __init__(
        self, texts: Mapping[str, str], sentences: Mapping[str, str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._texts = dict(texts)
        self._book = SentenceBook({**self._texts, **sentences}, separator="")

    def isEmpty(self) -> bool:
        """Qt installs nothing that says that it is empty."""
        return False

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """Return the text in this language; None leaves it to Qt's own translations."""
        if context == _WORDS:
            return self._texts.get(text, text)
        return self._book(text) if context == _SENTENCES else None


def translations(language: str) -> dict[str, str]:
    """Return every text of a language: English to what the language says."""
    found: dict[str, str] = {}
    for path in sorted(asset_path("resources", "translations", language).glob("*.json")):
        found.update(json.loads(path.read_text(encoding="utf-8")))
    return found


def system_language() -> str:
    """Return the language of the system where the program knows it, else English."""
    code = QLocale.system().name().partition("_")[0]
    return code if code in LANGUAGES else ENGLISH


def language_in_use() -> str:
    """Return the code of the language that the interface speaks now."""
    application = QCoreApplication.instance()
    found = application.findChildren(Catalogue, _OBJECT_NAME) if application is not None else []
    return str(found[0].property(_CODE)) if found else ENGLISH


def use_language(application: QCoreApplication, language: str) -> None:
    """Let everything that is built from now on speak a language; an empty or unknown code is the system's."""
    code = language if language in LANGUAGES else system_language()
    for old in application.findChildren(QTranslator, _OBJECT_NAME):
        application.removeTranslator(old)
        old.setParent(None)
    if code == ENGLISH:
        return
    for translator in (_of_qt(code, application), _of_program(code, application)):
        translator.setObjectName(_OBJECT_NAME)
        translator.setProperty(_CODE, code)
        application.installTranslator(translator)


def _of_program(code: str, parent: QObject) -> QTranslator:
    return Catalogue(translations(code), load_phrases(code).program.templates, parent)


def _of_qt(code: str, parent: QObject) -> QTranslator:
    translator = QTranslator(parent)
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    translator.load(os.fspath(folder / f"qtbase_{_QT_NAMES[code]}.qm"))
    return translator
