"""Random geometry and random signal: one training sample from one case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.training.cases import Case
from models.training.labels import BACKGROUND, CANAL, DISC, IGNORE, SACRUM, VERTEBRA

Rng = np.random.Generator
CUT_SHARE, METAL_SHARE = 0.2, 0.06
"""Shares of the samples whose field of view ends early, and that hold metal (our choice)."""

ENDPLATE_SHARE = 0.3
"""Share of the samples in which marrow beside discs changes its signal (our choice)."""

ENDPLATE_REACH = 4
"""Distance from a disc, in pixels of 1 mm, within which such a change begins (our choice)."""


@dataclass(frozen=True)
class Shape:
    """Size of the samples of one batch and the slice spacing they simulate (mm)."""

    batch: int
    slices: int
    rows: int
    columns: int
    spacing: tuple[float, float]
    weight: float = 1.0


def sample(case: Case, shape: Shape, rng: Rng) -> tuple[Tensor, Tensor]:
    """Return image float32 [S, H, W] on the normalised scale and target uint8 [S, H, W]."""
    ratio, target, copies = _slab(case, shape, rng)
    grid = _plane_grid(case, target, shape, rng)
    image = F.grid_sample(ratio[None], grid, "bilinear", "zeros", False)[0]
    labels = F.grid_sample(target[None].float(), grid, "nearest", "zeros", False)[0].round().to(torch.uint8)
    image = image.clamp_(0, 2.25).sqrt_()
    if rng.random() < CUT_SHARE:
        _cut(image, labels, rng)
    image = signal(image, labels, rng)
    if rng.random() < METAL_SHARE:
        _metal(image, labels, rng)
    if copies:
        image, labels = _repeat_last(image, copies), _repeat_last(labels, copies)
    if rng.random() < 0.5:
        image, labels = image.flip(0), labels.flip(0)
    return image * 2.0 - 1.0, labels


def _cut(image: Tensor, labels: Tensor, rng: Rng) -> None:
    """End the field of view early, mostly above (top cut) or below (sacrum out of view); beyond is air."""
    rows, columns = image.shape[1:]
    side = rng.random()
    for stack, air in ((image, 0.0), (labels, BACKGROUND)):
        if side < 0.4:
            stack[:, : int((0.05 + 0.875 * side) * rows)] = air
        elif side < 0.8:
            stack[:, int((0.25 + 0.875 * side) * rows) :] = air
        elif side < 0.9:
            stack[:, :, : int((2.0 * side - 1.55) * columns)] = air
        else:
            stack[:, :, int((1.2 * side - 0.23) * columns) :] = air


def _from_centre(image: Tensor, centre: Tensor, radii: np.ndarray) -> Tensor:
    """Return the distance of every voxel from a centre in radii of an ellipsoid: 1 on its surface."""
    apart = [(torch.arange(n).float() - c) / r for n, c, r in zip(image.shape, centre, radii, strict=True)]
    return (apart[0][:, None, None] ** 2 + apart[1][None, :, None] ** 2 + apart[2] ** 2).sqrt()


def _metal(image: Tensor, labels: Tensor, rng: Rng) -> None:
    """Imitate implants: signal voids with a bright rim in or behind the spine; labels there are ignored."""
    spots = torch.nonzero((labels == VERTEBRA) | (labels == DISC))
    if not len(spots):
        return
    for _ in range(int(rng.integers(1, 5))):
        centre = spots[int(rng.integers(len(spots)))].float() + torch.tensor([0.0, 0.0, rng.uniform(-5, 25)])
        size = rng.uniform([0.6, 4.0, 5.0], [2.5, 11.0, 22.0])
        far = _from_centre(image, centre, size)
        image[:] = torch.where(far < 1.3, image + rng.uniform(0.2, 0.8) * (1.3 - far) / 0.3, image)
        image[:] = torch.where(far < 1.0, image.new_tensor(rng.uniform(0.0, 0.1)), image).clamp_(0.0, 1.5)
        labels[far < 1.15] = IGNORE


def _endplates(image: Tensor, labels: Tensor, rng: Rng) -> Tensor:
    """Imitate Modic changes: marrow beside discs gets brighter or darker in patches and stays vertebra."""
    bone = labels == VERTEBRA
    reach = 2 * ENDPLATE_REACH + 1
    near = F.max_pool2d((labels == DISC).float()[:, None], reach, 1, ENDPLATE_REACH)[:, 0] > 0
    spots = torch.nonzero(near & bone)
    if not len(spots):
        return image
    inside = _soft(bone)
    kind = rng.uniform(0.05, 0.4) if rng.random() < 0.5 else rng.uniform(0.65, 1.1)
    for _ in range(int(rng.integers(1, 7))):
        centre = spots[int(rng.integers(len(spots)))].float()
        size = rng.uniform([0.6, 3.0, 5.0], [3.0, 11.0, 22.0])
        far = _from_centre(image, centre, size)
        weight = rng.uniform(0.5, 1.0) * ((1.2 - far) / 0.4).clamp(0, 1) * inside
        image = image + weight * (kind - image)
    return image


def _repeat_last(x: Tensor, copies: int) -> Tensor:
    return torch.cat([x, x[-1:].expand(copies, -1, -1)], 0)


def _slab(case: Case, shape: Shape, rng: Rng) -> tuple[Tensor, Tensor, int]:
    """Choose slices at a simulated spacing; thick slices are means of their neighbours."""
    own = case.spacing[0]
    count = case.ratio.shape[0]
    step = max(1.0, float(np.exp(rng.uniform(*np.log(shape.spacing)))) / own)
    fit = max(1, int((count - 1) / step) + 1)
    wanted = shape.slices if rng.random() < 0.85 else int(rng.integers(1, shape.slices + 1))
    chosen = min(fit, wanted)
    room = (count - 1) - (chosen - 1) * step
    centres = rng.uniform(0, max(room, 1e-6)) + np.arange(chosen) * step
    half = max(0.5, step * rng.uniform(0.8, 1.0) / 2)
    weights = np.clip(half + 0.5 - np.abs(np.arange(count)[None] - centres[:, None]), 0, 1)
    weights /= weights.sum(1, keepdims=True)
    first, last = np.flatnonzero(weights.any(0))[[0, -1]]
    source = torch.from_numpy(case.ratio[first : last + 1]).float()
    mixed = torch.from_numpy(weights[:, first : last + 1].astype(np.float32)) @ source.flatten(1)
    nearest = np.clip(np.round(centres), 0, count - 1).astype(int)
    target = torch.from_numpy(case.target[nearest])
    return mixed.view(chosen, *source.shape[1:]), target, shape.slices - chosen


def _plane_grid(case: Case, target: Tensor, shape: Shape, rng: Rng) -> Tensor:
    """Return a sampling grid [1, H, W, 2]: crop, zoom, rotation, at about 1 mm pixels."""
    size = np.array(target.shape[1:])
    spacing = np.array(case.spacing[1:])
    extent = size * spacing
    wanted = np.array([shape.rows, shape.columns], dtype=float)
    zoom = np.exp(rng.normal(0, 0.1)) * np.exp(rng.normal(0, 0.03, 2))
    angle = np.radians(rng.normal(0, 7.0))
    centre = _centre(target, spacing, extent, wanted, rng)
    cos, sin = np.cos(angle), np.sin(angle)
    # normalised output (x, y) in [-1, 1] -> mm from the centre -> normalised source
    half = wanted[::-1] / 2 * zoom[::-1]
    matrix = np.array([[cos, -sin], [sin, cos]]) * half[None, :]
    scale = 2.0 / extent[::-1]
    theta = np.concatenate([matrix * scale[:, None], (centre[::-1] * scale - 1.0)[:, None]], 1)
    grid_theta = torch.from_numpy(theta.astype(np.float32))[None]
    return F.affine_grid(grid_theta, [1, 1, shape.rows, shape.columns], align_corners=False)


def _centre(
    target: Tensor, spacing: np.ndarray, extent: np.ndarray, wanted: np.ndarray, rng: Rng
) -> np.ndarray:
    """Choose the middle of the crop in mm: around the spine, or anywhere in the field of view."""
    if (wanted > 0.9 * extent).all():
        return extent / 2 + rng.normal(0, 8, 2)
    middle = target[target.shape[0] // 2]
    spine = torch.nonzero((middle > 0) & (middle <= SACRUM))
    if rng.random() < 0.7 and len(spine):
        point = spine[int(rng.integers(len(spine)))].numpy() * spacing + rng.normal(0, 0.12, 2) * wanted
    else:
        point = rng.uniform(0.1, 0.9, 2) * extent
    slack = np.minimum(wanted * 0.4, extent / 2)
    return np.asarray(np.clip(point, slack, extent - slack))


def signal(image: Tensor, labels: Tensor, rng: Rng) -> Tensor:
    """Change contrast and add artefacts; intensities are square-root scaled, air 0, bright fat 1."""
    if rng.random() < ENDPLATE_SHARE:
        image = _endplates(image, labels, rng)
    if rng.random() < 0.55:
        image = _tissue_contrast(image, labels, rng)
    if rng.random() < 0.6:
        image = _curve(image, rng)
    if rng.random() < 0.6:
        image = image * _bias(image, rng)
    image = _artefacts(image, rng)
    if rng.random() < 0.5:
        image = image * rng.uniform(0.7, 1.3)
    if rng.random() < 0.25:
        image = image + rng.uniform(-0.08, 0.25)
    if rng.random() < 0.15:
        image = image.clamp_max(rng.uniform(0.6, 1.0))
    return image.clamp_(0.0, 1.5)


def _soft(mask: Tensor) -> Tensor:
    return F.avg_pool2d(mask.float()[:, None], 3, 1, 1)[:, 0]


def _tissue_contrast(image: Tensor, labels: Tensor, rng: Rng) -> Tensor:
    """Imitate T1 or STIR, or change single tissues at random."""
    kind = rng.random()
    canal, disc = (_soft(labels == n) for n in (CANAL, DISC))
    bone = _soft((labels == VERTEBRA) | (labels == SACRUM))
    if kind < 0.35:  # T1: dark fluid, grey discs, bright marrow and fat
        fluid = rng.uniform(0.2, 0.4) + rng.uniform(-0.25, 0.1) * image
        image = image * (1 - canal) + fluid * canal
        grey = rng.uniform(0.3, 0.5) + rng.uniform(0.1, 0.4) * (image - 0.4)
        image = image * (1 - disc) + grey * disc
        return image * (1 + rng.uniform(-0.1, 0.4) * bone)
    if kind < 0.6:  # STIR: fat suppressed, dark marrow, bright fluid
        outside = (1 - canal - disc - bone).clamp_min(0)
        fat = ((image - 0.55) / 0.3).clamp(0, 1) * outside
        image = image * (1 - rng.uniform(0.4, 0.8) * fat)
        image = image * (1 - rng.uniform(0.2, 0.6) * bone)
        return image * (1 + rng.uniform(0.0, 0.4) * canal)
    for mask in (canal, disc, bone):
        if rng.random() < 0.6:
            changed = image * rng.uniform(0.5, 1.5) + rng.uniform(-0.2, 0.25)
            image = image * (1 - mask) + changed * mask
    return image


def _curve(image: Tensor, rng: Rng) -> Tensor:
    """Apply a gamma, now and then a random curve or an inversion."""
    if rng.random() < 0.75:
        return image.clamp_min(0).pow(float(np.exp(rng.normal(0, 0.3))))
    if rng.random() < 0.3:
        return torch.where(image > 0.12, 1.05 - image.clamp_max(1.0), image)
    knots = np.cumsum(rng.uniform(0.2, 1.0, 6))
    knots = np.concatenate([[0.0], knots / knots[-1] * 1.5])
    position = (image / 1.5 * 6).clamp(0, 5.999)
    index = position.long()
    table = torch.from_numpy(knots.astype(np.float32))
    low = table[index]
    return low + (table[index + 1] - low) * (position - index)


def _bias(image: Tensor, rng: Rng) -> Tensor:
    """A smooth field, and the fall-off of a coil at the back."""
    field = torch.from_numpy(rng.normal(0, 0.18, (1, 1, 4, 4)).astype(np.float32))
    field = F.interpolate(field, image.shape[1:], mode="bicubic", align_corners=True)[0, 0]
    if rng.random() < 0.5:
        field = field + torch.linspace(rng.normal(0, 0.4), 0, image.shape[2])[None]
    return field.exp()


def _artefacts(image: Tensor, rng: Rng) -> Tensor:
    if rng.random() < 0.25:
        image = _blur(image, rng)
    if rng.random() < 0.08:
        axis, shift = int(rng.integers(1, 3)), int(rng.integers(10, 60))
        image = image + rng.uniform(0.05, 0.2) * image.roll(shift, axis)
        if rng.random() < 0.5:
            image = image + rng.uniform(0.03, 0.1) * image.roll(-shift, axis)
    if rng.random() < 0.15:
        image = image * torch.from_numpy(rng.normal(1, 0.08, (image.shape[0], 1, 1)).astype(np.float32))
    if rng.random() < 0.5:
        noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(int(rng.integers(2**31))))
        image = image + noise * rng.uniform(0.01, 0.1)
    if rng.random() < 0.06 and image.shape[0] > 2:
        image[int(rng.integers(image.shape[0]))] *= rng.uniform(0, 0.4)
    return image


def _blur(image: Tensor, rng: Rng) -> Tensor:
    """Lower the resolution along rows, columns or both."""
    sigma = rng.uniform(0.5, 1.3)
    kernel = torch.exp(-torch.arange(-3, 4).float().pow(2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    x = image[:, None]
    if rng.random() < 0.75:
        x = F.conv2d(x, kernel.view(1, 1, 7, 1), padding=(3, 0))
    if rng.random() < 0.75:
        x = F.conv2d(x, kernel.view(1, 1, 1, 7), padding=(0, 3))
    return x[:, 0]
