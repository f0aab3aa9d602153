"""Facts of a stack for display and role rules: DICOM keyword to plain value."""

from __future__ import annotations

from typing import Any

from lvp_workstation.io import tags
from lvp_workstation.io.image_info import ImageInfo, group_item

_WORDS = """
    ImageType Manufacturer ManufacturerModelName InstitutionName StationName SoftwareVersions
    MagneticFieldStrength BodyPartExamined ProtocolName ScanningSequence SequenceVariant ScanOptions
    MRAcquisitionType SequenceName PulseSequenceName EchoPulseSequence MultipleSpinEcho SliceThickness
    SpacingBetweenSlices RepetitionTime EchoTime EchoNumbers InversionTime FlipAngle EchoTrainLength
    NumberOfAverages PixelBandwidth ReceiveCoilName PatientPosition ContrastBolusAgent DiffusionBValue
    DiffusionDirectionality AcquisitionContrast ComplexImageComponent TemporalPositionIdentifier
    AcquisitionNumber SeriesDate SeriesTime AcquisitionDate AcquisitionTime AcquisitionDateTime ContentTime
    PixelSpacing PhotometricInterpretation BitsAllocated BitsStored PixelRepresentation WindowCenter
    WindowWidth RescaleSlope RescaleIntercept LossyImageCompression LossyImageCompressionRatio
    LossyImageCompressionMethod SyntheticData SOPClassUID Rows Columns
"""
KEPT = tuple(_WORDS.split())
"""Elements of the object itself, by keyword."""

FRAME_KEPT: tuple[tuple[str, str, str], ...] = (
    ("MRTimingAndRelatedParametersSequence", "RepetitionTime", "RepetitionTime"),
    ("MRTimingAndRelatedParametersSequence", "FlipAngle", "FlipAngle"),
    ("MRTimingAndRelatedParametersSequence", "EchoTrainLength", "EchoTrainLength"),
    ("MREchoSequence", "EffectiveEchoTime", "EchoTime"),
    ("MRModifierSequence", "InversionRecovery", "InversionRecovery"),
    ("MRModifierSequence", "InversionTimes", "InversionTime"),
    ("MRImagingModifierSequence", "PixelBandwidth", "PixelBandwidth"),
    ("MRImagingModifierSequence", "MagnetizationTransfer", "MagnetizationTransfer"),
    ("MRModifierSequence", "SpectrallySelectedSuppression", "SpectrallySelectedSuppression"),
    ("MRModifierSequence", "SteadyStatePulseSequence", "SteadyStatePulseSequence"),
    ("MRModifierSequence", "ParallelAcquisition", "ParallelAcquisition"),
    ("MRAveragesSequence", "NumberOfAverages", "NumberOfAverages"),
    ("MRImageFrameTypeSequence", "FrameType", "ImageType"),
    ("MRDiffusionSequence", "DiffusionBValue", "DiffusionBValue"),
    ("PixelMeasuresSequence", "PixelSpacing", "PixelSpacing"),
    ("PixelMeasuresSequence", "SliceThickness", "SliceThickness"),
    ("PixelMeasuresSequence", "SpacingBetweenSlices", "SpacingBetweenSlices"),
    ("FrameVOILUTSequence", "WindowCenter", "WindowCenter"),
    ("FrameVOILUTSequence", "WindowWidth", "WindowWidth"),
    ("PixelValueTransformationSequence", "RescaleSlope", "RescaleSlope"),
    ("PixelValueTransformationSequence", "RescaleIntercept", "RescaleIntercept"),
    ("FrameAnatomySequence", "FrameLaterality", "FrameLaterality"),
)
"""Functional group macro, its element, and the keyword under which it is kept (PS3.3 C.7.6.16, C.8.13.5)."""


_SCALARS = """
SliceThickness SpacingBetweenSlices RepetitionTime EchoTime InversionTime FlipAngle EchoNumbers
EchoTrainLength NumberOfAverages PixelBandwidth MagneticFieldStrength DiffusionBValue
TemporalPositionIdentifier AcquisitionNumber BitsAllocated BitsStored PixelRepresentation
RescaleSlope RescaleIntercept Rows Columns
"""
SCALARS = frozenset(_SCALARS.split())
NUMERIC = SCALARS | {"PixelSpacing", "WindowCenter", "WindowWidth"}
"""Elements that hold one number, and those that hold numbers; what is no number is left out."""


def _kept(dataset: Any, element: str, keyword: str) -> Any:
    """Return the plain value of an element, None when absent or not of its kind."""
    found = tags.value(dataset, element)
    if found is None or (keyword in NUMERIC and tags.numbers(dataset, element) is None):
        return None
    plain = tags.plain(found)
    return plain[0] if keyword in SCALARS and isinstance(plain, list) else plain


def series_attributes(images: list[ImageInfo], middle: ImageInfo) -> dict[str, Any]:
    """Return the facts of a stack, taken from its middle image.

    ``RescaleVaries`` is true when the images have different scale factors, ``ContrastBolusAgent``
    is "stated" when only the sequence of enhanced objects says that an agent was given.
    """
    data = middle.header.dataset
    found = {key: plain for key in KEPT if (plain := _kept(data, key, key)) is not None}
    groups = middle.groups
    for macro, element, keyword in FRAME_KEPT:
        inner = _kept(group_item(groups, macro), element, keyword)
        if inner is not None:
            found[keyword] = inner
    if tags.items(data, "ContrastBolusAgentSequence"):
        found.setdefault("ContrastBolusAgent", "stated")
    found["TransferSyntaxUID"] = middle.header.transfer_syntax
    found["Enhanced"] = bool(groups)
    found["RescaleVaries"] = len({_rescale(image) for image in images}) > 1
    return found


def _rescale(image: ImageInfo) -> tuple[float, float]:
    groups = image.groups
    source = group_item(groups, "PixelValueTransformationSequence") if groups else image.header.dataset
    slope = tags.number(source, "RescaleSlope")
    return (1.0 if slope is None else slope), (tags.number(source, "RescaleIntercept") or 0.0)
