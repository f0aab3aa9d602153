"""Sentences of one language said in another: templates with names in braces for what varies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from string import Formatter

_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z0-9])")


class SentenceBook:
    """How another language says what the program writes in English."""

    def __init__(self, templates: Mapping[str, str], separator: str = " ") -> None:
        """Keep templates: the English one, with ``{name}`` for what varies, and the other language's."""
        self.templates: Mapping[str, str] = dict(templates)
        self._separator = separator

    def __call__(self, text: str) -> str:
        """Return a text in the other language, sentence by sentence; what is not known stays as it is.

        What fills a gap is looked up as well, so that words within a sentence are translated too.
        """
        known = self._whole(text)
        if known is not None:
            return known
        parts = _SENTENCE_END.split(text) if self.templates else [text]
        return self._separator.join(self(part) for part in parts) if len(parts) > 1 else text

    def _whole(self, text: str) -> str | None:
        if text in self.templates:
            return self.templates[text]
        for pattern, said in self._patterns:
            match = pattern.fullmatch(text)
            if match is not None:
                return said.format_map({name: self(value) for name, value in match.groupdict().items()})
        return None

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        with_gaps = [key for key in self.templates if "{" in key]
        return tuple((_pattern(key), self.templates[key]) for key in sorted(with_gaps, key=_by_precision))


def placeholders(template: str) -> frozenset[str] | None:
    """Return the names in braces, None when the braces do not match."""
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)
    except ValueError:
        return None


def _by_precision(template: str) -> tuple[int, int]:
    """Sort key: templates with fewer gaps first, then longer ones."""
    return template.count("{"), -len(template)


def _pattern(template: str) -> re.Pattern[str]:
    """Return the pattern of a template; a name that stands twice must be filled alike."""
    parts, seen = [], set[str]()
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if name is not None:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)
