"""Research formats: read NIfTI, MetaImage and NRRD as a study.

Files keep their own voxel order; in the program the first axis is the slice axis: the coarsest
one, or the one nearest to left-right when no axis is clearly coarser. `file_geometry` tells the
order of the file, in which `nifti_write` writes results.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.errors import OutputProblem, UnreadableInput
from lvp_workstation.domain.study import Frame, Patient, Problem, RoleDecision, Series, SeriesRole, Study
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, Volume, VolumeGeometry
from lvp_workstation.io.header import file_name
from lvp_workstation.io.limits import MAX_SERIES_BYTES
from lvp_workstation.io.nifti_header import holds_all_voxels, read_nifti_header
from lvp_workstation.io.nifti_write import write_label_map as write_label_map
from lvp_workstation.io.plausible import size_problem

if TYPE_CHECKING:
    import SimpleITK as sitk  # 100 MB that a DICOM study does not need: loaded with the first research file

COARSER = 2.0
"""An axis is the slice axis when its spacing exceeds the others by this factor; below, voxels are nearly
cubes and any axis may be, so that the sagittal slices that grades need are taken (our choice)."""

CHUNK = 1 << 20
SOURCE_FORMAT = "SourceFormat"
FILE_ORDER = "FileAxisOrder"
"""Attribute: the axis of the program that is slice, row and column (k, j, i) of the file."""


def _reader(path: str) -> sitk.ImageFileReader:
    """Return a reader that does not print warnings of its own to the terminal."""
    import SimpleITK as sitk

    sitk.ProcessObject.GlobalWarningDisplayOff()
    reader = sitk.ImageFileReader()
    reader.SetFileName(path)
    return reader


def _information(path: str) -> sitk.ImageFileReader:
    """Return a reader that knows size, spacing and direction, before any voxel is read."""
    name = file_name(path)
    reader = _reader(path)
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise UnreadableInput(f"{name} cannot be read: {_reason(error)}.") from error
    if reader.GetNumberOfComponents() != 1:
        raise UnreadableInput(
            f"{name} holds {reader.GetNumberOfComponents()} values per voxel; only plain images are read."
        )
    size = reader.GetSize()
    if (len(size) > 3 and max(size[3:]) > 1) or not 2 <= len(size) <= 4:
        raise UnreadableInput(
            f"{name} has {len(size)} dimensions; save one time point as a three-dimensional image."
        )
    if math.prod(size) * 8 > 2 * MAX_SERIES_BYTES or min(size) < 1:
        raise UnreadableInput(f"{name} declares an absurd size {tuple(size)}; it was left out.")
    return reader


def _reason(error: RuntimeError) -> str:
    """Return the telling line of a SimpleITK error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines or "Unable to determine ImageIO reader" in lines[-1]:
        return "its content is not what its name says"
    if "orthonormal" in lines[-1]:
        return "its axes are not at right angles; resample it to an upright grid first"
    return lines[-1].removeprefix("sitk::ERROR:").removeprefix("ITK ERROR:").strip().rstrip(".")[:200]


def _file_geometry(path: str, reader: sitk.ImageFileReader) -> VolumeGeometry:
    """Return the grid of the file: slice, row, column are its k, j, i axes."""
    size = (*reader.GetSize(), 1)[:3]
    affine = np.eye(4)
    if reader.GetDimension() == 2:
        affine = _affine_of_two_dimensional(path, reader)
    else:
        n = reader.GetDimension()
        spacing = np.array(reader.GetSpacing())[:3]
        direction = np.array(reader.GetDirection()).reshape(n, n)[:3, :3] * spacing
        affine[:3, :3] = direction[:, ::-1]
        affine[:3, 3] = np.array(reader.GetOrigin())[:3]
    if not np.isfinite(affine).all():
        raise UnreadableInput(f"{file_name(path)} has no usable geometry: a position is no number.")
    try:
        return VolumeGeometry(affine, (size[2], size[1], size[0]))
    except ValueError as error:
        raise UnreadableInput(f"{file_name(path)} has no usable geometry: {error}.") from error


def _affine_of_two_dimensional(path: str, reader: sitk.ImageFileReader) -> NDArray[np.float64]:
    """Return the affine of a two-dimensional file; only NIfTI tells where in the patient it lies."""
    header = read_nifti_header(path)
    if header is not None and header.affine_ras is not None:
        lps = np.diag((-1.0, -1.0, 1.0, 1.0)) @ header.affine_ras
        return np.asarray(lps[:, [2, 1, 0, 3]])
    affine = np.zeros((4, 4))
    spacing, direction = reader.GetSpacing(), np.array(reader.GetDirection()).reshape(2, 2)
    affine[:2, ROW], affine[:2, COLUMN] = direction[:, 1] * spacing[1], direction[:, 0] * spacing[0]
    affine[:2, 3] = reader.GetOrigin()
    affine[2, SLICE] = affine[3, 3] = 1
    return affine


def slice_axis_order(geometry: VolumeGeometry) -> tuple[int, int, int]:
    """Return the axes of a file in the order slice, row, column of the program."""
    spacing, shape = np.array(geometry.spacing), geometry.shape
    if 1 in shape:
        chosen = shape.index(1)
    elif spacing.max() >= COARSER * np.sort(spacing)[1]:
        chosen = int(np.argmax(spacing))
    else:
        chosen = int(np.argmax(np.abs(geometry.directions[0])))
    rest = [axis for axis in (SLICE, ROW, COLUMN) if axis != chosen]
    return chosen, rest[0], rest[1]


def _content_uid(path: str) -> str:
    """Return a UID under 2.25 (PS3.5 B.2) made of the bytes of the file."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return f"2.25.{int.from_bytes(digest.digest()[:16], 'big')}"


def _derived_uid(uid: str, what: str) -> str:
    digest = hashlib.sha256(f"{uid}\0{what}".encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def research_decision(role: SeriesRole | None) -> RoleDecision:
    """Return the role of a file without TR and TE: the stated one, else unknown."""
    if role is not None:
        return RoleDecision(role, "stated by the user", 1.0)
    return RoleDecision(SeriesRole.OTHER, "contrast unknown: a research file carries neither TR nor TE", 0.0)


def read_study(path: str, role: SeriesRole | None = None) -> Study:
    """Read the header of a research file as a study with one series; voxels are read later.

    The patient is unknown (empty PatientID); the UIDs are made of the content of the file.

    Raises
    ------
    UnreadableInput
        With a sentence: damaged, four-dimensional, several values per voxel, absurd size.
    """
    try:
        reader = _information(path)
        geometry = _file_geometry(path, reader)
        study_uid = _content_uid(path)
    except OSError as error:
        raise UnreadableInput(f"{file_name(path)} cannot be read: {error.strerror or error}.") from error
    order = slice_axis_order(geometry)
    shown = geometry.permuted(order)
    series = Series(
        series_instance_uid=_derived_uid(study_uid, "series"),
        stack=0,
        frames=_frames(path, shown),
        geometry=shown,
        decision=research_decision(role),
        description=file_name(path),
        attributes={SOURCE_FORMAT: _format_name(path), FILE_ORDER: list(order)},
        problems=(*_geometry_problems(path, reader), *size_problem(file_name(path), shown, path)),
    )
    return Study(study_uid, Patient(""), (series,), description=file_name(path))


def _frames(path: str, geometry: VolumeGeometry) -> tuple[Frame, ...]:
    origins = geometry.index_to_world([(n, 0, 0) for n in range(geometry.shape[SLICE])])
    positions = origins @ geometry.slice_normal
    return tuple(Frame(path, "", n, float(positions[n])) for n in range(len(positions)))


def _format_name(path: str) -> str:
    lower = path.lower()
    if lower.endswith((".nii", ".nii.gz")):
        return "NIfTI"
    return "NRRD" if lower.endswith((".nrrd", ".nhdr")) else "MetaImage"


def _geometry_problems(path: str, reader: sitk.ImageFileReader) -> tuple[Problem, ...]:
    name, found = file_name(path), list[Problem]()
    header = read_nifti_header(path)
    if header is not None and header.affine_ras is None:
        text = f"{name} states no orientation (sform and qform are 0); sides cannot be told from it."
        found.append(Problem("no_orientation", text, path))
    if header is not None and header.forms_disagree:
        text = f"{name} states two different orientations (sform and qform); check the side before use."
        found.append(Problem("two_orientations", text, path))
    if reader.GetDimension() == 2 and (header is None or header.affine_ras is None):
        text = f"{name} is a two-dimensional picture; its place in the patient is not known."
        found.append(Problem("no_orientation", text, path))
    elif reader.GetDimension() == 2:
        plane = _file_geometry(path, reader).image_plane
        text = (
            f"{name} is a two-dimensional picture; it is read as one {plane.value} slice, as its header "
            "says. If that is wrong, save it as a three-dimensional image of one slice."
        )
        found.append(Problem("two_dimensional", text, path))
    return tuple(found)


def is_research_series(series: Series) -> bool:
    """Return whether a series comes from a research file, not from DICOM."""
    return SOURCE_FORMAT in series.attributes


def _cut_short(path: str) -> str:
    also = ", with the file of voxels that it names" if path.lower().endswith((".mhd", ".nhdr")) else ""
    return f"{file_name(path)} is damaged or cut short: copy it again{also}."


def load_research_volume(series: Series) -> Volume:
    """Read the voxels of a research series.

    Raises
    ------
    UnreadableInput
        When the file is damaged or changed since its header was read.
    """
    path = series.frames[0].path
    if not holds_all_voxels(path):
        raise UnreadableInput(_cut_short(path))
    try:
        image = _reader(path).Execute()
    except RuntimeError as error:  # what ITK says of the cause is often beside the point
        raise UnreadableInput(_cut_short(path)) from error
    import SimpleITK as sitk

    array = sitk.GetArrayFromImage(image)
    array = array.reshape(array.shape[-3:] if array.ndim > 3 else (*(1,) * (3 - array.ndim), *array.shape))
    order = series.attributes[FILE_ORDER]
    if series.geometry is None or array.transpose(order).shape != series.geometry.shape:
        raise UnreadableInput(f"{file_name(path)} changed since it was opened; open it again.")
    return Volume(
        array=_finite(array.transpose(order)),
        geometry=series.geometry,
        synthetic=series.synthetic,
        attributes=dict(series.attributes),
    )


def _finite(array: NDArray[Any]) -> NDArray[Any]:
    """Return the voxels with NaN and infinity replaced by zero, or by the least value where that is below."""
    if array.dtype.kind != "f":
        return array
    finite = np.isfinite(array)
    if bool(finite.all()):
        return array
    dark = min(0.0, float(array[finite].min())) if finite.any() else 0.0
    return np.asarray(np.where(finite, array, array.dtype.type(dark)))


def file_geometry(series: Series) -> VolumeGeometry:
    """Return the grid in which results for a series are written: that of its file, or of the DICOM stack."""
    if series.geometry is None:
        raise OutputProblem("a series without geometry has no grid to write a segmentation in")
    if not is_research_series(series):
        return series.geometry
    order: list[int] = series.attributes[FILE_ORDER]
    inverse = (order.index(SLICE), order.index(ROW), order.index(COLUMN))
    return series.geometry.permuted(inverse)
