"""Simulated technologists: by hand, and with the proposal before them, on the planes that were judged.

No published spread of lumbar scan planes between technologists was found; the spreads here are our choice
and stated in every report. The comparison shows what the program's errors mean beside such a spread, nothing
about real people.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.evaluation.figures import Figure, mean, over_patients
from lvp_workstation.evaluation.paired import holm, signed_rank
from lvp_workstation.report.document import Section, Table, cell
from lvp_workstation.services.evaluate.planning_report import Row

MANUAL, ASSISTED, ALONE = "manual", "assisted", "program"
OBSERVERS = 4
HABIT = (1.0, 1.0, 0.5)
"""Standard deviation of an observer's habit: tilt about two axes in degrees, offset in mm (our choice)."""
PLANE = (2.0, 2.0, 1.5)
"""And of one plane: a disc is followed over 35 mm, to about a millimetre at each end (our choice)."""
NUDGE_DEG, NUDGE_MM = 3.0, 2.0
"""A proposal that looks further off is moved to where the observer would have put it (our choice)."""
WORDS = (
    f"{OBSERVERS} simulated observers; habit {HABIT[0]:g} deg and {HABIT[2]:g} mm, each plane {PLANE[0]:g} "
    f"deg about two axes and {PLANE[2]:g} mm (standard deviations, our choice: no published one was found); "
    f"a proposal is moved when it looks more than {NUDGE_DEG:g} deg or {NUDGE_MM:g} mm off."
)


@dataclass(frozen=True, eq=False)
class Arms:
    """Errors of the three arms.

    Attributes
    ----------
    patients
        Phantom of each plane.
    errors
        By arm, shape (planes, observers, 3): tilt about two axes in degrees and offset in mm.
    """

    patients: tuple[str, ...]
    errors: dict[str, Array]

    def angles(self, arm: str) -> Array:
        """Return angles in degrees, shape (planes, observers)."""
        return np.asarray(np.linalg.norm(self.errors[arm][..., :2], axis=-1))

    def offsets(self, arm: str) -> Array:
        """Return offsets in mm, shape (planes, observers)."""
        return np.asarray(np.abs(self.errors[arm][..., 2]))

    def spread(self, arm: str) -> Array:
        """Return how far observers differ on each plane: standard deviation of the tilt, degrees."""
        return np.asarray(np.sqrt(self.errors[arm][..., :2].var(axis=1, ddof=1).sum(axis=-1)))


def simulate_arms(rows: Sequence[Row], seed: int = 7) -> Arms:
    """Let the simulated observers work on every ordered plane that has an exact one.

    A plane that the program declined or did not find is drawn by hand in both arms.
    """
    judged = [row for row in rows if row.angle_deg is not None and row.offset_mm is not None]
    habits = np.random.default_rng(seed).normal(0.0, HABIT, (OBSERVERS, 3))
    shape = (len(judged), OBSERVERS, 3)
    errors = {arm: np.zeros(shape) for arm in (MANUAL, ASSISTED, ALONE)}
    for n, row in enumerate(judged):
        rng = np.random.default_rng([seed, zlib.crc32(f"{row.patient}/{row.level}".encode())])
        wanted = habits + rng.normal(0.0, PLANE, (2, OBSERVERS, 3))
        azimuth, side = rng.uniform(0, 2 * np.pi), rng.choice((-1.0, 1.0))
        angle, offset = float(row.angle_deg or 0.0), float(row.offset_mm or 0.0)
        proposed = np.array([angle * np.cos(azimuth), angle * np.sin(azimuth), side * offset])
        errors[MANUAL][n] = wanted[0]
        errors[ALONE][n] = proposed
        off = wanted[1] - proposed
        keep = (np.linalg.norm(off[:, :2], axis=1) <= NUDGE_DEG) & (np.abs(off[:, 2]) <= NUDGE_MM)
        keep &= not row.declined
        errors[ASSISTED][n] = np.where(keep[:, None], proposed, wanted[1])
    return Arms(tuple(row.patient for row in judged), errors)


def arms_figures(arms: Arms) -> dict[str, Figure]:
    """Return mean errors and the observers' spread of the simulated arms, intervals over phantoms."""
    found: dict[str, Figure | None] = {}
    for arm in (MANUAL, ASSISTED):
        for what, values in (
            ("angle", arms.angles(arm).mean(axis=1)),
            ("offset", arms.offsets(arm).mean(axis=1)),
            ("spread", arms.spread(arm)),
        ):
            pairs = zip(arms.patients, values.tolist(), strict=True)
            found[f"mae_{what}_arm_{arm}"] = over_patients(pairs, mean)
    return {name: figure for name, figure in found.items() if figure is not None}


def arms_tests(arms: Arms) -> dict[str, float]:
    """Return Holm-adjusted p values of the signed-rank tests between arms, over phantoms."""
    found: dict[str, float] = {}
    for what, values in (("angle", arms.angles), ("offset", arms.offsets)):
        for first, second in ((MANUAL, ASSISTED), (MANUAL, ALONE), (ASSISTED, ALONE)):
            one, other = (_of_phantoms(arms.patients, values(arm).mean(axis=1)) for arm in (first, second))
            p = signed_rank(one, other)
            if p is not None:
                found[f"{what}: {first} against {second}"] = p
    return holm(found)


def _of_phantoms(patients: Sequence[str], values: Array) -> list[float]:
    by_patient: dict[str, list[float]] = defaultdict(list)
    for patient, value in zip(patients, values.tolist(), strict=True):
        by_patient[patient].append(value)
    return [float(np.mean(own)) for own in by_patient.values()]


def arms_section(arms: Arms) -> Section:
    """Return the table of the arms, and that of the tests between them."""
    lines = tuple(
        (
            cell(arm),
            cell(f"{arms.angles(arm).mean():.2f}"),
            cell(f"{np.quantile(arms.angles(arm), 0.95):.2f}"),
            cell(f"{arms.offsets(arm).mean():.2f}"),
            cell(f"{np.quantile(arms.offsets(arm), 0.95):.2f}"),
            cell(f"{arms.spread(arm).mean():.2f}"),
        )
        for arm in (MANUAL, ASSISTED, ALONE)
    )
    header = ("arm (simulated)", "angle, deg", "95th", "offset, mm", "95th", "observers differ by, deg")
    first = Table(header, lines, (0.24, 0.15, 0.12, 0.15, 0.12, 0.22), compact=True)
    tests = tuple((cell(name), cell(f"{p:.2g}")) for name, p in arms_tests(arms).items())
    second = Table(("signed-rank test over phantoms", "p (Holm)"), tests, (0.7, 0.3), compact=True)
    return Section("arms", "Beside simulated technologists", (first, second) if tests else (first,))
