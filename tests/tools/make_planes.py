"""Write ``docs/planes.md``: planes on the six real studies against disc planes fitted to their labels.

``python -m tests.tools.make_planes [--pictures DIR]``; the real data folder is found as in the tests.
Pictures of patients go to the folder that is named, never into the repository.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from lvp_workstation.app.plan_command import make_planner
from lvp_workstation.domain.geometry import Array
from lvp_workstation.io.atomic import write_bytes
from lvp_workstation.planning.stack import AXIAL, PlannedStack
from lvp_workstation.render.png import png_bytes
from lvp_workstation.services.open_study import VolumeLoader, open_paths
from lvp_workstation.services.plan import PlannedVolume, load_plan_protocol
from lvp_workstation.services.plan_picture import plan_picture
from tests.conftest import REPOSITORY

STUDIES = ("005", "022", "050", "057", "162", "200")
LOWEST_DISC, LEVELS = 201, 5
CORE = (0.1, 0.9)
"""Share of a disc's depth that takes part: its rounded ends do not lie in its plane (our choice)."""
CELL_MM = 1.5
HEAD = """# Planes on the six real studies

Angle between the proposed axial stack and the middle surface of the labelled disc, in the sagittal plane and
sideways, and distance of the disc's middle from the stack's middle plane. The surface is half way between the
upper and the lower voxel of each column of the label, without the front and back tenths: one of the program's
three ways, but on the given labels. Five studies are training patients of the segmentation and no evidence of
accuracy; 050 is a validation patient. Labels are in slabs of 12-27 mm: the tilt sideways of a disc is poorly
known from them. Written by `python -m tests.tools.make_planes`.

| study | level | angle in the sagittal plane, deg | sideways, deg | offset, mm | confidence | declined |
|---|---|---|---|---|---|---|
"""


def label_discs(path: Path) -> dict[int, Array]:
    """Return the voxels of each labelled disc by its number from below, LPS mm, shape (n, 3)."""
    image = sitk.ReadImage(str(path))
    array = sitk.GetArrayFromImage(image)
    axes = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    found = {}
    for number in range(1, LEVELS + 1):
        index = np.argwhere(array == LOWEST_DISC + number - 1)[:, ::-1]
        if len(index):
            found[number] = index @ axes.T + np.array(image.GetOrigin())
    return found


def slopes(points: Array, stack: PlannedStack) -> tuple[float, float]:
    """Return how the middle surface of a labelled disc rises backward and to the left of a stack, degrees."""
    offset = points - points.mean(axis=0)
    left, back, up = offset @ stack.row, offset @ stack.column, offset @ stack.normal
    low, high = np.quantile(back, CORE)
    cells: dict[tuple[int, int], list[float]] = {}
    for across, behind, height in zip(left, back, up, strict=True):
        if low <= behind <= high:
            cells.setdefault((round(across / CELL_MM), round(behind / CELL_MM)), []).append(height)
    places = np.array(list(cells)) * CELL_MM
    middles = np.array([(min(heights) + max(heights)) / 2 for heights in cells.values()])
    rows = np.column_stack([places, np.ones(len(places))])
    across, behind, _ = np.linalg.lstsq(rows, middles, rcond=None)[0]
    return float(np.degrees(np.arctan(behind))), float(np.degrees(np.arctan(across)))


def nearest(stacks: Sequence[PlannedStack], middle: Array) -> PlannedStack | None:
    """Return the axial stack whose middle lies nearest to a disc."""
    placed = [stack for stack in stacks if stack.centre is not None]
    return min(placed, key=lambda s: abs(float(s.plane.signed_distance(middle))), default=None)


def rows(study: str, found: PlannedVolume, discs: dict[int, Array]) -> list[str]:
    """Return the rows of a study, from above."""
    lines = []
    for _, points in sorted(discs.items(), reverse=True):
        middle = points.mean(axis=0)
        stack = nearest(found.plan.of_kind(AXIAL), middle)
        if stack is None:
            lines.append(f"| {study} | – | – | – | – | – | no stack |")
            continue
        backward, sideways = slopes(points, stack)
        offset = abs(float(stack.plane.signed_distance(middle)))
        figures = f"{abs(backward):.1f} | {abs(sideways):.1f} | {offset:.1f} | {stack.confidence:.2f}"
        lines.append(f"| {study} | {stack.level} | {figures} | {stack.declined} |")
    return lines


def main(arguments: Sequence[str]) -> int:
    """Plan on the studies and write the table."""
    parser = argparse.ArgumentParser(description="planes on the real studies")
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args(arguments)
    data = Path(os.environ.get("LVP_SHARED_DATA", REPOSITORY.parent / "shared" / "data")) / "studies"
    planner, protocol, loader = make_planner(None), load_plan_protocol(), VolumeLoader()
    lines: list[str] = []
    for study in STUDIES:
        opened = open_paths([data / f"study_{study}"]).studies[0]
        found = planner.plan_study(opened, lambda s, c: loader.load(s, cancel=c).volume, protocol).found
        lines += rows(study, found, label_discs(data / f"study_{study}_levels.nii.gz"))
        if options.pictures is not None:
            options.pictures.mkdir(parents=True, exist_ok=True)
            write_bytes(options.pictures / f"planes_{study}.png", png_bytes(plan_picture(found)))
    (REPOSITORY / "docs" / "planes.md").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
