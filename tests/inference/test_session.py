"""The session runs on what works, says where, and stops when asked to."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException

from lvp_workstation.domain.errors import Cancelled, ModelProblem
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.inference import session as session_module
from lvp_workstation.inference.session import CPU_PROVIDER, CUDA_PROVIDER, OnnxSession

TINY = Path(__file__).parent / "data" / "tiny.onnx"
SMALL = np.zeros((1, 1, 4, 16, 16), dtype=np.float32)
LARGE = np.zeros((1, 1, 48, 224, 224), dtype=np.float32)


@pytest.fixture
def without_gpu(monkeypatch):
    monkeypatch.setattr(session_module, "cuda_usable", lambda: False)


@pytest.mark.usefixtures("without_gpu")
def test_answers_probabilities_on_the_cpu():
    network = OnnxSession(TINY, threads=1)
    answer = network.run(SMALL)
    assert answer.shape == (1, 5, 4, 16, 16)
    np.testing.assert_allclose(answer.sum(axis=1), 1.0, rtol=1e-5)
    assert (network.provider, network.threads, network.note) == ("CPU", 1, "")


@pytest.mark.usefixtures("without_gpu")
def test_a_token_raised_before_the_run_stops_it():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        OnnxSession(TINY, threads=1).run(SMALL, token)


@pytest.mark.usefixtures("without_gpu")
def test_a_token_raised_during_the_run_stops_it_soon_and_the_session_lives_on():
    network, token = OnnxSession(TINY, threads=1), CancelToken()
    raised = []

    def cancel():
        raised.append(time.perf_counter())
        token.cancel()

    timer = threading.Timer(0.2, cancel)
    timer.start()
    try:
        with pytest.raises(Cancelled):
            network.run(LARGE, token)
        assert time.perf_counter() - raised[0] < 10.0
    finally:
        timer.join()
    assert network.run(SMALL).shape == (1, 5, 4, 16, 16)


@pytest.mark.usefixtures("without_gpu")
def test_a_file_that_is_no_network_is_a_model_problem(tmp_path):
    broken = tmp_path / "model.onnx"
    broken.write_bytes(b"no network")
    with pytest.raises(ModelProblem, match="cannot be loaded"):
        OnnxSession(broken)


@pytest.mark.usefixtures("without_gpu")
def test_an_input_of_the_wrong_shape_is_a_model_problem():
    with pytest.raises(ModelProblem, match="could not be run"):
        OnnxSession(TINY, threads=1).run(SMALL[0])


class Stand:
    """Stands for an ONNX Runtime session on a provider, failing or not."""

    def __init__(self, real, provider, error=None):
        self._real, self._provider, self._error = real, provider, error

    def get_providers(self):
        return [self._provider, CPU_PROVIDER]

    def get_inputs(self):
        return self._real.get_inputs()

    def run(self, *arguments):
        if self._error:
            raise self._error
        return self._real.run(*arguments)


def pretend_gpu(monkeypatch, provider=CUDA_PROVIDER, error=None):
    """Let sessions that ask for CUDA get a stand-in."""
    real_open = OnnxSession._open

    def opened(self, wanted):
        real = real_open(self, CPU_PROVIDER)
        return real if wanted == CPU_PROVIDER else Stand(real, provider, error)

    monkeypatch.setattr(session_module, "cuda_usable", lambda: True)
    monkeypatch.setattr(OnnxSession, "_open", opened)
    monkeypatch.setattr(session_module.ort, "preload_dlls", lambda: print("Failed to load …"))


def test_a_working_gpu_is_used_without_noise(monkeypatch, capfd):
    pretend_gpu(monkeypatch)
    network = OnnxSession(TINY, threads=1)
    assert (network.provider, network.note) == ("CUDA", "")
    assert network.run(SMALL).shape == (1, 5, 4, 16, 16)
    assert capfd.readouterr() == ("", "")


def test_a_gpu_that_runs_out_of_memory_leads_to_the_cpu_and_says_so(monkeypatch):
    pretend_gpu(monkeypatch, error=RuntimeException("Failed to allocate memory\nmore"))
    network = OnnxSession(TINY, threads=1)
    assert network.run(SMALL).shape == (1, 5, 4, 16, 16)
    assert network.provider == "CPU"
    assert network.note == (
        "The graphics processor failed (Failed to allocate memory); the CPU is used instead."
    )


def test_a_gpu_provider_that_does_not_load_leads_to_the_cpu_and_says_so(monkeypatch):
    pretend_gpu(monkeypatch, provider=CPU_PROVIDER)
    network = OnnxSession(TINY, threads=1)
    assert network.provider == "CPU"
    assert "libraries are incomplete" in network.note


def test_the_gpu_can_be_left_alone(monkeypatch):
    pretend_gpu(monkeypatch)
    assert OnnxSession(TINY, threads=1, use_gpu=False).provider == "CPU"


def test_loading_prints_nothing_whatever_the_machine_has(capfd):
    OnnxSession(TINY, threads=1).run(SMALL)
    assert capfd.readouterr() == ("", "")


def test_the_runtime_keeps_no_identifier_of_the_machine(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("ORT_", "XDG_"))}
    loaded = [sys.executable, "-c", "import lvp_workstation.inference.session"]
    done = subprocess.run(
        loaded, env={**plain, "HOME": str(home)}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert not [path for path in home.rglob("*") if path.is_file()]
