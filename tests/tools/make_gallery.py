"""Draw a gallery of random phantoms beside real slices, to be looked at by a person.

``python -m tests.tools.make_gallery OUT.png --data SPIDER_MIDSLICES``; without ``--data`` phantoms alone.
The picture may show patients' images: keep it out of the repository.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lvp_workstation.phantom.generate import PhantomSeries, make_phantom

Tile = NDArray[np.uint8]
TILE = (300, 260)
PHANTOMS, AXIALS, REALS = 24, 6, 10
COLUMNS = 10
TOP_PERCENTILE = 98.8


def tile(image: NDArray[np.floating], spacing: float, height_mm: float) -> Tile:
    """Return a slice windowed and brought to a common scale: ``height_mm`` fills the height of a tile."""
    top = max(float(np.percentile(image, TOP_PERCENTILE)), 1.0)
    grey = Image.fromarray(np.clip(image / top * 255, 0, 255).astype(np.uint8))
    factor = spacing * TILE[0] / height_mm
    size = (max(round(grey.width * factor), 1), max(round(grey.height * factor), 1))
    scaled = np.asarray(grey.resize(size, Image.Resampling.BICUBIC))
    result = np.zeros(TILE, dtype=np.uint8)
    rows, columns = (min(a, b) for a, b in zip(scaled.shape, TILE, strict=True))
    first = [(a - b) // 2 for a, b in zip(scaled.shape, (rows, columns), strict=True)]
    offset = [(a - b) // 2 for a, b in zip(TILE, (rows, columns), strict=True)]
    part = scaled[first[0] : first[0] + rows, first[1] : first[1] + columns]
    result[offset[0] : offset[0] + rows, offset[1] : offset[1] + columns] = part
    return result


def middle(series: PhantomSeries, height_mm: float) -> Tile:
    """Return the middle slice of a phantom series."""
    array = series.volume.array
    spacing = float(series.volume.geometry.spacing[1])
    return tile(array[array.shape[0] // 2].astype(float), spacing, height_mm)


def phantom_tiles(first_seed: int) -> list[Tile]:
    """Return mid-sagittal T2 of random phantoms, then axial T2 of some of them."""
    sagittal = [
        middle(make_phantom(first_seed + n, "random", ("sag_t2",)).series[0], 270.0) for n in range(PHANTOMS)
    ]
    axial = [
        middle(make_phantom(first_seed + n, "random", ("ax_t2",)).series[1], 150.0) for n in range(AXIALS)
    ]
    return sagittal + axial


def real_tiles(folder: Path) -> list[Tile]:
    """Return real mid-sagittal T2 slices, spread over the patients."""
    paths = sorted(folder.glob("*_t2.png"), key=lambda p: int(p.name.split("_")[0]))
    chosen = paths[:: max(len(paths) // REALS, 1)][:REALS]
    tiles = []
    for path in chosen:
        image = np.asarray(Image.open(path).convert("L"), dtype=float)
        tiles.append(tile(image, 270.0 / image.shape[0], 270.0))
    return tiles


def main() -> None:
    """Write the gallery."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, help="folder of real mid-sagittal PNG")
    parser.add_argument("--first-seed", type=int, default=5000)
    args = parser.parse_args()
    tiles = phantom_tiles(args.first_seed) + (real_tiles(args.data) if args.data else [])
    rows = -(-len(tiles) // COLUMNS)
    sheet = np.zeros((rows * TILE[0], COLUMNS * TILE[1]), dtype=np.uint8)
    for number, one in enumerate(tiles):
        row, column = divmod(number, COLUMNS)
        sheet[row * TILE[0] : (row + 1) * TILE[0], column * TILE[1] : (column + 1) * TILE[1]] = one
    Image.fromarray(sheet).save(args.out)


if __name__ == "__main__":
    main()
