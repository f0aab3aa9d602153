"""A model folder: its manifest, and the check that the weights are the ones it describes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.inference.grid import CLASS_NAMES

DEFAULT_MODEL = "lumbar_vnet"
MANIFEST_NAME = "manifest.json"
MODEL_NAME = "model.onnx"


@dataclass(frozen=True)
class ClassNames:
    """Names of output channels: those that this program knows, and those it needs."""

    known: frozenset[str]
    needed: frozenset[str]


SAGITTAL = ClassNames(frozenset(CLASS_NAMES), frozenset({"vertebra", "disc", "canal"}))


@dataclass(frozen=True)
class ModelBundle:
    """A verified model folder.

    Attributes
    ----------
    name, version
        As in the manifest.
    sha256
        Of ``model.onnx``; computed, and equal to the manifest's.
    classes
        Names of the output channels, in order.
    contract
        Input and output contract of the network.
    manifest
        The whole manifest: training data, licences, intended use, limits.
    model_path
        The verified ``model.onnx``.
    """

    name: str
    version: str
    sha256: str
    classes: tuple[str, ...]
    contract: Mapping[str, Any]
    manifest: Mapping[str, Any]
    model_path: Path

    @property
    def title(self) -> str:
        """Name, version and the start of the hash, for screen and report."""
        return f"{self.name} {self.version} ({self.sha256[:12]})"


def load_bundle(
    name: str = DEFAULT_MODEL,
    version: str | None = None,
    root: Path | None = None,
    task: ClassNames = SAGITTAL,
) -> ModelBundle:
    """Return a verified bundle.

    Parameters
    ----------
    name
        Folder below the models folder.
    version
        Folder below that; the newest when None.
    root
        The models folder; the program's own when None.
    task
        Names that its classes may and must have.

    Raises
    ------
    ModelProblem
        When the bundle is missing or unreadable, or its weights are not those of the manifest.
    """
    home = (root or asset_path("models")) / name
    folder = home / version if version else _newest(home)
    return read_bundle(folder, task)


def read_bundle(folder: Path, task: ClassNames = SAGITTAL) -> ModelBundle:
    """Return the verified bundle of one folder; raise `ModelProblem` as `load_bundle` does."""
    manifest = _manifest(folder)
    model = folder / str(manifest["model"].get("file", MODEL_NAME))
    _, digest = verified(model, manifest["model"])
    return ModelBundle(
        name=str(manifest["name"]),
        version=str(manifest["version"]),
        sha256=digest,
        classes=_classes(manifest, folder, task),
        contract=MappingProxyType(dict(manifest["input"])),
        manifest=MappingProxyType(manifest),
        model_path=model,
    )


def verified(model: Path, stated: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the content of a model file and its SHA-256, which must be what a manifest states.

    Raises
    ------
    ModelProblem
        When the file cannot be read or is another one.
    """
    try:
        content = model.read_bytes()
    except OSError as error:
        raise ModelProblem(f"The model file {model} cannot be read: {error.strerror}. {_ADVICE}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != str(stated.get("sha256", "")).lower():
        raise ModelProblem(f"The model file {model} does not match its manifest (SHA-256 differs). {_ADVICE}")
    return content, digest


def _classes(manifest: Mapping[str, Any], folder: Path, task: ClassNames) -> tuple[str, ...]:
    """Return the names of the output channels in order; raise when they are not the known ones."""
    channels = manifest["output"].get("classes", {})
    known = isinstance(channels, dict) and task.needed <= set(channels) <= task.known
    if (
        not known
        or channels.get("background") != 0
        or sorted(channels.values()) != list(range(len(channels)))
    ):
        raise ModelProblem(
            f"The model in {folder} segments classes that this program does not know. {_ADVICE}"
        )
    return tuple(sorted(channels, key=lambda name: int(channels[name])))


_ADVICE = "Install the program again, or put the model folder back."


def _newest(home: Path) -> Path:
    """Return the version folder with the highest version number."""
    folders = [f for f in home.iterdir() if (f / MANIFEST_NAME).is_file()] if home.is_dir() else []
    if not folders:
        raise ModelProblem(f"No model was found in {home}. {_ADVICE}")
    return max(folders, key=lambda folder: _version_key(folder.name))


def _version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Order 0.10.0 after 0.9.0 and a release after its pre-releases."""
    parts = re.findall(r"\d+|[A-Za-z]+", version)
    return (*((1, int(p), "") if p.isdigit() else (-1, 0, p) for p in parts), (0, 0, ""))


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST_NAME
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelProblem(
            f"The model manifest {path} cannot be read: {error.strerror}. {_ADVICE}"
        ) from error
    except ValueError as error:
        raise ModelProblem(f"The model manifest {path} is not valid JSON. {_ADVICE}") from error
    sections = isinstance(manifest, dict) and all(
        isinstance(manifest.get(key), kind) for key, kind in _REQUIRED.items()
    )
    if not sections:
        raise ModelProblem(f"The model manifest {path} lacks one of {', '.join(_REQUIRED)}. {_ADVICE}")
    return dict(manifest)


_REQUIRED = {"name": str, "version": str, "model": dict, "input": dict, "output": dict}
