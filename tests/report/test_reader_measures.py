"""What the reader measured by hand stands in the report, in both languages, and never in the AI's draft."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lvp_workstation.domain import mark_edits
from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.domain.reading import Reading
from lvp_workstation.report.builder import build_ai_draft, build_report
from lvp_workstation.report.phrases import load_phrases
from tests.domain.test_reader_marks import MARK
from tests.report import samples


@pytest.fixture
def reading() -> Reading:
    """A reading with a region on an acquired image and a distance on a computed one."""
    line = replace(
        MARK,
        mark_id="m2",
        shape=MarkShape.DISTANCE,
        points_lps=((0.0, 0.0, 0.0), (0.0, 0.0, 7.25)),
        slice_index=None,
        image="",
        signal=None,
    )
    current = samples.analysed()
    for mark in (MARK, line):
        current = mark_edits.draw_mark(current, mark, samples.AUTHOR).applied(current)
    return current


def test_values_units_and_images_are_printed(reading: Reading) -> None:
    text = build_report(reading, samples.FACTS, load_phrases()).text_of("measurements")
    assert "Region (ellipse) | 37.7 mm²; signal mean 510.2, SD 33.5, min 401, max 622" in text
    assert "SAG T2, image 8/15" in text
    assert "Distance | 7.2 mm | SAG T2, computed plane" in text


def test_the_chinese_report_says_it_too(reading: Reading) -> None:
    text = build_report(reading, samples.FACTS, load_phrases("zh")).text_of("measurements")
    assert "感兴趣区（椭圆） | 37.7 mm²；信号均值 510.2" in text


def test_the_draft_of_the_ai_has_none_of_it(reading: Reading) -> None:
    text = build_ai_draft(reading, samples.FACTS, load_phrases()).text_of("measurements")
    assert "Distance" not in text
    assert "ellipse" not in text
