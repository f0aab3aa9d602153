"""The words in the corners of a viewport."""

from __future__ import annotations

from typing import Any

from lvp_workstation.domain.study import Patient, Series, SeriesRole, Study
from lvp_workstation.domain.volume import SLICE
from lvp_workstation.render.slab import Slab
from lvp_workstation.render.stack import DisplayStack
from lvp_workstation.render.window import Window
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.oblique import tilt_deg

COMPUTED = "COMPUTED"
ACQUIRED = "ACQUIRED"


def patient_name(name: str) -> str:
    """Return a DICOM person name for reading: ``DOE^JANE^M`` becomes ``DOE, JANE M``."""
    parts = [part.strip() for part in name.split("=")[0].split("^")]
    given = " ".join(part for part in parts[1:3] if part)
    return ", ".join(part for part in (parts[0], given) if part)


def iso_date(date: str) -> str:
    """Return a DICOM date as ``YYYY-MM-DD``; anything else is returned as it is."""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else date


def identity_lines(patient: Patient) -> tuple[str, ...]:
    """Return who the patient is; what is absent is said to be absent."""
    born = (
        tr("born {date}", date=iso_date(patient.birth_date)) if patient.birth_date else tr("born (unknown)")
    )
    issuer = f" ({patient.issuer})" if patient.issuer else ""
    person = "  ".join(part for part in (born, patient.sex, patient.age.lstrip("0")) if part)
    return (
        patient_name(patient.name) or tr("(no name)"),
        tr("ID {value}", value=f"{patient.patient_id}{issuer}")
        if patient.patient_id
        else tr("(no patient ID)"),
        person,
    )


def study_lines(study: Study) -> tuple[str, ...]:
    """Return institution and study."""
    when = " ".join(part for part in (iso_date(study.study_date), _clock(study.study_time)) if part)
    accession = tr("Acc {value}", value=study.accession_number) if study.accession_number else ""
    return tuple(line for line in (study.institution, study.description, when, accession) if line)


def series_lines(series: Series) -> tuple[str, ...]:
    """Return series and technique."""
    number = f"{tr('Se {number}', number=series.number)}  " if series.number is not None else ""
    role = "" if series.role is SeriesRole.OTHER else tr(series.role.caption)
    times = _technique(series.attributes)
    return tuple(line for line in (role, f"{number}{series.description}".strip(), times) if line)


def window_line(window: Window) -> str:
    """Return window width and centre in stored values."""
    digits = 0 if window.width >= 10 else 3
    inverted = f"  {tr('inverted')}" if window.inverted else ""
    return f"W {window.width:.{digits}f}  L {window.centre:.{digits}f}{inverted}"


def slice_line(stack: DisplayStack, index: int) -> str:
    """Return the slice number in reading order."""
    return f"{stack.number(index)}/{stack.count}"


def fidelity_badge(stack: DisplayStack, thickness: float | None) -> str:
    """Return whether the slice was acquired, or computed from what."""
    spacing = stack.source.spacing[SLICE]
    if not stack.acquired:
        return tr("COMPUTED from {mm} mm slices", mm=f"{spacing:.1f}")
    return tr("ACQUIRED {mm} mm", mm=f"{thickness:.1f}") if thickness else tr("ACQUIRED")


def plane_badge(stack: DisplayStack, slab: Slab | None = None) -> str:
    """Return how a computed plane lies, and its slab.

    A plane is told by its angle to the nearest anatomical one, or as lying on the acquired slices.
    """
    angle = tilt_deg(stack)
    plane = tr(stack.plane.value)
    lies = tr("{angle}° to {plane}", angle=f"{angle:.0f}", plane=plane) if angle else plane
    if stack.on_source_grid:
        lies = tr("on the acquired slices")
    if not slab:
        return tr("{plane}, no slab", plane=lies)
    mode, mm = tr(slab.mode.value), f"{slab.thickness_mm:.0f}"
    return tr("{plane}, {mode} slab {mm} mm", plane=lies, mode=mode, mm=mm)


def _technique(attributes: dict[str, Any]) -> str:
    parts = []
    for keyword, short in (("RepetitionTime", "TR"), ("EchoTime", "TE"), ("InversionTime", "TI")):
        value = attributes.get(keyword)
        if value not in (None, ""):
            parts.append(f"{short} {float(value):.0f}")
    field = attributes.get("MagneticFieldStrength")
    if field not in (None, ""):
        parts.append(f"{float(field):g} T")
    return "  ".join(parts)


def _clock(time: str) -> str:
    return f"{time[:2]}:{time[2:4]}" if len(time) >= 4 and time[:4].isdigit() else ""
