"""Pictures to look at: ``python -m models.training.contact_sheets --model BUNDLE --out DIR [--worst 40]``.

``validation.png``: every validation patient, the slice in which network and labels differ most, reference
cyan, network orange. ``midslices.png``: the mid-slices on which the network agrees least with itself under
noise and another contrast (`CHANGES`), its answer to the picture as stored cyan, to the change that moved it
most orange; ``worst.jpg`` has the first ten, small. ``midslices.csv``: every mid-slice with its scores and,
where the patient has both with one field of view, the Dice between T1 and T2. No labels exist for
mid-slices: consistency is not accuracy.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lvp_workstation.domain.volume import Volume
from lvp_workstation.inference.preprocess import prepare, restore_labels
from lvp_workstation.report.evaluation_pictures import difference_picture
from models.training.cases import Predict, shared_data
from models.training.labels import CLASS_NAMES
from models.training.midslices import read_slice, spaced
from models.training.onnx_session import session
from models.training.validation import JUDGED, dice, validation_cases

TILE = (420, 380)
"""Width and height of a picture on the sheet, pixels; its caption lies on it."""
ACROSS = 5
NOISE = 0.1
GAMMA = 0.6
"""Exponent applied to the picture as a share of its 99th percentile (our choice)."""
CARD_TILES, JPEG_QUALITY = 10, 70
"""How many of the worst mid-slices the small picture for the model card shows, and how it is packed."""

Labels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Tile:
    """A drawn case with its caption; the sheet shows the lowest score first."""

    caption: str
    score: float
    pixels: NDArray[np.uint8]


def noisy(volume: Volume) -> Volume:
    """Return the picture under noise of `NOISE` of its 99th percentile."""
    array = volume.array.astype(np.float32)
    noise = np.random.default_rng(1).normal(0, NOISE * np.percentile(array, 99), array.shape)
    return volume.with_array(np.abs(array + noise).astype(np.float32))


def curved(volume: Volume) -> Volume:
    """Return the picture with its dark tissues lifted."""
    array = volume.array.astype(np.float32)
    top = max(float(np.percentile(array, 99)), 1.0)
    return volume.with_array((top * (array / top) ** GAMMA).astype(np.float32))


CHANGES: dict[str, Callable[[Volume], Volume]] = {"noise": noisy, "contrast": curved}


def labels_of(predict: Predict, volume: Volume) -> Labels:
    """Return the classes that the network gives to the voxels of a volume."""
    ready = prepare(volume)
    return restore_labels(predict(ready.array), ready.record)


def agreement(one: Labels, other: Labels) -> float:
    """Return the mean Dice over vertebra, disc and canal; a class that only one answer holds counts 0."""
    scores = dice(other, one, JUDGED)
    both = [CLASS_NAMES[label] for label in JUDGED if (one == label).any() or (other == label).any()]
    return float(np.mean([scores.get(name, 0.0) for name in both])) if both else 0.0


def validation_tiles(predict: Predict, data: Path) -> Iterator[Tile]:
    """Draw every validation patient against its labels."""
    for case in validation_cases(data):
        found = labels_of(predict, case.volume)
        scores = dice(found, case.labels, JUDGED)
        text = " ".join(f"{name[0]} {value:.3f}" for name, value in scores.items())
        pixels = difference_picture(case.volume, case.labels, found).pixels
        yield Tile(f"{case.name} {text}", float(np.mean(list(scores.values()))), pixels)


def midslice_rows(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the table whose picture exists and has a pixel size."""
    with open(folder / "overview.csv", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if spaced(row) and (folder / f"{row['new_file_name']}.png").is_file()]


def midslice_scores(predict: Predict, folder: Path) -> tuple[list[Tile], list[dict[str, object]]]:
    """Judge every mid-slice against its own changes; return drawn tiles and the rows of the table."""
    tiles, table, known = [], [], {}
    for row in midslice_rows(folder):
        name, volume = row["new_file_name"], read_slice(folder, row)
        plain = labels_of(predict, volume)
        changed = {key: labels_of(predict, change(volume)) for key, change in CHANGES.items()}
        scores = {key: agreement(plain, other) for key, other in changed.items()}
        lowest = min(scores, key=lambda key: scores[key])
        mean = float(np.mean(list(scores.values())))
        pixels = difference_picture(volume, plain, changed[lowest]).pixels if plain.any() else _blank()
        tiles.append(Tile(f"{name} {mean:.3f}, {lowest} {scores[lowest]:.2f}", mean, pixels))
        known[name] = (row["PixelSpacing"], plain)
        table.append({"name": name, "mean": round(mean, 4)} | {k: round(v, 4) for k, v in scores.items()})
    for line in table:
        line["t1_t2"] = _against_t1(str(line["name"]), known)
    return tiles, table


def _against_t1(name: str, known: dict[str, tuple[str, Labels]]) -> float | str:
    """Return the agreement of a T2 picture with the T1 of the same patient and field of view."""
    own, other = known[name], known.get(name.removesuffix("_t2") + "_t1")
    if not name.endswith("_t2") or other is None or own[0] != other[0] or own[1].shape != other[1].shape:
        return ""
    return round(agreement(own[1], other[1]), 4)


def _blank() -> NDArray[np.uint8]:
    return np.zeros((TILE[1], TILE[0], 3), dtype=np.uint8)


def sheet(tiles: list[Tile]) -> Image.Image:
    """Return all tiles on one picture."""
    width, height = TILE
    rows = -(-len(tiles) // ACROSS)
    picture = Image.new("RGB", (ACROSS * width, rows * height))
    draw = ImageDraw.Draw(picture)
    for n, tile in enumerate(tiles):
        corner = (n % ACROSS * width, n // ACROSS * height)
        small = Image.fromarray(tile.pixels)
        small.thumbnail((width - 4, height - 16))
        picture.paste(small, (corner[0], corner[1] + 14))
        draw.text((corner[0] + 2, corner[1] + 1), tile.caption, fill=(255, 230, 90))
    return picture


def main() -> None:
    """Write the sheets and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="bundle folder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--worst", type=int, default=40)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    predict, data = session(args.model / "model.onnx"), args.data or shared_data()
    sheet(sorted(validation_tiles(predict, data), key=lambda t: t.score)).save(args.out / "validation.png")
    tiles, table = midslice_scores(predict, data / "spider_midslices")
    with open(args.out / "midslices.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(table[0]))
        writer.writeheader()
        writer.writerows(sorted(table, key=lambda line: str(line["name"])))
    worst = sorted(tiles, key=lambda t: t.score)[: args.worst]
    sheet(worst).save(args.out / "midslices.png")
    sheet(worst[:CARD_TILES]).save(args.out / "worst.jpg", quality=JPEG_QUALITY)
    scores = np.array([tile.score for tile in tiles])
    low, middle = np.percentile(scores, (10, 50))
    print(f"{len(tiles)} mid-slices: median {middle:.3f}, percentile 10 {low:.3f}, lowest {scores.min():.3f}")


if __name__ == "__main__":
    main()
