"""The laid out file: notices on every page, nothing lost or overlapping, the same bytes again."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import numpy as np
import pypdf
import pytest

from lvp_workstation.domain.reading import ReadingState
from lvp_workstation.domain.study import Patient
from lvp_workstation.report.builder import build_ai_draft
from lvp_workstation.report.document import ReportImage
from lvp_workstation.report.pdf import render_pdf
from lvp_workstation.report.phrases import Phrases
from tests.report import samples
from tests.report.conftest import Build, pages, pages_of

LONG_NAME = "PHANTOM-WITH-A-VERY-LONG-FAMILY-NAME-OF-SIXTY-FOUR-CHARACTERS-XX^GIVEN NAMES OF SOME LENGTH"
UNICODE_NAME = "PHANTOM^ÅNGSTRÖM Żółć=幻影^測試=まぼろし^テスト"


def test_signed_report_has_identity_page_numbers_and_notice_on_every_page(build: Build) -> None:
    texts = pages(build(samples.signed(samples.read(samples.analysed())), images=samples.images()))
    assert len(texts) >= 3
    for number, text in enumerate(texts, 1):
        assert "PHANTOM, DEGENERATE" in text
        assert "ID PHANTOM-0042 (LVP) · born 1961-03-04 · female" in text
        assert f"Page {number} of {len(texts)}" in text
        assert "not a medical device" in text
        assert "DRAFT" not in text
        assert "NOT REVIEWED BY A READER" not in text


def test_draft_and_phantom_notices_stand_on_every_page(build: Build) -> None:
    for text in pages(build(samples.read(samples.analysed()), samples.phantom_facts())):
        assert text.count("DRAFT") >= 2, "banner and watermark"
        assert "DRAFT, NOT SIGNED" in text
        assert "SYNTHETIC PHANTOM, NOT A PATIENT" in text


def test_every_page_of_the_ai_draft_says_that_no_reader_reviewed_it(phrases: Phrases) -> None:
    texts = pages(build_ai_draft(samples.analysed(11), samples.FACTS, phrases, samples.images()))
    assert len(texts) >= 2
    for text in texts:
        assert "AI OUTPUT, NOT REVIEWED BY A READER" in text
        assert "DRAFT" in text


def test_signature_times_and_hash_are_printed(build: Build) -> None:
    reading = samples.signed(samples.read(samples.analysed()))
    whole = " ".join(pages(build(reading)))
    assert reading.signature is not None
    for words in (
        samples.READER,
        "2026-11-21 09:30:00 UTC",
        "2026-11-21 10:30 (+01:00)",
        reading.signature.sha256,
    ):
        assert words in whole


def test_critical_communication_is_printed(build: Build) -> None:
    whole = " ".join(pages(build(samples.told(samples.analysed()))))
    for words in ("Cauda equina compression at L4-L5", "PHANTOM WARD, by phone", "2026-11-21 10:35"):
        assert words in whole


def test_measurements_have_units(build: Build) -> None:
    whole = " ".join(pages(build(samples.analysed())))
    for words in ("canal AP (mm)", "sac area (mm²)", "slip (%)", "−3.4", "45.0°"):
        assert words in whole


def test_long_names_are_complete_on_every_page(build: Build) -> None:
    reading = replace(
        samples.analysed(), patient=Patient("X" * 64, "ISSUER " * 8, LONG_NAME, "19000101", "O")
    )
    facts = replace(samples.FACTS, accession_number="A" * 40, institution="Institute " * 12)
    joined = LONG_NAME.replace("^", ", ").replace(" ", "")
    for text in pages(build(reading, facts)):
        assert joined in text.replace(" ", "")
        assert "X" * 64 in text.replace(" ", "")


def test_names_in_other_scripts_are_printed(build: Build) -> None:
    reading = replace(samples.analysed(), patient=replace(samples.PATIENT, name=UNICODE_NAME))
    data = render_pdf(build(reading))
    for text in pages_of(data):
        assert "PHANTOM, ÅNGSTRÖM Żółć (幻影, 測試 / まぼろし, テスト)" in text


def test_a_character_without_glyph_leaves_a_visible_mark(build: Build) -> None:
    reading = samples.typed(samples.analysed(), "other", "left \U0001f9b4 right <b>&amp; ≤ 3 mm")
    assert "left □ right <b>&amp; ≤ 3 mm" in " ".join(pages(build(reading)))


@pytest.mark.parametrize("words", [5, 400, 2500])
def test_long_texts_flow_over_pages_and_lose_nothing(build: Build, words: int) -> None:
    reading = samples.read(samples.analysed())
    for row in ("clinical_information", "marrow", "D2", "impression", "comparison"):
        text = " ".join(f"{row}{n}" for n in range(words))
        reading = samples.typed(reading, row, text)
    printed = set(" ".join(pages(build(reading))).split())
    for row in ("clinical_information", "marrow", "D2", "impression", "comparison"):
        assert {f"{row}{n}" for n in range(words)} <= printed


def test_eleven_levels_keep_every_row(build: Build) -> None:
    document = build(samples.read(samples.analysed(11)))
    whole = " ".join(pages(document))
    levels = samples.analysed(11).level_map
    assert levels is not None
    for disc in levels.discs:
        assert whole.count(levels.shown_name(disc)) >= 3


def test_tables_repeat_their_header_on_the_next_page(build: Build) -> None:
    reading = samples.analysed(11)
    for n in range(1, 12):
        reading = samples.typed(reading, f"D{n}", "words " * 90)
    texts = pages(build(reading))
    with_header = [text for text in texts if "Findings set or confirmed by the reader" in text]
    assert len(with_header) >= 2


def test_continued_ai_tables_say_again_that_nobody_reviewed_them(build: Build) -> None:
    texts = pages(build(samples.analysed(11)))
    for text in texts:
        if "extrusion 0.80" in text or "Foramen left" in text:
            assert "AI, not reviewed" in text


@pytest.mark.parametrize("count", [7, 11])
def test_no_text_overlaps_on_any_page(build: Build, count: int) -> None:
    reading = samples.read(samples.analysed(count))
    reading = replace(reading, patient=replace(samples.PATIENT, name=LONG_NAME))
    data = render_pdf(build(samples.signed(reading), images=samples.images()))
    for number, page in enumerate(pypdf.PdfReader(BytesIO(data)).pages, 1):
        boxes = _line_boxes(page)
        for first, second in pairwise(boxes):
            assert not _overlap(first, second), f"page {number}: {first} {second}"


Box = tuple[float, float, float, str]


def _line_boxes(page: pypdf.PageObject) -> list[Box]:
    """Return (x, y, size, text) of each piece of text, from the top down."""
    boxes: list[Box] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            boxes.append((cm[4] + tm[4], cm[5] + tm[5], size, text.strip()))

    page.extract_text(visitor_text=visit)
    return sorted(boxes, key=lambda box: (-box[1], box[0]))


def _overlap(first: Box, second: Box) -> bool:
    """Two pieces that start at the same place across must be at least 0.75 of their size apart."""
    same_column = abs(first[0] - second[0]) < 1.0
    return same_column and abs(first[1] - second[1]) < 0.75 * min(first[2], second[2])


def test_the_same_document_gives_the_same_bytes(build: Build) -> None:
    reading = samples.signed(samples.read(samples.analysed()))
    first = render_pdf(build(reading, images=samples.images()))
    assert render_pdf(build(reading, images=samples.images())) == first


def test_fonts_are_embedded_and_the_file_has_title_language_and_bookmarks(build: Build) -> None:
    data = render_pdf(build(samples.signed(samples.analysed()), images=samples.images()))
    reader = pypdf.PdfReader(BytesIO(data))
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            assert "/FontFile2" in font["/FontDescriptor"], font["/BaseFont"]
    assert reader.metadata is not None
    assert reader.metadata.title == "MRI of the lumbar spine 2026-11-20"
    assert reader.metadata.author == samples.READER
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.isoformat() == "2026-11-21T09:30:00+00:00"
    assert reader.trailer["/Root"]["/Lang"] == "en"  # type: ignore[index]
    titles = [str(entry["/Title"]) for entry in reader.outline if not isinstance(entry, list)]
    assert "Impression" in titles
    assert "AI, not reviewed" in titles


def test_pictures_keep_their_pixels(build: Build) -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 255, (40, 60, 3), dtype=np.uint8)
    data = render_pdf(build(samples.analysed(), images=[ReportImage(pixels, "noise")]))
    found = [image.image for page in pypdf.PdfReader(BytesIO(data)).pages for image in page.images]
    assert len(found) == 1
    assert found[0] is not None
    np.testing.assert_array_equal(np.asarray(found[0].convert("RGB")), pixels)


def test_pages_are_read_from_identity_to_page_number(build: Build) -> None:
    texts = pages(build(samples.signed(samples.read(samples.analysed()))))
    for number, text in enumerate(texts, 1):
        assert text.startswith("PHANTOM, DEGENERATE")
        assert text.endswith(f"Page {number} of {len(texts)}")


def test_a_preliminary_report_says_so_on_every_page(build: Build) -> None:
    reading = replace(samples.read(samples.analysed()), state=ReadingState.PRELIMINARY)
    for text in pages(build(reading)):
        assert "PRELIMINARY REPORT, NOT SIGNED" in text


@pytest.mark.parametrize("count", range(6, 12))
def test_a_small_table_stands_on_one_page_with_the_note_about_it(phrases: Phrases, count: int) -> None:
    texts = pages(build_ai_draft(samples.analysed(count), samples.FACTS, phrases, samples.images()))
    for caption in ("height post. (mm)", "canal AP (mm)"):
        there = [text for text in texts if caption in text]
        assert len(there) == 1
        assert "Measured on" in there[0].split(caption)[1]


def test_the_note_about_a_table_names_the_levels_where_places_of_measurement_differ(build: Build) -> None:
    reading = samples.analysed(3)
    bulges = {
        (target, "disc_bulge_depth"): replace(
            reading.measurements[target, "canal_ap"], name="disc_bulge_depth", source=source
        )
        for target, source in (("D1", "sagittal T2; 4 mm left of the midline"), ("D2", "sagittal T2"))
    }
    changed = replace(reading, measurements={**reading.measurements, **bulges})
    whole = " ".join(pages(build(changed)))
    assert "bulge depth (L5-S1?): sagittal T2; 4 mm left of the midline" in whole
    assert "bulge depth (L4-L5?)" in whole
    assert "height ant. (" not in whole.split("Measured on")[1], "the same at all levels"
