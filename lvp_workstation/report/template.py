"""The user's template: letterhead, order of sections, wording and formats, read from a folder of files.

``template.toml`` and ``<language>.json`` lie beside the settings; ``resources/report/template.toml`` is the
commented example. Without a folder everything is as the program brings it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from lvp_workstation.domain.errors import EnvironmentProblem
from lvp_workstation.report.document import Letterhead, ReportDocument, Section
from lvp_workstation.report.phrases import Phrases, load_phrases

FILE_NAME = "template.toml"
OPTIONAL_SECTIONS = frozenset({"technique", "key_images", "measurements", "coverage"})
"""What a template may leave out; findings, impression, signature and the AI's share always stand."""

SECTION_KEYS = (
    *("patient", "clinical_information", "technique", "comparison", "study_findings", "level_findings"),
    *("impression", "critical", "signature", "key_images", "measurements", "ai_use", "coverage"),
    *("decisions", "warnings", "addendum"),
)
FORMATS = ("docx", "txt", "hl7")
PROTECTED = (
    "language.",
    "notice.",
    "ai.",
    "finding.not_assessed",
    "finding.level_not_assessed",
    "finding.items_not_assessed",
    "impression.none_",
    "impression.not_validated",
    "signature.unsigned",
    "section.ai_",
    "section.addendum",
    "addendum.",
)
"""Beginnings of the keys of phrases that a template cannot replace."""

LOGO_HEIGHT_MM = (4.0, 40.0)
MAX_LOGO_PIXELS = 16_000_000


class TemplateProblem(EnvironmentProblem):
    """The template cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True)
class Template:
    """What a user chose for reports."""

    letterhead: Letterhead | None = None
    order: tuple[str, ...] = ()
    leave_out: frozenset[str] = frozenset()
    formats: tuple[str, ...] = FORMATS
    wording: Mapping[str, Mapping[str, Any]] | None = None

    def phrases(self, language: str) -> Phrases:
        """Return the phrases of a language with the user's wording."""
        own = (self.wording or {}).get(language)
        shipped = load_phrases(language)
        return (
            shipped.with_wording(own, PROTECTED, f"{language}.json of the report template")
            if own
            else shipped
        )

    def applied(self, document: ReportDocument) -> ReportDocument:
        """Return a document with the letterhead, and its sections chosen and ordered."""
        kept = [s for s in document.sections if s.key not in self.leave_out]
        subtitle = document.subtitle if self.letterhead is None else ""
        sections = tuple(self._ordered(kept))
        return replace(document, letterhead=self.letterhead, subtitle=subtitle, sections=sections)

    def _ordered(self, sections: Iterable[Section]) -> list[Section]:
        rank = {key: position for position, key in enumerate(self.order)}
        return sorted(sections, key=lambda section: rank.get(section.key, len(rank)))


def load_template(folder: Path) -> Template:
    """Return the template of a folder, the program's own when there is none.

    Raises
    ------
    TemplateProblem
        When a file of the folder cannot be read or says something that is not known.
    """
    wording = {path.stem: _json(path) for path in sorted(folder.glob("*.json"))}
    path = folder / FILE_NAME
    if not path.is_file():
        return Template(wording=wording)
    data = _toml(path)
    sections, header = _group(data, "sections", path), _group(data, "header", path)
    formats = _group(data, "export", path).get("formats", list(FORMATS))
    return Template(
        letterhead=_letterhead(header, folder, path),
        order=_names(sections.get("order", []), SECTION_KEYS, "order", path),
        leave_out=frozenset(_names(sections.get("leave_out", []), OPTIONAL_SECTIONS, "leave_out", path)),
        formats=_names(formats, FORMATS, "formats", path),
        wording=wording,
    )


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TemplateProblem(f"The report template {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TemplateProblem(f"The report template {path} is not valid TOML: {error}.") from error


def _json(path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TemplateProblem(f"The wording {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise TemplateProblem(f"The wording {path} is not valid JSON: {error}.") from error
    if not isinstance(data, dict):
        raise TemplateProblem(f"The wording {path} must hold groups of phrases.")
    return data


def _group(data: Mapping[str, Any], name: str, path: Path) -> Mapping[str, Any]:
    group = data.get(name, {})
    if not isinstance(group, dict):
        raise TemplateProblem(f"{path}: [{name}] must be a group of settings.")
    return group


def _names(value: Any, known: Iterable[str], what: str, path: Path) -> tuple[str, ...]:
    allowed = sorted(known)
    if not isinstance(value, list) or any(name not in allowed for name in value):
        raise TemplateProblem(f"{path}: {what} must be a list of these: {', '.join(allowed)}.")
    return tuple(dict.fromkeys(value))


def _letterhead(header: Mapping[str, Any], folder: Path, path: Path) -> Letterhead | None:
    lines = header.get("lines", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise TemplateProblem(f"{path}: lines must be a list of texts.")
    height = header.get("logo_height_mm", 14)
    low, high = LOGO_HEIGHT_MM
    if not isinstance(height, int | float) or not low <= height <= high:
        raise TemplateProblem(f"{path}: logo_height_mm must be a number from {low:g} to {high:g}.")
    name = header.get("logo", "")
    logo = _logo(folder / name, path) if isinstance(name, str) and name else None
    return Letterhead(tuple(lines), logo, float(height)) if lines or logo is not None else None


def _logo(file: Path, path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the picture of a file as RGB on white."""
    if file.parent != path.parent:
        raise TemplateProblem(f"{path}: the logo must lie in the same folder.")
    try:
        with Image.open(file) as picture:
            if picture.width * picture.height > MAX_LOGO_PIXELS:
                raise TemplateProblem(
                    f"The logo {file} has more than {MAX_LOGO_PIXELS // 1_000_000} million pixels."
                )
            coloured = picture.convert("RGBA")
    except (OSError, UnidentifiedImageError) as error:
        raise TemplateProblem(f"The logo {file} cannot be read as a picture.") from error
    white = Image.new("RGBA", coloured.size, "white")
    return np.asarray(Image.alpha_composite(white, coloured).convert("RGB"), dtype=np.uint8)
