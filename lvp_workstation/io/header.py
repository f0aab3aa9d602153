"""Read the header of one DICOM object without its pixels, and judge whether the rest can be trusted."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO

import pydicom
from pydicom.tag import TagType

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.io import tags
from lvp_workstation.io.limits import MAX_FRAMES, MAX_INFLATED_BYTES, MAX_MATRIX
from lvp_workstation.io.pixel_element import PixelState, pixel_state
from lvp_workstation.io.quiet import collected_warnings
from lvp_workstation.io.sources import open_source, stream_size

PREAMBLE_BYTES = 128
MAGIC = b"DICM"
"""PS3.10 section 7.1: 128 bytes of preamble, then these four."""

DEFLATED = b"1.2.840.10008.1.2.1.99"
DIRECTORY_STORAGE = "1.2.840.10008.1.3.10"
MAX_FIRST_ELEMENT = 0x0100
"""Highest element number with which a data set without preamble plausibly starts (our choice)."""

_WORDS = """
    SpecificCharacterSet ImageType SOPClassUID SOPInstanceUID SyntheticData StudyDate SeriesDate
    AcquisitionDate AcquisitionDateTime ContentDate StudyTime SeriesTime AcquisitionTime ContentTime
    AccessionNumber Modality Manufacturer InstitutionName ReferringPhysicianName StationName StudyDescription
    SeriesDescription ManufacturerModelName PatientName PatientID IssuerOfPatientID PatientBirthDate
    PatientSex PatientAge ContrastBolusAgent ContrastBolusAgentSequence BodyPartExamined ScanningSequence
    SequenceVariant ScanOptions MRAcquisitionType SequenceName SliceThickness RepetitionTime EchoTime
    InversionTime NumberOfAverages EchoNumbers MagneticFieldStrength SpacingBetweenSlices EchoTrainLength
    PixelBandwidth SoftwareVersions ProtocolName TriggerTime ReceiveCoilName FlipAngle PatientPosition
    DiffusionBValue DiffusionDirectionality PulseSequenceName EchoPulseSequence MultipleSpinEcho
    ComplexImageComponent AcquisitionContrast StudyInstanceUID SeriesInstanceUID StudyID SeriesNumber
    AcquisitionNumber InstanceNumber ImagePositionPatient ImageOrientationPatient FrameOfReferenceUID
    TemporalPositionIdentifier StackID SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence
    SamplesPerPixel PhotometricInterpretation NumberOfFrames Rows Columns PixelSpacing BitsAllocated
    BitsStored HighBit PixelRepresentation WindowCenter WindowWidth RescaleIntercept RescaleSlope
    LossyImageCompression LossyImageCompressionRatio LossyImageCompressionMethod
"""
HEADER_TAGS = [tags.tag_of(keyword) for keyword in _WORDS.split()]
"""Everything that grouping, roles and display need; other elements are skipped unread."""


@dataclass(frozen=True, eq=False)
class Header:
    """The header of one object: where it lies, its elements, and the state of its pixel data."""

    path: str
    dataset: Any
    pixels: PixelState
    transfer_syntax: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def sop_class(self) -> str:
        """SOPClassUID (0008,0016), else what the file meta information says."""
        stated = tags.text(self.dataset, "SOPClassUID")
        return stated or tags.text(self.dataset.file_meta, "MediaStorageSOPClassUID")

    @property
    def sop_uid(self) -> str:
        """SOPInstanceUID (0008,0018)."""
        return tags.text(self.dataset, "SOPInstanceUID")

    @property
    def frames(self) -> int:
        """NumberOfFrames (0028,0008), 1 when absent."""
        return tags.integer(self.dataset, "NumberOfFrames") or 1


def file_name(path: str) -> str:
    """Return the last part of a path, for use in sentences."""
    return PurePath(path).name or path


def read_header(path: str) -> Header:
    """Read the header of a plain path or an archive member.

    Raises
    ------
    UnreadableInput
        With a sentence that names the file and says what to do.
    """
    with open_source(path) as stream:
        return parse_header(path, stream)


def parse_header(path: str, stream: BinaryIO) -> Header:
    """Read a header from an open stream with random access; raises like `read_header`."""
    name, size = file_name(path), stream_size(stream)
    if size == 0:
        raise UnreadableInput(f"{name} is empty (zero bytes); copy it again from where it came.")
    has_preamble = looks_like_dicom(stream, name)
    with collected_warnings() as messages:
        dataset = _parse(stream, name, has_preamble)
        _refuse_incomplete(dataset, name)
        _refuse_absurd(dataset, name)
        state = _state(stream, size, dataset, has_preamble)
        _convert(dataset)
    return Header(path, dataset, state, _syntax(dataset), tuple(dict.fromkeys(messages)))


def looks_like_dicom(stream: BinaryIO, name: str) -> bool:
    """Return whether a preamble is present; without one the first element must be plausible.

    Raises
    ------
    UnreadableInput
        When the bytes are no DICOM object.
    """
    stream.seek(0)
    start = stream.read(PREAMBLE_BYTES + 4)
    stream.seek(0)
    if start[PREAMBLE_BYTES:] == MAGIC:
        return True
    if not _plausible_first_element(start):
        raise UnreadableInput(f"{name} is not a DICOM file; it was left out.")
    return False


def _plausible_first_element(start: bytes) -> bool:
    """Return whether the bytes start with an element of group 0002 or 0008, little endian."""
    if len(start) < PREAMBLE_BYTES:
        return False
    group, element = struct.unpack("<HH", start[:4])
    if group not in (0x0002, 0x0008) or element > MAX_FIRST_ELEMENT:
        return False
    explicit = start[4:6].isalpha() and start[4:6].isupper()
    return explicit or struct.unpack("<L", start[4:8])[0] < PREAMBLE_BYTES


def _parse(stream: BinaryIO, name: str, has_preamble: bool) -> Any:
    if has_preamble:
        _refuse_inflation_bomb(stream, name)
    try:
        return pydicom.dcmread(
            stream, stop_before_pixels=True, specific_tags=list[TagType](HEADER_TAGS), force=not has_preamble
        )
    except RecursionError as error:
        raise UnreadableInput(
            f"{name} nests sequences too deeply to be a real image; it was left out."
        ) from error
    except tags.PARSER_ERRORS as error:
        raise UnreadableInput(
            f"{name} has a damaged DICOM header ({type(error).__name__}); export it again."
        ) from error


def _refuse_inflation_bomb(stream: BinaryIO, name: str) -> None:
    """Raise when a deflated data set (PS3.5 A.5) unpacks to an absurd size."""
    head = stream.read(1024)
    stream.seek(0)
    if DEFLATED not in head:
        return
    start = PREAMBLE_BYTES + 16 + struct.unpack("<L", head[PREAMBLE_BYTES + 12 : PREAMBLE_BYTES + 16])[0]
    stream.seek(start)
    inflater, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        while chunk := stream.read(1 << 20):
            total += len(inflater.decompress(chunk, MAX_INFLATED_BYTES + 1 - total))
            if inflater.unconsumed_tail or total > MAX_INFLATED_BYTES:
                raise UnreadableInput(f"{name} unpacks to an absurd size; it was left out.")
    except zlib.error as error:
        raise UnreadableInput(f"{name} is damaged: its compressed content breaks off.") from error
    stream.seek(0)


def _refuse_incomplete(dataset: Any, name: str) -> None:
    known = tags.text(dataset, "SOPClassUID") or tags.text(dataset, "Modality")
    if not known and tags.text(dataset.file_meta, "MediaStorageSOPClassUID") != DIRECTORY_STORAGE:
        raise UnreadableInput(
            f"{name} starts like DICOM but its header is cut short or unreadable; export it again."
        )


def _refuse_absurd(dataset: Any, name: str) -> None:
    """Raise for image sizes that no MR image has (see `limits`)."""
    for keyword, limit in (("Rows", MAX_MATRIX), ("Columns", MAX_MATRIX), ("NumberOfFrames", MAX_FRAMES)):
        raw = tags.value(dataset, keyword)
        found = tags.integer(dataset, keyword)
        if raw is not None and (found is None or not 1 <= found <= limit):
            raise UnreadableInput(
                f"{name} declares {keyword} = {raw}, outside 1-{limit}; the file is damaged and was left out."
            )


def _state(stream: BinaryIO, size: int, dataset: Any, has_preamble: bool) -> PixelState:
    if not tags.integer(dataset, "Rows") or not tags.integer(dataset, "Columns"):
        return PixelState(False, 0)
    if has_preamble and _syntax(dataset) == DEFLATED.decode():
        return PixelState()
    return pixel_state(stream, size, dataset, tags.integer(dataset, "NumberOfFrames") or 1)


def _syntax(dataset: Any) -> str:
    return tags.text(dataset.file_meta, "TransferSyntaxUID")


def _convert(dataset: Any) -> None:
    """Convert the values now, so that warnings about them belong to this file."""
    for tag in list(dataset.keys()):
        with suppress(*tags.PARSER_ERRORS):
            dataset[tag]
