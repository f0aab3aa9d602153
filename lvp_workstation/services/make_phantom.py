"""Write synthetic studies: the phantom's values as DICOM, with the exact truth beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lvp_workstation import __version__
from lvp_workstation.domain.errors import OutputProblem, UsageProblem
from lvp_workstation.domain.study import Patient
from lvp_workstation.io.atomic import write_text
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, series_uid, study_uid, write_series
from lvp_workstation.phantom.generate import DEFAULT_SERIES, PhantomSeries, PhantomStudy, make_phantom

DEMO_SEED = 20
DEMO_PRESET = "stenosis"
DEMO_SERIES = ("sag_t2", "sag_t1", "ax_t2")
TRUTH = "truth.json"


def make_one(folder: Path, seed: int, preset: str, series: Sequence[str] | None = None) -> PhantomStudy:
    """Make one phantom and write it into a folder.

    Raises
    ------
    UsageProblem
        When the preset or a series is unknown.
    OutputProblem
        When the folder cannot be written.
    """
    try:
        study = make_phantom(seed, preset, tuple(series or DEFAULT_SERIES))
    except ValueError as error:
        raise UsageProblem(f"{error}.") from error
    write_phantom(folder, study)
    return study


def make_many(
    out: Path,
    seed: int,
    count: int,
    preset: str,
    series: Sequence[str] | None,
    made: Callable[[Path], None],
) -> None:
    """Write ``count`` phantoms with seeds from ``seed`` on; one goes into ``out`` itself."""
    for n in range(count):
        folder = out if count == 1 else out / f"seed_{seed + n:06d}"
        make_one(folder, seed + n, preset, series)
        made(folder)


def write_phantom(folder: Path, study: PhantomStudy) -> None:
    """Write a phantom as DICOM, one folder a series, and its truth."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputProblem(f"{folder} cannot be made: {error.strerror or error}") from error
    target = written_study(study)
    written: dict[int, int] = {}
    rows: dict[str, dict[str, Any]] = {}
    for series in study.series:
        first = written.get(series.number, 0) + 1
        protocol = mr_protocol(series, first)
        write_series(folder / f"{series.number:02d}_{series.role}", target, protocol, series.volume)
        written[series.number] = first - 1 + series.volume.shape[0]
        uid = series_uid(target, protocol)
        rows[uid] = {"uid": uid, "role": series.role, "rule": "generated", "used": False}
    truth = {**study.truth, "input": _input(target, next(iter(rows))), "series": list(rows.values())}
    write_text(folder / TRUTH, json.dumps(truth, indent=1, ensure_ascii=False) + "\n")


def _input(target: StudyToWrite, first_series: str) -> dict[str, str]:
    return {
        "patient_id": target.patient.patient_id,
        "study_uid": study_uid(target),
        "series_uid": first_series,
    }


def written_study(study: PhantomStudy) -> StudyToWrite:
    """Return who and what a phantom is written as."""
    who = study.patient
    patient = Patient(who["id"], "", who["name"], who["birth_date"], who["sex"], who["age"])
    return StudyToWrite(
        seed=f"lvp phantom {study.preset} {study.seed}",
        patient=patient,
        description="SYNTHETIC LUMBAR SPINE",
        manufacturer="lvp_workstation",
        model_name="phantom",
        software_version=__version__,
        synthetic=True,
    )


def mr_protocol(series: PhantomSeries, first_instance: int = 1) -> MrProtocol:
    """Return the sequence parameters of a phantom series as DICOM states them."""
    protocol = series.protocol
    inversion = protocol.ti > 0
    return MrProtocol(
        description=series.description,
        number=series.number,
        first_instance=first_instance,
        repetition_time=protocol.tr,
        echo_time=protocol.te,
        inversion_time=protocol.ti if inversion else None,
        scanning_sequence=("SE", "IR") if inversion else ("SE",),
        slice_thickness=protocol.thickness,
        echo_train_length=protocol.echo_train,
        field_strength=protocol.field,
        window=series.volume.window,
    )


def demo_folder(data_folder: Path) -> Path:
    """Return the folder of the embedded demo study, made on first use from its fixed seed."""
    folder = data_folder / "demo" / f"{DEMO_PRESET}_{DEMO_SEED}_{__version__}"
    if not (folder / TRUTH).is_file():
        make_one(folder, DEMO_SEED, DEMO_PRESET, DEMO_SERIES)
    return folder
