"""The film strip of a loop: every series with the planes that came back for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.volume import COLUMN, ROW, ImagePlane, Volume
from lvp_workstation.planning.stack import AXIAL, SAGITTAL
from lvp_workstation.render.label_lut import Colour
from lvp_workstation.render.raster import Rgb, draw_polyline, draw_text
from lvp_workstation.services.acquisition.simulated_scanner import ScanStep

SIZE, CAPTION = 360, 64
COLUMNS = 4
LEVEL_MM, SPREAD_MM = 70.0, 8.8
"""Half length of the lines, and distance of an axial stack's outer slices from its middle (five slices)."""
VERDICTS: dict[str, Colour] = {
    "good": (96, 220, 140),
    "acceptable": (255, 196, 64),
    "repeat": (255, 80, 80),
}
BRIGHT = 0.995


def film_strip(steps: Sequence[ScanStep]) -> Rgb:
    """Return the pictures of all series in rows of four, uint8, shape (rows, columns, 3)."""
    frames = [_frame(step) for step in steps]
    frames += [np.zeros_like(frames[0])] * (-len(frames) % COLUMNS)
    rows = [np.concatenate(frames[n : n + COLUMNS], axis=1) for n in range(0, len(frames), COLUMNS)]
    return np.concatenate(rows, axis=0)


def _frame(step: ScanStep) -> Rgb:
    volume = _shown(step.volumes)
    index = volume.shape[0] // 2
    geometry = volume.geometry
    rows, columns = volume.shape[ROW], volume.shape[COLUMN]
    image = np.zeros((SIZE + CAPTION, SIZE, 3), dtype=np.uint8)
    image[:SIZE] = _scaled(volume.array[index])[..., None]
    plane = geometry.slice_plane(index)
    for name, pose in step.answer.poses.items():
        wanted = AXIAL if geometry.image_plane is ImagePlane.SAGITTAL else SAGITTAL
        if not name.startswith(wanted):
            continue
        for offset in (-SPREAD_MM, 0.0, SPREAD_MM) if wanted == AXIAL else (0.0,):
            line = _line(pose, offset, plane)
            if line is not None:
                places = geometry.world_to_index(line)[:, [COLUMN, ROW]] + 0.5
                draw_polyline(image[:SIZE], places * (SIZE / columns, SIZE / rows), (96, 220, 140), 1.2)
    draw_text(image, f"{step.number + 1}. {step.name}", (8, SIZE + 18), size=17, bold=True)
    verdict = step.answer.verdict
    text = f"{verdict}, answer after {step.answer.waited_s:.2f} s"
    draw_text(image, text, (8, SIZE + 44), VERDICTS.get(verdict, (235, 235, 235)), size=15)
    return image


def _shown(volumes: Sequence[Volume]) -> Volume:
    return next((v for v in volumes if v.geometry.image_plane is ImagePlane.SAGITTAL), volumes[0])


def _scaled(image: np.ndarray) -> np.ndarray:
    """Return an image as bytes on a square of `SIZE`, nearest pixels."""
    rows = (np.arange(SIZE) * image.shape[0] / SIZE).astype(int)
    columns = (np.arange(SIZE) * image.shape[1] / SIZE).astype(int)
    top = max(float(np.quantile(image, BRIGHT)), 1.0)
    found = image[rows][:, columns].astype(np.float64) * (255.0 / top)
    return np.asarray(np.clip(found, 0, 255), dtype=np.uint8)


def _line(pose: np.ndarray, offset: float, plane: Plane) -> np.ndarray | None:
    """Return the line in which a slice of a stack cuts an image, None when they are parallel."""
    along = np.cross(pose[:3, 2], plane.normal)
    length = float(np.linalg.norm(along))
    if length < 0.2:
        return None
    direction = along / length
    centre = pose[:3, 3] + offset * pose[:3, 2]
    towards = np.cross(pose[:3, 2], direction)
    middle = centre - float(plane.signed_distance(centre)) / float(towards @ plane.normal) * towards
    return np.array([middle - LEVEL_MM * direction, middle + LEVEL_MM * direction])
