"""Tell whether a signed report still matches the reading it was made from."""

from __future__ import annotations

from pathlib import Path

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.report.verify import Verification, verify_pdf


def verify_file(path: Path) -> Verification:
    """Verify a PDF file.

    Raises
    ------
    UnreadableInput
        When the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{path} cannot be read: {error.strerror or error}.") from error
    return verify_pdf(data)
