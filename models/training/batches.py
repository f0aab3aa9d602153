"""An endless, seeded stream of batches, made in a worker process beside the training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from models.training.augment import Shape, sample
from models.training.cases import Case, PhantomPool, read_cases

Batch = tuple[Tensor, Tensor, Tensor]
"""Image [B, 1, S, H, W], target uint8 [B, S, H, W], whether each sample has full labels [B]."""

THIN_STACK = 4
"""Single slices fill a stack with copies: they are used in thin stacks only."""


class Batches(IterableDataset[Batch]):
    """Draws a batch shape, then cases, then random geometry and signal.

    Parameters
    ----------
    cases
        Real cases; none trains on phantoms alone.
    shapes
        Batch shapes with their weights.
    phantom_folder
        Looked at again every ``rescan_every`` batches, so that phantoms may arrive late.
    phantom_share
        Share of the samples taken from phantoms, once there are ``phantom_minimum`` of them.
    pseudo_folder, pseudo_share
        Where the pictures with pseudo-labels (`models.training.pseudo`) are, or will be, and their share of
        the samples in shapes of at most `THIN_STACK` slices.

    Raises
    ------
    ValueError
        While drawing, when there are neither real cases nor enough phantoms.
    """

    def __init__(
        self,
        cases: list[Case],
        shapes: list[Shape],
        seed: int,
        phantom_folder: Path | None = None,
        phantom_share: float = 0.35,
        phantom_minimum: int = 8,
        rescan_every: int = 40,
        pseudo_folder: Path | None = None,
        pseudo_share: float = 0.0,
    ) -> None:
        self.cases, self.shapes, self.seed = cases, shapes, seed
        self.phantom_folder = phantom_folder
        self.phantom_share, self.phantom_minimum = phantom_share, phantom_minimum
        self.rescan_every = rescan_every
        self.pseudo_folder, self.pseudo_share = pseudo_folder, pseudo_share
        self.pseudo: list[Case] = []

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        if worker:
            torch.set_num_threads(1)
        pool = PhantomPool(self.phantom_folder) if self.phantom_folder else None
        weights = np.array([shape.weight for shape in self.shapes])
        step = 0
        while True:
            if pool is not None and step % self.rescan_every == 0:
                pool.rescan()
            if self.pseudo_folder is not None and step % self.rescan_every == 0:
                self.pseudo = read_cases(self.pseudo_folder)
            shape = self.shapes[int(rng.choice(len(weights), p=weights / weights.sum()))]
            yield self._batch(shape, pool, rng)
            step += 1

    def _batch(self, shape: Shape, pool: PhantomPool | None, rng: np.random.Generator) -> Batch:
        images, targets, full = [], [], []
        for _ in range(shape.batch):
            case = self._case(pool, shape, rng)
            image, target = sample(case, shape, rng)
            images.append(image[None])
            targets.append(target)
            full.append(case.full_labels)
        return torch.stack(images), torch.stack(targets), torch.tensor(full)

    def _case(self, pool: PhantomPool | None, shape: Shape, rng: np.random.Generator) -> Case:
        if self.pseudo and shape.slices <= THIN_STACK and rng.random() < self.pseudo_share:
            return self.pseudo[int(rng.integers(len(self.pseudo)))]
        phantoms = list(pool.cases.values()) if pool else []
        enough = len(phantoms) >= self.phantom_minimum
        if not self.cases and not enough:
            raise ValueError(
                f"no real cases, and {len(phantoms)} of at least {self.phantom_minimum} phantoms"
            )
        if enough and (not self.cases or rng.random() < self.phantom_share):
            return phantoms[int(rng.integers(len(phantoms)))]
        return self.cases[int(rng.integers(len(self.cases)))]
