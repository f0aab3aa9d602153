"""Weights of the axial graders; ``python -m models.training.axial_fit`` writes them; do not edit.

Ridge-penalised (cumulative) logistic regression on 419 discs of 70 phantoms, structures found by
axial_vnet, features standardised. Synthetic images only: consistency with a simulation, not validated on
patients.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("material", 2.9609, 2.079, -0.226),
        Term("material_peak", 0.5278, 0.4268, 2.317),
        Term("material_depth", 5.6219, 2.0809, 0.4647),
        Term("bulge_focal", 1.2083, 1.103, 0.2911),
        Term("bulge_share", 0.2132, 0.2182, -0.6891),
    ),
    (-0.614,),
    ("material",),
)
"""5 folds by phantom: n 419 of 419, AUC 0.912,
weighted kappa 0.724, exact 0.862"""

BULGED = OrdinalModel(
    "bulged",
    (
        Term("bulge_behind", 0.2782, 0.8511, 0.2682),
        Term("bulge_share", 0.2385, 0.25, 1.1948),
    ),
    (-0.2363,),
    ("bulge_behind",),
)
"""5 folds by phantom: n 189 of 190, AUC 0.757,
weighted kappa 0.421, exact 0.709"""

CENTRAL = OrdinalModel(
    "central",
    (
        Term("loss_block", 0.3792, 0.2164, 2.279),
        Term("loss_spine", 0.3802, 0.2311, 0.5195),
        Term("area_least", 4.5144, 0.4967, -0.9771),
        Term("ap_least", 8.9279, 2.7197, 0.4759),
        Term("flatness", 0.6622, 0.1793, 0.1707),
        Term("flavum", 3.5934, 1.7927, 0.1591),
        Term("fat_behind", 1.4745, 1.7348, -0.0526),
    ),
    (-3.3083, -0.3417, 3.5739),
    ("loss_block",),
)
"""5 folds by phantom: n 419 of 419, AUC 0.946,
weighted kappa 0.803, exact 0.680"""

ROOTLETS = OrdinalModel(
    "rootlets",
    (
        Term("loss_block", 0.3792, 0.2164, 2.3259),
        Term("loss_spine", 0.3802, 0.2311, 0.624),
        Term("area_least", 4.5144, 0.4967, 0.0581),
        Term("ap_least", 8.9279, 2.7197, -0.2623),
        Term("flatness", 0.6622, 0.1793, 0.5101),
        Term("flavum", 3.5934, 1.7927, 0.1375),
        Term("fat_behind", 1.4745, 1.7348, -0.0881),
    ),
    (-3.1325, -2.0519, -1.1474, -0.1806, 3.4753, 4.8943),
    ("loss_block",),
)
"""5 folds by phantom: n 419 of 419, AUC 0.914,
weighted kappa 0.711, exact 0.442"""

RECESS = OrdinalModel(
    "recess",
    (
        Term("recess_height", 3.709, 1.764, -0.5907),
        Term("recess_between", 3.9479, 1.8373, -0.7887),
        Term("recess_least", 3.0494, 2.1159, -0.4461),
        Term("recess_medial", 5.4934, 0.992, 0.0472),
        Term("recess_angle", 41.2273, 16.036, -1.1195),
    ),
    (-0.427, 1.5106, 3.5595),
    ("recess_height",),
)
"""5 folds by phantom: n 820 of 838, AUC 0.903,
weighted kappa 0.785, exact 0.715"""

TYPE_CHANCES = {
    "protrusion": {"protrusion": 0.948, "extrusion": 0.034, "sequestration": 0.017},
    "extrusion": {"protrusion": 0.072, "extrusion": 0.88, "sequestration": 0.048},
    "sequestration": {"protrusion": 0.036, "extrusion": 0.036, "sequestration": 0.929},
}
"""By the type that the rules give: how often each type was true."""
