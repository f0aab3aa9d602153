"""Weights of the axial graders; ``python -m models.training.axial_fit`` writes them; do not edit.

Ridge-penalised (cumulative) logistic regression on 413 discs of 69 phantoms, structures found by
axial_vnet, features standardised. Synthetic images only: consistency with a simulation, not validated on
patients.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("material", 2.9734, 1.9158, -0.5354),
        Term("material_peak", 0.511, 0.3902, 2.0866),
        Term("material_depth", 5.5001, 1.9276, 0.5164),
    ),
    (-0.4362,),
    ("material",),
)
"""5 folds by phantom: n 413 of 413, AUC 0.846,
weighted kappa 0.592, exact 0.794"""

BULGED = OrdinalModel(
    "bulged",
    (
        Term("bulge_behind", 0.3651, 0.8779, 0.2853),
        Term("bulge_share", 0.2545, 0.2526, 1.1664),
    ),
    (-0.2391,),
    ("bulge_behind",),
)
"""5 folds by phantom: n 186 of 188, AUC 0.765,
weighted kappa 0.486, exact 0.742"""

CENTRAL = OrdinalModel(
    "central",
    (
        Term("loss_block", 0.3657, 0.2184, 1.9339),
        Term("loss_spine", 0.3631, 0.2362, 0.7618),
        Term("area_least", 4.5203, 0.5197, -0.7983),
        Term("ap_least", 8.9857, 2.7233, 0.248),
        Term("flatness", 0.6608, 0.1766, 0.3217),
        Term("flavum", 3.6384, 1.787, 0.213),
        Term("fat_behind", 1.2395, 1.4897, -0.055),
    ),
    (-3.1764, -0.3485, 3.3794),
    ("loss_block",),
)
"""5 folds by phantom: n 413 of 413, AUC 0.938,
weighted kappa 0.778, exact 0.659"""

ROOTLETS = OrdinalModel(
    "rootlets",
    (
        Term("loss_block", 0.3657, 0.2184, 2.0101),
        Term("loss_spine", 0.3631, 0.2362, 0.9175),
        Term("area_least", 4.5203, 0.5197, 0.3774),
        Term("ap_least", 8.9857, 2.7233, -0.4375),
        Term("flatness", 0.6608, 0.1766, 0.6244),
        Term("flavum", 3.6384, 1.787, 0.1847),
        Term("fat_behind", 1.2395, 1.4897, -0.1075),
    ),
    (-2.9633, -1.9326, -1.0544, -0.1624, 3.2933, 4.6499),
    ("loss_block",),
)
"""5 folds by phantom: n 413 of 413, AUC 0.903,
weighted kappa 0.684, exact 0.441"""

RECESS = OrdinalModel(
    "recess",
    (
        Term("recess_height", 4.5815, 2.8265, 0.1281),
        Term("recess_beside", 3.973, 3.222, -0.8668),
        Term("recess_medial", 7.975, 1.8883, 0.2546),
        Term("recess_angle", 45.4283, 15.2767, -1.7541),
    ),
    (-0.5936, 0.8924, 2.3543),
    ("recess_height",),
)
"""5 folds by phantom: n 795 of 826, AUC 0.883,
weighted kappa 0.720, exact 0.634"""

TYPE_CHANCES = {
    "protrusion": {"protrusion": 0.943, "extrusion": 0.038, "sequestration": 0.019},
    "extrusion": {"protrusion": 0.134, "extrusion": 0.817, "sequestration": 0.049},
    "sequestration": {"protrusion": 0.041, "extrusion": 0.041, "sequestration": 0.918},
}
"""By the type that the rules give: how often each type was true."""
