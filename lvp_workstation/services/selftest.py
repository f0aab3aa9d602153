"""Look whether this installation works: versions, model hash, provider, rendering, a tiny inference."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from lvp_workstation import __version__
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.inference.bundle import load_bundle
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.inference.session import OnnxSession
from lvp_workstation.render.offscreen import KeyImage, render_key_image

PACKAGES = (
    "PySide6_Essentials",
    "vtk",
    "pydicom",
    "highdicom",
    "SimpleITK",
    "onnxruntime-gpu",
    "onnxruntime",
    "numpy",
    "scipy",
    "reportlab",
    "SQLAlchemy",
)
BOTH_RUNTIMES = "onnxruntime and onnxruntime-gpu are installed together; remove onnxruntime"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: its name, whether it works, and what was seen."""

    name: str
    ok: bool
    text: str


def installed_versions() -> dict[str, str]:
    """Return the versions of the program and of what it rests on."""
    found = {"lvp_workstation": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def run_selftest() -> tuple[Check, ...]:
    """Run every check; none stops the others."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("packages", _packages),
        ("rendering", _rendering),
        ("model", _model),
        ("inference", _inference),
    ]
    return tuple(_run(name, check) for name, check in checks)


def _run(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except (LvpError, OSError, RuntimeError, ValueError) as error:
        return Check(name, False, str(error))


def _packages() -> str:
    found = installed_versions()
    if {"onnxruntime", "onnxruntime-gpu"} <= set(found):
        raise RuntimeError(BOTH_RUNTIMES)
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _small_volume() -> Volume:
    axes = ((-1, 0, 0), (0, 0, -1), (0, 1, 0))
    geometry = VolumeGeometry.from_axes((0, 0, 0), axes, (4.0, 1.0, 1.0), (5, 96, 96))
    ramp = np.arange(96, dtype=np.uint16) * 10
    return Volume(np.broadcast_to(ramp, geometry.shape).copy(), geometry)


def _rendering() -> str:
    image = render_key_image(_small_volume(), KeyImage(2, size=(96, 96), annotate=False))
    if not 0 < float(image.mean()) < 255 or image[:, :20].mean() >= image[:, -20:].mean():
        raise RuntimeError("an off-screen picture does not show what was drawn")
    return "off-screen picture correct"


def _model() -> str:
    return load_bundle().title


def _inference() -> str:
    bundle = load_bundle()
    session = OnnxSession(bundle.model_path)
    began = time.perf_counter()
    Segmenter(bundle, session).segment(_small_volume())
    note = f"; {session.note}" if session.note else ""
    seconds = time.perf_counter() - began
    return f"{session.provider}, {session.threads} threads, {seconds:.2f} s for a tiny volume{note}"
