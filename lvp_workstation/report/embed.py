"""What makes a report checkable: the attached reading, and a hash over the whole file.

A signed PDF carries the canonical JSON of its reading as the attached file ``reading.json``. Every
PDF of this package holds one comment line before ``startxref`` with the SHA-256 of all its bytes,
the 64 digits of the hash itself counted as zeros; so any change of text, picture, attachment or
property shows, and no PDF library is needed to check it. This finds accidents and plain edits.
It is no cryptographic signature: whoever alters the file on purpose can also recompute the hash.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from typing import Any

from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFStream,
    PDFString,
)

from lvp_workstation.report.document import SealedReading

ATTACHMENT = "reading.json"
_LABEL = b"%LVP-SHA256 "
_ZEROS = b"0" * 64
_START = b"\nstartxref\n"
_MARK = re.compile(rb"\n%LVP-SHA256 ([0-9a-f]{64})\nstartxref\n")
_STREAM = re.compile(rb"/LVPReading \(([0-9a-f]{64})\)[^>]*>>\r?\nstream\r?\n")
_LENGTH = re.compile(rb"/Length (\d+)")
MAX_READING_BYTES = 64 * 1024 * 1024


def attach_sealed(canvas: Any, sealed: SealedReading) -> None:
    """Attach the canonical reading to a reportlab canvas as the file ``reading.json``."""
    document = canvas._doc
    packed = zlib.compress(sealed.canonical_json.encode(), 9)
    stream = PDFStream(content=packed, filters=[])
    stream.dictionary["Type"] = PDFName("EmbeddedFile")
    stream.dictionary["Filter"] = PDFName("FlateDecode")
    stream.dictionary["LVPReading"] = PDFString(sealed.sha256)
    reference = document.Reference(stream)
    specification = document.Reference(
        PDFDictionary(
            {
                "Type": PDFName("Filespec"),
                "F": PDFString(ATTACHMENT),
                "UF": PDFString(ATTACHMENT),
                "EF": PDFDictionary({"F": reference}),
                "AFRelationship": PDFName("Source"),
            }
        )
    )
    files = PDFDictionary({"Names": PDFArray([PDFString(ATTACHMENT), specification])})
    document._catalog.Names = PDFDictionary({"EmbeddedFiles": files})


def close_file(data: bytes) -> bytes:
    """Return a PDF with the hash of its bytes written before its last ``startxref``."""
    position = data.rindex(_START)
    blank = data[:position] + b"\n" + _LABEL + _ZEROS + data[position:]
    digest = hashlib.sha256(blank).hexdigest().encode()
    at = position + 1 + len(_LABEL)
    return blank[:at] + digest + blank[at + 64 :]


def file_is_whole(data: bytes) -> bool | None:
    """Return whether the bytes are those that were written; None when the file carries no hash.

    Zero bytes or line ends after the end of the file, as containers pad, are allowed.
    """
    marks = list(_MARK.finditer(data))
    if not marks:
        return None
    if len(marks) > 1:
        return False
    mark = marks[0]
    end = data.rindex(b"%%EOF") + 5 if b"%%EOF" in data else 0
    if end <= mark.end() or data[end:].strip(b"\r\n\0"):
        return False
    tail = data[end : end + 1]
    body = data[: end + (1 if tail == b"\n" else 0)]
    blank = body[: mark.start(1)] + _ZEROS + body[mark.end(1) :]
    return hashlib.sha256(blank).hexdigest().encode() == mark[1]


def embedded_reading(data: bytes) -> tuple[str, str] | None:
    """Return the recorded hash and the canonical JSON attached to a PDF of this package, None without."""
    found = _STREAM.search(data)
    if found is None:
        return None
    head = data[max(0, data.rfind(b"obj", 0, found.start())) : found.end()]
    length = _LENGTH.search(head)
    if length is None:
        return None
    packed = data[found.end() : found.end() + int(length[1])]
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(packed, MAX_READING_BYTES)
        return (found[1].decode(), text.decode()) if unpacker.eof else None
    except (zlib.error, UnicodeDecodeError):
        return None
