"""What stands behind the links of the report panel: which images they lead to, which words can be changed."""

from __future__ import annotations

from lvp_workstation.app.panels.report_panel import Choice, Editable
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.report_rows import IMPRESSION, About, SentenceRow, row_caption
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.sentences import (
    LEVEL,
    MEASURE,
    ROW,
    SENTENCE,
    Sentence,
    impression_sentences,
    level_sentences,
    possible_statements,
    target_name,
)
from lvp_workstation.viewer.language import told, tr

CAPTIONS = {
    About.ZONE: "Zone",
    About.HEIGHT: "Height",
    About.DIRECTION: "Direction",
    About.PRIOR: "Since the prior",
}


def split(link: str) -> tuple[str, str]:
    """Return kind and name of a link."""
    kind, _, name = link.partition(":")
    return kind, name


def sentence_of(reading: Reading, link: str, phrases: Phrases) -> Sentence | None:
    """Return the sentence behind a link as it stands, None when there is none."""
    kind, name = split(link)
    row = SentenceRow.parse(name) if kind == SENTENCE else None
    if row is None:
        return None
    if row.subject == IMPRESSION:
        known = impression_sentences(reading, phrases)
    else:
        known = level_sentences(reading, row.target, phrases)
    return next((s for s in known if s.row == row), None)


def place_of(reading: Reading, link: str, phrases: Phrases) -> tuple[InstanceId, tuple[str, ...]]:
    """Return the level a link leads to, and the measurements that show what it speaks of, best first."""
    kind, name = split(link)
    if kind == MEASURE:
        target, _, measure = name.partition("/")
        return target, (measure,)
    if kind in (LEVEL, ROW):
        return name, ()
    sentence = sentence_of(reading, link, phrases)
    if sentence is None:
        return "", ()
    proposals = [reading.finding(key).proposal for key in sentence.findings]
    names = dict.fromkeys(n for proposal in proposals if proposal for n in proposal.evidence)
    target = sentence.row.target
    return target, tuple(n for n in names if (target, n) in reading.measurements)


def editable_of(reading: Reading, link: str, phrases: Phrases) -> Editable | None:
    """Return what can be changed of the text behind a link, None when nothing can."""
    kind, name = split(link)
    if reading.signature is not None or kind == MEASURE:
        return None
    if kind in (ROW, LEVEL):
        return _free_text(reading, name, phrases)
    sentence = sentence_of(reading, link, phrases)
    if sentence is None:
        return None
    entry = reading.texts.get(sentence.row.key)
    subject = (
        tr("impression") if sentence.row.subject == IMPRESSION else phrases.subject(sentence.row.subject)
    )
    return Editable(
        name=f"{target_name(reading, sentence.row.target, phrases)} {subject}",
        text=entry.text if entry is not None else sentence.composed,
        own=entry is not None,
        choices=tuple(_choices(reading, sentence.row, phrases)),
    )


def _free_text(reading: Reading, row: str, phrases: Phrases) -> Editable:
    entry = reading.texts.get(row)
    text = entry.text if entry is not None else ""
    if row == "impression" and entry is None:
        items = [s.text for s in impression_sentences(reading, phrases)]
        text = "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))
    return Editable(told(row_caption(reading, row)), text, entry is not None)


def _choices(reading: Reading, row: SentenceRow, phrases: Phrases) -> list[Choice]:
    found = []
    for about, caption in CAPTIONS.items():
        values = possible_statements(reading, row, about)
        if values:
            stated = SentenceRow(row.target, row.subject, row.grades, about)
            now = reading.texts.get(stated.key)
            words = tuple((value, _word(about, value, row, phrases)) for value in values)
            found.append(Choice(stated.key, tr(caption), words, now.text if now is not None else ""))
    return found


def _word(about: About, value: str, row: SentenceRow, phrases: Phrases) -> str:
    if about is About.PRIOR:
        return phrases.change(row.subject, value)
    return phrases(f"{about.value}.{value}")
