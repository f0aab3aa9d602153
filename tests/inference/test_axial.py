"""Patches of axial series and the packaged axial model."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.axial_anatomy import AXIAL_CLASSES
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, Volume, VolumeGeometry
from lvp_workstation.inference.axial import AXIAL_MODEL, AxialSegmenter
from lvp_workstation.inference.axial_crop import BEHIND_MM, PIXEL_MM, SIDE, crop_around

DISC = DiscLandmarks("D1", (3.0, -20.0, 10.0), (0.0, 0.0, 1.0))


def series(tilt: float = 0.0, pixel: float = 0.6, slices: int = 9, view: float = 120.0) -> Volume:
    """An axial series whose grey value tells where it is: left + 2 posterior + 3 superior, mm."""
    cos, sin = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    axes = ((0, -sin, cos), (0, cos, sin), (1, 0, 0))
    count = round(view / pixel)
    grid = VolumeGeometry.from_axes((0, 0, 0), axes, (4.0, pixel, pixel), (slices, count, count), "1.2.3")
    middle = np.array([3.0, -20.0 + BEHIND_MM, 10.0]) - grid.centre
    grid = VolumeGeometry.from_axes(middle, axes, (4.0, pixel, pixel), grid.shape, "1.2.3")
    index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij"), axis=-1)
    values = grid.index_to_world(index) @ np.array([1.0, 2.0, 3.0])
    return Volume(values.astype(np.float32), grid, tuple(f"1.2.{n}" for n in range(slices)))


@pytest.mark.parametrize("tilt", [0.0, 20.0, -25.0])
@pytest.mark.parametrize("pixel", [0.45, 0.9])
def test_every_pixel_lies_where_the_patch_says(tilt: float, pixel: float) -> None:
    crop = crop_around(series(tilt, pixel), DISC)
    assert crop is not None
    assert crop.image.shape[1:] == (SIDE, SIDE)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in crop.image.shape), indexing="ij"), axis=-1)
    expected = crop.geometry.index_to_world(index) @ np.array([1.0, 2.0, 3.0])
    inner = np.s_[:, 20:-20, 20:-20]
    assert np.abs(crop.image[inner] - expected[inner]).max() < 0.2


def test_the_middle_of_the_patch_lies_behind_the_disc_in_every_slice() -> None:
    crop = crop_around(series(20.0), DISC)
    assert crop is not None
    half = (SIDE - 1) / 2
    for number, offset in enumerate(crop.offsets):
        place = crop.geometry.index_to_world((number, half, half))
        assert place == pytest.approx((3.0, -20.0 + BEHIND_MM, 10.0 + offset), abs=1e-6)


@pytest.mark.parametrize("axis", [SLICE, ROW, COLUMN])
def test_the_order_of_slices_rows_and_columns_does_not_matter(axis: int) -> None:
    plain, turned = crop_around(series(), DISC), crop_around(series().flipped(axis), DISC)
    assert plain is not None
    assert turned is not None
    assert np.allclose(plain.image, turned.image, atol=1e-3)
    assert plain.source_sop_uids == turned.source_sop_uids


def test_no_patch_far_away_across_or_outside_the_image() -> None:
    far = DiscLandmarks("D1", (3.0, -20.0, 90.0), (0.0, 0.0, 1.0))
    beside = DiscLandmarks("D1", (90.0, -20.0, 10.0), (0.0, 0.0, 1.0))
    assert crop_around(series(), far) is None
    assert crop_around(series(60.0), DISC) is None
    assert crop_around(series(), beside) is None


def test_the_packaged_model_answers_as_it_did_in_training() -> None:
    segmenter = AxialSegmenter.packaged(threads=1)
    with np.load(segmenter.bundle.model_path.with_name("parity.npz")) as parity:
        found = segmenter.chances(parity["image"])
        assert np.abs(found - parity["probabilities"][0]).max() < 1e-4


def test_the_packaged_model_says_what_it_is() -> None:
    manifest = AxialSegmenter.packaged(threads=1).bundle.manifest
    assert manifest["mark"] == "synthetic training, not validated on patients"
    assert manifest["model"]["bytes"] < 8_000_000
    card = (asset_path("models") / AXIAL_MODEL / str(manifest["version"]) / "MODEL_CARD.md").read_text(
        "utf-8"
    )
    assert "synthetic training, not validated on patients" in card.lower()
    assert manifest["model"]["sha256"] in card


def test_blocks_are_made_of_the_series_that_shows_the_disc() -> None:
    segmenter = AxialSegmenter.packaged(threads=1)
    other = DiscLandmarks("D2", (3.0, -20.0, 200.0), (0.0, 0.0, 1.0))
    found = segmenter.blocks([series()], {"D1": DISC, "D2": other}, {0: "said"})
    assert set(found) == {"D1"}
    assert found["D1"].note == "said"
    assert found["D1"].probabilities.shape == (len(AXIAL_CLASSES), *found["D1"].geometry.shape)
    assert np.allclose(found["D1"].probabilities.sum(axis=0), 1.0, atol=1e-3)
    assert found["D1"].geometry.spacing[ROW] == pytest.approx(PIXEL_MM)


@pytest.mark.parametrize("damage", ["missing", "changed", "classes", "empty"])
def test_an_unusable_bundle_is_a_model_problem(tmp_path: Path, damage: str) -> None:
    home = tmp_path / AXIAL_MODEL
    if damage != "missing":
        shutil.copytree(asset_path("models") / AXIAL_MODEL, home)
        folder = next(home.iterdir())
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text("utf-8"))
        if damage == "classes":
            manifest["output"]["classes"]["nerve"] = manifest["output"]["classes"].pop("root")
            path.write_text(json.dumps(manifest), "utf-8")
        else:
            (folder / "model.onnx").write_bytes(b"" if damage == "empty" else b"something else")
    with pytest.raises(ModelProblem):
        AxialSegmenter.packaged(tmp_path)
