"""The log holds no word that names a patient: what is known to be one is crossed out as it is written."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from lvp_workstation.domain.study import Study

CROSSED_OUT = "[private]"
SHORTEST = 3
"""Shorter words are left: crossing them out would take the log apart (our choice)."""
INNERMOST = 2
"""Folders whose names are taken for private: of the study and of the series (our choice)."""
_DATE = re.compile(r"\d{4}(\d{2})(\d{2})")


class PrivateFormatter(logging.Formatter):
    """Writes records, tracebacks of errors included, without the words it was told to hide."""

    def __init__(self, form: str) -> None:
        super().__init__(form)
        self._words: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def hide(self, words: Iterable[str]) -> None:
        """Cross these words out from now on, in small letters and capitals."""
        fresh = {word for word in words if len(word) >= SHORTEST} - self._words
        if fresh:
            self._words |= fresh
            longest_first = sorted(self._words, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as it is written."""
        text = super().format(record)
        return self._pattern.sub(CROSSED_OUT, text) if self._pattern is not None else text


def private_words(study: Study) -> tuple[str, ...]:
    """Return the words of a study that tell who the patient is: names, numbers, dates, and where it lies."""
    who = study.patient
    names = [part for part in re.split(r"[\^= ,]+", who.name) if part]
    born = who.birth_date
    dates = [born, f"{born[:4]}-{born[4:6]}-{born[6:]}"] if _DATE.fullmatch(born) else []
    people = [who.patient_id, study.accession_number, study.referring_physician]
    paths = {part for series in study.series for frame in series.frames[:1] for part in _parts(frame.path)}
    return tuple(dict.fromkeys([who.name, *names, *dates, *people, *paths]))


def _parts(path: str) -> tuple[str, ...]:
    """Return the innermost folders of a file: they are often named after who lies in them."""
    folders = re.split(r"[/\\]", path)[:-1]
    return tuple(name for name in folders[-INNERMOST:] if len(name) > SHORTEST)


def hide_in_logs(words: Iterable[str]) -> None:
    """Tell every log of the program what is private."""
    told = tuple(words)
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, PrivateFormatter):
            handler.formatter.hide(told)
