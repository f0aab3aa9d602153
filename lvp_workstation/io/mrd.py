"""ISMRM raw data (MRD) messages as bytes: https://ismrmrd.readthedocs.io, "MRD messages" and "image data".

The wire format is simple enough to be read here with every length checked; the ``ismrmrd`` package reads
lengths from the peer unbounded, and needs an HDF5 library for it.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.io.wire import WireProblem

CONFIG_FILE, CONFIG_TEXT, HEADER, CLOSE, TEXT = 1, 2, 3, 4, 5
ACQUISITION, IMAGE, WAVEFORM = 1008, 1022, 1026
CONFIG_FILE_BYTES = 1024
MAX_TEXT_BYTES = 4 * 1024**2
"""Longest text: headers and attributes with a whole DICOM header in JSON stay far below (our choice)."""

HEADER_TYPE = np.dtype(
    [
        ("version", "<u2"),
        ("data_type", "<u2"),
        ("flags", "<u8"),
        ("measurement_uid", "<u4"),
        ("matrix_size", "<u2", 3),
        ("field_of_view", "<f4", 3),
        ("channels", "<u2"),
        ("position", "<f4", 3),
        ("read_dir", "<f4", 3),
        ("phase_dir", "<f4", 3),
        ("slice_dir", "<f4", 3),
        ("patient_table_position", "<f4", 3),
        ("average", "<u2"),
        ("slice", "<u2"),
        ("contrast", "<u2"),
        ("phase", "<u2"),
        ("repetition", "<u2"),
        ("set", "<u2"),
        ("acquisition_time_stamp", "<u4"),
        ("physiology_time_stamp", "<u4", 3),
        ("image_type", "<u2"),
        ("image_index", "<u2"),
        ("image_series_index", "<u2"),
        ("user_int", "<i4", 8),
        ("user_float", "<f4", 8),
        ("attribute_string_len", "<u4"),
    ]
)
"""ImageHeader, 198 bytes."""
DATA_TYPES = {1: "<u2", 2: "<i2", 3: "<u4", 4: "<i4", 5: "<f4", 6: "<f8", 7: "<c8", 8: "<c16"}
USHORT, FLOAT = 1, 5
MAGNITUDE = 1

Read = Callable[[int], bytes]


@dataclass(frozen=True, eq=False)
class MrdImage:
    """An image message.

    Attributes
    ----------
    header
        A record of `HEADER_TYPE`. Directions and position are LPS mm; the position is that of the centre.
    attributes
        Names to values of the attribute string.
    data
        Shape (channels, z, y, x).
    """

    header: Any
    attributes: Mapping[str, str]
    data: NDArray[Any]


def read_message(read: Read) -> tuple[int, Any]:
    """Return the identifier and the content of the next message.

    Returns
    -------
    identifier, content
        Text of configurations, header and text messages; `MrdImage`; None for the farewell and for raw
        data, which is read past.

    Raises
    ------
    WireProblem
        When the message is unknown or absurd.
    """
    identifier = struct.unpack("<H", read(2))[0]
    if identifier == CONFIG_FILE:
        return identifier, _text(read(CONFIG_FILE_BYTES))
    if identifier in (CONFIG_TEXT, HEADER, TEXT):
        return identifier, _text(read(_bounded(struct.unpack("<I", read(4))[0])))
    if identifier == CLOSE:
        return identifier, None
    if identifier == IMAGE:
        return identifier, _image(read)
    if identifier == WAVEFORM:
        _skip_waveform(read)
        return identifier, None
    if identifier == ACQUISITION:
        raise WireProblem("Raw k-space data came; images are expected.")
    raise WireProblem(f"A message of the unknown kind {identifier} came.")


def _bounded(count: int) -> int:
    if count > MAX_TEXT_BYTES:
        raise WireProblem(f"A text of {count} bytes was announced; {MAX_TEXT_BYTES} are allowed.")
    return int(count)


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("utf-8", errors="replace")


def _skip_waveform(read: Read) -> None:
    samples, channels = struct.unpack_from("<HH", read(40), 28)
    read(4 * channels * samples)


def _image(read: Read) -> MrdImage:
    header = np.frombuffer(read(HEADER_TYPE.itemsize), HEADER_TYPE)[0]
    attributes = parse_attributes(_text(read(_bounded(struct.unpack("<Q", read(8))[0]))))
    kind = DATA_TYPES.get(int(header["data_type"]))
    if kind is None:
        raise WireProblem(f"An image has the unknown data type {int(header['data_type'])}.")
    shape = (int(header["channels"]), *(int(n) for n in header["matrix_size"][::-1]))
    if min(shape) < 1:
        raise WireProblem(f"An image has the impossible shape {shape}.")
    count = int(np.prod(shape, dtype=np.int64)) * np.dtype(kind).itemsize
    return MrdImage(header, attributes, np.frombuffer(read(count), kind).reshape(shape))


def parse_attributes(text: str) -> dict[str, str]:
    """Return names and first values of an attribute string; empty when it cannot be read."""
    root = _xml(text)
    if root is None:
        return {}
    pairs = ((meta.findtext("name"), meta.findtext("value")) for meta in root.iter("meta"))
    return {name: value or "" for name, value in pairs if name}


def _xml(text: str) -> Any:
    """Return the root of a document, None when it is none or declares entities."""
    if not text.strip() or "<!" in text:
        return None
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None


def parse_header(text: str) -> dict[str, Any]:
    """Return DICOM keywords and values of what an MRD XML header tells of the sequence."""
    root = _xml(text)
    found: dict[str, Any] = {}
    for element in root.iter() if root is not None else ():
        name = element.tag.rpartition("}")[2]
        keyword, number = HEADER_WORDS.get(name, ("", False))
        value = (element.text or "").strip()
        if not keyword or not value or keyword in found:
            continue
        try:
            found[keyword] = float(value) if number else value
        except ValueError:
            continue
    return found


HEADER_WORDS = {
    "TR": ("RepetitionTime", True),
    "TE": ("EchoTime", True),
    "TI": ("InversionTime", True),
    "protocolName": ("SeriesDescription", False),
    "studyInstanceUID": ("StudyInstanceUID", False),
    "measurementID": ("SeriesInstanceUID", False),
    "frameOfReferenceUID": ("FrameOfReferenceUID", False),
    "patientID": ("PatientID", False),
    "patientName": ("PatientName", False),
    "patientBirthdate": ("PatientBirthDate", False),
    "patientPosition": ("PatientPosition", False),
    "systemFieldStrength_T": ("MagneticFieldStrength", True),
}


def dicom_json(attributes: Mapping[str, str]) -> dict[str, Any]:
    """Return the elements of a DICOM header in the attributes (PS3.18 annex F), by tag."""
    try:
        raw = base64.b64decode(attributes.get("DicomJson", ""), validate=True)
        content = json.loads(raw) if raw else {}
    except (binascii.Error, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {tag: e.get("Value") for tag, e in content.items() if isinstance(e, dict) and e.get("Value")}


def text_message(text: str) -> bytes:
    """Return a text message."""
    raw = text.encode()
    return struct.pack("<HI", TEXT, len(raw)) + raw


def header_message(xml: str) -> bytes:
    """Return the message of an XML header."""
    raw = xml.encode()
    return struct.pack("<HI", HEADER, len(raw)) + raw


def config_message(name: str) -> bytes:
    """Return the message of a configuration file's name."""
    return struct.pack("<H", CONFIG_FILE) + name.encode()[: CONFIG_FILE_BYTES - 1].ljust(
        CONFIG_FILE_BYTES, b"\0"
    )


def close_message() -> bytes:
    """Return the farewell."""
    return struct.pack("<H", CLOSE)


def image_message(image: MrdImage) -> bytes:
    """Return an image message; data type, sizes and attribute length of the header follow from the image."""
    raw = attribute_string(image.attributes).encode()
    header = image.header.copy()
    data = np.ascontiguousarray(image.data)
    codes = {np.dtype(kind): code for code, kind in DATA_TYPES.items()}
    header["data_type"] = codes[data.dtype.newbyteorder("<")]
    header["channels"] = data.shape[0]
    header["matrix_size"] = data.shape[:0:-1]
    header["attribute_string_len"] = len(raw)
    head = struct.pack("<H", IMAGE) + header.tobytes() + struct.pack("<Q", len(raw))
    return bytes(head + raw + data.astype(data.dtype.newbyteorder("<")).tobytes())


def attribute_string(attributes: Mapping[str, str]) -> str:
    """Return attributes as their XML."""
    root = ElementTree.Element("ismrmrdMeta")
    for name, value in attributes.items():
        meta = ElementTree.SubElement(root, "meta")
        ElementTree.SubElement(meta, "name").text = name
        ElementTree.SubElement(meta, "value").text = value
    return str(ElementTree.tostring(root, encoding="unicode"))
