"""Decoding: every transfer syntax, the middle first, and damage that costs one slice only."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom import uid

from lvp_workstation.domain.errors import Cancelled, UnreadableInput
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.study import Series
from lvp_workstation.io import decode, pixels
from lvp_workstation.io.pixels import load_volume, middle_outward, stored_window
from lvp_workstation.io.scan import scan_paths
from lvp_workstation.io.studies import build_studies
from tests import dicom_factory as factory

SYNTAXES = {
    "implicit": uid.ImplicitVRLittleEndian,
    "explicit": uid.ExplicitVRLittleEndian,
    "big endian": uid.ExplicitVRBigEndian,
    "deflated": uid.DeflatedExplicitVRLittleEndian,
    "RLE": uid.RLELossless,
    "JPEG 2000 lossless": uid.JPEG2000Lossless,
    "JPEG-LS lossless": uid.JPEGLSLossless,
}


def series_of(folder: Path) -> Series:
    (study,) = build_studies(scan_paths([folder]).headers)
    (series,) = study.series
    return series


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_each_transfer_syntax_gives_the_stored_values(tmp_path: Path, syntax: str) -> None:
    arrays = [factory.pattern(n, 34, 38) for n in range(3)]
    images = [factory.image((-4.0 * n, 0, 0), pixels=array, number=n + 1) for n, array in enumerate(arrays)]
    factory.write(tmp_path, images, syntax=None if syntax == uid.ExplicitVRLittleEndian else syntax)
    series = series_of(tmp_path)
    assert series.attributes["TransferSyntaxUID"] == syntax
    loaded = load_volume(series)
    assert loaded.problems == ()
    assert np.array_equal(loaded.volume.array, np.stack(arrays))


@pytest.mark.parametrize("dtype", [np.uint16, np.int16])
def test_bits_above_the_stored_ones_are_no_part_of_a_value(tmp_path: Path, dtype: type[Any]) -> None:
    values = (np.arange(34 * 38).reshape(34, 38) - (600 if dtype is np.int16 else 0)).astype(dtype)
    image = factory.image(pixels=values & 0xFFF | 0x5000)
    image.BitsStored, image.HighBit = 12, 11
    (path,) = factory.write(tmp_path, [image])
    volume = load_volume(series_of(tmp_path)).volume
    assert np.array_equal(volume.array[0], values)
    assert np.array_equal(volume.array[0], pydicom.dcmread(path).pixel_array)


def test_plain_values_are_read_without_parsing_the_file_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = [factory.pattern(n, 34, 38) for n in range(3)]
    images = [factory.image((-4.0 * n, 0, 0), pixels=array, number=n + 1) for n, array in enumerate(arrays)]
    factory.write(tmp_path, images)
    series = series_of(tmp_path)
    monkeypatch.setattr(decode, "iter_pixels", None)
    assert np.array_equal(load_volume(series).volume.array, np.stack(arrays))


def test_a_file_cut_short_after_the_scan_costs_its_slice_only(tmp_path: Path) -> None:
    images = [factory.image((-4.0 * n, 0, 0), number=n + 1) for n in range(3)]
    paths = factory.write(tmp_path, images)
    series = series_of(tmp_path)
    paths[1].write_bytes(paths[1].read_bytes()[:-50])
    (problem,) = load_volume(series).problems
    assert problem.code == "undecodable_slices"


@pytest.mark.parametrize("option", ["+e1", "+el"])
def test_jpeg_lossless_gives_the_stored_values(tmp_path: Path, option: str) -> None:
    if which("dcmcjpeg") is None:
        pytest.skip("dcmcjpeg (dcmtk) is not installed")
    array = factory.pattern(3, 34, 38)
    (path,) = factory.write(tmp_path, [factory.image(pixels=array)])
    selected = [] if option == "+el" else ["+e1"]
    subprocess.run(["dcmcjpeg", *selected, str(path), str(path)], check=True)
    series = series_of(tmp_path)
    assert series.attributes["TransferSyntaxUID"].startswith("1.2.840.10008.1.2.4.")
    assert np.array_equal(load_volume(series).volume.array[0], array)


def test_signed_values_keep_their_sign(tmp_path: Path) -> None:
    array = factory.pattern(1).astype(np.int16) - 500
    factory.write(tmp_path, [factory.image(pixels=array)], syntax=uid.RLELossless)
    assert np.array_equal(load_volume(series_of(tmp_path)).volume.array[0], array)


def test_slices_arrive_from_the_middle_outward(tmp_path: Path) -> None:
    assert middle_outward(6) == [3, 2, 4, 1, 5, 0]
    factory.write(tmp_path, factory.stack(7))
    order: list[int] = []
    load_volume(series_of(tmp_path), on_slice=lambda number, _: order.append(number), workers=1)
    assert order[0] in (3, 2)
    assert sorted(order) == list(range(7))


def test_cancel_stops_decoding(tmp_path: Path) -> None:
    factory.write(tmp_path, factory.stack(30))
    token = CancelToken()
    with pytest.raises(Cancelled):
        load_volume(series_of(tmp_path), cancel=token, on_slice=lambda *_: token.cancel())


def damage(path: Path) -> None:
    """Overwrite the compressed bytes, keeping every length as it is."""
    data = bytearray(path.read_bytes())
    start = data.rindex(b"\xff\x4f\xff\x51")
    data[start : start + 60] = b"\0" * 60
    path.write_bytes(bytes(data))


def test_a_slice_that_cannot_be_decoded_inside_stays_blank_and_is_named(tmp_path: Path) -> None:
    paths = factory.write(tmp_path, factory.stack(5), syntax=uid.JPEG2000Lossless)
    damage(paths[2])
    loaded = load_volume(series_of(tmp_path))
    assert loaded.volume.shape[0] == 5
    assert not loaded.volume.array[2].any()
    (problem,) = loaded.problems
    assert "slice 3 of 5 could not be decoded" in problem.text
    assert "shown blank" in problem.text


def test_a_slice_that_cannot_be_decoded_at_the_end_shortens_the_volume(tmp_path: Path) -> None:
    images = factory.stack(5)
    paths = factory.write(tmp_path, images, syntax=uid.JPEG2000Lossless)
    damage(paths[0])
    loaded = load_volume(series_of(tmp_path))
    assert loaded.volume.shape[0] == 4
    assert loaded.volume.geometry.origin == pytest.approx(np.array(images[1].ImagePositionPatient, float))
    assert [f.sop_instance_uid for f in loaded.series.frames] == list(loaded.volume.source_sop_uids)
    assert loaded.series.geometry is loaded.volume.geometry


def test_nothing_decodable_is_one_sentence(tmp_path: Path) -> None:
    for path in factory.write(tmp_path, factory.stack(2), syntax=uid.JPEG2000Lossless):
        damage(path)
    with pytest.raises(UnreadableInput, match="no image could be decoded"):
        load_volume(series_of(tmp_path))


def test_the_reason_is_what_the_decoder_says_not_the_line_that_leads_to_it(tmp_path: Path) -> None:
    data = factory.image()
    data.compress(uid.RLELossless, generate_instance_uid=False)
    data.Rows = 2 * data.Rows
    data.save_as(tmp_path / "im.dcm")
    (study,) = build_studies(scan_paths([tmp_path]).headers)
    with pytest.raises(UnreadableInput, match=r"im.dcm cannot be decoded \(.*RLE segment.*\)"):
        load_volume(study.series[0])


def test_a_file_that_vanished_is_one_sentence(tmp_path: Path) -> None:
    paths = factory.write(tmp_path, factory.stack(3))
    series = series_of(tmp_path)
    paths[1].unlink()
    (problem,) = load_volume(series).problems
    assert "im001.dcm cannot be opened" in problem.text


def test_a_multi_frame_object_cut_short_keeps_its_whole_frames(tmp_path: Path) -> None:
    data = factory.enhanced([(-4.0 * n, 0, 0) for n in range(6)])
    (path,) = factory.write(tmp_path, [data])
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) - 2 * 2880 - 10])
    (study,) = build_studies(scan_paths([tmp_path]).headers)
    assert "3 of 6 images could be read" in study.problems[0].text
    assert np.array_equal(load_volume(study.series[0]).volume.array, data.pixel_array[:3])


def test_an_absurd_series_is_refused_before_memory_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.write(tmp_path, factory.stack(3))
    monkeypatch.setattr(pixels, "MAX_SERIES_BYTES", 100)
    with pytest.raises(UnreadableInput, match="more than any MR series"):
        load_volume(series_of(tmp_path))


def test_the_window_of_single_frame_mr_ignores_rescale(tmp_path: Path) -> None:
    facts: dict[str, Any] = {"WindowCenter": ["300", "9"], "WindowWidth": ["500", "9"]}
    factory.write(tmp_path, [factory.image(RescaleSlope="2.5", RescaleIntercept="10", **facts)])
    volume = load_volume(series_of(tmp_path)).volume
    assert volume.window == (300, 500)
    assert volume.attributes["RescaleSlope"] == 2.5
    assert np.array_equal(volume.array[0], factory.pattern(1))


def test_the_window_of_enhanced_mr_is_brought_back_to_stored_values() -> None:
    facts = {"Enhanced": True, "RescaleSlope": 2, "RescaleIntercept": 10}
    assert stored_window({"WindowCenter": 110, "WindowWidth": 50, **facts}) == (50, 25)
    assert stored_window({"WindowCenter": 5}) is None
    assert stored_window({"WindowCenter": 5, "WindowWidth": 0}) is None


def test_monochrome1_is_turned_round_about_its_darkest_value_and_said_so(tmp_path: Path) -> None:
    black = int(factory.pattern(1).max())
    factory.write(
        tmp_path,
        [factory.image(PhotometricInterpretation="MONOCHROME1", WindowCenter="100", WindowWidth="50")],
    )
    loaded = load_volume(series_of(tmp_path))
    assert np.array_equal(loaded.volume.array[0], black - factory.pattern(1))
    assert loaded.volume.window == (black - 100, 50)
    assert [p.code for p in loaded.problems] == ["monochrome1"]


def test_a_missing_slice_of_a_monochrome1_series_is_black(tmp_path: Path) -> None:
    images = factory.stack(5, PhotometricInterpretation="MONOCHROME1")
    paths = factory.write(tmp_path, images, syntax=uid.JPEG2000Lossless)
    damage(paths[2])
    array = load_volume(series_of(tmp_path)).volume.array
    assert not array[2].any()
    assert array[1].any()


def test_lossy_compression_is_kept_as_a_note(tmp_path: Path) -> None:
    factory.write(tmp_path, [factory.image(LossyImageCompression="01", LossyImageCompressionRatio="12.5")])
    assert load_volume(series_of(tmp_path)).volume.lossy == "lossy compression, ratio 12.5"
