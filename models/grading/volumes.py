"""The SPIDER volumes with their reference masks, measured: the models are checked on them in 3-D.

Data: SPIDER lumbar spine MRI, van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from lvp_workstation.domain.anatomy import LevelMap, instance_number
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.inference.disc_grader import with_answers
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.spine import measure_spine
from models.grading.logits import read_logits

VALIDATION = ("7", "41", "50", "81", "110", "209")
"""Patients on whom the V-Net was not trained, as everywhere in the project."""


def volume_patients(folder: Path) -> tuple[str, ...]:
    """Return the patients that have a volume, in the order of ``patients.csv``."""
    with (folder / "spider_space" / "patients.csv").open(newline="", encoding="utf-8") as file:
        return tuple(row["patient"] for row in csv.DictReader(file))


def load_case(folder: Path, patient: str) -> tuple[Volume, LabelMap] | None:
    """Return image and instance codes of a patient, None without a file of instances."""
    stem = folder / "spider_space" / f"spider_{patient}"
    levels_file = Path(f"{stem}_levels.nii.gz")
    if not levels_file.exists():
        return None
    image = sitk.ReadImage(f"{stem}_image.nii.gz")
    classes = sitk.GetArrayFromImage(sitk.ReadImage(f"{stem}_labels.nii.gz"))
    levels = sitk.GetArrayFromImage(sitk.ReadImage(str(levels_file)))
    codes = np.zeros(classes.shape, dtype=np.uint8)
    codes[classes == 3] = CANAL_CODE
    bone, disc = (classes == 1) & (levels > 0) & (levels < 50), (classes == 2) & (levels > 200)
    codes[bone] = VERTEBRA_BASE + levels[bone]
    codes[disc] = DISC_BASE + levels[disc] - 200
    geometry = _geometry(image)
    return Volume(sitk.GetArrayFromImage(image), geometry), LabelMap(codes, geometry)


def _geometry(image: Any) -> VolumeGeometry:
    axes = np.array(image.GetDirection()).reshape(3, 3)[:, ::-1] * np.array(image.GetSpacing())[::-1]
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = axes, image.GetOrigin()
    columns, rows, slices = image.GetSize()
    return VolumeGeometry(affine, (slices, rows, columns))


def measure_volumes(folder: Path, patients: Sequence[str]) -> dict[str, SpineMeasures]:
    """Return the measures of patients on their reference masks; those without instances are left out.

    What the learned grader says of a disc comes from networks that did not see the patient.
    """
    found, answers = {}, read_logits()
    for patient in patients:
        case = load_case(folder, patient)
        if case is None:
            continue
        volume, labels = case
        count = sum(1 for instance in labels.instances if instance.startswith("V"))
        provenance = Provenance(Provenance.AI, "reference masks", "")
        measures = measure_spine(labels, LevelMap(count), volume, Weighting.T2, provenance)
        known = {d: answers.get((patient, instance_number(d)), {}) for d in measures.discs}
        found[patient] = with_answers(measures, known)
    return found
