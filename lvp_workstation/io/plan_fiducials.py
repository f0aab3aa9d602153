"""A plan as Spatial Fiducials (PS3.3 A.40, C.21.2): every planned slice is a plane of three points in LPS mm.

The points are the centre, the middle of the edge towards which the column index grows, and the middle of the
edge towards which the row index grows: they hold place, orientation and field of view.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SpatialFiducialsStorage

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.geometry import Array, unit
from lvp_workstation.domain.study import Patient
from lvp_workstation.io import tags
from lvp_workstation.io.write_mr import UTF_8, decimal, uid_of
from lvp_workstation.planning.stack import PlannedStack, slice_places

SERIES_NUMBER = 9002
"""SeriesNumber of plans, beyond those of scanners (our choice)."""
CONTENT_LABEL = "SCAN_PLANES"
DESCRIPTION = re.compile(r"(?P<name>[^,]+), slice (?P<n>\d+) of (?P<count>\d+), (?P<mm>[\d.]+) mm thick")


@dataclass(frozen=True)
class PlanContext:
    """Whose plan it is.

    Attributes
    ----------
    when
        Time of the plan, local.
    software_version
        Of this program.
    remark
        ContentDescription, at most 64 characters.
    """

    patient: Patient
    study_uid: str
    frame_of_reference_uid: str
    when: datetime
    software_version: str
    synthetic: bool = False
    remark: str = "Proposed by software; to be checked"


@dataclass(frozen=True, eq=False)
class ReadStack:
    """A stack as a scanner takes it from the object.

    Attributes
    ----------
    centres
        Centres of the slices, LPS mm, shape (n, 3).
    """

    name: str
    centres: Array
    row: Array
    column: Array
    fov_mm: tuple[float, float]
    thickness_mm: float


def plan_fiducials(stacks: Sequence[PlannedStack], context: PlanContext, instance: int = 1) -> Dataset:
    """Return the Spatial Fiducials object of the proposed stacks.

    Parameters
    ----------
    stacks
        Those that are declined are left out.
    instance
        Number of the plan in its examination: a later plan is another object of the same series.
    """
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = SpatialFiducialsStorage
    moment = context.when.strftime("%Y%m%d%H%M%S.%f")
    uid = uid_of(context.study_uid, "scan planes", instance, moment)
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = uid
    data.SpecificCharacterSet = UTF_8
    _patient_and_study(data, context)
    data.Modality, data.SeriesNumber = "FID", SERIES_NUMBER
    data.SeriesInstanceUID = uid_of(context.study_uid, "scan planes")
    data.SeriesDescription, data.BodyPartExamined = "Proposed scan planes", "LSPINE"
    data.Manufacturer = data.ManufacturerModelName = "lvp_workstation"
    data.SoftwareVersions, data.DeviceSerialNumber = context.software_version, "0"
    data.InstanceNumber, data.ContentLabel = instance, CONTENT_LABEL
    data.ContentDescription, data.ContentCreatorName = context.remark, "lvp_workstation"
    data.ContentDate, data.ContentTime = context.when.strftime("%Y%m%d"), context.when.strftime("%H%M%S")
    fiducials = Dataset()
    fiducials.FrameOfReferenceUID = context.frame_of_reference_uid or uid_of(context.study_uid, "frame")
    proposed = [stack for stack in stacks if stack.proposed]
    fiducials.FiducialSequence = [
        one for number, stack in enumerate(proposed, start=1) for one in _fiducials(stack, number, uid)
    ]
    data.FiducialSetSequence = [fiducials]
    return data


def _patient_and_study(data: Dataset, context: PlanContext) -> None:
    patient = context.patient
    data.PatientName, data.PatientID = patient.name, patient.patient_id
    data.PatientBirthDate, data.PatientSex = patient.birth_date, patient.sex
    if patient.issuer:
        data.IssuerOfPatientID = patient.issuer
    data.StudyInstanceUID = context.study_uid or uid_of("study", patient.patient_id)
    data.StudyDate = data.StudyTime = data.StudyID = ""
    data.ReferringPhysicianName = data.AccessionNumber = ""
    if context.synthetic:
        data.SyntheticData = "YES"


def _fiducials(stack: PlannedStack, number: int, uid: str) -> Iterator[Dataset]:
    half = [size / 2 for size in stack.template.fov_mm]
    for n, centre in enumerate(slice_places(stack), start=1):
        one = Dataset()
        one.FiducialIdentifier = f"S{number}.{n}"
        one.FiducialDescription = (
            f"{stack.name}, slice {n} of {stack.count}, {stack.template.thickness_mm:g} mm thick"
        )
        one.FiducialUID = uid_of(uid, number, n)
        one.ShapeType = "PLANE"
        points = np.array([centre, centre + half[0] * stack.row, centre + half[1] * stack.column])
        one.NumberOfContourPoints = len(points)
        one.ContourData = [decimal(round(value, 4)) for value in points.reshape(-1)]
        yield one


def read_planes(data: Any) -> tuple[ReadStack, ...]:
    """Return the stacks of an object that `plan_fiducials` wrote.

    Raises
    ------
    UnreadableInput
        When it is none of ours or damaged.
    """
    groups: dict[str, list[tuple[int, float, Array]]] = {}
    try:
        for item in tags.items(data, "FiducialSetSequence")[0].FiducialSequence:
            told = DESCRIPTION.fullmatch(str(item.FiducialDescription))
            points = np.array([float(v) for v in item.ContourData]).reshape(3, 3)
            if told is None:
                raise UnreadableInput("The object holds fiducials that are no scan planes.")
            groups.setdefault(told["name"], []).append((int(told["n"]), float(told["mm"]), points))
    except tags.PARSER_ERRORS as error:
        raise UnreadableInput("The object holds no scan planes that can be read.") from error
    return tuple(_stack(name, sorted(found, key=lambda one: one[0])) for name, found in groups.items())


def _stack(name: str, found: list[tuple[int, float, Array]]) -> ReadStack:
    first = found[0][2]
    row, column = first[1] - first[0], first[2] - first[0]
    size = 2 * float(np.linalg.norm(row)), 2 * float(np.linalg.norm(column))
    centres = np.array([points[0] for _, _, points in found])
    return ReadStack(name, centres, unit(row), unit(column), size, found[0][1])
