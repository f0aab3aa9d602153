"""Files are replaced at once, and a failed write leaves the old one and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.io.atomic import write_bytes, write_text, write_with


def test_content_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_text(path, "one")
    write_text(path, "zwei ü\n")
    assert path.read_bytes() == "zwei ü\n".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = write_bytes(tmp_path / "a.bin", b"old")

    def fail(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputProblem, match="No space left on device"):
        write_with(path, fail)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputProblem, match="cannot be written"):
        write_bytes(tmp_path / "no" / "a", b"")


def test_the_suffix_is_kept_for_libraries_that_look_at_it(tmp_path: Path) -> None:
    seen: list[str] = []

    def note(temporary: Path) -> None:
        seen.append("".join(temporary.suffixes[-2:]))
        temporary.write_bytes(b"x")

    write_with(tmp_path / "seg.nii.gz", note)
    assert seen == [".nii.gz"]
