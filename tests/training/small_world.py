"""A tiny network, a tiny data folder, a tiny recipe: what a training needs, in seconds."""

# ruff: noqa: E402  (the network needs PyTorch, whose absence skips the files that use this one)

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from models.training.cases import Case, as_ratio
from models.training.config import DEFAULT
from models.training.labels import CANAL, DISC, SACRUM, VERTEBRA

torch = pytest.importorskip("torch", reason="PyTorch is absent: install the dependency group `train`")

from models.training.network import NetworkConfig, VNet

SPACING = (0.9, 0.8, 0.8)
TRAIN, VALIDATION = (1, 2, 3), (4,)
SMALL = {
    "channels = [16, 32, 64, 128, 192]": "channels = [8, 8, 8, 16, 16]",
    "units = [1, 2, 2, 2, 3]": "units = [1, 1, 1, 1, 1]",
    "decoder_units = [1, 2, 2, 2]": "decoder_units = [1, 1, 1, 1]",
    "bfloat16 = true": "bfloat16 = false",
    "phantom_minimum = 8": "phantom_minimum = 1",
    "threads = 2": "threads = 1",
}
SHAPE = """[[shapes]]
batch = 2
slices = 4
rows = 32
columns = 32
spacing = [0.9, 4.0]
"""


def column(sacrum: bool = False) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Grey values and SPIDER-like labels of a straight spine, [slice, row, column]."""
    labels = np.zeros((8, 60, 40), np.uint8)
    labels[:, :46, 10:24] = VERTEBRA
    labels[:, 10:14, 10:24] = labels[:, 26:30, 10:24] = labels[:, 42:46, 10:24] = DISC
    labels[:, :, 27:32] = CANAL
    if sacrum:
        labels[:, 46:, 10:24] = SACRUM
    grey = np.array([0.05, 0.5, 0.2, 0.9, 0.5])[labels]
    return grey.astype(np.float32), labels


def world() -> Case:
    """Return the straight spine as a case."""
    grey, labels = column()
    return Case("world", as_ratio(grey), labels, SPACING)


def write_nifti(path: Path, array: NDArray[np.generic]) -> None:
    """Write canonical sagittal voxels, [slice, row, column], with the geometry of the shared data."""
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((SPACING[2], SPACING[1], SPACING[0]))
    image.SetDirection((0, 0, -1, 1, 0, 0, 0, -1, 0))
    sitk.WriteImage(image, str(path))


def write_case(folder: Path, name: str, sacrum: bool = False, noise: int = 0) -> None:
    """Write image, labels and levels of one case."""
    grey, labels = column(sacrum)
    noisy = grey * 200 + np.random.default_rng(noise).normal(0, 4, grey.shape)
    levels = np.zeros_like(labels)
    levels[:, 42:46, 10:24] = 201
    for kind, array in (("image", np.clip(noisy, 0, 255).astype(np.uint8)), ("labels", labels)):
        write_nifti(folder / f"{name}_{kind}.nii.gz", array)
    write_nifti(folder / f"{name}_levels.nii.gz", levels)


def data_folder(root: Path) -> Path:
    """Write a folder like the shared data: `TRAIN` and `VALIDATION` patients."""
    folder = root / "spider_space"
    folder.mkdir(parents=True)
    with open(folder / "patients.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("patient", "suggested_split"))
        table.writerows((p, "train") for p in TRAIN)
        table.writerows((p, "validation") for p in VALIDATION)
    for patient in (*TRAIN, *VALIDATION):
        write_case(folder, f"spider_{patient}", noise=patient)
    return root


def small_recipe(path: Path, **numbers: float) -> Path:
    """Write the recipe for a tiny network; ``numbers`` replace further keys of ``[train]``."""
    text = DEFAULT.read_text(encoding="utf-8")
    for line, smaller in SMALL.items():
        assert line in text
        text = text.replace(line, smaller)
    text = text[: text.index("[[shapes]]")] + SHAPE
    for key, value in numbers.items():
        lines = [f"{key} = {value}" if row.startswith(f"{key} =") else row for row in text.splitlines()]
        text = "\n".join(lines)
    path.write_text(text, encoding="utf-8")
    return path


def shaken(config: NetworkConfig) -> VNet:
    """A network whose norms and slopes are not at their first values."""
    torch.manual_seed(3)
    net = VNet(config)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2.0)
            torch.nn.init.uniform_(module.weight, -1.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
        elif isinstance(module, torch.nn.PReLU):
            torch.nn.init.uniform_(module.weight, -0.3, 0.5)
    return net.eval()
