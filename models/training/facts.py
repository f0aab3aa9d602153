"""What the manifest and the card say about the making of the weights: data, licences, limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from models.training.midslices import HELD_OUT_EVERY

ORIGIN = "origin.json"
ATTRIBUTION = (
    "Contains data from the SPIDER lumbar spine MRI data set: J. W. van der Graaf, M. L. van Hooff, "
    "C. F. M. Buckens, M. Rutten, J. L. C. van Susante, R. J. Kroeze, M. de Kleuver, B. van Ginneken, "
    'N. Lessmann, "Lumbar spine segmentation in MR images: a dataset and a public benchmark", Scientific '
    "Data 11, 264 (2024), doi:10.1038/s41597-024-03090-w. Data: Zenodo, doi:10.5281/zenodo.10159290 "
    "(record 10159290). Licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). Changes "
    "were made."
)
LIMITS = (
    "Not a medical device; every output needs a reader.",
    "One hospital, mostly one scanner (Siemens 1.5 T, T2 SPACE), a 12-27 mm slab about the midline.",
    "No reader drew a sacrum: its shape comes from phantoms.",
    "On other contrasts than T2 SPACE no reader's labels were taught: phantoms, changed contrasts and, where "
    "named, pseudo-labels stand in.",
)
NEVER_TRAINED_ON = ["7", "41", "50", "81", "110", "209"]
"""The validation patients of the shared data."""


def write_origin(run: Path, **facts: Any) -> None:
    """Keep beside the checkpoint what a training was made from."""
    (run / ORIGIN).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def training_facts(run: Path) -> dict[str, Any]:
    """Say what the weights of a run were made from, for the manifest."""
    state = torch.load(run / "checkpoint.pt", map_location="cpu")
    notes, origin = run / "notes.txt", json.loads((run / ORIGIN).read_text(encoding="utf-8"))
    return {
        "notes": notes.read_text(encoding="utf-8").splitlines() if notes.exists() else [],
        "start": origin["start"],
        "steps": int(state["step"]),
        "minutes": round(float(state["spent"]) / 60, 1),
        "data": _data(origin),
        "never_trained_on": NEVER_TRAINED_ON,
    }


def _data(origin: dict[str, Any]) -> list[dict[str, str]]:
    spider = {"licence": "CC BY 4.0", "attribution": ATTRIBUTION}
    data = []
    if origin["patients"]:
        data.append({"name": f"SPIDER (T2 SPACE, {origin['patients']} training patients)", **spider})
    if origin["pseudo_pictures"]:
        kept = f"patients whose number is a multiple of {HELD_OUT_EVERY} kept apart"
        name = (
            f"SPIDER mid-slices (T1 and T2, {origin['pseudo_pictures']} pictures with pseudo-labels; {kept})"
        )
        data.append({"name": name, **spider})
    if origin["phantoms"]:
        name = f"synthetic phantoms of this project (lvp_workstation.phantom, {origin['phantoms']} series)"
        data.append({"name": name, "licence": "Apache-2.0"})
    if origin["added"]:
        name = f"{origin['added']} labelled volumes of the user's own"
        data.append({"name": name, "licence": "as the user has it"})
    return data
