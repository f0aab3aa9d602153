"""Lay the detections of ``analysis.json`` beside labelled discs and graded levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.evaluation.conventions import LEVEL_NAMES, Reference, is_disc
from lvp_workstation.evaluation.detection import NORMAL, Box, DiscRow
from lvp_workstation.grading.detector import DiscClass
from lvp_workstation.measure.boxes import Mask, disc_box, fullest_slice
from lvp_workstation.phantom.instances import instance_labels
from lvp_workstation.services.evaluate.compare import SLIP_PRESENT, matched_levels
from lvp_workstation.services.evaluate.sources import PhantomFolder, remade

Document = Mapping[str, Any]
Masks = Mapping[str, Mask]
"""Labelled discs of an image by level name."""
Labelled = tuple[Masks, VolumeGeometry]
"""Labelled discs, and the grid of the image."""


def phantom_discs(truth: Document, folder: PhantomFolder, geometry: VolumeGeometry) -> Labelled:
    """Return the discs of a phantom, drawn on a grid."""
    labels, levels = instance_labels(remade(truth, folder.folder), geometry)
    discs = [name for name in labels.instances if name.startswith("D")]
    return {levels.name(disc): labels.mask(disc) for disc in discs}, geometry


def labelled_discs(reference: Reference, geometry: VolumeGeometry) -> Labelled | None:
    """Return the labelled discs of an image, None where it has no instances."""
    if reference.ids is None:
        return None
    values = [int(v) for v in np.unique(reference.ids) if is_disc(int(v))]
    return {LEVEL_NAMES[value]: reference.ids == value for value in values}, geometry


def true_class(grades: Document) -> str:
    """Return the class that reference grades give a disc; empty where they do not tell."""
    slip = grades.get(SLIP_PRESENT, grades.get("spondylolisthesis", {})).get("grade")
    contour = [grades.get(key, {}).get("grade") for key in ("disc_bulging", "disc_herniation")]
    if slip is None or None in contour:
        return ""
    if int(slip) > 0:
        return DiscClass.SLIPPED.value
    return DiscClass.DISPLACED.value if any(contour) else NORMAL


def disc_rows(patient: str, truth: Document, found: Document, labelled: Labelled | None) -> list[DiscRow]:
    """Return a row for each reference disc, and one for each detection.

    Parameters
    ----------
    truth, found
        ``truth.json`` or its likeness, and ``analysis.json``.
    labelled
        The labels of the analysed image; None where only grades are known, and boxes are not judged.
    """
    detected = {row["level"]: row for row in found.get("detections", ())}
    pairs = matched_levels(truth, found)
    boxes = {} if labelled is None else labelled_boxes(*labelled)
    rows = []
    for level in {**truth["levels"], **boxes}:
        grades = truth["levels"].get(level, {}).get("grades", {})
        named = detected.get(pairs.get(level, ""), {}).get("class")
        rows.append(DiscRow(patient, level, true_class(grades), boxes.get(level), named=named))
    for level, row in detected.items():
        if labelled is not None:
            box = tuple(tuple(corner) for corner in row["box_lps"])
            rows.append(DiscRow(patient, level, given=row["class"], score=float(row["score"]), given_box=box))
    return rows


def labelled_boxes(masks: Masks, geometry: VolumeGeometry) -> dict[str, Box]:
    """Return the boxes of the labelled discs on the slice that shows most of them, by level name."""
    if not masks:
        return {}
    index = fullest_slice(list(masks.values()))
    boxes = {level: disc_box(mask, geometry, index) for level, mask in masks.items()}
    return {
        level: tuple(tuple(float(v) for v in corner) for corner in box)
        for level, box in boxes.items()
        if box is not None
    }
