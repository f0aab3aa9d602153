"""The canal between stacks: where neighbours overlap in it, and what of it no slice shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lvp_workstation.domain.anatomy import SACRUM, LevelMap, vertebra_id
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.landmarks import SpineLandmarks
from lvp_workstation.planning.stack import PlannedStack

STEP_MM = 0.25
LEAST_MM = 0.5
"""Shorter stretches without a slice are gaps between slices, not missing canal (our choice)."""
SEEN_MM = 25.0
"""The centreline passes the posterior margin of a body or disc at most at this distance; further away the
canal was not segmented there (our choice: half the depth of a wide canal with fat and some; on the six real
studies it is 7-16 mm where the canal is in the images, 39 and 78 mm where it has left them)."""
TOP_NUMBER = 3
"""The canal is followed from the third body from below, L3 of five, down to the sacrum."""


@dataclass(frozen=True, eq=False)
class Unimaged:
    """A stretch of canal that no slice shows.

    Attributes
    ----------
    level
        The vertebra behind which its middle lies.
    start, end
        LPS mm, from above.
    """

    level: str
    start: Array
    end: Array
    length_mm: float


@dataclass(frozen=True, eq=False)
class CanalCover:
    """How much of the canal between the top of L3 (third body from below) and S1 is imaged."""

    length_mm: float
    unimaged: tuple[Unimaged, ...]

    @property
    def unimaged_mm(self) -> float:
        """Length without a slice."""
        return float(sum(stretch.length_mm for stretch in self.unimaged))


def canal_line(landmarks: SpineLandmarks) -> Array:
    """Return the centreline of the canal in steps of `STEP_MM`, from above, shape (n, 3)."""
    points = np.array(landmarks.canal, dtype=np.float64).reshape(-1, 3)
    if len(points) < 2:
        return points
    along = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))
    places = np.arange(0.0, along[-1], STEP_MM)
    line = np.stack([np.interp(places, along, points[:, axis]) for axis in range(3)], axis=1)
    return line if line[0, 2] >= line[-1, 2] else line[::-1]


def seen_at(line: Array, point: Array) -> bool:
    """Return whether the centreline passes near a point of the posterior margin of a body or disc."""
    return bool(len(line)) and float(np.linalg.norm(line - point, axis=1).min()) <= SEEN_MM


def without_overlap(stacks: Sequence[PlannedStack], line: Array) -> tuple[PlannedStack, ...]:
    """Return axial stacks that share no point of the canal, where the protocol allows it.

    Slices excited twice lose signal where they cross. Of two neighbours the one with more slices (the upper
    one of equals) gives up its two outermost, so that both stay centred on their discs; crossings behind
    the canal are left.
    """
    kept = list(stacks)
    for n in range(len(kept) - 1):
        while _share_canal(kept[n], kept[n + 1], line):
            larger = n if kept[n].count >= kept[n + 1].count else n + 1
            smaller = kept[larger].count - 2
            if smaller < kept[larger].template.count_min:
                break
            kept[larger] = kept[larger].with_count(smaller)
    return tuple(kept)


def overlapping(stacks: Sequence[PlannedStack], line: Array) -> list[tuple[str, str]]:
    """Return the levels of neighbours that still share canal."""
    return [(a.level, b.level) for a, b in pairwise(stacks) if _share_canal(a, b, line)]


def _share_canal(a: PlannedStack, b: PlannedStack, line: Array) -> bool:
    return bool(len(line) and a.proposed and b.proposed and (a.holds(line) & b.holds(line)).any())


def canal_cover(
    landmarks: SpineLandmarks, levels: LevelMap, stacks: Sequence[PlannedStack]
) -> CanalCover | None:
    """Return what the stacks leave unimaged between L3 and S1; None where either end is not seen."""
    line = canal_line(landmarks)
    ends = _ends(landmarks)
    if ends is None or len(line) < 2:
        return None
    if not all(seen_at(line, end) for end in ends):
        return None
    first, last = (int(np.argmin(np.linalg.norm(line - end, axis=1))) for end in ends)
    line = line[first : last + 1]
    if len(line) < 2:
        return None
    imaged = np.zeros(len(line), dtype=bool)
    for stack in stacks:
        if stack.proposed:
            imaged |= stack.holds(line)
    return CanalCover((len(line) - 1) * STEP_MM, _stretches(line, imaged, landmarks, levels))


def _ends(landmarks: SpineLandmarks) -> tuple[Array, Array] | None:
    top = landmarks.bodies.get(vertebra_id(TOP_NUMBER))
    below = landmarks.bodies.get(SACRUM) or landmarks.bodies.get("V0")
    if top is None or top.superior is None or below is None or below.superior is None:
        return None
    return np.array(top.superior.posterior), np.array(below.superior.posterior)


def _stretches(
    line: Array, imaged: Array, landmarks: SpineLandmarks, levels: LevelMap
) -> tuple[Unimaged, ...]:
    edges = np.flatnonzero(np.diff(np.concatenate(([1], imaged.astype(int), [1]))))
    found = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        length = (stop - start) * STEP_MM
        if length > LEAST_MM:
            middle = line[(start + stop - 1) // 2]
            level = _nearest_body(middle, landmarks, levels)
            found.append(Unimaged(level, line[start], line[stop - 1], float(length)))
    return tuple(found)


def _nearest_body(point: Array, landmarks: SpineLandmarks, levels: LevelMap) -> str:
    names = {k: b for k, b in landmarks.bodies.items() if k.startswith("V") and k != "V0"}
    nearest = min(
        names, key=lambda k: abs(float((point - np.array(names[k].centre)) @ np.array(names[k].up)))
    )
    return levels.name(nearest)
