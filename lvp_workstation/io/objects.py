"""Tell image objects from the others by SOP Class, and say in words what the others are."""

from __future__ import annotations

from lvp_workstation.domain.study import OtherObject, Problem
from lvp_workstation.io import tags
from lvp_workstation.io.header import DIRECTORY_STORAGE, Header, file_name

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
LEGACY_ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.4"
IMAGE_CLASSES = (MR_IMAGE, ENHANCED_MR, LEGACY_ENHANCED_MR)
"""PS3.4 B.5: the storage classes that are read as image stacks."""

KINDS: tuple[tuple[str, str, str], ...] = (
    ("1.2.840.10008.5.1.4.1.1.4.2", "spectroscopy", "MR spectroscopy, which has no images to read"),
    ("1.2.840.10008.5.1.4.1.1.4.3", "colour_mr", "a colour MR image"),
    ("1.2.840.10008.5.1.4.1.1.7", "secondary_capture", "a secondary capture (a screenshot or scan)"),
    ("1.2.840.10008.5.1.4.1.1.66.4", "segmentation", "a segmentation object"),
    ("1.2.840.10008.5.1.4.1.1.66.1", "registration", "a spatial registration"),
    ("1.2.840.10008.5.1.4.1.1.66.2", "fiducials", "spatial fiducials"),
    ("1.2.840.10008.5.1.4.1.1.66.3", "registration", "a deformable registration"),
    ("1.2.840.10008.5.1.4.1.1.66.5", "surface", "a surface segmentation"),
    ("1.2.840.10008.5.1.4.1.1.66", "raw_data", "raw data of the scanner without an image"),
    ("1.2.840.10008.5.1.4.1.1.88.59", "key_objects", "a key object selection"),
    ("1.2.840.10008.5.1.4.1.1.88", "structured_report", "a structured report"),
    ("1.2.840.10008.5.1.4.1.1.11", "presentation_state", "a presentation state"),
    ("1.2.840.10008.5.1.4.1.1.104.1", "encapsulated_pdf", "an encapsulated PDF"),
    ("1.2.840.10008.5.1.4.1.1.104", "encapsulated_document", "an encapsulated document"),
    ("1.2.840.10008.5.1.4.1.1.481", "radiotherapy", "a radiotherapy object"),
    ("1.2.840.10008.5.1.4.1.1.30", "parametric_map", "a parametric map"),
    ("1.2.840.10008.5.1.4.1.1.9", "waveform", "a waveform"),
    ("1.2.840.10008.5.1.4.1.1.2", "other_modality", "a CT image"),
    ("1.3.12.2.1107.5.9.1", "vendor_object", "a Siemens object without an image"),
    (DIRECTORY_STORAGE, "directory", "a DICOMDIR"),
)
"""SOP Class UID or its root, stable kind, and words; the first match counts (PS3.6 table A-1)."""


def other_object(header: Header) -> OtherObject | None:
    """Return what an object is when it is not a stack of MR images, None when it is one."""
    kind, words = _kind(header)
    if not kind:
        return None
    return OtherObject(
        kind=kind,
        text=f"{file_name(header.path)} is {words}; it is listed, not shown as an image.",
        path=header.path,
        sop_class_uid=header.sop_class,
        series_instance_uid=tags.text(header.dataset, "SeriesInstanceUID"),
    )


def _kind(header: Header) -> tuple[str, str]:
    if header.sop_class in IMAGE_CLASSES:
        return _odd_image(header)
    if not header.sop_class and tags.text(header.dataset, "Modality") == "MR":
        return _odd_image(header)
    for root, kind, words in KINDS:
        if header.sop_class == root or header.sop_class.startswith(f"{root}."):
            return kind, words
    modality = tags.text(header.dataset, "Modality") or "unknown"
    return "unknown", f"an object of another kind (modality {modality}, SOP class {header.sop_class})"


def _odd_image(header: Header) -> tuple[str, str]:
    """Return why an MR object is not read as images, empty when it is."""
    data = header.dataset
    if "MOSAIC" in tags.texts(data, "ImageType"):
        return "mosaic", "a Siemens mosaic (many slices tiled into one picture)"
    if (tags.integer(data, "SamplesPerPixel") or 1) != 1:
        return "colour_mr", "a colour MR image"
    return "", ""


def readable_frames(header: Header) -> int:
    """Return how many images of an object can be read: all, or those before its data breaks off."""
    return min(header.pixels.whole_frames, header.frames)


def short_pixels_problem(header: Header) -> Problem | None:
    """Return the sentence on pixel data that breaks off, None when all of it is there."""
    if header.pixels.complete:
        return None
    name, whole = file_name(header.path), readable_frames(header)
    if whole == 0:
        text = f"{name} is cut short: its pixel data is smaller than declared; it was left out."
    else:
        text = f"{name} breaks off before its end; {whole} of {header.frames} images could be read."
    return Problem("pixel_data_short", text, header.path)
