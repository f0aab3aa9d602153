"""The language files are complete, and a gap is told clearly."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.findings import SCALES
from lvp_workstation.report.builder import build_ai_draft, build_report
from lvp_workstation.report.fonts import MISSING, registered
from lvp_workstation.report.phrases import PhraseProblem, Phrases, load_phrases
from tests.report import samples
from tests.report.conftest import pages

FILES = sorted(asset_path("resources", "phrases").glob("*.json"))


@pytest.fixture(scope="module")
def english() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(asset_path("resources", "phrases", "en.json").read_text("utf-8"))
    return data


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_language_has_every_grade_of_every_scale(path: Path) -> None:
    phrases = Phrases.load(path)
    assert phrases.language == path.stem
    names = {"level": "L4-L5", "upper": "L4", "lower": "L5", "exiting": "L4", "traversing": "L5"}
    for scale in SCALES.values():
        for grade in scale.grades:
            for form in ("short", "sentence", "impression"):
                text = phrases.grade(scale.key, grade, form, **names)
                assert text
                assert "{" not in text


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda d: d["scale"]["herniation"]["grades"].pop("extrusion"),
            "herniation.grades.extrusion.short is m",
        ),
        (lambda d: d["notice"].pop("ai"), "notice.ai is missing"),
        (lambda d: d["notice"].update(page="Page {page}"), "notice.page must use {page}, {pages}"),
        (lambda d: d["pair"]["foramen"].pop("mild"), "pair.foramen.mild.sentence is missing"),
        (lambda d: d["ai"].update(model="Model {name"), "ai.model must use no placeholder"),
        (lambda d: d["scale"]["modic"]["grades"]["1"].update(short="{patient}"), "may use only {exiting}"),
    ],
)
def test_an_incomplete_language_is_refused_by_name(
    english: dict[str, Any], change: Change, words: str
) -> None:
    data = deepcopy(english)
    change(data)
    with pytest.raises(PhraseProblem) as problem:
        Phrases.from_nested(data, "xx.json")
    assert words in str(problem.value)
    assert "xx.json" in str(problem.value)


def test_a_missing_or_broken_file_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(PhraseProblem, match="cannot be read"):
        Phrases.load(tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(PhraseProblem, match="not valid JSON"):
        Phrases.load(broken)


def test_an_unknown_measurement_keeps_its_name(phrases: Phrases) -> None:
    assert phrases.measure("cord_width") == "cord width"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_fonts_hold_every_character_of_every_language(path: Path) -> None:
    markup = registered(asset_path("resources", "fonts")).markup(path.read_text("utf-8"))
    assert MISSING not in markup


def test_a_report_in_chinese_carries_its_notices_on_every_page() -> None:
    chinese = load_phrases("zh")
    reading = samples.read(samples.analysed())
    for text in pages(build_report(reading, samples.phantom_facts(), chinese, samples.images())):
        assert "草稿，未签署" in text
        assert "合成模体，并非患者" in text
        assert "PHANTOM, DEGENERATE" in text
        assert "不是医疗器械" in text
    for text in pages(build_ai_draft(reading, samples.FACTS, chinese)):
        assert "AI 输出，未经阅片医师审核" in text
    whole = "".join(pages(build_report(reading, samples.FACTS, chinese))).replace(" ", "")
    assert "左侧侧隐窝重度狭窄（走行根L5?）" in whole
    assert "未评估" in whole
