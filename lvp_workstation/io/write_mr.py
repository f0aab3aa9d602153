"""Write volumes as single-frame MR Image Storage objects (PS3.3 A.4), Explicit VR Little Endian."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

from lvp_workstation.domain.errors import OutputProblem, UsageProblem
from lvp_workstation.domain.study import Patient
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, Volume
from lvp_workstation.io.atomic import write_with

PATIENT_POSITIONS = ("HFS", "HFP", "HFDR", "HFDL", "FFS", "FFP", "FFDR", "FFDL")
"""PatientPosition (0018,5100), PS3.3 C.7.3.1.1.2. Positions stay in patient coordinates whatever it is."""

UTF_8 = "ISO_IR 192"
MAX_DECIMAL = 16
"""Longest decimal string (VR DS, PS3.5 section 6.2)."""


@dataclass(frozen=True)
class MrProtocol:
    """Sequence parameters of a series; times in ms, lengths in mm, field in tesla."""

    description: str
    number: int = 1
    first_instance: int = 1
    """InstanceNumber of the first slice: greater than 1 for further blocks of one series."""
    repetition_time: float = 3500.0
    echo_time: float = 100.0
    inversion_time: float | None = None
    flip_angle: float = 90.0
    scanning_sequence: tuple[str, ...] = ("SE",)
    sequence_variant: tuple[str, ...] = ("SK",)
    scan_options: tuple[str, ...] = ()
    acquisition_type: str = "2D"
    slice_thickness: float | None = None
    echo_train_length: int = 1
    image_type: tuple[str, ...] = ("ORIGINAL", "PRIMARY", "M", "ND")
    contrast_agent: str = ""
    sequence_name: str = ""
    field_strength: float = 1.5
    body_part: str = "LSPINE"
    window: tuple[float, float] | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    """Further elements, keyword to value."""


@dataclass(frozen=True)
class StudyToWrite:
    """Who and what a written study is; every UID follows from ``seed``."""

    seed: str
    patient: Patient
    description: str = ""
    date: str = "20200101"
    time: str = "120000"
    study_id: str = "1"
    accession_number: str = ""
    manufacturer: str = ""
    model_name: str = ""
    software_version: str = ""
    institution: str = ""
    patient_position: str = "HFS"
    synthetic: bool = False


def uid_of(*parts: object) -> str:
    """Return a UID under 2.25 (PS3.5 B.2) that follows from the parts and nothing else."""
    digest = hashlib.sha256("\0".join(str(part) for part in parts).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def study_uid(study: StudyToWrite) -> str:
    """Return the StudyInstanceUID that a study is written with."""
    return uid_of(study.seed, "study")


def series_uid(study: StudyToWrite, protocol: MrProtocol) -> str:
    """Return the SeriesInstanceUID that a series is written with."""
    return uid_of(study.seed, "series", protocol.number)


def write_series(folder: Path, study: StudyToWrite, protocol: MrProtocol, volume: Volume) -> tuple[Path, ...]:
    """Write one file a slice, ``IM0001.dcm`` …, in ascending slice order, and return the paths.

    Files are numbered by InstanceNumber, so that blocks of one series lie side by side in a folder.

    Raises
    ------
    OutputProblem
        When the folder cannot be written.
    UsageProblem
        When the voxels are no integers of 8 or 16 bits.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputProblem(f"{folder} cannot be made: {error.strerror or error}") from error
    objects = mr_images(study, protocol, volume)
    return tuple(_save(data, folder / f"IM{int(data.InstanceNumber):04d}.dcm") for data in objects)


def _save(data: Dataset, path: Path) -> Path:
    return write_with(path, lambda temporary: data.save_as(temporary, enforce_file_format=True))


def mr_images(study: StudyToWrite, protocol: MrProtocol, volume: Volume) -> Iterable[Dataset]:
    """Yield one object a slice, with the true position of each slice."""
    if study.patient_position not in PATIENT_POSITIONS:
        raise UsageProblem(f"{study.patient_position!r} is no patient position")
    if volume.array.dtype not in (np.uint8, np.uint16, np.int16):
        raise UsageProblem(f"voxels of type {volume.array.dtype} cannot be written as MR images")
    for number in range(volume.shape[SLICE]):
        data = Dataset()
        data.SpecificCharacterSet = UTF_8
        _patient_and_study(data, study)
        _series(data, study, protocol, volume)
        _image(data, study, protocol, number)
        _plane(data, protocol, volume, number)
        _pixels(data, volume, number, protocol)
        for keyword, value in protocol.extra.items():
            setattr(data, keyword, value)
        yield data


def _patient_and_study(data: Dataset, study: StudyToWrite) -> None:
    """Fill the Patient and General Study modules (PS3.3 C.7.1.1, C.7.2.1)."""
    patient = study.patient
    data.PatientName, data.PatientID = patient.name, patient.patient_id
    data.PatientBirthDate, data.PatientSex = patient.birth_date, patient.sex
    if patient.issuer:
        data.IssuerOfPatientID = patient.issuer
    if patient.age:
        data.PatientAge = patient.age
    data.StudyInstanceUID = study_uid(study)
    data.StudyDate, data.StudyTime, data.StudyID = study.date, study.time, study.study_id
    data.StudyDescription, data.AccessionNumber = study.description, study.accession_number
    data.ReferringPhysicianName = ""


def _series(data: Dataset, study: StudyToWrite, protocol: MrProtocol, volume: Volume) -> None:
    """Fill General Series, Frame of Reference and Equipment (PS3.3 C.7.3.1, C.7.4.1, C.7.5.1)."""
    data.Modality = "MR"
    data.SeriesInstanceUID = series_uid(study, protocol)
    data.SeriesNumber, data.SeriesDescription = protocol.number, protocol.description
    data.ProtocolName, data.BodyPartExamined = protocol.description, protocol.body_part
    data.PatientPosition = study.patient_position
    shared = volume.geometry.frame_of_reference_uid
    data.FrameOfReferenceUID = shared or uid_of(study.seed, "frame of reference")
    data.PositionReferenceIndicator = ""
    data.Manufacturer = study.manufacturer
    data.SeriesDate, data.SeriesTime = study.date, study.time
    for keyword, value in (
        ("InstitutionName", study.institution),
        ("ManufacturerModelName", study.model_name),
        ("SoftwareVersions", study.software_version),
        ("ContrastBolusAgent", protocol.contrast_agent),
        ("SequenceName", protocol.sequence_name),
    ):
        if value:
            setattr(data, keyword, value)


def _image(data: Dataset, study: StudyToWrite, protocol: MrProtocol, number: int) -> None:
    """Fill General Image, MR Image and SOP Common (PS3.3 C.7.6.1, C.8.3.1, C.12.1)."""
    data.SOPClassUID = MRImageStorage
    instance = protocol.first_instance + number
    data.SOPInstanceUID = uid_of(study.seed, "image", protocol.number, instance)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.InstanceNumber, data.AcquisitionNumber = instance, 1
    data.ContentDate, data.ContentTime = study.date, study.time
    data.AcquisitionDate, data.AcquisitionTime = study.date, study.time
    data.ImageType = list(protocol.image_type)
    data.ScanningSequence = list(protocol.scanning_sequence)
    data.SequenceVariant = list(protocol.sequence_variant)
    data.ScanOptions = list(protocol.scan_options)
    data.MRAcquisitionType = protocol.acquisition_type
    data.RepetitionTime = decimal(protocol.repetition_time)
    data.EchoTime = decimal(protocol.echo_time)
    data.EchoTrainLength = protocol.echo_train_length
    data.FlipAngle = decimal(protocol.flip_angle)
    data.MagneticFieldStrength = decimal(protocol.field_strength)
    if protocol.inversion_time is not None:
        data.InversionTime = decimal(protocol.inversion_time)
    if study.synthetic:
        data.SyntheticData = "YES"


def _plane(data: Dataset, protocol: MrProtocol, volume: Volume, number: int) -> None:
    """Fill the Image Plane module (PS3.3 C.7.6.2)."""
    geometry = volume.geometry
    across, down = geometry.directions[:, COLUMN], geometry.directions[:, ROW]
    spacing = geometry.spacing
    thickness = spacing[SLICE] if protocol.slice_thickness is None else protocol.slice_thickness
    data.ImageOrientationPatient = [decimal(v) for v in (*across, *down)]
    data.ImagePositionPatient = [decimal(v) for v in geometry.index_to_world((number, 0, 0))]
    data.PixelSpacing = [decimal(spacing[ROW]), decimal(spacing[COLUMN])]
    data.SliceThickness = decimal(thickness)
    data.SpacingBetweenSlices = decimal(spacing[SLICE])


def _pixels(data: Dataset, volume: Volume, number: int, protocol: MrProtocol) -> None:
    """Fill Image Pixel and the window (PS3.3 C.7.6.3, C.11.2)."""
    frame = np.ascontiguousarray(volume.array[number])
    bits = frame.dtype.itemsize * 8
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns = frame.shape
    data.BitsAllocated, data.BitsStored, data.HighBit = bits, bits, bits - 1
    data.PixelRepresentation = int(frame.dtype.kind == "i")
    little = frame.astype(frame.dtype.newbyteorder("<")).tobytes()
    data.PixelData = little + b"\0" * (len(little) % 2)
    data["PixelData"].VR = "OW" if bits > 8 else "OB"
    window = protocol.window or volume.window
    if window is not None:
        data.WindowCenter, data.WindowWidth = decimal(window[0]), decimal(window[1])


def decimal(value: float) -> str:
    """Return a number as a decimal string of at most 16 characters, with as many digits as fit."""
    number = float(value)
    if number == 0:
        return "0"
    for digits in range(15, 0, -1):
        text = f"{number:.{digits}g}"
        if len(text) <= MAX_DECIMAL:
            return text
    raise UsageProblem(f"{value!r} does not fit a decimal string")
