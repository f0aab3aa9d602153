"""The network in training: one step, its running average, the clock, the checkpoint, the loop."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader

from models.training.batches import Batches
from models.training.config import Recipe
from models.training.curves import draw_curves
from models.training.losses import half, segmentation_loss
from models.training.network import VNet
from models.training.steps import (
    descend,
    freeze_norms,
    learning_rate,
    set_norm_momentum,
    share_done,
    update_average,
)
from models.training.validation import Judged, judge, means, thick

LEAST_DICE, LEARNED_BY, LEARNED_AFTER = 0.2, 0.3, 200
"""A run whose mean Dice is below the first at this share of its time, after so many steps, is stopped (our
choice)."""
STEPS_PER_LINE = 50


class Trainer:
    """Holds the network, its running average, the optimiser and the clock.

    Parameters
    ----------
    recipe
        Numbers of the training.
    run
        Folder of checkpoint, log and curves; made when absent.
    net
        Network to go on from; a fresh one when None.
    """

    def __init__(self, recipe: Recipe, run: Path, net: VNet | None = None) -> None:
        self.recipe, self.run = recipe, run
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(recipe.train.seed)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.net = (net or VNet(recipe.network)).to(self.device)
        set_norm_momentum(self.net, recipe.train.norm_momentum)
        self.ema = copy.deepcopy(self.net).eval()
        self.optimiser = torch.optim.AdamW(_groups(self.net, recipe.train.weight_decay), lr=1e-3)
        self.step, self.spent = 0, 0.0

    @property
    def progress(self) -> float:
        """Share of the schedule that is done, 0-1: of the steps where they are given, else of the time."""
        settings = self.recipe.train
        return share_done(self.step, self.spent, settings.steps, settings.minutes)

    @property
    def left(self) -> str:
        """What is left of the schedule, in words."""
        settings = self.recipe.train
        if settings.steps:
            return f"{max(0, settings.steps - self.step)} steps left"
        return f"{settings.minutes - self.spent / 60:.1f} min left"

    def save(self) -> None:
        """Write the checkpoint atomically."""
        state = {
            "net": self.net.state_dict(),
            "ema": self.ema.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "spent": self.spent,
            "channels": self.net.config.channels,
        }
        part = self.run / "checkpoint.part"
        torch.save(state, part)
        part.rename(self.run / "checkpoint.pt")

    def resume(self) -> None:
        """Continue from the checkpoint of the run."""
        state = torch.load(self.run / "checkpoint.pt", map_location=self.device)
        self.net.load_state_dict(state["net"])
        self.ema.load_state_dict(state["ema"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.spent = state["step"], state["spent"]

    def learn(self, image: Tensor, target: Tensor, full: Tensor) -> float:
        """Take one step and return the loss.

        Raises
        ------
        FloatingPointError
            When the loss is not finite.
        """
        settings = self.recipe.train
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.progress, settings.learning_rate, settings.warm_up)
        self.net.train()
        if self.progress >= settings.freeze_norms_at:
            freeze_norms(self.net)
        image, target, full = (t.to(self.device) for t in (image, target, full))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=settings.bfloat16):
            main, aux = self.net(image)
        loss = segmentation_loss(main, target, full)
        loss = loss + settings.auxiliary_weight * segmentation_loss(aux, half(target), full)
        descend(self.net, self.optimiser, loss, settings.clip, self.step)
        self.step += 1
        update_average(self.ema, self.net, settings.ema, self.step)
        return float(loss.detach())

    def predict(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        """Class probabilities of the averaged network."""
        image = torch.from_numpy(array).to(self.device)
        enabled = self.recipe.train.bfloat16
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16, enabled=enabled):
            logits, _ = self.ema(image)
        return np.asarray(torch.softmax(logits.float(), 1).cpu().numpy())

    def log(self, **values: Any) -> None:
        """Append a line to the log."""
        entry = {"step": self.step, "minutes": round(self.spent / 60, 2), **values}
        with open(self.run / "log.jsonl", "a") as file:
            file.write(json.dumps(entry) + "\n")


def _groups(net: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weight decay for kernels only."""
    kernels = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": kernels, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def validate(trainer: Trainer, cases: list[Judged], demanding: bool = True) -> str:
    """Judge native and thick slices; log every patient and return one line.

    Parameters
    ----------
    demanding
        Whether a network that does badly is an error; not where it was never shown images like these.

    Raises
    ------
    RuntimeError
        When the network has learned next to nothing although time enough has passed.
    """
    native = {case.name: judge(trainer.predict, case) for case in cases}
    coarse = {case.name: judge(trainer.predict, thick(case)) for case in cases}
    trainer.log(validation=native, validation_thick=coarse, mean=means(native), mean_thick=means(coarse))
    draw_curves(trainer.run)
    enough = demanding and trainer.progress >= LEARNED_BY and trainer.step >= LEARNED_AFTER
    if enough and np.mean(list(means(native).values())) < LEAST_DICE:
        raise RuntimeError(
            f"nothing was learned: mean Dice {means(native)} after {trainer.step} steps. Look at the labels "
            f"and at {trainer.run / 'curves.png'}; a learning rate that is too high does this too."
        )
    lines = [" ".join(f"{k} {v:.3f}" for k, v in means(s).items()) for s in (native, coarse)]
    return f"native {lines[0]} | thick {lines[1]}"


def bar(progress: float, width: int = 24) -> str:
    """Draw a progress bar in letters."""
    done = round(progress * width)
    return f"[{'#' * done}{'.' * (width - done)}] {progress * 100:3.0f} %"


def run_training(
    trainer: Trainer, batches: Batches, cases: list[Judged], workers: int = 1, demanding: bool = True
) -> None:
    """Train until the schedule ends: steps where they are given, else minutes; see `validate`."""
    settings = trainer.recipe.train
    loader = DataLoader(batches, batch_size=None, num_workers=workers, prefetch_factor=6 if workers else None)
    losses: list[float] = []
    saved = validated = trainer.spent
    clock = time.monotonic()
    for image, target, full in loader:
        losses.append(trainer.learn(image, target, full))
        now = time.monotonic()
        trainer.spent, clock = trainer.spent + now - clock, now
        if len(losses) == STEPS_PER_LINE:
            mean = float(np.mean(losses))
            trainer.log(loss=mean)
            done = f"{bar(trainer.progress)} {trainer.left}"
            print(f"{done}, step {trainer.step}, loss {mean:.3f}", flush=True)
            losses.clear()
        if trainer.spent - saved > settings.save_every_minutes * 60:
            trainer.save()
            saved = trainer.spent
        if trainer.spent - validated > settings.validate_every_minutes * 60:
            print(validate(trainer, cases, demanding), flush=True)
            validated = trainer.spent
        if trainer.progress >= 1.0:
            break
    trainer.save()
    print(validate(trainer, cases, demanding), flush=True)
