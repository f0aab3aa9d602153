"""The wording of reports: one JSON file a language, checked for completeness when loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.errors import EnvironmentProblem
from lvp_workstation.domain.sentences import SentenceBook, placeholders
from lvp_workstation.report.phrase_keys import GRADE_PLACEHOLDERS, required_grades, required_phrases

_SHOWN_PROBLEMS = 8
_PROGRAM = "program."


class PhraseProblem(EnvironmentProblem):
    """A language file is missing, unreadable or incomplete; the message names the phrases."""


class Phrases:
    """All texts of one language, addressed by flat keys such as ``section.impression``."""

    def __init__(self, texts: Mapping[str, str], origin: str = "phrases") -> None:
        """Check ``texts`` (flat keys) and keep them; raise `PhraseProblem` naming what is wrong."""
        problems = list(_problems(texts))
        if problems:
            more = len(problems) - _SHOWN_PROBLEMS
            tail = f"; and {more} more" if more > 0 else ""
            raise PhraseProblem(
                f"The report texts {origin} cannot be used: {'; '.join(problems[:_SHOWN_PROBLEMS])}{tail}."
            )
        self._texts = MappingProxyType(dict(texts))

    @classmethod
    def load(cls, path: Path) -> Phrases:
        """Return the phrases of a JSON file."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise PhraseProblem(f"The report texts {path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise PhraseProblem(f"The report texts {path} are not valid JSON: {error}.") from error
        return cls.from_nested(data, str(path))

    @classmethod
    def from_nested(cls, data: Any, origin: str = "phrases") -> Phrases:
        """Return the phrases of nested groups as the JSON files hold them."""
        return cls(dict(_flat(data, "")), origin)

    def with_wording(self, own: Any, protected: tuple[str, ...], origin: str) -> Phrases:
        """Return these phrases with nested groups of others in their place.

        Raises
        ------
        PhraseProblem
            When a phrase is not known, is protected, or leaves out a placeholder.
        """
        changed = dict(_flat(own, ""))
        for key in changed:
            if key not in self._texts:
                raise PhraseProblem(f"The report texts {origin} cannot be used: there is no phrase {key}.")
            if key.startswith(protected):
                raise PhraseProblem(f"The report texts {origin} cannot be used: {key} cannot be replaced.")
        return Phrases({**self._texts, **changed}, origin)

    @property
    def language(self) -> str:
        """The language code, such as ``en``."""
        return self._texts["language.code"]

    def __contains__(self, key: str) -> bool:
        """Return whether there is a text under ``key``."""
        return key in self._texts

    def __call__(self, key: str, **values: object) -> str:
        """Return the text under ``key`` with its placeholders filled."""
        text = self._texts[key]
        return text.format_map({name: str(value) for name, value in values.items()}) if values else text

    def grade(self, scale: str, grade: str, form: str, **names: str) -> str:
        """Return a grade in words: ``short``, ``sentence`` or ``impression``; ``names`` fill the level."""
        return self._texts[f"scale.{scale}.grades.{grade}.{form}"].format_map(names)

    def scale(self, scale: str, form: str = "name") -> str:
        """Return the ``name``, ``column`` caption or ``source`` of a scale."""
        return self._texts[f"scale.{scale}.{form}"]

    def subject(self, subject: str) -> str:
        """Return what a sentence speaks of: the name of a scale, or of both sides of one."""
        pair = f"pair.{subject}.name"
        return self._texts[pair] if pair in self._texts else self.scale(subject)

    def change(self, subject: str, value: str) -> str:
        """Return in a word or two how a finding changed: in size for a displaced disc, else in degree."""
        return self._texts[f"prior_short.{kind_of_change(subject)}.{value}"]

    def of_program(self, text: str) -> str:
        """Return a sentence that another part of the program wrote in English; one not known here stays.

        The language file holds such sentences under ``program``: the English one, with a name in braces
        for what varies, and beside it how this language says it.
        """
        return self.program(text)

    @cached_property
    def program(self) -> SentenceBook:
        """The sentences under ``program``."""
        said = {k.removeprefix(_PROGRAM): text for k, text in self._texts.items() if k.startswith(_PROGRAM)}
        return SentenceBook(said, self._texts["finding.sentence_separator"])

    def measure(self, name: str) -> str:
        """Return the caption of a measurement, its plain name when there is none."""
        return self._texts.get(f"measure.{name}", name.replace("_", " "))


def kind_of_change(subject: str) -> str:
    """Return whether a finding grows in size or in degree."""
    return "size" if subject == "herniation" else "degree"


def _flat(data: Any, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(data, str):
        yield prefix, data


def _problems(texts: Mapping[str, str]) -> Iterator[str]:
    for key, expected in required_phrases():
        if key not in texts:
            yield f"{key} is missing"
        elif placeholders(texts[key]) != expected:
            yield f"{key} must use {_named(expected)}"
    for key in required_grades():
        if key not in texts:
            yield f"{key} is missing"
        else:
            found = placeholders(texts[key])
            if found is None or not found <= GRADE_PLACEHOLDERS:
                yield f"{key} may use only {_named(GRADE_PLACEHOLDERS)}"


def _named(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no placeholder"


@cache
def languages() -> Mapping[str, str]:
    """Return the languages a report can be printed in: code to own name, English first."""
    found = {}
    for path in sorted(asset_path("resources", "phrases").glob("*.json")):
        language = json.loads(path.read_text(encoding="utf-8"))["language"]
        found[str(language["code"])] = str(language["name"])
    return MappingProxyType(dict(sorted(found.items(), key=lambda each: each[0] != "en")))


def load_phrases(language: str = "en") -> Phrases:
    """Return the phrases that travel with the program in a language."""
    return Phrases.load(asset_path("resources", "phrases", f"{language}.json"))
