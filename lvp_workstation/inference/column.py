"""The spine as a sequence: the best chain of disc candidates, with what is missing and what is false.

Discs and vertebral bodies alternate along one gently curved column. The chain that fits this best is
found by dynamic programming over the candidates, so that a blob in the bowel or a disc remnant inside
the sacrum does not shift the count. Gaps of two body heights are filled with an inferred disc.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import Array
from lvp_workstation.inference.discs import DiscFit, inferred_disc
from lvp_workstation.inference.grid import BACKGROUND, DISC, OUTSIDE, SACRUM, VERTEBRA, ClassGrid

BODY_RATIO = 1.1
"""Distance of neighbouring discs over disc length, 0.7-1.3 in 29 SPIDER patients (measured)."""
SPACING_LIMITS = (18.0, 50.0)
"""Disc to disc distance in mm expected at all (our choice; 18-44 measured in those patients)."""
GAP_RATIO = 1.55
"""A distance this much above the expected one hides a disc (our choice)."""
_MAX_STEP = 125.0
_MIN_STEP = 10.0
_MIN_COSINE = 0.55
_TUBE = np.array((-8.0, -4.0, 0.0, 4.0, 8.0))
_CLASSES = 5


@dataclass(frozen=True)
class Notes:
    """What was decided about the count: ``inferred_discs`` were not segmented."""

    inferred_discs: int = 0


@dataclass(frozen=True, eq=False)
class Column:
    """Discs from caudal to cranial, and the candidates that are not part of it.

    Attributes
    ----------
    discs
        The chain, inferred discs included.
    spacing
        Expected distance of neighbouring discs in mm.
    rejected
        Candidates that are no discs of the column.
    notes
        What was inferred.
    """

    discs: tuple[DiscFit, ...]
    spacing: float
    rejected: tuple[DiscFit, ...] = ()
    notes: Notes = field(default_factory=Notes)


def fractions(grid: ClassGrid, points: Array) -> NDArray[np.float64]:
    """Return the share of each class and of `OUTSIDE` (last) among points (..., n, 3): shape (..., 6)."""
    found = grid.sample(points)
    found = np.where(found == OUTSIDE, _CLASSES, found)
    return np.stack([(found == c).mean(axis=-1) for c in range(_CLASSES + 1)], axis=-1)


def profile(grid: ClassGrid, start: Array, end: Array, posterior: Array, step: float = 1.0) -> Array:
    """Return class shares on cross-sections of a tube between two points, shape (steps, 6).

    Parameters
    ----------
    start, end, posterior
        Local coordinates in mm; `posterior` is the unit direction in which the tube is 16 mm wide.
    step
        Distance of the cross-sections in mm.
    """
    count = max(2, round(float(np.linalg.norm(end - start)) / step) + 1)
    line = start + np.linspace(0.0, 1.0, count)[:, None] * (end - start)
    return fractions(grid, line[:, None, :] + _TUBE[None, :, None] * posterior)


def build_column(grid: ClassGrid, fits: list[DiscFit]) -> Column:
    """Return the chain of candidates that fits a spine best; gaps are filled with inferred discs."""
    if not fits:
        return Column((), BODY_RATIO * 33.0)
    length = _reference_length(fits)
    expected = float(np.clip(BODY_RATIO * length, 24.0, 44.0))
    chain = _best_chain(grid, fits, length, expected)
    expected = _expected(chain, expected)
    chain = _best_chain(grid, fits, length, expected)
    filled = _fill_gaps(grid, chain, expected)
    chosen = {id(fit) for fit in chain}
    rejected = tuple(fit for fit in fits if id(fit) not in chosen)
    return Column(tuple(filled), expected, rejected, Notes(inferred_discs=len(filled) - len(chain)))


def _reference_length(fits: list[DiscFit]) -> float:
    """Return a typical disc length: the volume-weighted median of all candidates, within 18-45 mm."""
    lengths = np.array([fit.length for fit in fits])
    weights = np.array([fit.volume for fit in fits])
    order = np.argsort(lengths)
    at = int(np.searchsorted(weights[order].cumsum(), weights.sum() / 2))
    return float(np.clip(lengths[order][at], 18.0, 45.0))


def _node_scores(fits: list[DiscFit], length: float) -> Array:
    """Return the worth of each candidate: up to 1 for a full-sized disc, negative for a small blob."""
    volumes = np.array([fit.volume for fit in fits])
    typical = float(np.sort(volumes)[-max(1, len(fits) // 3) :].mean())
    size = np.array([min(1.0, fit.length / (0.85 * length)) for fit in fits])
    bulk = np.minimum(1.0, volumes / (0.3 * typical))
    flat = np.clip(np.array([fit.length / (3.46 * fit.rms + 1e-3) for fit in fits]) / 2.0, 0.3, 1.0)
    return np.asarray(1.5 * np.sqrt(size * bulk) * flat - 0.5)


def _best_chain(grid: ClassGrid, fits: list[DiscFit], length: float, expected: float) -> list[DiscFit]:
    """Return the best chain from caudal to cranial by dynamic programming."""
    order = sorted(range(len(fits)), key=lambda n: -fits[n].centre[1])
    nodes = [fits[n] for n in order]
    worth = _node_scores(nodes, length)
    total, before = worth.copy(), np.full(len(nodes), -1)
    for upper in range(len(nodes)):
        for lower in range(upper):
            edge = _edge_score(grid, nodes[lower], nodes[upper], expected)
            if edge is not None and total[lower] + edge + worth[upper] > total[upper]:
                total[upper], before[upper] = total[lower] + edge + worth[upper], lower
    chain, at = [], int(total.argmax())
    while at >= 0:
        chain.append(nodes[at])
        at = int(before[at])
    return chain[::-1]


def _edge_score(grid: ClassGrid, lower: DiscFit, upper: DiscFit, expected: float) -> float | None:
    """Return how well two discs follow each other, None when they cannot."""
    step = upper.centre - lower.centre
    distance = float(np.linalg.norm(step))
    if not _MIN_STEP < distance < _MAX_STEP:
        return None
    aligned = [float(step @ fit.normal) / distance for fit in (lower, upper)]
    if min(aligned) < 0.3 or sum(aligned) / 2 < _MIN_COSINE:
        return None
    shares = _between(grid, lower, upper)
    bone, sacral = float(shares[VERTEBRA]), float(shares[SACRUM])
    if sacral > 0.5:
        return None
    ratio = float(np.log(distance / expected))
    steepness = 1.2 if ratio < 0 else 1.3
    score = 0.6 * (min(bone, 0.8) - 0.4) - steepness * ratio**2 - 1.5 * (1 - sum(aligned) / 2)
    return score - (0.6 if bone < 0.15 else 0.0) - sacral


def _between(grid: ClassGrid, lower: DiscFit, upper: DiscFit) -> Array:
    """Return the mean class shares of the tube between two discs, without the discs themselves."""
    posterior = lower.posterior + upper.posterior
    posterior = posterior / np.linalg.norm(posterior)
    shares = profile(grid, lower.centre, upper.centre, posterior, 2.0)
    margin = min(len(shares) // 3, round(2.5 + lower.rms / 2))
    return np.asarray(shares[margin : len(shares) - margin].mean(axis=0))


def _expected(chain: list[DiscFit], prior: float) -> float:
    """Return the expected disc distance: the median of what was found and of the prior."""
    if len(chain) < 2:
        return prior
    steps = np.linalg.norm(np.diff([fit.centre for fit in chain], axis=0), axis=1)
    # A chain of few discs is drawn to the prior, so that one doubled step does not double the rest.
    values = np.concatenate([steps, [prior] * (2 if len(steps) < 4 else 1)])
    return float(np.clip(np.median(values), *SPACING_LIMITS))


def _fill_gaps(grid: ClassGrid, chain: list[DiscFit], expected: float) -> list[DiscFit]:
    """Return the chain with a disc inferred in each gap of two or more body heights."""
    filled: list[DiscFit] = []
    for lower, upper in itertools.pairwise(chain):
        filled.append(lower)
        distance = float(np.linalg.norm(upper.centre - lower.centre))
        local = _local_spacing(chain, lower, expected)
        missed = round(distance / local) - 1 if distance > GAP_RATIO * local else 0
        for n in range(1, missed + 1):
            share = _valley(grid, lower, upper, n / (missed + 1), 0.35 / (missed + 1))
            centre = lower.centre + share * (upper.centre - lower.centre)
            filled.append(inferred_disc(centre, lower, upper, share))
    return [*filled, chain[-1]]


def _local_spacing(chain: list[DiscFit], lower: DiscFit, expected: float) -> float:
    """Return the expected distance above one disc, from its neighbours when there are enough."""
    at = next(n for n, fit in enumerate(chain) if fit is lower)
    steps = np.linalg.norm(np.diff([fit.centre for fit in chain], axis=0), axis=1)
    near = [float(steps[n]) for n in (at - 2, at - 1, at + 1, at + 2) if 0 <= n < len(steps)]
    near = [step for step in near if step < GAP_RATIO * expected]
    return float(np.median([*near, expected]))


def _valley(grid: ClassGrid, lower: DiscFit, upper: DiscFit, share: float, reach: float) -> float:
    """Return where bone is thinnest near a share of the way between two discs."""
    posterior = (lower.posterior + upper.posterior) / np.linalg.norm(lower.posterior + upper.posterior)
    shares = profile(grid, lower.centre, upper.centre, posterior)
    at = np.linspace(0.0, 1.0, len(shares))
    bone = shares[:, VERTEBRA] - shares[:, DISC] - 0.3 * shares[:, BACKGROUND]
    bone = np.convolve(np.pad(bone, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    window = np.abs(at - share) <= reach
    cost = np.where(window, bone + 0.3 * np.abs(at - share) / reach, np.inf)
    return float(at[int(np.argmin(cost))])
