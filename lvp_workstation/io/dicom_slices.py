"""MR images as they come over the network: one uncompressed object becomes one slice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.arrival import ReceivedSlice, SliceRefused
from lvp_workstation.domain.geometry import vector
from lvp_workstation.domain.study import Patient
from lvp_workstation.io import tags
from lvp_workstation.io.attributes import series_attributes
from lvp_workstation.io.header import Header
from lvp_workstation.io.image_info import images_of
from lvp_workstation.io.pixel_element import PixelState


def slice_of(dataset: Any, received: float) -> ReceivedSlice:
    """Return the slice of a single-frame MR image with native pixel data.

    Parameters
    ----------
    dataset
        As it came, with file meta information.
    received
        Monotonic seconds.

    Raises
    ------
    SliceRefused
        When identifiers, geometry or pixels are missing or contradict each other.
    """
    uid, series = tags.text(dataset, "SOPInstanceUID"), tags.text(dataset, "SeriesInstanceUID")
    if not uid or not series:
        raise SliceRefused("An image without SOPInstanceUID or SeriesInstanceUID is not taken.")
    header = Header("", dataset, PixelState())
    image = images_of(header)[0]
    if header.frames != 1 or not image.has_geometry:
        raise SliceRefused("An image without its own place in the patient is not taken.")
    return ReceivedSlice(
        series=series,
        uid=uid,
        pixels=_pixels(dataset, image.rows, image.columns),
        position=vector(image.position),
        across=vector(image.across),
        down=vector(image.down),
        pixel_mm=image.pixel_spacing,
        received=received,
        thickness_mm=image.thickness or 0.0,
        expected=tags.integer(dataset, "ImagesInAcquisition") or 0,
        number=image.instance or 0,
        description=tags.text(dataset, "SeriesDescription"),
        study_uid=tags.text(dataset, "StudyInstanceUID"),
        frame_of_reference_uid=tags.text(dataset, "FrameOfReferenceUID"),
        patient=_patient(dataset),
        attributes=series_attributes([image], image) | _phase(dataset),
        synthetic=tags.text(dataset, "SyntheticData").upper() == "YES",
    )


def _phase(dataset: Any) -> dict[str, str]:
    """Return InPlanePhaseEncodingDirection (0018,1312): quality checks need it, the reading room does not."""
    stated = tags.text(dataset, "InPlanePhaseEncodingDirection")
    return {"InPlanePhaseEncodingDirection": stated} if stated else {}


def _patient(dataset: Any) -> Patient:
    return Patient(
        tags.text(dataset, "PatientID"),
        tags.text(dataset, "IssuerOfPatientID"),
        tags.text(dataset, "PatientName"),
        tags.text(dataset, "PatientBirthDate"),
        tags.text(dataset, "PatientSex"),
        tags.text(dataset, "PatientAge"),
    )


def _pixels(dataset: Any, rows: int, columns: int) -> NDArray[Any]:
    """Return stored values; only what needs no codec and fills its matrix exactly."""
    bits = tags.integer(dataset, "BitsAllocated")
    signed = tags.integer(dataset, "PixelRepresentation") == 1
    samples = tags.integer(dataset, "SamplesPerPixel") or 1
    raw = tags.value(dataset, "PixelData")
    if bits not in (8, 16) or samples != 1 or not isinstance(raw, bytes):
        raise SliceRefused("An image without plain grey values is not taken.")
    size = bits // 8
    if not rows or not columns or not 0 <= len(raw) - rows * columns * size <= 1:
        raise SliceRefused("The pixels of an image do not fill its matrix.")
    dtype = np.dtype(f"<{'i' if signed else 'u'}{size}")
    return np.frombuffer(raw, dtype, rows * columns).reshape(rows, columns)
