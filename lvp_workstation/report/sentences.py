"""Sentences of findings and impression: composed from the reader's grades, or in the reader's own words.

Both, and what the reader stated about a sentence (zone, height, change since the earlier examination),
belong to the grades the sentence speaks of: see `domain.report_rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import STUDY_TARGET
from lvp_workstation.domain.findings import GRID_SCALES, SCALES, Finding, FindingKey
from lvp_workstation.domain.reading import Reading, TextEntry
from lvp_workstation.domain.report_rows import IMPRESSION, About, SentenceRow, level_rows_of
from lvp_workstation.report.document import Span
from lvp_workstation.report.facts import StudyFacts
from lvp_workstation.report.phrase_keys import PAIRS
from lvp_workstation.report.phrases import Phrases, kind_of_change
from lvp_workstation.report.severity import (
    anatomical_position,
    order_in_level,
    positive,
    rank,
    rests_on_unvalidated_model,
)
from lvp_workstation.report.wording import LevelNames, clean, date

SENTENCE, ROW, LEVEL, MEASURE = "sentence", "row", "level", "measure"
"""Kinds of link: a sentence, a row the reader types, a disc level, a measurement."""

PLACED = "herniation"
"""The scale whose sentences name a zone and a height; those of listhesis name a direction."""
_DETAILS = (About.ZONE, About.HEIGHT, About.DIRECTION)
_DETAILED = {About.ZONE: PLACED, About.HEIGHT: PLACED, About.DIRECTION: "spondylolisthesis"}


def link_of(kind: str, name: str) -> str:
    """Return what a span leads to, as ``kind:name``."""
    return f"{kind}:{name}"


@dataclass(frozen=True)
class Sentence:
    """One sentence of a report that rests on grades.

    Attributes
    ----------
    text
        As it is printed.
    composed
        What the program would say; the reader's own words start from it.
    findings
        The grades it speaks of.
    own
        Whether ``text`` holds the reader's own words.
    """

    row: SentenceRow
    text: str
    composed: str
    findings: tuple[FindingKey, ...]
    own: bool = False

    @property
    def span(self) -> Span:
        """The sentence with its link."""
        return Span(self.text, link_of(SENTENCE, self.row.key), self.own)


def typed(entry: TextEntry, phrases: Phrases) -> str:
    """Return the words of a reader, with a mark when levels were renumbered since."""
    text = clean(entry.text).strip()
    return f"{text} {phrases('notice.renumbered')}" if entry.reread else text


def targets_of(reading: Reading) -> tuple[InstanceId, ...]:
    """Return the levels cranial to caudal, then whatever else carries a finding or a text."""
    extra = {key.target for key in reading.findings} | set(level_rows_of(reading))
    return (*reading.levels, *sorted(extra - set(reading.levels)))


def level_sentences(reading: Reading, target: InstanceId, phrases: Phrases) -> tuple[Sentence, ...]:
    """Return the sentences on one level, in the order of the anatomy."""
    findings = [reading.finding(FindingKey(target, scale.key)) for scale in GRID_SCALES]
    ordered = sorted((f for f in findings if f.grade), key=anatomical_position)
    writer = _Writer(reading, phrases)
    return tuple(writer.sentence(target, group) for group in _groups(ordered))


def impression_sentences(reading: Reading, phrases: Phrases) -> tuple[Sentence, ...]:
    """Return what the impression says of each level with a positive grade, most severe level first."""
    by_level = [(target, _counted(reading, target)) for target in targets_of(reading)]
    caudal_first = [pair for pair in reversed(by_level) if pair[1]]
    writer = _Writer(reading, phrases)
    ordered = sorted(caudal_first, key=lambda pair: _worst(pair[1]))
    return tuple(writer.item(target, sorted(findings, key=order_in_level)) for target, findings in ordered)


def impression_is_older(reading: Reading) -> bool:
    """Return whether a grade was set after the reader typed the whole impression."""
    entry = reading.texts.get("impression")
    if entry is None:
        return False
    return any(f.final and f.final.provenance.time_utc > entry.time_utc for f in reading.findings.values())


def _counted(reading: Reading, target: InstanceId) -> list[Finding]:
    findings = (reading.finding(FindingKey(target, scale)) for scale in SCALES)
    return [f for f in findings if positive(f) and not rests_on_unvalidated_model(f)]


def _worst(findings: Iterable[Finding]) -> tuple[int, ...]:
    """Sort key of a level: its ranks from the worst down; of two that begin alike the longer is first."""
    return (*(-r for r in sorted((rank(f) for f in findings), reverse=True)), 1)


@dataclass(frozen=True)
class _Group:
    """Findings said in one sentence: one, or both sides with the same grade."""

    subject: str
    findings: tuple[Finding, ...]

    @property
    def grade(self) -> str:
        return self.findings[0].grade

    @property
    def marked(self) -> bool:
        return rests_on_unvalidated_model(self.findings[0])

    @property
    def is_pair(self) -> bool:
        return self.subject in PAIRS

    def in_words(self, form: str, names: LevelNames, phrases: Phrases) -> str:
        """Return the grade as ``sentence`` or ``impression``."""
        if self.is_pair:
            return phrases(f"pair.{self.subject}.{self.grade}.{form}", **names.values)
        return phrases.grade(self.subject, self.grade, form, **names.values)


def _groups(findings: Iterable[Finding]) -> Iterator[_Group]:
    left = list(findings)
    while left:
        finding = left.pop(0)
        for pair, scales in PAIRS.items():
            other = _other_side(finding, scales, left)
            if other is not None:
                left.remove(other)
                yield _Group(pair, (finding, other))
                break
        else:
            yield _Group(finding.key.scale, (finding,))


def _other_side(finding: Finding, scales: tuple[str, str], others: list[Finding]) -> Finding | None:
    """Return the equal finding of the other side among ``others``, None when there is none."""
    if finding.key.scale not in scales:
        return None
    marked = rests_on_unvalidated_model(finding)
    return next(
        (
            f
            for f in others
            if f.key.scale in scales and f.grade == finding.grade and rests_on_unvalidated_model(f) == marked
        ),
        None,
    )


@dataclass(frozen=True)
class _Writer:
    """Puts groups of findings of one reading into words."""

    reading: Reading
    phrases: Phrases

    def sentence(self, target: InstanceId, group: _Group) -> Sentence:
        row = SentenceRow(target, group.subject, group.grade)
        composed = group.in_words("sentence", self._names(target), self.phrases)
        stop = self.phrases("finding.full_stop")
        details = [self.phrases(f"{about.value}.{v}") for about, v in self._stated(row, _DETAILS)]
        if details:
            body = self.phrases("finding.detail_separator").join([composed.removesuffix(stop), *details])
            composed = f"{body}{stop}"
        own = self.reading.texts.get(row.key)
        text = typed(own, self.phrases) if own is not None else composed
        if group.marked:
            mark = f"{self.phrases('finding.sentence_separator')}{self.phrases('finding.accepted_mark')}"
            text = f"{text.removesuffix(stop)}{mark}{stop if text.endswith(stop) else ''}"
        change = self._change(row)
        if change:
            text += f"{self.phrases('finding.sentence_separator')}{change}"
        return Sentence(row, text, composed, tuple(f.key for f in group.findings), own is not None)

    def item(self, target: InstanceId, findings: list[Finding]) -> Sentence:
        """Return the item of the impression on one level."""
        grades = "+".join(f"{f.key.scale}={f.grade}" for f in findings)
        row = SentenceRow(target, IMPRESSION, grades)
        names = self._names(target)
        words = [self._in_item(target, group, names) for group in _groups(findings)]
        composed = self.phrases("impression.separator").join(words)
        own = self.reading.texts.get(row.key)
        items = composed if own is None else typed(own, self.phrases)
        items = items.removesuffix(self.phrases("finding.full_stop"))
        text = self.phrases("impression.level", level=names.level, items=items)
        return Sentence(row, text, composed, tuple(f.key for f in findings), own is not None)

    def _in_item(self, target: InstanceId, group: _Group, names: LevelNames) -> str:
        words = group.in_words("impression", names, self.phrases)
        row = SentenceRow(target, group.subject, group.grade)
        details = [self.phrases(f"{about.value}.{v}") for about, v in self._stated(row, _DETAILS)]
        if self._prior_examination():
            stated = self._stated(row, (About.PRIOR,))
            details += [self.phrases.change(group.subject, value) for _, value in stated]
        if not details:
            return words
        joined = self.phrases("finding.detail_separator").join(details)
        return self.phrases("finding.in_brackets", text=words, details=joined)

    def _stated(self, row: SentenceRow, abouts: Iterable[About]) -> Iterator[tuple[About, str]]:
        for about in abouts:
            entry = self.reading.texts.get(SentenceRow(row.target, row.subject, row.grades, about).key)
            if entry is not None:
                yield about, entry.text

    def _change(self, row: SentenceRow) -> str:
        """Return the sentence on the change since the earlier examination, empty without one."""
        for _, value in self._stated(row, (About.PRIOR,)):
            prior = self._prior_examination()
            if prior:
                return self.phrases(f"prior.{kind_of_change(row.subject)}.{value}", prior=prior)
        return ""

    def _prior_examination(self) -> str:
        return prior_examination(self.reading, self.phrases)

    def _names(self, target: InstanceId) -> LevelNames:
        return names_of(self.reading, target, self.phrases)


def prior_examination(reading: Reading, phrases: Phrases) -> str:
    """Return what findings are compared with: the newest prior, or the one the reader wrote about."""
    priors = StudyFacts.of(reading).priors
    if priors:
        return phrases("prior_examination.dated", modality=priors[0].modality, date=date(priors[0].date))
    entry = reading.texts.get("comparison")
    return phrases("prior_examination.typed") if entry is not None and entry.text.strip() else ""


def possible_statements(reading: Reading, row: SentenceRow, about: About) -> tuple[str, ...]:
    """Return what may be stated about a sentence as it stands; empty when nothing may."""
    scale = SCALES.get(row.subject) or SCALES.get(PAIRS.get(row.subject, ("",))[0])
    if scale is None or row.grades not in scale.grades:
        return ()
    normal = scale.is_normal(row.grades)
    choices = SentenceRow(row.target, row.subject, row.grades, about).choices
    if about is About.PRIOR:
        fitting = ("unchanged", "resolved") if normal else ("new", "larger", "unchanged", "smaller")
        known = StudyFacts.of(reading).priors or "comparison" in reading.texts
        return tuple(c for c in choices if c in fitting) if known else ()
    return choices if scale.key == _DETAILED.get(about) and not normal else ()


def target_name(reading: Reading, target: InstanceId, phrases: Phrases) -> str:
    """Return what a level, vertebra or the whole study is called."""
    if target == STUDY_TARGET:
        return phrases("measurement_group.study")
    return reading.level_map.shown_name(target) if reading.level_map else target


def names_of(reading: Reading, target: InstanceId, phrases: Phrases) -> LevelNames:
    """Return the names of a level; for anything but a disc they all are its own name."""
    if reading.level_map is not None and target in reading.levels:
        return LevelNames.of(reading.level_map, target)
    name = target_name(reading, target, phrases)
    return LevelNames(name, name, name, name, name)
