"""`verify_pdf`: intact files pass, any change is found, nothing is ever raised."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO

import numpy as np
import pypdf
import pytest

from lvp_workstation.report.builder import build_report
from lvp_workstation.report.embed import close_file
from lvp_workstation.report.pdf import render_pdf
from lvp_workstation.report.phrases import Phrases
from lvp_workstation.report.seal import canonical_json, signed_sha256
from lvp_workstation.report.verify import FILE_ALTERED, INTACT, NOT_OURS, UNSIGNED, verify_pdf
from tests.report import samples


@pytest.fixture(scope="module")
def signed_pdf(phrases: Phrases) -> bytes:
    reading = samples.signed(samples.read(samples.analysed()))
    return render_pdf(build_report(reading, samples.FACTS, phrases, samples.images()))


def test_an_intact_report_verifies(signed_pdf: bytes) -> None:
    reading = samples.signed(samples.read(samples.analysed()))
    outcome = verify_pdf(signed_pdf)
    assert (outcome.ok, outcome.reason) == (True, INTACT)
    assert outcome.reader == samples.READER
    assert outcome.signed_utc == samples.NOW
    assert reading.signature is not None
    assert outcome.sha256 == reading.signature.sha256
    assert outcome.reading is not None
    assert outcome.reading.findings == reading.findings
    assert signed_sha256(outcome.reading, reading.signature) == outcome.sha256


@pytest.mark.parametrize("padding", [b"\n", b"\0", b"\r\n\0\0"])
def test_padding_of_a_container_is_allowed(signed_pdf: bytes, padding: bytes) -> None:
    assert verify_pdf(signed_pdf + padding).ok


def test_any_changed_byte_is_found(signed_pdf: bytes) -> None:
    rng = np.random.default_rng(1)
    for position in rng.choice(len(signed_pdf) - 1, 300, replace=False):
        changed = bytearray(signed_pdf)
        changed[position] ^= 1 << int(rng.integers(8))
        outcome = verify_pdf(bytes(changed))
        assert not outcome.ok, position
        assert outcome.reason


def test_changed_page_text_is_found_and_told_from_a_changed_reading(signed_pdf: bytes) -> None:
    at = signed_pdf.index(b"/Title (MRI")
    changed = signed_pdf[: at + 8] + b"X" + signed_pdf[at + 9 :]
    outcome = verify_pdf(changed)
    assert (outcome.ok, outcome.reason) == (False, FILE_ALTERED)
    assert outcome.reader == samples.READER


@pytest.mark.parametrize("keep", [0, 10, 1000, -1, -40, -400])
def test_a_cut_file_is_answered(signed_pdf: bytes, keep: int) -> None:
    cut = signed_pdf[:keep]
    assert not verify_pdf(cut[:-1] if keep == -1 else cut).ok


def test_something_appended_is_found(signed_pdf: bytes) -> None:
    assert not verify_pdf(signed_pdf + b"1 0 obj\n<<>>\nendobj\n%%EOF\n").ok


def test_a_file_saved_again_by_another_program_does_not_verify(signed_pdf: bytes) -> None:
    writer = pypdf.PdfWriter(clone_from=BytesIO(signed_pdf))
    writer.add_metadata({"/Title": "changed"})
    buffer = BytesIO()
    writer.write(buffer)
    assert not verify_pdf(buffer.getvalue()).ok


def test_another_hash_over_the_whole_file_does_not_hide_a_changed_reading(signed_pdf: bytes) -> None:
    reading = samples.signed(samples.read(samples.analysed()))
    assert reading.signature is not None
    sha = reading.signature.sha256.encode()
    forged = signed_pdf.replace(b"/LVPReading (" + sha, b"/LVPReading (" + b"0" * 64)
    start = forged.index(b"\n%LVP-SHA256 ")
    forged = close_file(forged[:start] + forged[forged.index(b"\nstartxref\n") :])
    outcome = verify_pdf(forged)
    assert not outcome.ok
    assert "does not match the hash" in outcome.reason


def test_drafts_and_strange_files_are_told_apart(phrases: Phrases) -> None:
    draft = render_pdf(build_report(samples.analysed(), samples.FACTS, phrases))
    assert verify_pdf(draft).reason == UNSIGNED
    assert verify_pdf(b"%PDF-1.4 nothing").reason == NOT_OURS
    assert verify_pdf(b"").reason == NOT_OURS


def test_the_hash_covers_reader_and_time() -> None:
    reading = samples.signed(samples.analysed())
    signature = reading.signature
    assert signature is not None
    text = canonical_json(reading, signature)
    assert hashlib.sha256(text.encode()).hexdigest() == signature.sha256
    for change in ({"reader": "PHANTOM OTHER"}, {"time_utc": "2026-11-21T09:31:00Z"}, {"time_local": "x"}):
        assert signed_sha256(reading, replace(signature, **change)) != signature.sha256


def test_a_report_is_refused_when_the_signature_belongs_to_another_reading(phrases: Phrases) -> None:
    reading = samples.signed(samples.analysed())
    changed = replace(reading, reading_id="another")
    with pytest.raises(ValueError, match="not that of the reading"):
        build_report(changed, samples.FACTS, phrases)


def test_the_attached_reading_is_a_file_that_viewers_offer(signed_pdf: bytes) -> None:
    attachments = pypdf.PdfReader(BytesIO(signed_pdf)).attachments
    assert list(attachments) == ["reading.json"]
    text = attachments["reading.json"][0]
    reading = samples.signed(samples.read(samples.analysed()))
    assert reading.signature is not None
    assert hashlib.sha256(text).hexdigest() == reading.signature.sha256
