"""Patients, studies and series as values; attribute names follow the DICOM keywords.

A `Series` here is one *displayable stack*: images of one SeriesInstanceUID that share
orientation, matrix, echo and time point. One SeriesInstanceUID may therefore give several
stacks, told apart by `Series.stack`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import IdentityConflict
from lvp_workstation.domain.volume import ImagePlane, VolumeGeometry


class SeriesRole(StrEnum):
    """What a series is for in a lumbar study."""

    LOC = "loc"
    LOC_WHOLESPINE = "loc_wholespine"
    SAG_T1 = "sag_t1"
    SAG_T1_GD = "sag_t1_gd"
    SAG_T2 = "sag_t2"
    SAG_T2_FS = "sag_t2_fs"
    SAG_STIR = "sag_stir"
    SAG_DIXON_WATER = "sag_dixon_water"
    SAG_DIXON_FAT = "sag_dixon_fat"
    SAG_DIXON_IN = "sag_dixon_in"
    SAG_DIXON_OPP = "sag_dixon_opp"
    AX_T1 = "ax_t1"
    AX_T1_GD = "ax_t1_gd"
    AX_T2 = "ax_t2"
    COR_T1 = "cor_t1"
    COR_T2 = "cor_t2"
    COR_STIR = "cor_stir"
    MYELO = "myelo"
    DWI = "dwi"
    OTHER = "other"

    @property
    def sagittal(self) -> bool:
        """Whether the role is a sagittal series."""
        return self.value.startswith("sag_")

    @property
    def caption(self) -> str:
        """A short caption for the screen, such as ``SAG T2``."""
        return self.value.replace("_", " ").upper()


class Weighting(StrEnum):
    """Contrast of a series as far as grading needs it."""

    T1 = "t1"
    T2 = "t2"
    STIR = "stir"
    OTHER = "other"


ROLE_WEIGHTING: dict[SeriesRole, Weighting] = {
    SeriesRole.SAG_T1: Weighting.T1,
    SeriesRole.SAG_T1_GD: Weighting.T1,
    SeriesRole.AX_T1: Weighting.T1,
    SeriesRole.AX_T1_GD: Weighting.T1,
    SeriesRole.COR_T1: Weighting.T1,
    SeriesRole.SAG_DIXON_FAT: Weighting.T1,
    SeriesRole.SAG_T2: Weighting.T2,
    SeriesRole.SAG_T2_FS: Weighting.T2,
    SeriesRole.SAG_DIXON_WATER: Weighting.T2,
    SeriesRole.AX_T2: Weighting.T2,
    SeriesRole.COR_T2: Weighting.T2,
    SeriesRole.SAG_STIR: Weighting.STIR,
    SeriesRole.COR_STIR: Weighting.STIR,
}


@dataclass(frozen=True)
class RoleDecision:
    """A series role, the rule that decided it, and how sure the rule is (0-1)."""

    role: SeriesRole
    rule: str
    confidence: float = 1.0
    contrast_agent: bool | None = None
    """True when a contrast agent was given, None when in doubt."""

    @property
    def weighting(self) -> Weighting:
        """Contrast of the role."""
        return ROLE_WEIGHTING.get(self.role, Weighting.OTHER)


@dataclass(frozen=True)
class Patient:
    """Who was examined; the empty string stands for an absent attribute."""

    patient_id: str
    issuer: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    age: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """PatientID, IssuerOfPatientID and PatientBirthDate: what must agree before data is combined."""
        return self.patient_id, self.issuer, self.birth_date

    @property
    def identity_words(self) -> str:
        """The identity as a sentence names it."""
        issuer = f" of {self.issuer}" if self.issuer else ""
        return f"patient {self.patient_id or '(no ID)'}{issuer} born {self.birth_date or '(unknown)'}"

    def require_same(self, other: Patient, what: str) -> None:
        """Raise `IdentityConflict` unless ``other`` (of ``what``) is the same patient."""
        if not same_patient(self, other):
            raise IdentityConflict(
                f"The {what} belongs to {other.identity_words}, not to {self.identity_words}; "
                "they were not combined."
            )


def same_patient(a: Patient, b: Patient) -> bool:
    """Return whether two things may be combined: PatientID, issuer and birth date agree.

    An absent attribute agrees only with an absent one: who cannot tell must not combine.
    """
    return a.identity == b.identity


def undisputed(a: Patient, b: Patient) -> bool:
    """Return whether two objects of one StudyInstanceUID may show one patient.

    There the UID already binds them, and an absent issuer or birth date contradicts nothing.
    """
    pairs = ((a.issuer, b.issuer), (a.birth_date, b.birth_date))
    return a.patient_id == b.patient_id and all(not x or not y or x == y for x, y in pairs)


@dataclass(frozen=True)
class StoredPixels:
    """Where the values of an image lie in its file just as they are: no codec, little endian.

    ``start`` is the byte at which they begin, ``dtype`` their NumPy type, such as ``<u2``; the uppermost
    ``unused`` bits of each value are no part of it.
    """

    start: int
    dtype: str
    unused: int = 0


@dataclass(frozen=True)
class Frame:
    """One image of a stack: a file, and the frame in it for multi-frame objects.

    ``path`` is a plain path, or ``archive.zip!member`` for a member of an archive. It is empty where an
    inner slice of the stack was not found: the slice keeps its place and stays blank.
    """

    path: str
    sop_instance_uid: str
    frame_index: int = 0
    position: float = 0.0
    """Distance along the stack normal in mm."""
    stored: StoredPixels | None = None
    """Where the values can be read without a decoder, None when they cannot."""


@dataclass(frozen=True)
class Problem:
    """Something a user should know about the input; ``code`` is stable, ``text`` is a sentence."""

    code: str
    text: str
    path: str = ""

    def worded(self, levels: LevelMap) -> Problem:
        """Return it with the names that a level map gives to the instances it mentions."""
        return replace(self, text=levels.worded(self.text))


@dataclass(frozen=True, eq=False)
class Series:
    """A displayable stack of images, known from its headers; pixels are read later.

    Attributes
    ----------
    frames
        In ascending position along ``geometry.slice_normal``.
    geometry
        The voxel grid, None when the files carry no usable geometry.
    attributes
        DICOM keyword to value, for display and role rules (TR, TE, TI, manufacturer …).
    """

    series_instance_uid: str
    stack: int
    frames: tuple[Frame, ...]
    geometry: VolumeGeometry | None
    decision: RoleDecision
    description: str = ""
    number: int | None = None
    modality: str = "MR"
    attributes: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False

    @property
    def key(self) -> str:
        """A name unique in the study: the UID, with ``#n`` for further stacks."""
        return self.series_instance_uid if self.stack == 0 else f"{self.series_instance_uid}#{self.stack}"

    @property
    def role(self) -> SeriesRole:
        """The role that the rules decided."""
        return self.decision.role

    @property
    def plane(self) -> ImagePlane | None:
        """The anatomical plane of the stack, None without geometry."""
        return self.geometry.image_plane if self.geometry else None

    @property
    def acquired_slice_mm(self) -> float | None:
        """SliceThickness (0018,0050) in mm when stated."""
        value = self.attributes.get("SliceThickness")
        return float(value) if value not in (None, "") else None


@dataclass(frozen=True)
class OtherObject:
    """A readable object that is not an image stack: SR, SEG, raw data, presentation state …"""

    kind: str
    text: str
    path: str
    sop_class_uid: str = ""
    series_instance_uid: str = ""


@dataclass(frozen=True)
class Prior:
    """An earlier examination of the same patient that was opened beside a study.

    Attributes
    ----------
    date
        StudyDate (0008,0020), ``YYYYMMDD``.
    """

    study_instance_uid: str
    date: str
    modality: str
    description: str = ""


@dataclass(frozen=True, eq=False)
class Study:
    """All stacks of one StudyInstanceUID of one patient.

    Attributes
    ----------
    priors
        Earlier examinations of the same patient among what was opened together, newest first.
    """

    study_instance_uid: str
    patient: Patient
    series: tuple[Series, ...]
    others: tuple[OtherObject, ...] = ()
    problems: tuple[Problem, ...] = ()
    study_date: str = ""
    study_time: str = ""
    description: str = ""
    accession_number: str = ""
    institution: str = ""
    referring_physician: str = ""
    priors: tuple[Prior, ...] = ()

    @property
    def modality(self) -> str:
        """The modalities of the stacks, such as ``MR``."""
        return "/".join(dict.fromkeys(s.modality for s in self.series if s.modality))

    def find_series(self, key: str) -> Series | None:
        """Return the stack with this key (or SeriesInstanceUID), None when there is none."""
        return next((s for s in self.series if key in (s.key, s.series_instance_uid)), None)

    @property
    def synthetic(self) -> bool:
        """Whether any stack says SyntheticData = YES."""
        return any(s.synthetic for s in self.series)
