"""ONNX Runtime: the provider that really works, cancelling, and falling back to the CPU.

A graphics processor is used when its driver, the runtime's libraries and a session all load;
whatever fails there leads quietly to the CPU, with a sentence that says why.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
import threading
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from lvp_workstation.domain.errors import Cancelled, ModelProblem
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.inference.focus import focused

CPU_PROVIDER = "CPUExecutionProvider"
CUDA_PROVIDER = "CUDAExecutionProvider"
PROVIDER_TEXT = {CPU_PROVIDER: "CPU", CUDA_PROVIDER: "CUDA"}
_FATAL_ONLY = 4

Float32 = NDArray[np.float32]


def _ort_errors() -> tuple[type[Exception], ...]:
    """Return the exception types that ONNX Runtime raises."""
    found = [value for value in vars(ort_state).values() if isinstance(value, type)]
    return tuple(value for value in found if issubclass(value, Exception))


ORT_ERRORS = _ort_errors()


class Network(Protocol):
    """What the segmenter needs of a network."""

    @property
    def provider(self) -> str:
        """Where it runs, in words: ``CPU`` or ``CUDA``."""

    @property
    def threads(self) -> int:
        """CPU threads it uses."""

    @property
    def note(self) -> str:
        """A sentence when it does not run where it was meant to, else empty."""

    def run(self, array: Float32, cancel: CancelToken | None = None) -> Float32:
        """Return class probabilities (1, classes, S, R, C) of an input (1, 1, S, R, C)."""


def default_threads() -> int:
    """Return the number of CPU cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def cuda_usable() -> bool:
    """Whether the runtime was built for CUDA and a driver is installed; asks nothing that prints."""
    if CUDA_PROVIDER not in ort.get_available_providers():
        return False
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def open_network(model: Path | bytes, threads: int, provider: str = CPU_PROVIDER) -> Any:
    """Return an ONNX Runtime session of a file or its content; raises one of `ORT_ERRORS`."""
    options = ort.SessionOptions()
    options.log_severity_level = _FATAL_ONLY
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    providers = [provider] if provider == CPU_PROVIDER else [provider, CPU_PROVIDER]
    return ort.InferenceSession(
        model if isinstance(model, bytes) else str(model), options, providers=providers
    )


class OnnxSession:
    """A loaded network on the best provider that works.

    Parameters
    ----------
    model
        Path of an ONNX file.
    threads
        CPU threads; all cores of the process when None.
    use_gpu
        Try CUDA first when it is usable.

    Raises
    ------
    ModelProblem
        When the file is not a network that ONNX Runtime can load.
    """

    def __init__(self, model: Path, threads: int | None = None, use_gpu: bool = True) -> None:
        self._model = model
        self._threads = threads or default_threads()
        self._note = ""
        self._lock = threading.Lock()
        ort.set_default_logger_severity(_FATAL_ONLY)
        session = self._open_cuda() if use_gpu and cuda_usable() else None
        self._session = session or self._open(CPU_PROVIDER)

    @property
    def provider(self) -> str:
        """Where the network runs, in words: ``CPU`` or ``CUDA``."""
        name = str(self._session.get_providers()[0])
        return PROVIDER_TEXT.get(name, name)

    @property
    def threads(self) -> int:
        """CPU threads the session may use."""
        return self._threads

    @property
    def note(self) -> str:
        """A sentence about a fall-back to the CPU, empty when there was none."""
        return self._note

    def run(self, array: Float32, cancel: CancelToken | None = None) -> Float32:
        """Return the network's answer; one run at a time.

        On the CPU the column is found first and looked at closely, see `inference.focus`; a graphics
        processor looks at everything, where a second shape would cost more than it saves.

        Parameters
        ----------
        array
            float32, shape (1, 1, slices, rows, columns).
        cancel
            Raising it stops the run within a fraction of a second.

        Raises
        ------
        Cancelled
            When `cancel` was raised before or during the run.
        ModelProblem
            When the network fails on the CPU, too.
        """
        with self._lock:
            if self.provider == PROVIDER_TEXT[CPU_PROVIDER]:
                return self._run_cpu(array, cancel)
            try:
                return self._run_once(array, cancel)
            except ORT_ERRORS as error:
                self._fall_back(f"The graphics processor failed ({_first_line(error)})")
            return self._run_cpu(array, cancel)

    def _run_cpu(self, array: Float32, cancel: CancelToken | None) -> Float32:
        try:
            return focused(lambda part: self._run_once(part, cancel), array)
        except ORT_ERRORS as error:
            raise ModelProblem(f"The network could not be run: {_first_line(error)}") from error

    def _run_once(self, array: Float32, cancel: CancelToken | None) -> Float32:
        options = ort.RunOptions()
        if cancel is not None:
            cancel.raise_if_cancelled()
            cancel.on_cancel(lambda: setattr(options, "terminate", True))
        try:
            (answer,) = self._session.run(None, {self._session.get_inputs()[0].name: array}, options)
        except ORT_ERRORS:
            if cancel is not None and cancel.cancelled:
                raise Cancelled("stopped on request") from None
            raise
        return np.asarray(answer, dtype=np.float32)

    def _fall_back(self, reason: str) -> None:
        self._note = f"{reason}; the CPU is used instead."
        self._session = self._open(CPU_PROVIDER)

    def _open_cuda(self) -> Any:
        """Return a CUDA session, None (with a note) when it cannot be had."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                ort.preload_dlls()
            session = self._open(CUDA_PROVIDER)
        except (OSError, ModelProblem) as error:
            self._note = (
                f"The graphics processor cannot be used ({_first_line(error)}); the CPU is used instead."
            )
            return None
        if session.get_providers()[0] != CUDA_PROVIDER:
            self._note = "The graphics processor's libraries are incomplete; the CPU is used instead."
            return None
        return session

    def _open(self, provider: str) -> Any:
        try:
            return open_network(self._model, self._threads, provider)
        except ORT_ERRORS as error:
            raise ModelProblem(f"The model {self._model} cannot be loaded: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
