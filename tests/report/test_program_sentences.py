"""Every sentence in which grading and measuring explain themselves is known in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lvp_workstation
from lvp_workstation.domain.findings import NO_REASON, REJECT_REASONS
from lvp_workstation.report.phrases import load_phrases

PACKAGE = Path(lvp_workstation.__file__).parent
FILES = (
    *sorted((PACKAGE / "grading").glob("*.py")),
    PACKAGE / "measure/spine.py",
    PACKAGE / "services/analyse.py",
)
SAYING = {"Problem", "withheld", "proposed"}
ENGLISH = re.compile("[a-z]{4,} [a-z]{3,}")


def said(node: ast.expr) -> Iterator[str]:
    """Yield a text as it may be said, with a number in every gap."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(v.value) if isinstance(v, ast.Constant) else "7" for v in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from said(node.body)
        yield from said(node.orelse)


def sentences(path: Path) -> Iterator[str]:
    """Yield whole sentences: arguments of what says something, and texts that are given names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYING:
            texts = [*node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.Assign) and any(
            "text" in getattr(t, "id", "").lower() for t in node.targets
        ):
            texts = [node.value]
        for text in texts:
            yield from (s for s in said(text) if s[:1].isupper() and s.rstrip().endswith("."))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_sentences_of_the_program_are_known_in_chinese(path: Path) -> None:
    chinese = load_phrases("zh").of_program
    assert not [text for text in sentences(path) if ENGLISH.search(chinese(text.strip()))]


def test_sentences_are_found() -> None:
    found = {text for path in FILES for text in sentences(path)}
    assert "Foramina are graded on T2 only." in found
    assert len(found) > 30


@pytest.mark.parametrize(
    "text",
    [
        "Measured displacement 2.1 mm. For displacement: signal, height.",
        "Measured displacement 2.1 mm. For displacement: signal. Against displacement: height, the level.",
        "No displacement measured behind the corner line. Against displacement: the canal behind it.",
        "Measured displacement 2.1 mm; signal speaks for displacement; height speaks against displacement.",
        "No displacement measured behind the corner line; the canal behind it speaks against displacement.",
        "L5? lost a fifth of height or more against the neighbours: a fracture is suspected.",
    ],
)
def test_composed_sentences_are_said_in_chinese(text: str) -> None:
    assert not re.search("[a-z]{3,} [a-z]{2,}", load_phrases("zh").of_program(text))


@pytest.mark.parametrize("reason", [*REJECT_REASONS, NO_REASON])
def test_reasons_of_a_rejection_are_said_in_chinese(reason: str) -> None:
    assert not ENGLISH.search(load_phrases("zh").of_program(reason))
