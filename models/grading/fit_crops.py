"""Train the learned grader: a small network on pictures of single discs, five folds by patient.

Run from the repository root: ``.venv/bin/python -m models.grading.fit_crops DATA [--cache DIR] [--seeds 2]``,
with DATA the folder that holds ``spider_midslices``; about 15 minutes a seed on one core. Each fold's
network never saw the patients of the fold. Written are

* ``models/grading/learned_out_of_fold.csv``: logits of every disc by networks that did not see its patient
  (mean over the seeds), to which `fit_experts` fits the graders;
* ``models/disc_grader/1.0.0/model.onnx``: the five networks of the first seed and their mean logit.

T1 is laid beside T2 where a patient has both; a fifth of the pictures is trained without it.

Data: SPIDER lumbar spine MRI, van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from lvp_workstation.domain.anatomy import disc_id
from lvp_workstation.evaluation.roc import auc
from models.grading.crop_net import CropNet, Ensemble, augmented
from models.grading.experts import ExpertDiscs, read_experts
from models.grading.fitting import FOLDS
from models.grading.logits import QUESTIONS, Disc, write_logits

BUNDLE = Path("models/disc_grader/1.0.0")
EPOCHS, BATCH, RATE, DECAY = 30, 32, 4e-3, 0.02
OPSET = 17
LIMIT = 8.0
"""Logits are cut off here: beyond it a probability is 0.9997."""

Pictures = NDArray[np.float32]


def pictures(experts: ExpertDiscs) -> tuple[list[Disc], Pictures]:
    """Return the discs that have a picture on T2, and their pictures, shape (n, 5, 64, 96).

    The T1 channel is the picture of the same disc in the patient's T1, placed by the masks of that T1.
    """
    keys, found = [], []
    for key in sorted(experts.t2, key=lambda d: (int(d[0]), d[1])):
        measures, k = experts.t2[key]
        crop = measures.crops.get(disc_id(k))
        if crop is None:
            continue
        crop = crop.copy()
        if key in experts.t1:
            beside, n = experts.t1[key]
            if disc_id(n) in beside.crops:
                crop[1] = beside.crops[disc_id(n)][0]
        keys.append(key)
        found.append(crop)
    return keys, np.stack(found)


def answers(grades: Mapping[str, int]) -> list[float]:
    """Return the expert's answers to the `QUESTIONS`."""
    grade, bulging, herniated = (grades[k] for k in ("Pfirrman grade", "Disc bulging", "Disc herniation"))
    found = [grade >= 2, grade >= 3, grade >= 4, grade >= 5, grades["Disc narrowing"], bulging, herniated]
    found += [bulging or herniated, grades["Modic"] > 0, grades["UP endplate"], grades["LOW endplate"]]
    return [float(bool(v)) for v in (*found, grades["Spondylolisthesis"])]


def train(crops: torch.Tensor, targets: torch.Tensor, seed: int) -> CropNet:
    """Return a network trained on some discs."""
    torch.manual_seed(seed)
    draw = torch.Generator().manual_seed(seed)
    order = np.random.default_rng(seed)
    net, rounds = CropNet(), len(crops) // BATCH
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=EPOCHS * rounds)
    net.train()
    for _ in range(EPOCHS):
        shuffled = order.permutation(len(crops))
        for n in range(rounds):
            chosen = torch.as_tensor(shuffled[n * BATCH : (n + 1) * BATCH])
            seen, wanted = augmented(crops[chosen], targets[chosen], draw)
            loss = functional.binary_cross_entropy_with_logits(net(seen), wanted)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return net.eval()


def logits_of(net: torch.nn.Module, crops: torch.Tensor) -> NDArray[np.float64]:
    """Return the logits of pictures, shape (n, 12)."""
    with torch.no_grad():
        return np.asarray(net(crops).numpy(), dtype=np.float64).clip(-LIMIT, LIMIT)


def out_of_fold_logits(
    keys: list[Disc], crops: torch.Tensor, targets: torch.Tensor, seed: int
) -> tuple[NDArray[np.float64], list[CropNet]]:
    """Return the logits of every disc by the network that did not see its patient, and the networks."""
    fold = np.array([int(patient) % FOLDS for patient, _ in keys])
    found, nets = np.zeros(targets.shape), []
    for number in range(FOLDS):
        inside = torch.as_tensor(np.flatnonzero(fold == number))
        outside = torch.as_tensor(np.flatnonzero(fold != number))
        net = train(crops[outside], targets[outside], 100 * seed + number)
        found[inside] = logits_of(net, crops[inside])
        nets.append(net)
        areas = [auc(found[inside, q], targets[inside, q].numpy()) or 0.0 for q in range(len(QUESTIONS))]
        named = ", ".join(f"{q} {area:.3f}" for q, area in zip(QUESTIONS, areas, strict=True))
        sys.stdout.write(f"seed {seed}, fold {number}: {named}\n")
        sys.stdout.flush()
    return found, nets


def export(nets: list[CropNet], crops: torch.Tensor) -> None:
    """Write the mean of some networks as ONNX, and its manifest."""
    BUNDLE.mkdir(parents=True, exist_ok=True)
    path = BUNDLE / "model.onnx"
    torch.onnx.export(
        Ensemble(nets).eval(),
        (crops[:2],),
        str(path),
        input_names=["crops"],
        output_names=["logits"],
        dynamic_axes={"crops": {0: "n"}, "logits": {0: "n"}},
        opset_version=OPSET,
        dynamo=False,
    )
    content = path.read_bytes()
    manifest: dict[str, Any] = {
        "name": "disc_grader",
        "version": "1.0.0",
        "model": {
            "file": path.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
        },
        "input": "float32 (n, 5, 64, 96), see lvp_workstation.measure.crop",
        "output": list(QUESTIONS),
    }
    (BUNDLE / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Train, and write logits and model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, default=None)
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    experts = read_experts(options.data / "spider_midslices", options.cache)
    keys, found = pictures(experts)
    crops = torch.as_tensor(found)
    targets = torch.tensor([answers(experts.graded[key]) for key in keys])
    total = np.zeros(targets.shape)
    for seed in range(options.seeds):
        logits, nets = out_of_fold_logits(keys, crops, targets, seed)
        total += logits
        if seed == 0:
            export(nets, crops)
        write_logits(keys, total / (seed + 1))


if __name__ == "__main__":
    main()
