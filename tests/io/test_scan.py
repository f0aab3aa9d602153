"""Finding files, and one clear sentence for each that cannot be read."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lvp_workstation.domain.errors import Cancelled
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.io import archive, header
from lvp_workstation.io.pixels import load_volume
from lvp_workstation.io.scan import ResearchFile, scan_paths
from lvp_workstation.io.studies import build_studies
from tests import dicom_factory as factory

Maker = Callable[[Path], None]
SMALL_LIMIT = 1 << 22
PIXEL_DATA = struct.pack("<HH", 0x7FE0, 0x0010)


def good_bytes(tmp_path: Path, **overrides: Any) -> bytes:
    path = factory.save(factory.image(**overrides), tmp_path / "source.dcm")
    data = path.read_bytes()
    path.unlink()
    return data


def deep_sequences(path: Path) -> None:
    """Write a file whose functional groups nest ten thousand levels deep."""
    data = good_bytes(path.parent)
    group = struct.pack("<HH2s2sL", 0x5200, 0x9229, b"SQ", b"\0\0", 0xFFFFFFFF)
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    place = data.rindex(PIXEL_DATA)
    path.write_bytes(data[:place] + (group + item) * 10_000 + data[place:])


def deflate_bomb(path: Path) -> None:
    """Write a deflated object that unpacks to more than is allowed."""
    start = good_bytes(path.parent)[:132]
    syntax = b"1.2.840.10008.1.2.1.99"
    element = struct.pack("<HH2sH", 0x0002, 0x0010, b"UI", len(syntax)) + syntax
    length = struct.pack("<HH2sHL", 0x0002, 0x0000, b"UL", 4, len(element))
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    blocks = [squeeze.compress(bytes(1 << 20)) for _ in range(SMALL_LIMIT // (1 << 20) + 2)]
    path.write_bytes(start + length + element + b"".join(blocks) + squeeze.flush())


def write(**overrides: Any) -> Maker:
    def make(path: Path) -> None:
        factory.save(factory.image(**overrides), path)

    return make


def raw(data: bytes) -> Maker:
    def make(path: Path) -> None:
        path.write_bytes(data)

    return make


def cut(keep: float) -> Maker:
    def make(path: Path) -> None:
        data = good_bytes(path.parent)
        path.write_bytes(data[: int(len(data) * keep)])

    return make


BAD_FILES: list[tuple[str, Maker, str]] = [
    ("zero.dcm", raw(b""), "zero.dcm is empty (zero bytes)"),
    ("note.txt", raw(b"hello " * 100), "note.txt is not a DICOM file"),
    ("short.txt", raw(b"x"), "short.txt is not a DICOM file"),
    ("meta.dcm", cut(0.05), "header is cut short"),
    ("head.dcm", cut(0.15), "pixel data is smaller than declared"),
    ("tail.dcm", cut(0.9), "pixel data is smaller than declared"),
    ("rows.dcm", write(Rows=60000), "declares Rows = 60000"),
    ("columns.dcm", write(Columns=0), "declares Columns = 0"),
    ("frames.dcm", write(NumberOfFrames=2_000_000_000), "declares NumberOfFrames = 2000000000"),
    ("less.dcm", write(Rows=500, Columns=500), "pixel data is smaller than declared"),
    ("deep.dcm", deep_sequences, "nests sequences too deeply"),
    ("bomb.dcm", deflate_bomb, "unpacks to an absurd size"),
    ("bad.zip", raw(b"PK\x03\x04" + b"\0" * 50), "archive bad.zip is damaged"),
]


@pytest.mark.parametrize(("name", "make", "sentence"), BAD_FILES, ids=[row[0] for row in BAD_FILES])
def test_a_bad_file_gives_a_sentence_and_the_rest_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, make: Maker, sentence: str
) -> None:
    monkeypatch.setattr(header, "MAX_INFLATED_BYTES", SMALL_LIMIT)
    factory.write(tmp_path / "good", factory.stack(3, StudyInstanceUID="1.2.3.77"))
    make(tmp_path / name)
    result = scan_paths([tmp_path])
    studies = build_studies(result.headers)
    problems = [*result.problems, *(p for study in studies for p in study.problems)]
    (problem,) = [p for p in problems if p.path.endswith(name)]
    assert sentence in problem.text
    assert name in problem.text
    assert problem.text.endswith(".")
    (series,) = [s for study in studies for s in study.series]
    assert load_volume(series).volume.shape == (3, 40, 36)


def test_a_file_without_preamble_is_read(tmp_path: Path) -> None:
    data = factory.image()
    path = tmp_path / "bare"
    whole = factory.save(data, tmp_path / "whole").read_bytes()
    length = struct.unpack_from("<L", whole, 140)[0]
    path.write_bytes(whole[144 + length :])
    (found,) = scan_paths([path]).headers
    assert found.sop_uid == data.SOPInstanceUID


def test_files_that_systems_leave_behind_are_passed_over(tmp_path: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "._im000.dcm"):
        (tmp_path / name).write_bytes(b"x")
    assert scan_paths([tmp_path]).problems == ()


def test_an_unreadable_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factory.write(tmp_path / "good", factory.stack(3))
    closed = tmp_path / "closed"
    closed.mkdir()
    really = os.scandir

    def refuse(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return really(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = scan_paths([tmp_path])
    (problem,) = result.problems
    assert problem.code == "unreadable_folder"
    assert "closed" in problem.text
    assert len(result.headers) == 3


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = factory.write(tmp_path, [factory.image()])
    really = Path.open

    def refuse(self: Path, *rest: Any, **named: Any) -> Any:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return really(self, *rest, **named)

    monkeypatch.setattr(Path, "open", refuse)
    (problem,) = scan_paths([path]).problems
    assert "Permission denied" in problem.text


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    (problem,) = scan_paths([tmp_path / "nowhere"]).problems
    assert problem.code == "missing_path"


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes on this system")
    os.mkfifo(tmp_path / "pipe")
    assert scan_paths([tmp_path]).problems == ()
    assert scan_paths([tmp_path / "pipe"]).problems[0].code == "not_a_file"


def test_links_to_folders_are_followed_once(tmp_path: Path) -> None:
    factory.write(tmp_path / "elsewhere", factory.stack(3))
    given = tmp_path / "given"
    given.mkdir()
    (given / "study").symlink_to(tmp_path / "elsewhere")
    (given / "again").symlink_to(tmp_path / "elsewhere")
    (given / "circle").symlink_to(given)
    (tmp_path / "elsewhere" / "up").symlink_to(given)
    found = scan_paths([given])
    assert len(found.headers) == 3
    assert found.problems == ()


def test_a_dead_link_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert scan_paths([tmp_path]).problems == ()


def test_one_file_given_twice_is_read_once(tmp_path: Path) -> None:
    (path,) = factory.write(tmp_path, [factory.image()])
    assert len(scan_paths([path, tmp_path, str(path)]).headers) == 1


def test_progress_reaches_the_end_and_cancel_stops(tmp_path: Path) -> None:
    factory.write(tmp_path, factory.stack(4))
    seen: list[float] = []
    scan_paths([tmp_path], lambda progress: seen.append(progress.fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        scan_paths([tmp_path], cancel=token)


def zipped(tmp_path: Path, names: list[str] | None = None) -> Path:
    images = factory.stack(4)
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for n, data in enumerate(images):
            file = factory.save(data, tmp_path / "member")
            target.writestr(names[n] if names else f"DICOM/{n}", file.read_bytes())
            file.unlink()
    return path


def test_an_archive_is_read_without_unpacking(tmp_path: Path) -> None:
    path = zipped(tmp_path)
    result = scan_paths([path])
    assert result.problems == ()
    (study,) = build_studies(result.headers)
    volume = load_volume(study.series[0]).volume
    assert volume.array[1].tolist() == factory.pattern(2).tolist()
    assert study.series[0].frames[0].path.startswith(f"{path}!")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["study.zip"]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "C:\\x", "..\\x", "\\x"])
def test_a_member_that_leads_out_of_the_folder_is_left_out(tmp_path: Path, name: str) -> None:
    result = scan_paths([zipped(tmp_path, ["a", "b", name, "d"])])
    assert [p.code for p in result.problems] == ["unsafe_name"]
    assert "leads out of its folder" in result.problems[0].text
    assert len(result.headers) == 3


def test_a_zip_bomb_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "RATIO_FREE_BYTES", 1 << 16)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("zeros", bytes(1 << 22))
    assert [p.code for p in scan_paths([path]).problems] == ["archive_bomb"]


def test_an_archive_of_absurd_size_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ARCHIVE_MEMBERS", 3)
    assert [p.code for p in scan_paths([zipped(tmp_path)]).problems] == ["archive_too_large"]


def test_a_member_that_lies_about_its_size_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("liar", bytes(50_000))
    data = path.read_bytes().replace(struct.pack("<L", 50_000), struct.pack("<L", 10))
    path.write_bytes(data)
    (problem,) = scan_paths([path]).problems
    assert "liar" in problem.text


def test_a_damaged_member_is_named_and_the_rest_loads(tmp_path: Path) -> None:
    path = zipped(tmp_path)
    data = bytearray(path.read_bytes())
    data[400] ^= 0xFF
    path.write_bytes(bytes(data))
    result = scan_paths([path])
    assert len(result.headers) == 3
    (problem,) = result.problems
    assert "damaged" in problem.text


def test_research_files_and_archives_inside_an_archive_are_to_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "mixed.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("image.nii.gz", b"x")
        target.writestr("inner.zip", b"x")
        target.writestr("._junk", b"x")
    assert [p.code for p in scan_paths([path]).problems] == ["unpack_first", "unpack_first"]


def test_research_files_are_recognised_by_name(tmp_path: Path) -> None:
    for name in ("a.nii", "b.NII.GZ", "c.mha", "d.nrrd", "e.mhd", "e.raw"):
        (tmp_path / name).write_bytes(b"x")
    result = scan_paths([tmp_path])
    assert [type(r) for r in result.research] == [ResearchFile] * 5
    assert result.problems == ()


@pytest.mark.real_data
def test_a_dicomdir_opens_its_folder_and_names_what_is_missing(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "studies" / "study_050"
    whole = scan_paths([folder / "DICOMDIR"])
    assert len(whole.headers) == 15
    assert whole.problems == ()
    lone = tmp_path / "DICOMDIR"
    lone.write_bytes((folder / "DICOMDIR").read_bytes())
    (problem,) = scan_paths([lone]).problems
    assert problem.code == "missing_files"
    assert "15 files" in problem.text
