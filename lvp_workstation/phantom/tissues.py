"""Relaxation times and proton densities of tissues, and the spin-echo signal they give.

T1 and T2 in ms at 1.5 T, proton density relative to 1. Sources: [SyMRI] PMC7410772 (marrow, disc,
CSF, cord); [Bazelaire] de Bazelaire 2004 (muscle, fat; 3 T values divided by 1.21 for T1);
[ESR] poster on 479 discs (nucleus and annulus T2 by Pfirrmann grade). T2 of fat, muscle and marrow
are *effective* values in a turbo-spin-echo train (our choice: J-coupling makes fat bright).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

T1_RATIO_3T = 1.21
"""T1 at 3 T over T1 at 1.5 T [Bazelaire]."""
WATER_FREE = frozenset({"air", "gas", "cortex", "metal"})


@dataclass(frozen=True)
class Tissue:
    """Relaxation of one tissue: ``t1`` and ``t2`` in ms at 1.5 T, ``pd`` relative."""

    t1: float
    t2: float
    pd: float
    spread: float = 0.05


TISSUES: Mapping[str, Tissue] = MappingProxyType(
    {
        "air": Tissue(1000, 1, 0.0, 0.0),
        "gas": Tissue(1000, 1, 0.02, 0.0),
        "fat": Tissue(290, 125, 1.0, 0.03),  # [Bazelaire] T1 382 at 3 T
        "fibrous_fat": Tissue(420, 80, 0.62),
        "muscle": Tissue(780, 42, 0.78),  # [Bazelaire] 898 at 3 T
        "marrow_red": Tissue(680, 72, 0.80),
        "marrow_yellow": Tissue(330, 110, 0.92),
        "modic_1": Tissue(1000, 130, 0.86),  # oedema: dark on T1, bright on T2 and STIR
        "modic_2": Tissue(300, 120, 0.96),  # fat
        "modic_3": Tissue(900, 22, 0.35),  # sclerosis
        "cortex": Tissue(900, 8, 0.12),
        "ligament": Tissue(900, 14, 0.28),
        "interspinous": Tissue(800, 50, 0.62),
        "flavum": Tissue(850, 36, 0.62),
        "annulus": Tissue(850, 52, 0.66),  # [ESR] 45-62
        "nucleus_1": Tissue(1165, 200, 0.86),  # [SyMRI, ESR]
        "nucleus_2": Tissue(1080, 132, 0.82),
        "nucleus_3": Tissue(900, 84, 0.72),
        "nucleus_4": Tissue(760, 52, 0.62),
        "nucleus_5": Tissue(620, 40, 0.48),
        "herniated": Tissue(900, 66, 0.68),
        "csf": Tissue(4270, 1570, 1.07, 0.03),  # [SyMRI]
        "cord": Tissue(780, 100, 0.68),  # [SyMRI] PD 0.59
        "root": Tissue(850, 88, 0.72),
        "dura": Tissue(900, 12, 0.25),
        "cartilage": Tissue(900, 55, 0.7),
        "vein": Tissue(1300, 170, 0.80),
        "blood_void": Tissue(1350, 15, 0.14, 0.2),
        "bowel_wall": Tissue(850, 48, 0.74),
        "bowel_content": Tissue(800, 66, 0.66, 0.15),
        "fluid": Tissue(3200, 700, 1.0),
        "metal": Tissue(1000, 1, 0.0, 0.0),
        "tumour": Tissue(1050, 105, 0.86),  # dark on T1, bright on STIR
        "phlegmon": Tissue(1250, 140, 0.9),
        "scar": Tissue(900, 48, 0.7),
        "skin": Tissue(850, 28, 0.7),
    }
)


FAT_SHARE: Mapping[str, float] = MappingProxyType(
    {"fat": 1.0, "marrow_yellow": 0.85, "modic_2": 0.9, "fibrous_fat": 0.5, "marrow_red": 0.25}
)
"""Share of a tissue's signal that comes from fat and is displaced by chemical shift; 0 elsewhere."""


def varied(rng: np.random.Generator) -> dict[str, Tissue]:
    """Return the tissues of one person: each value moved by its spread."""
    result = {}
    for name, tissue in TISSUES.items():
        a, b, c = np.clip(rng.standard_normal(3), -2, 2) * tissue.spread
        result[name] = Tissue(tissue.t1 * (1 + a), tissue.t2 * (1 + b), tissue.pd * (1 + 0.5 * c))
    return result


ENHANCEMENT: Mapping[str, float] = MappingProxyType(
    {
        "vein": 0.22,
        "phlegmon": 0.3,
        "tumour": 0.38,
        "modic_1": 0.45,
        "scar": 0.42,
        "muscle": 0.9,
        "root": 0.95,
    }
)
"""Factor on T1 after a gadolinium agent (our choice); vessels and inflamed tissue take up most."""


def enhanced(tissues: Mapping[str, Tissue]) -> dict[str, Tissue]:
    """Return the tissues after a gadolinium agent."""
    return {name: replace(one, t1=one.t1 * ENHANCEMENT.get(name, 1.0)) for name, one in tissues.items()}


def spin_echo(tissue: Tissue, tr: float, te: float, ti: float, field: float) -> float:
    """Return the (turbo) spin-echo or inversion-recovery signal of a tissue.

    Parameters
    ----------
    tr, te, ti
        Repetition, effective echo and inversion time in ms; ``ti`` 0 = no inversion.
    field
        Field strength in tesla; T1 grows with it.
    """
    t1 = tissue.t1 * (1 + (T1_RATIO_3T - 1) * (field - 1.5) / 1.5)
    recovery = 1 - np.exp(-tr / t1)
    if ti > 0:
        recovery = abs(1 - 2 * np.exp(-ti / t1) + np.exp(-tr / t1))
    return float(tissue.pd * recovery * np.exp(-te / tissue.t2))


def signals(tissues: Mapping[str, Tissue], tr: float, te: float, ti: float, field: float) -> dict[str, float]:
    """Return the signal of every tissue for one protocol."""
    return {name: spin_echo(tissue, tr, te, ti, field) for name, tissue in tissues.items()}


def water_and_fat(contrast: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Split the signal of every tissue into what water and what fat gives."""
    fat = {name: value * FAT_SHARE.get(name, 0.0) for name, value in contrast.items()}
    return {name: value - fat[name] for name, value in contrast.items()}, fat
