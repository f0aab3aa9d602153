"""The learned grader: a small network that answers questions about the picture of one disc.

Its answers are logits, kept as features ``learned_<question>`` beside the measured ones; they never become a
grade by themselves. The graders weigh them together with the measurements (`lvp_workstation.grading`), with
weights fitted to answers on patients that the network had not seen.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.domain.study import Weighting
from lvp_workstation.inference.bundle import verified
from lvp_workstation.inference.session import ORT_ERRORS, open_network
from lvp_workstation.measure.result import SpineMeasures

FOLDER = ("models", "disc_grader", "1.0.0")
PREFIX = "learned_"
LIMIT = 8.0
"""Logits are cut off here, as in the fit: beyond it a probability is 0.9997."""
_ADVICE = "Install the program again, or put the model folder back."

Crops = Mapping[InstanceId, NDArray[np.float32]]


class DiscGrader:
    """The network of a model folder, on one thread of the CPU: a spine takes a few milliseconds.

    Parameters
    ----------
    folder
        Holds ``manifest.json`` and the network that it names.

    Raises
    ------
    ModelProblem
        When a file is missing, is not what the manifest says, or cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest = _manifest(folder)
        self.questions: tuple[str, ...] = tuple(self.manifest["output"])
        stated = self.manifest["model"]
        content, _ = verified(folder / str(stated.get("file", "")), stated)
        try:
            self._session = open_network(content, threads=1)
        except ORT_ERRORS as error:
            raise ModelProblem(f"The grader in {folder} cannot be loaded. {_ADVICE}") from error
        self._lock = threading.Lock()

    def logits(self, crops: Crops) -> dict[InstanceId, Mapping[str, float]]:
        """Return the answers of the network by disc and question.

        Parameters
        ----------
        crops
            Of `lvp_workstation.measure.crop.disc_crops`.
        """
        if not crops:
            return {}
        with self._lock:
            (answers,) = self._session.run(None, {self._session.get_inputs()[0].name: _stacked(crops)})
        limited = np.clip(answers, -LIMIT, LIMIT)
        return {
            disc: dict(zip(self.questions, map(float, row), strict=True))
            for disc, row in zip(crops, limited, strict=True)
        }


def _stacked(crops: Crops) -> NDArray[np.float32]:
    rows: Sequence[NDArray[np.float32]] = list(crops.values())
    return np.ascontiguousarray(np.stack(rows), dtype=np.float32)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return {"model": dict(found["model"]), "output": list(found["output"]), **found}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelProblem(f"The manifest in {folder} cannot be read. {_ADVICE}") from error


@functools.cache
def shipped_grader() -> DiscGrader:
    """Return the grader that ships with the program, loaded once."""
    return DiscGrader(asset_path(*FOLDER))


def with_answers(measures: SpineMeasures, logits: Mapping[InstanceId, Mapping[str, float]]) -> SpineMeasures:
    """Return measures with the answers about some discs among their features."""
    found = {(disc, f"{PREFIX}{q}"): v for disc, answers in logits.items() for q, v in answers.items()}
    return replace(measures, features=MappingProxyType({**measures.features, **found}))


def with_learned(measures: SpineMeasures) -> SpineMeasures:
    """Return the measures of a T2 series with the shipped grader's answers; others as they are.

    The network was trained on T2 with bright fat; `measure_spine` makes no pictures of other series.
    """
    if measures.weighting is not Weighting.T2 or not measures.crops:
        return measures
    return with_answers(measures, shipped_grader().logits(measures.crops))
