"""Synthetic DICOM objects for tests: small, valid, and easy to break in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence

SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)

STUDY_UID = "1.2.826.0.1.3680043.10.999.1"
SERIES_UID = f"{STUDY_UID}.2"
FRAME_UID = f"{STUDY_UID}.9"
MR = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"


def normal_of(orientation: Sequence[float]) -> NDArray[np.float64]:
    """Return the slice normal of an ImageOrientationPatient."""
    return np.cross(orientation[:3], orientation[3:])


def pattern(seed: int, rows: int = 40, columns: int = 36) -> NDArray[np.uint16]:
    """Return an image that no other seed gives."""
    return np.random.default_rng(seed).integers(0, 1000, (rows, columns)).astype(np.uint16)


def image(
    position: Sequence[float] = (0, 0, 0),
    orientation: Sequence[float] = SAGITTAL,
    pixels: NDArray[Any] | None = None,
    number: int = 1,
    **overrides: Any,
) -> Dataset:
    """Return one MR image; an override of None removes the element."""
    array = pattern(number) if pixels is None else pixels
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    values: dict[str, Any] = {
        "SOPClassUID": MR,
        "SOPInstanceUID": f"{SERIES_UID}.{number}",
        "StudyInstanceUID": STUDY_UID,
        "SeriesInstanceUID": SERIES_UID,
        "FrameOfReferenceUID": FRAME_UID,
        "PatientID": "T1",
        "PatientName": "Test^One",
        "PatientBirthDate": "19700101",
        "PatientSex": "O",
        "StudyDate": "20240102",
        "StudyTime": "101112",
        "Modality": "MR",
        "SeriesNumber": 2,
        "InstanceNumber": number,
        "SeriesDescription": "t2_tse_sag",
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
        "ScanningSequence": "SE",
        "SequenceVariant": "SK",
        "RepetitionTime": "3500",
        "EchoTime": "105",
        "SliceThickness": "4",
        "SpacingBetweenSlices": "4.4",
        "PatientPosition": "HFS",
        "ImagePositionPatient": [float(v) for v in position],
        "ImageOrientationPatient": [float(v) for v in orientation],
        "PixelSpacing": [0.8, 0.7],
        "Rows": array.shape[-2],
        "Columns": array.shape[-1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": array.dtype.itemsize * 8,
        "BitsStored": array.dtype.itemsize * 8,
        "HighBit": array.dtype.itemsize * 8 - 1,
        "PixelRepresentation": int(array.dtype.kind == "i"),
        "PixelData": array.tobytes(),
    }
    for keyword, value in {**values, **overrides}.items():
        if value is not None:
            setattr(data, keyword, value)
    return data


def stack(
    count: int = 5,
    step: float = 4.4,
    orientation: Sequence[float] = SAGITTAL,
    origin: Sequence[float] = (-9, -100, 120),
    first_number: int = 1,
    shift: Sequence[float] = (0, 0, 0),
    **overrides: Any,
) -> list[Dataset]:
    """Return evenly spaced images along the normal; ``shift`` is added from slice to slice (shear)."""
    move = normal_of(orientation) * step + np.array(shift)
    return [
        image(np.array(origin) + move * n, orientation, number=first_number + n, **overrides)
        for n in range(count)
    ]


def write(
    folder: Path, images: Iterable[Dataset], names: Iterable[str] | None = None, syntax: str | None = None
) -> list[Path]:
    """Write objects as files, optionally compressed, and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    every = list(images)
    paths = [folder / name for name in (names or [f"im{n:03d}.dcm" for n in range(len(every))])]
    for data, path in zip(every, paths, strict=True):
        save(data, path, syntax)
    return paths


def save(data: Dataset, path: Path, syntax: str | None = None) -> Path:
    """Write one object under a transfer syntax."""
    if syntax in (uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian, uid.ImplicitVRLittleEndian):
        _native(data, syntax)
    elif syntax is not None:
        data.compress(syntax, generate_instance_uid=False)
    data.save_as(path, enforce_file_format=True)
    return path


def _native(data: Dataset, syntax: str) -> None:
    data.file_meta.TransferSyntaxUID = syntax
    if syntax == uid.ExplicitVRBigEndian and data.BitsAllocated == 16:
        data.PixelData = np.frombuffer(data.PixelData, "<u2").astype(">u2").tobytes()


def enhanced(
    positions: Sequence[Sequence[float]],
    orientation: Sequence[float] = SAGITTAL,
    stacks: Sequence[int] | None = None,
    echoes: Sequence[float] | None = None,
    **overrides: Any,
) -> Dataset:
    """Return an enhanced MR object with one frame a position."""
    frames = np.stack([pattern(n + 1) for n in range(len(positions))])
    top = {"SOPClassUID": ENHANCED_MR, "NumberOfFrames": len(positions)}
    gone = dict.fromkeys(
        ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RepetitionTime", "EchoTime")
    )
    data = image(pixels=frames, **{**gone, **top, **overrides})
    shared = Dataset()
    shared.PlaneOrientationSequence = [_item(ImageOrientationPatient=[float(v) for v in orientation])]
    shared.PixelMeasuresSequence = [_item(PixelSpacing=[0.8, 0.7], SliceThickness=4.0)]
    shared.MRTimingAndRelatedParametersSequence = [_item(RepetitionTime=3500.0)]
    data.SharedFunctionalGroupsSequence = DicomSequence([shared])
    per_frame = []
    for n, position in enumerate(positions):
        groups = Dataset()
        groups.PlanePositionSequence = [_item(ImagePositionPatient=[float(v) for v in position])]
        groups.FrameContentSequence = [_item(StackID=str(stacks[n] if stacks else 1))]
        groups.MREchoSequence = [_item(EffectiveEchoTime=float(echoes[n] if echoes else 105.0))]
        per_frame.append(groups)
    data.PerFrameFunctionalGroupsSequence = DicomSequence(per_frame)
    return data


def _item(**values: Any) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item
