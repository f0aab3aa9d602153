"""The recipe as typed values, read from one TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.training.augment import Shape
from models.training.network import NetworkConfig

DEFAULT = Path(__file__).with_name("config.toml")


@dataclass(frozen=True)
class TrainConfig:
    """Section ``[train]``; durations in minutes, shares of the whole schedule in 0-1.

    ``steps`` above 0 is the schedule in place of ``minutes``: a run that is put aside for a while, or that
    shares its processor, then ends with the same number of steps.
    """

    seed: int
    minutes: float
    steps: int
    learning_rate: float
    warm_rate: float
    warm_up: float
    weight_decay: float
    ema: float
    auxiliary_weight: float
    freeze_norms_at: float
    norm_momentum: float
    clip: float
    bfloat16: bool
    validate_every_minutes: float
    save_every_minutes: float
    threads: int


@dataclass(frozen=True)
class DataConfig:
    """Section ``[data]``."""

    without_seed: tuple[str, ...]
    phantom_share: float
    phantom_minimum: int
    pseudo_share: float


@dataclass(frozen=True)
class MakeConfig:
    """Section ``[make]``: what `make_model` does around the training."""

    version: str
    phantoms: int
    steps: int


@dataclass(frozen=True)
class Refinement:
    """One ``[[refine]]``: a stage that goes on from the network before it, with its pseudo-labels."""

    steps: int
    phantom_share: float


@dataclass(frozen=True)
class Recipe:
    """The whole file."""

    make: MakeConfig
    refine: tuple[Refinement, ...]
    network: NetworkConfig
    train: TrainConfig
    data: DataConfig
    shapes: tuple[Shape, ...]


def load_recipe(path: Path = DEFAULT) -> Recipe:
    """Read the recipe; an unknown or missing key is an error."""
    with open(path, "rb") as file:
        raw = tomllib.load(file)
    widths: dict[str, Any] = {key: tuple(value) for key, value in raw["network"].items()}
    network = NetworkConfig(**widths)
    data = raw["data"] | {"without_seed": tuple(raw["data"]["without_seed"])}
    shapes = tuple(Shape(**(s | {"spacing": (s["spacing"][0], s["spacing"][1])})) for s in raw["shapes"])
    refine = tuple(Refinement(**stage) for stage in raw.get("refine", ()))
    make, train = MakeConfig(**raw["make"]), TrainConfig(**raw["train"])
    return Recipe(make, refine, network, train, DataConfig(**data), shapes)
