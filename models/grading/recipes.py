"""What each model with expert grades is fitted to: features chosen by hand, a ridge, a target.

No feature needs more than one slice; on a volume the same features come from the curved section through the
middle of the spine. Signal features exist on T2 only and count as average elsewhere. ``learned_*`` are the
logits of the learned grader by networks that did not see the patient (`fit_crops`).
"""

from __future__ import annotations

from lvp_workstation.grading.displacement import displacement_weight
from lvp_workstation.grading.features import ENDPLATE as ENDPLATE_FEATURES
from models.grading.fitting import Recipe, Sample

_SIGNAL = ("log_marrow", "log_csf", "log_annulus")
_OTHERS = ("marrow_against_others", "others_marrow")
_PLACE = ("position", "lowest")
_ENDPLATE_SHAPE = ("near_max", "near_min", "line", "rough", "hollow")
_CANAL = ("displacement", "canal_gap", "canal_gap_middle", "sac_relative", "sac_spine", "sac_least")


def _displaced(sample: Sample) -> int:
    return int(sample.grades["Disc bulging"] or sample.grades["Disc herniation"])


PFIRRMANN = Recipe(
    "PFIRRMANN",
    5,
    (
        *(f"learned_pfirrmann_{grade}" for grade in range(2, 6)),
        *_SIGNAL,
        *_OTHERS,
        "texture_middle",
        "texture_bright",
        "texture_band",
        "texture_spread",
        "height_body",
        "height_spine",
        "aspect",
        "posterior_aspect",
        "displacement",
        "most_near_max",
        "least_near_min",
        "most_line",
        "most_rough",
        "most_hollow",
        *_PLACE,
    ),
    lambda s: s.grades["Pfirrman grade"] - 1,
    10.0,
    ("log_marrow",),
)
NARROWED = Recipe(
    "NARROWED",
    2,
    (
        "learned_narrowed",
        "learned_pfirrmann_5",
        "height_body",
        "height_spine",
        "posterior_body",
        "anterior_aspect",
        "middle_aspect",
        "posterior_aspect",
        "log_marrow",
        "log_csf",
        "texture_bright",
        "others_marrow",
        "most_near_max",
        "least_near_min",
        "most_line",
        "least_line",
        "most_rough",
        "most_step",
        "most_hollow",
        "least_hollow",
        *_PLACE,
    ),
    lambda s: s.grades["Disc narrowing"],
    10.0,
    ("middle_aspect",),
)
DISPLACED = Recipe(
    "DISPLACED",
    2,
    (
        "learned_displaced",
        "learned_bulging",
        *_CANAL,
        *_SIGNAL,
        *_OTHERS,
        "texture_bright",
        "height_spine",
        "posterior_aspect",
        *_PLACE,
        "position_square",
    ),
    _displaced,
    10.0,
    weight=displacement_weight,
)
HERNIATED = Recipe(
    "HERNIATED",
    2,
    (
        "learned_herniated",
        "learned_displaced",
        *_CANAL,
        *_SIGNAL,
        *_OTHERS,
        "texture_bright",
        "texture_spread",
        "height_spine",
        "posterior_aspect",
        *_PLACE,
    ),
    lambda s: s.grades["Disc herniation"],
    10.0,
    weight=displacement_weight,
)
MODIC = Recipe(
    "MODIC",
    2,
    (
        "learned_modic",
        *_SIGNAL,
        *_OTHERS,
        "height_body",
        "height_spine",
        "posterior_body",
        "aspect",
        "displacement",
        "sac_relative",
        "canal_gap",
        *(f"{end}_{name}" for end in ("most", "least") for name in _ENDPLATE_SHAPE),
        *_PLACE,
    ),
    lambda s: int(s.grades["Modic"] > 0),
    10.0,
    ("most_near_max",),
)
SLIPPED = Recipe(
    "SLIPPED",
    2,
    (
        "learned_slipped",
        "forward",
        "backward",
        "forward_both",
        "backward_both",
        "corners_apart",
        *_SIGNAL,
        "height_body",
        "height_spine",
        "posterior_aspect",
        "displacement",
        "canal_gap",
        "sac_relative",
        "sac_spine",
        *_PLACE,
    ),
    lambda s: s.grades["Spondylolisthesis"],
    50.0,
    ("posterior_aspect",),
)
ENDPLATE = Recipe(
    "ENDPLATE",
    2,
    (
        "learned_own",
        "learned_other",
        "learned_modic",
        "others_endplate",
        "others_modic",
        *(f"own_{name}" for name in ENDPLATE_FEATURES),
        *(f"other_{name}" for name in _ENDPLATE_SHAPE),
        *_SIGNAL,
        *_OTHERS,
        "height_body",
        "height_spine",
        "aspect",
        "displacement",
        "sac_relative",
        *_PLACE,
        "is_upper",
    ),
    lambda s: s.grades["change"],
    30.0,
    ("aspect",),
)
