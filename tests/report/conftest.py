"""Fixtures of the report tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

import pypdf
import pytest

from lvp_workstation.domain.reading import Reading
from lvp_workstation.report.builder import build_report
from lvp_workstation.report.document import ReportDocument, ReportImage
from lvp_workstation.report.facts import StudyFacts
from lvp_workstation.report.pdf import render_pdf
from lvp_workstation.report.phrases import Phrases, load_phrases
from tests.report import samples

Build = Callable[..., ReportDocument]


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    """The English phrases."""
    return load_phrases()


@pytest.fixture
def build(phrases: Phrases) -> Build:
    """Return a function that builds the report of a reading."""

    def make(
        reading: Reading, facts: StudyFacts = samples.FACTS, images: Sequence[ReportImage] = ()
    ) -> ReportDocument:
        return build_report(reading, facts, phrases, images)

    return make


def pages_of(data: bytes) -> list[str]:
    """Return the text of each page, white space made single."""
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(data)).pages]


def pages(document: ReportDocument) -> list[str]:
    """Return the text of each page of a document's PDF."""
    return pages_of(render_pdf(document))
