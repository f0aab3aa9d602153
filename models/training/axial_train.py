"""Train the axial V-Net: ``python -m models.training.axial_train --cases DIR --run DIR --steps 7000``.

The rate falls over ``--steps``, or over ``--minutes`` where a run has to end by the clock. Goes on from
``checkpoint.pt`` of the run when there is one. New cases in the folder are taken up while it runs. Seeds
whose number ends in 0 are kept for validation.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lvp_workstation.domain.axial_anatomy import AXIAL_CLASSES, HERNIATION
from lvp_workstation.inference.axial_crop import PIXEL_MM, SIDE
from models.training.augment import _artefacts, _bias, _curve
from models.training.axial_network import AxialVNet
from models.training.steps import (
    descend,
    freeze_norms,
    learning_rate,
    set_norm_momentum,
    share_done,
    update_average,
)

Rng = np.random.Generator
SLICES, BATCH = 5, 4
TRAINED_SIDE = 96
"""Rows and columns of a sample: a little less than the network sees later, which makes a step cheaper."""
PEAK_RATE, DECAY, EMA, WARM_UP = 2e-3, 1e-2, 0.997, 0.03
FREEZE_NORMS_AT, NORM_MOMENTUM = 0.7, 0.03
WEIGHTS = (0.4, 1.0, 1.0, 1.0, 1.0, 1.6, 1.4, 2.0)
"""Weights of the classes in the cross-entropy: thin and rare ones count more (our choice)."""
HERNIATED_SHARE = 0.5
READ_EVERY, REPORT_EVERY, SAVE_EVERY, VALIDATE_EVERY = 60, 25, 100, 300


class Cases:
    """Patches in memory; folders are read again for new ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: set[Path] = set()
        self.train: list[tuple[Tensor, Tensor]] = []
        self.held: list[tuple[Tensor, Tensor]] = []
        self.herniated: list[tuple[Tensor, Tensor]] = []

    def read(self) -> None:
        """Take up the cases that are new in the folder."""
        for path in sorted(set(self.folder.glob("*[0-9].npz")) - self.known):
            self.known.add(path)
            with np.load(path) as stored:
                numbers = sorted(name[6:] for name in stored.files if name.startswith("image_"))
                pairs = [
                    (torch.from_numpy(stored[f"image_{n}"]), torch.from_numpy(stored[f"labels_{n}"]))
                    for n in numbers
                ]
            held = path.stem.endswith("0")
            (self.held if held else self.train).extend(pairs)
            self.herniated += [pair for pair in pairs if not held and bool((pair[1] == HERNIATION).any())]

    def pick(self, rng: Rng) -> tuple[Tensor, Tensor]:
        """Return a random patch for training, in half of the draws one with displaced material."""
        pool = self.herniated if rng.random() < HERNIATED_SHARE else self.train
        return pool[int(rng.integers(len(pool)))]


def sample(pair: tuple[Tensor, Tensor], rng: Rng) -> tuple[Tensor, Tensor]:
    """Return image float32 [S, H, W] on the normalised scale and target uint8 [S, H, W]."""
    image, target = window(pair, rng)
    angle, zoom = np.radians(rng.normal(0, 6.0)), np.exp(rng.normal(0, 0.06, 2))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    ratio = TRAINED_SIDE / image.shape[-1]
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos * mirror, -sin], [sin * mirror, cos]]) * zoom[None] * ratio
    shift = rng.normal(0, 6.0 / PIXEL_MM, 2) * 2 / image.shape[-1]
    theta = torch.from_numpy(np.concatenate([turn, shift[:, None]], 1).astype(np.float32))[None]
    grid = F.affine_grid(theta, [1, 1, TRAINED_SIDE, TRAINED_SIDE], align_corners=False)
    moved = F.grid_sample(((image + 1) / 2)[None], grid, "bilinear", "border", False)[0]
    labels = F.grid_sample(target[None].float(), grid, "nearest", "zeros", False)[0].round().to(torch.uint8)
    moved = contrast(moved.clamp_min(0), labels, rng)
    return moved * 2 - 1, labels


def window(pair: tuple[Tensor, Tensor], rng: Rng) -> tuple[Tensor, Tensor]:
    """Return `SLICES` neighbouring slices; where there are fewer, the last is repeated."""
    image, target = pair
    first = int(rng.integers(0, max(1, image.shape[0] - SLICES + 1)))
    image, target = image[first : first + SLICES].float(), target[first : first + SLICES]
    lack = SLICES - image.shape[0]
    if lack:
        image = torch.cat([image, image[-1:].expand(lack, -1, -1)])
        target = torch.cat([target, target[-1:].expand(lack, -1, -1)])
    return image, target


def contrast(image: Tensor, labels: Tensor, rng: Rng) -> Tensor:
    """Change tissues, scale and noise; intensities are square-root scaled, air 0, bright fat 1."""
    if rng.random() < 0.5:
        for number in range(1, len(AXIAL_CLASSES)):
            if rng.random() < 0.4:
                mask = F.avg_pool2d((labels == number).float()[:, None], 3, 1, 1)[:, 0]
                changed = image * rng.uniform(0.65, 1.4) + rng.uniform(-0.12, 0.15)
                image = image * (1 - mask) + changed * mask
    if rng.random() < 0.5:
        gamma = float(np.exp(rng.normal(0, 0.25)))
        image = _curve(image, rng) if rng.random() < 0.3 else image.clamp_min(0).pow(gamma)
    if rng.random() < 0.5:
        image = image * _bias(image, rng)
    if rng.random() < 0.8:
        image = _artefacts(image, rng)
    if rng.random() < 0.06:
        image = void(image, rng)
    image = image * rng.uniform(0.8, 1.2) + rng.uniform(-0.06, 0.12)
    return image.clamp_(0.0, 1.5)


def void(image: Tensor, rng: Rng) -> Tensor:
    """Imitate metal: a signal void with a bright rim."""
    rows = torch.arange(image.shape[1])[:, None].float()
    columns = torch.arange(image.shape[2])[None].float()
    at, size = rng.uniform(15, TRAINED_SIDE - 15, 2), rng.uniform(5, 16, 2)
    far = (((rows - at[0]) / size[0]) ** 2 + ((columns - at[1]) / size[1]) ** 2).sqrt()
    image = torch.where(far < 1.3, image + 0.5 * (1.3 - far).clamp_min(0), image)
    return torch.where(far < 1.0, image.new_tensor(0.03), image)


def loss_of(logits: Tensor, target: Tensor) -> Tensor:
    """Return weighted cross-entropy plus soft Dice (squared, as in the V-Net) of the classes present."""
    log_p = F.log_softmax(logits.float(), 1)
    entropy = F.nll_loss(log_p, target.long(), weight=torch.tensor(WEIGHTS))
    p, terms = log_p.exp(), []
    for label in range(1, p.shape[1]):
        truth = (target == label).float()
        if truth.sum() >= 20:
            guess = p[:, label]
            terms.append(1 - 2 * (guess * truth).sum() / (guess.square().sum() + truth.sum() + 1.0))
    return entropy + torch.stack(terms).mean()


def dice(net: nn.Module, held: list[tuple[Tensor, Tensor]]) -> dict[str, float]:
    """Return the pooled Dice of every class on the middle of the held patches."""
    edge = (held[0][0].shape[-1] - SIDE) // 2
    hits = torch.zeros(len(AXIAL_CLASSES), 3)
    for image, target in held:
        part = image[None, None, :, edge : edge + SIDE, edge : edge + SIDE].float()
        with torch.no_grad():
            guess = net(part)[0].argmax(1)[0]
        truth = target[:, edge : edge + SIDE, edge : edge + SIDE]
        for label in range(len(AXIAL_CLASSES)):
            a, b = guess == label, truth == label
            hits[label] += torch.tensor([(a & b).sum(), a.sum(), b.sum()])
    scores = 2 * hits[:, 0] / (hits[:, 1] + hits[:, 2]).clamp_min(1)
    return {name: round(float(s), 4) for name, s in zip(AXIAL_CLASSES, scores, strict=True)}


@dataclass(frozen=True)
class Schedule:
    """How long to train, and in which arithmetic: bfloat16 pays only on a processor that has it."""

    steps: int | None = None
    minutes: float = 50.0
    bfloat16: bool = False

    def done(self, step: int, seconds: float) -> float:
        """Return the share that is done, see `share_done`."""
        return share_done(step, seconds, self.steps, self.minutes)


class Run:
    """Network, average, optimiser and clock of one training, with its checkpoint."""

    def __init__(self, folder: Path, schedule: Schedule) -> None:
        self.folder, self.schedule = folder, schedule
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(5)
        self.net = AxialVNet()
        set_norm_momentum(self.net, NORM_MOMENTUM)
        self.average = copy.deepcopy(self.net).eval()
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=1e-3, weight_decay=DECAY)
        self.step, self.spent = 0, 0.0
        if (folder / "checkpoint.pt").exists():
            state = torch.load(folder / "checkpoint.pt", map_location="cpu")
            self.net.load_state_dict(state["net"])
            self.average.load_state_dict(state["ema"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.spent = state["step"], state["spent"]

    @property
    def progress(self) -> float:
        """Share of the schedule that is done, 0-1."""
        return self.schedule.done(self.step, self.spent)

    def learn(self, image: Tensor, target: Tensor) -> float:
        """Take one step and return the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.progress, PEAK_RATE, WARM_UP)
        self.net.train()
        if self.progress >= FREEZE_NORMS_AT:
            freeze_norms(self.net)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.schedule.bfloat16):
            main, aux = self.net(image)
        loss = loss_of(main, target) + 0.3 * loss_of(aux, target[..., ::2, ::2])
        descend(self.net, self.optimiser, loss, 5.0, self.step)
        self.step += 1
        update_average(self.average, self.net, EMA, self.step)
        return float(loss.detach())

    def save(self) -> None:
        """Write the checkpoint atomically."""
        part = self.folder / "checkpoint.part"
        state = {"net": self.net.state_dict(), "ema": self.average.state_dict(), "step": self.step}
        state |= {"optimiser": self.optimiser.state_dict(), "spent": self.spent}
        torch.save(state, part)
        part.rename(self.folder / "checkpoint.pt")

    def log(self, **values: object) -> None:
        """Append a line to the log."""
        entry = {"step": self.step, "minutes": round(self.spent / 60, 2), **values}
        with open(self.folder / "log.jsonl", "a") as file:
            file.write(json.dumps(entry) + "\n")
        print(entry, flush=True)


def train(run: Run, cases: Cases) -> None:
    """Train until the schedule is over."""
    rng = np.random.default_rng([5, run.step])
    cases.read()
    losses: list[float] = []
    clock = time.monotonic()
    while run.progress < 1.0:
        picked = [sample(cases.pick(rng), rng) for _ in range(BATCH)]
        image = torch.stack([one for one, _ in picked])[:, None]
        losses.append(run.learn(image, torch.stack([labels for _, labels in picked])))
        now = time.monotonic()
        run.spent, clock = run.spent + now - clock, now
        if run.step % REPORT_EVERY == 0:
            run.log(loss=round(float(np.mean(losses)), 4), cases=len(cases.train))
            losses.clear()
        if run.step % READ_EVERY == 0:
            cases.read()
        if run.step % SAVE_EVERY == 0:
            run.save()
        if run.step % VALIDATE_EVERY == 0:
            run.log(dice=dice(run.average, cases.held[:24]))
    run.save()
    run.log(dice=dice(run.average, cases.held), held=len(cases.held), cases=len(cases.train))


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--steps", type=int, help="length of the schedule; without it the minutes count")
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bfloat16", action="store_true", help="on processors that compute with it")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    train(Run(args.run, Schedule(args.steps, args.minutes, args.bfloat16)), Cases(args.cases))


if __name__ == "__main__":
    main()
