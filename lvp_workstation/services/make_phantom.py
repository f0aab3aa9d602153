"""Write synthetic studies: the phantom's values as DICOM, with the exact truth beside them."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lvp_workstation import __version__
from lvp_workstation.domain.errors import OutputProblem, UsageProblem
from lvp_workstation.domain.study import Patient
from lvp_workstation.io.atomic import write_text
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, series_uid, study_uid, write_series
from lvp_workstation.phantom.generate import DEFAULT_SERIES, PhantomSeries, PhantomStudy, make_phantom
from lvp_workstation.phantom.truth import GENERATOR_VERSION
from lvp_workstation.services.output_folder import STAGING_PREFIX, output_folder, refusal, refused
from lvp_workstation.services.phantom_flavours import (
    Flavour,
    flavour_of,
    flavoured_series,
    flavoured_study,
)

DEMO_SEED = 20
DEMO_PRESET = "stenosis"
DEMO_SERIES = ("sag_t2", "sag_t1", "ax_t2")
TRUTH = "truth.json"
PAINTERS = 2
"""Threads that paint one phantom; the voxels do not depend on it."""


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
        study = make_phantom(seed, preset, tuple(series or DEFAULT_SERIES), threads=PAINTERS)
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
    """Write a phantom as DICOM, one folder a series, and its truth, in place of an earlier phantom."""
    with output_folder(folder):
        try:
            with tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=folder) as name:
                staging = Path(name)
                rows = _write_all_series(staging, study)
                _write_truth(staging, study, rows)
                _remove_earlier(folder)
                for path in sorted(p for p in staging.rglob("*") if p.is_file()):
                    target = folder / path.relative_to(staging)
                    target.parent.mkdir(exist_ok=True)
                    path.replace(target)
        except (OSError, OutputProblem) as error:
            cause = refused(error)
            if cause is None:
                raise
            raise refusal(folder, cause) from cause


def _write_all_series(folder: Path, study: PhantomStudy) -> list[dict[str, Any]]:
    """Write one folder a series and return the rows of ``series`` in the truth."""
    target, flavour = written_study(study), flavour_of(study.preset, study.seed)
    written: dict[int, int] = {}
    rows: dict[str, dict[str, Any]] = {}
    for series in study.series:
        first = written.get(series.number, 0) + 1
        protocol = mr_protocol(series, first, flavour)
        write_series(folder / f"{series.number:02d}_{series.role}", target, protocol, series.volume)
        written[series.number] = first - 1 + series.volume.shape[0]
        uid = series_uid(target, protocol)
        rows[uid] = {"uid": uid, "role": series.role, "rule": "generated", "used": False}
    return list(rows.values())


def _write_truth(folder: Path, study: PhantomStudy, rows: list[dict[str, Any]]) -> None:
    truth = {
        **copy.deepcopy(study.truth),
        "input": _input(written_study(study), rows[0]["uid"]),
        "series": rows,
        "scope": _scope(study),
        "warnings": [],
    }
    for part in (*truth["levels"].values(), *truth["vertebrae"].values(), truth["study"]):
        for measurement in part["measurements"].values():
            measurement.setdefault("points_lps", [])
    write_text(folder / TRUTH, json.dumps(truth, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _scope(study: PhantomStudy) -> dict[str, Any]:
    """Return what a careful grader should hold back at: any condition of the whole examination."""
    names = study.anatomy.plan.conditions.names
    reasons = [{"code": name, "text": f"The phantom was made with {name}."} for name in names]
    return {"decision": "withhold" if names else "grade", "reasons": reasons}


def _remove_earlier(folder: Path) -> None:
    """Remove the series and the truth of a phantom that was written here before, and nothing else."""
    if not (folder / TRUTH).is_file():
        return
    for series in folder.iterdir():
        if series.is_dir() and re.fullmatch(r"\d\d_(sag|ax|cor|loc).*", series.name):
            for path in series.glob("IM*.dcm"):
                path.unlink()
            with suppress(OSError):
                series.rmdir()  # what others put there stays
    (folder / TRUTH).unlink()


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
    target = StudyToWrite(
        seed=f"lvp phantom {study.preset} {study.seed}",
        patient=patient,
        description="SYNTHETIC LUMBAR SPINE",
        manufacturer="lvp_workstation",
        model_name="phantom",
        software_version=__version__,
        synthetic=True,
    )
    return flavoured_study(target, flavour_of(study.preset, study.seed))


def mr_protocol(series: PhantomSeries, first_instance: int = 1, flavour: Flavour | None = None) -> MrProtocol:
    """Return the sequence parameters of a phantom series as DICOM states them."""
    protocol = series.protocol
    inversion = protocol.ti > 0
    plain = MrProtocol(
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
        contrast_agent=protocol.agent,
        window=series.volume.window,
    )
    return flavoured_series(plain, flavour)


def demo_folder(data_folder: Path) -> Path:
    """Return the folder of the embedded demo study, made on first use from its fixed seed."""
    folder = data_folder / "demo" / f"{DEMO_PRESET}_{DEMO_SEED}_{GENERATOR_VERSION}_{__version__}"
    if not (folder / TRUTH).is_file():
        make_one(folder, DEMO_SEED, DEMO_PRESET, DEMO_SERIES)
    return folder
