"""The user's template: letterhead, order, wording; what it may not take away; mistakes told in words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.errors import EnvironmentProblem
from lvp_workstation.report.builder import build_report
from lvp_workstation.report.document import ReportDocument
from lvp_workstation.report.template import FORMATS, Template, load_template
from tests.report import samples
from tests.report.conftest import pages


def document(template: Template, language: str = "en") -> ReportDocument:
    """Return a signed report under a template."""
    reading = samples.signed(samples.read(samples.analysed()))
    return template.applied(
        build_report(reading, samples.FACTS, template.phrases(language), samples.images())
    )


def write(folder: Path, text: str) -> Path:
    """Write a template and return its folder."""
    (folder / "template.toml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_folder_reports_are_as_the_program_brings_them(tmp_path: Path) -> None:
    template = load_template(tmp_path / "none")
    assert template.formats == FORMATS
    assert document(template).letterhead is None


def test_letterhead_and_logo_stand_on_the_first_page(tmp_path: Path) -> None:
    Image.new("RGBA", (60, 30), (200, 0, 0, 128)).save(tmp_path / "logo.png")
    lines = 'lines = ["Phantom Hospital", "放射科"]'
    template = load_template(write(tmp_path, f'[header]\n{lines}\nlogo = "logo.png"\nlogo_height_mm = 10\n'))
    made = document(template)
    assert made.letterhead is not None
    assert made.letterhead.logo is not None
    assert made.letterhead.logo.shape == (30, 60, 3)
    np.testing.assert_array_equal(made.letterhead.logo[0, 0], (227, 127, 127))
    texts = pages(made)
    assert "Phantom Hospital" in texts[0]
    assert "放射科" in texts[0]
    assert "Phantom Hospital" not in texts[1]


def test_sections_are_ordered_and_left_out(tmp_path: Path) -> None:
    text = '[sections]\norder = ["patient", "impression"]\nleave_out = ["coverage", "key_images"]\n'
    keys = [section.key for section in document(load_template(write(tmp_path, text))).sections]
    assert keys[:2] == ["patient", "impression"]
    assert not {"coverage", "key_images"} & set(keys)
    assert keys[-1] == "ai_open"


def test_wording_is_replaced_in_one_language(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_text(json.dumps({"section": {"impression": "Conclusion"}}))
    template = load_template(tmp_path)
    section = document(template).section("impression")
    assert section is not None
    assert section.title == "Conclusion"
    assert template.phrases("zh")("section.impression") == "诊断意见"


@pytest.mark.parametrize(
    ("wording", "words"),
    [
        ({"finding": {"level_not_assessed": "Normal."}}, "finding.level_not_assessed cannot be replaced"),
        ({"notice": {"ai": ""}}, "notice.ai cannot be replaced"),
        ({"section": {"ai_open": "Findings"}}, "section.ai_open cannot be replaced"),
        ({"section": {"summary": "x"}}, "there is no phrase section.summary"),
        ({"impression": {"critical": "Critical"}}, "must use {finding}"),
    ],
)
def test_what_keeps_a_report_honest_cannot_be_worded_away(
    tmp_path: Path, wording: dict[str, dict[str, str]], words: str
) -> None:
    (tmp_path / "en.json").write_text(json.dumps(wording))
    with pytest.raises(EnvironmentProblem, match=re.escape(words)):
        load_template(tmp_path).phrases("en")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[header\n", "is not valid TOML"),
        ('header = "x"\n', "must be a group"),
        ('[sections]\nleave_out = ["impression"]\n', "leave_out must be a list of these"),
        ('[sections]\norder = "patient"\n', "order must be a list"),
        ('[export]\nformats = ["rtf"]\n', "formats must be a list of these: docx, hl7, txt"),
        ('[header]\nlogo = "none.png"\n', "cannot be read as a picture"),
        ('[header]\nlogo = "../logo.png"\n', "same folder"),
        ("[header]\nlines = [1]\n", "lines must be a list of texts"),
        ('[header]\nlines = ["x"]\nlogo_height_mm = 900\n', "from 4 to 40"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(EnvironmentProblem, match=words):
        load_template(write(tmp_path, text))


def test_the_commented_example_changes_nothing_and_holds_when_uncommented(tmp_path: Path) -> None:
    example = asset_path("resources", "report", "template.toml").read_text("utf-8")
    assert load_template(write(tmp_path, example)) == Template(wording={})
    Image.new("RGB", (8, 8)).save(tmp_path / "logo.png")
    used = re.sub(r"^# (?=[a-z_]+ = )", "", example, flags=re.MULTILINE)
    template = load_template(write(tmp_path, used))
    assert template.letterhead is not None
    assert template.leave_out == {"coverage"}
    assert template.order[0] == "patient"
