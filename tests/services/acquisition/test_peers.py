"""Programs of others drive the loop: dcmtk as the modality, the MRD package and pyigtl as clients."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import ismrmrd
import numpy as np
import pydicom
import pyigtl
import pytest
from ismrmrd.serialization import ConfigFile, ProtocolDeserializer, ProtocolSerializer

from lvp_workstation.domain.geometry import plane_angle_deg
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE
from lvp_workstation.io.scanner_ports import (
    ScannedSeries,
    ScannerAnswer,
    dicom_objects,
    mrd_header,
    mrd_image,
    plan_answer,
    told_answer,
)
from lvp_workstation.services.acquisition.simulated_scanner import ScanStep, SimulatedScanner
from tests.services.acquisition.test_loop import ORDER, SCENARIO, Bench

PATIENCE_S = 60.0
RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


class Peer:
    """What every peer is as a port: a context manager."""

    name = "peer"

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        return


class Dcmtk(Peer):
    """storescu sends a series; storescp takes the planes."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port, self._folder, self._sent = port, folder, 0

    def scan(self, series: ScannedSeries, timeout_s: float) -> ScannerAnswer:
        before = set(self._folder.glob("*"))
        with tempfile.TemporaryDirectory() as name:
            files = []
            for n, data in enumerate(dicom_objects(series)):
                files.append(Path(name) / f"{n:04d}.dcm")
                data.save_as(files[-1], enforce_file_format=True)
            command = ["storescu", "-aet", "SCANNER", "-aec", "LVP", "127.0.0.1", str(self._port)]
            subprocess.run([*command, *map(str, files)], check=True, timeout=timeout_s)
        sent, end = time.monotonic(), time.monotonic() + timeout_s
        while time.monotonic() < end:
            new = [path for path in self._folder.glob("*") if path not in before]
            if new:
                time.sleep(0.2)  # storescp writes it in place
                return plan_answer(pydicom.dcmread(new[0]), time.monotonic() - sent)
            time.sleep(0.05)
        raise AssertionError("no planes came back to storescp")


class MrdClient(Peer):
    """The reference package serialises the stream and reads the answers."""

    def __init__(self, port: int) -> None:
        self._port = port

    def scan(self, series: ScannedSeries, timeout_s: float) -> ScannerAnswer:
        with socket.create_connection(("127.0.0.1", self._port), timeout=timeout_s) as stream:
            out = ProtocolSerializer(stream.makefile("wb"))
            out.serialize(ConfigFile("lvp"))
            out.serialize(ismrmrd.xsd.CreateFromDocument(mrd_header(series)))
            for stack, n in series.order:
                out.serialize(self._image(series, stack, n))
            out.close()
            with ProtocolDeserializer(stream.makefile("rb")) as answers:
                told = list(answers.deserialize())
        texts = [json.loads(one) for one in told if isinstance(one, str)]
        pictures = [one for one in told if isinstance(one, ismrmrd.Image)]
        return told_answer(texts[-1], 0.0, len(pictures))

    def _image(self, series: ScannedSeries, stack: int, n: int) -> ismrmrd.Image:
        ours = mrd_image(series, stack, n)
        made = ismrmrd.Image.from_array(ours.data[0, 0], transpose=False)
        for word in ("field_of_view", "position", "read_dir", "phase_dir", "slice_dir"):
            setattr(made, word, tuple(float(x) for x in ours.header[word]))
        for word in ("slice", "image_index", "image_series_index"):
            setattr(made, word, int(ours.header[word]))
        return made


class Pyigtl(Peer):
    """pyigtl sends images and takes transforms."""

    def __init__(self, client: pyigtl.OpenIGTLinkClient) -> None:
        self._client = client

    def scan(self, series: ScannedSeries, timeout_s: float) -> ScannerAnswer:
        device = series.protocol.description.replace(" ", "_")[:19]
        answers = []
        for volume in series.volumes:
            affine = volume.geometry.affine[:, [COLUMN, ROW, SLICE, 3]]
            image = pyigtl.ImageMessage(volume.array, affine, "lps", device_name=device)
            self._client.send_message(image, wait=True)
            told = json.loads(self._client.wait_for_message("LVP", timeout=timeout_s).string)
            came = {one.device_name: one for one in self._client.get_latest_messages()}
            proposed = [stack["name"] for stack in told["stacks"] if not stack["declined"]]
            poses = {name: RAS @ came[name].matrix for name in proposed if name in came}
            counts = {stack["name"]: int(stack["count"]) for stack in told["stacks"]}
            answers.append(ScannerAnswer(poses, counts, told["verdict"], 0.0, 0, told))
        return next((answer for answer in answers if answer.poses), answers[-1])


@pytest.fixture
def undo() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def run_loop(bench: Bench, peer: Any) -> list[ScanStep]:
    """Let a peer stand in for the scanner's side, and return the steps."""
    bench.scanner = SimulatedScanner(peer, SCENARIO, ORDER)
    return bench.scanner.run()


def check(bench: Bench, steps: list[ScanStep]) -> None:
    """The loop ended, and the axial slices lie in the disc."""
    assert [step.name for step in steps] == ["localizer", "sagittal", "axial_L5-S1"]
    truth = bench.scanner.table.study.truth["planes"]["L5-S1"]
    assert plane_angle_deg(steps[2].volumes[0].geometry.slice_normal, truth["normal_lps"]) < 3.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.skipif(shutil.which("storescp") is None, reason="dcmtk is not installed")
def test_dcmtk_is_the_modality(undo: ExitStack, tmp_path: Path) -> None:
    port = free_port()
    store = subprocess.Popen(["storescp", "-od", str(tmp_path), "-aet", "SCANNER", str(port)])
    undo.callback(store.wait)
    undo.callback(store.terminate)
    bench = Bench("dicom", SCENARIO, undo, plans_at=port)
    check(bench, run_loop(bench, Dcmtk(bench.gateway.dicom.port, tmp_path)))


def test_the_reference_mrd_client_drives_a_loop(undo: ExitStack) -> None:
    bench = Bench("mrd", SCENARIO, undo)
    steps = run_loop(bench, MrdClient(bench.gateway.mrd.port))
    check(bench, steps)
    assert steps[1].answer.images == 1  # the annotated image came with the text


def test_pyigtl_drives_a_loop(undo: ExitStack) -> None:
    bench = Bench("igtl", SCENARIO, undo)
    client = pyigtl.OpenIGTLinkClient("127.0.0.1", bench.gateway.igtl.port)
    undo.callback(client.stop)
    check(bench, run_loop(bench, Pyigtl(client)))
