"""What a grader must notice and hold back at: metal, tumour, infection, contrast, surgery, motion."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Lesion:
    """A round lesion in the marrow: place in shares of the body's half extents, radius in mm."""

    place: tuple[float, float, float]
    radius: float


@dataclass(frozen=True)
class Conditions:
    """Conditions of a whole examination, none by default.

    Attributes
    ----------
    screws
        Vertebrae with a screw through each pedicle.
    cage
        Name of the disc that is replaced by a metal cage, empty for none.
    lesions
        Focal lesions by vertebra.
    diffuse
        Share of all marrow that is replaced by tumour, 0-1.
    discitis
        Name of the infected disc, empty for none.
    enhanced
        Whether the T1 series were acquired after a contrast agent.
    laminectomy
        Vertebrae without laminae and spinous process.
    motion
        Amplitude of the patient's motion during the acquisition, mm.
    """

    screws: tuple[str, ...] = ()
    cage: str = ""
    lesions: dict[str, Lesion] = field(default_factory=dict)
    diffuse: float = 0.0
    discitis: str = ""
    enhanced: bool = False
    laminectomy: tuple[str, ...] = ()
    motion: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The conditions that are present."""
        present = {
            "metal": self.screws or self.cage,
            "tumour": self.lesions or self.diffuse,
            "infection": self.discitis,
            "contrast": self.enhanced,
            "postoperative": self.laminectomy or self.screws,
            "motion": self.motion,
        }
        return tuple(name for name, value in present.items() if value)


def metal(rng: np.random.Generator) -> Conditions:
    """Return screws in two or three neighbouring vertebrae, in half of the cases with a cage between."""
    names = (("L4", "L5"), ("L3", "L4"), ("L3", "L4", "L5"))[int(rng.integers(3))]
    cage = f"{names[0]}-{names[1]}" if rng.random() < 0.5 else ""
    return Conditions(screws=names, cage=cage, laminectomy=names[:-1] if rng.random() < 0.5 else ())


def tumour(rng: np.random.Generator) -> Conditions:
    """Return one to four focal lesions, or diffuse replacement of the marrow."""
    if rng.random() < 0.4:
        return Conditions(diffuse=float(rng.uniform(0.65, 0.95)))
    names = rng.choice(("T12", "L1", "L2", "L3", "L4", "L5"), int(rng.integers(1, 5)), replace=False)
    lesions = {}
    for name in names:
        a, b, c = (float(value) for value in rng.uniform(-0.5, 0.5, 3))
        lesions[str(name)] = Lesion((0.5 * a, b, c), float(rng.uniform(7.0, 15.0)))
    return Conditions(lesions=lesions)


def infection(rng: np.random.Generator) -> Conditions:
    """Return discitis of one lumbar disc."""
    return Conditions(discitis=str(rng.choice(("L2-L3", "L3-L4", "L4-L5"))))


def postoperative(rng: np.random.Generator) -> Conditions:
    """Return a laminectomy of one or two vertebrae."""
    names = (("L4",), ("L3", "L4"), ("L4", "L5"))[int(rng.integers(3))]
    return Conditions(laminectomy=names)


def motion(rng: np.random.Generator) -> Conditions:
    """Return motion that doubles and blurs the edges."""
    return Conditions(motion=float(rng.uniform(0.6, 1.6)))
