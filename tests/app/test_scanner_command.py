"""``lvp simulate-scanner`` and ``lvp receive``: a loop with its files, and doors that open and shut."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from lvp_workstation.app import scanner_command
from lvp_workstation.phantom.generate import make_phantom
from lvp_workstation.services.evaluate.analysis import ExactSegmenter
from lvp_workstation.services.plan import Planner
from tests.app import cli_samples as samples
from tests.app.cli_samples import lvp
from tests.services.evaluate_samples import KnowingSegmenter

SEED = 78


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the commands plan on the exact labels of the phantom that is scanned."""
    monkeypatch.setenv("LVP_DATA", str(tmp_path / "data"))
    known = KnowingSegmenter(samples.known_spine())
    segmenter = ExactSegmenter(known, make_phantom(SEED, "normal", ()))
    monkeypatch.setattr(scanner_command, "make_planner", lambda _: Planner(segmenter))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_loop_leaves_its_log_and_its_film_strip(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    options = ["--seed", SEED, "--preset", "normal", "--matrix-share", 0.5, "--levels", 1]
    assert lvp("simulate-scanner", "--interface", "igtl", "--out", out, *options) == 0
    document = json.loads((out / "loop.json").read_text(encoding="utf-8"))
    assert [step["name"] for step in document["steps"]] == ["localizer", "sagittal", "axial_L5-S1"]
    assert all(step["verdict"] == "good" for step in document["steps"])
    assert document["steps"][1]["told"]["stacks"]
    assert (out / "film.png").read_bytes().startswith(b"\x89PNG")
    assert "axial_L5-S1: good" in capfd.readouterr().out


@pytest.mark.parametrize(
    "options",
    [
        ("--preset", "nobody"),
        ("--matrix-share", "3"),
        ("--motion", "one"),
        ("--shift", "99=4"),
        ("--connect", "nowhere"),
        ("--interface", "fax"),
    ],
    ids=lambda options: options[0],
)
def test_wrong_requests_are_usage_problems(tmp_path: Path, options: tuple[str, str]) -> None:
    assert lvp("simulate-scanner", "--out", tmp_path / "out", *options) == 2


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # pynetdicom drops a socket that was refused
@pytest.mark.parametrize("interface", ["dicom", "mrd", "igtl"])
def test_nobody_at_the_other_end_is_said_in_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], interface: str
) -> None:
    options = (
        "--interface",
        interface,
        "--connect",
        f"127.0.0.1:{free_port()}",
        "--matrix-share",
        "0.25",
        "--seed",
        SEED,
    )
    assert lvp("simulate-scanner", "--out", tmp_path / "out", *options) == 1
    assert "does not answer" in capfd.readouterr().err


def test_receive_opens_its_doors_and_ends_in_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ports = [free_port() for _ in range(3)]
    names = ("--dicom-port", "--mrd-port", "--igtl-port")
    doors = [part for pair in zip(names, ports, strict=True) for part in pair]
    assert lvp("receive", "--out", tmp_path / "out", *doors, "--seconds", 0.2) == 0
    said = capfd.readouterr().out
    assert all(str(port) in said for port in ports)
    assert (tmp_path / "out" / "outcomes.jsonl").is_file()
    for port in ports:  # the doors are shut again
        socket.create_server(("127.0.0.1", port)).close()


def test_a_taken_port_is_said_and_the_others_are_shut(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    dicom = free_port()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = ("--dicom-port", dicom, "--mrd-port", port, "--igtl-port", 0, "--seconds", 1)
        assert lvp("receive", "--out", tmp_path / "out", *options) == 1
    assert str(port) in capfd.readouterr().err
    socket.create_server(("127.0.0.1", dicom)).close()
