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
        Term("material", 2.993, 1.917, -0.0627),
        Term("material_peak", 0.5188, 0.3946, 1.8029),
        Term("material_depth", 5.2126, 1.9024, 0.5462),
        Term("bulge_focal", 1.1256, 1.0204, 0.3478),
        Term("bulge_share", 0.2332, 0.2228, -0.7218),
    ),
    (-0.5098,),
    ("material",),
)
"""5 folds by phantom: n 419 of 419, AUC 0.885,
weighted kappa 0.620, exact 0.809"""

BULGED = OrdinalModel(
    "bulged",
    (
        Term("bulge_behind", 0.3977, 0.8641, 0.3424),
        Term("bulge_share", 0.2605, 0.2494, 1.0911),
    ),
    (-0.21,),
    ("bulge_behind",),
)
"""5 folds by phantom: n 189 of 190, AUC 0.756,
weighted kappa 0.473, exact 0.735"""

CENTRAL = OrdinalModel(
    "central",
    (
        Term("loss_block", 0.3574, 0.2135, 2.1256),
        Term("loss_spine", 0.3551, 0.2328, 0.4994),
        Term("area_least", 4.5456, 0.483, -0.7093),
        Term("ap_least", 9.0239, 2.7031, 0.2693),
        Term("flatness", 0.6597, 0.179, 0.2036),
        Term("flavum", 3.7032, 1.7808, 0.2985),
        Term("fat_behind", 1.2807, 1.4778, -0.015),
    ),
    (-3.1367, -0.323, 3.3829),
    ("loss_block",),
)
"""5 folds by phantom: n 419 of 419, AUC 0.936,
weighted kappa 0.764, exact 0.659"""

ROOTLETS = OrdinalModel(
    "rootlets",
    (
        Term("loss_block", 0.3574, 0.2135, 2.2183),
        Term("loss_spine", 0.3551, 0.2328, 0.6003),
        Term("area_least", 4.5456, 0.483, 0.2947),
        Term("ap_least", 9.0239, 2.7031, -0.434),
        Term("flatness", 0.6597, 0.179, 0.5306),
        Term("flavum", 3.7032, 1.7808, 0.2465),
        Term("fat_behind", 1.2807, 1.4778, -0.0487),
    ),
    (-2.9825, -1.9409, -1.0823, -0.1797, 3.3169, 4.6957),
    ("loss_block",),
)
"""5 folds by phantom: n 419 of 419, AUC 0.900,
weighted kappa 0.684, exact 0.442"""

RECESS = OrdinalModel(
    "recess",
    (
        Term("recess_height", 4.0226, 1.7572, -0.118),
        Term("recess_beside", 3.4327, 2.2162, -0.7301),
        Term("recess_medial", 5.4932, 0.9653, 0.0145),
        Term("recess_angle", 43.5167, 15.2632, -1.6149),
    ),
    (-0.4397, 1.2474, 2.9865),
    ("recess_height",),
)
"""5 folds by phantom: n 805 of 838, AUC 0.889,
weighted kappa 0.730, exact 0.643"""

TYPE_CHANCES = {
    "protrusion": {"protrusion": 0.93, "extrusion": 0.053, "sequestration": 0.018},
    "extrusion": {"protrusion": 0.083, "extrusion": 0.845, "sequestration": 0.071},
    "sequestration": {"protrusion": 0.055, "extrusion": 0.036, "sequestration": 0.909},
}
"""By the type that the rules give: how often each type was true."""
