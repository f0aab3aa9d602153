"""The report as rich text for a screen: links, the reader's own words, nothing unescaped."""

from __future__ import annotations

from lvp_workstation.domain.report_rows import SentenceRow
from lvp_workstation.domain.sentence_edits import set_sentence
from lvp_workstation.report.screen import OWN_MARK, Colours, href, link_from, links_of, render_html
from tests.report import samples
from tests.report.conftest import Build

COLOURS = Colours("#111111", "#222222", "#333333", "#444444", "#555555", "#666666", "#777777")
KEYS = ("impression", "level_findings", "clinical_information", "comparison", "measurements", "ai_use")


def test_every_sentence_row_level_and_measurement_is_a_link(build: Build) -> None:
    links = links_of(build(samples.read(samples.analysed())), KEYS)
    assert len(set(links)) == len(links)
    kinds = {link.partition(":")[0] for link in links}
    assert kinds == {"sentence", "row", "level", "measure"}
    for link in ("sentence:D2/herniation/extrusion/words", "row:clinical_information", "measure:D2/canal_ap"):
        assert link in links
        assert link_from(href(link)) == link


def test_own_words_are_marked_and_the_current_sentence_stands_out(build: Build) -> None:
    row = SentenceRow("D2", "herniation", "extrusion")
    reading = samples.read(samples.analysed())
    reading = set_sentence(reading, row, "<b>Large</b> & loose.", samples.AUTHOR).applied(reading)
    html = render_html(build(reading), KEYS, COLOURS, f"sentence:{row.key}")
    assert f"{OWN_MARK} &lt;b&gt;Large&lt;/b&gt; &amp; loose." in html
    assert html.count(f"background-color:{COLOURS.current}") == 1
    assert "color:#333333" in html


def test_sections_follow_the_order_asked_for_and_hashes_can_break(build: Build) -> None:
    html = render_html(build(samples.analysed()), ("ai_use", "impression"), COLOURS)
    assert html.index("Use of AI") < html.index("Impression")
    assert "ab" * 32 not in html
    assert "13.3 ± 0.4" not in render_html(build(samples.analysed()), ("measurements",), COLOURS)
