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
        Term("material", 2.8828, 1.9505, -0.0182),
        Term("material_peak", 0.5074, 0.3991, 1.7942),
        Term("material_depth", 5.2683, 1.88, 0.4374),
        Term("bulge_focal", 1.124, 1.0242, 0.3931),
        Term("bulge_share", 0.2366, 0.2235, -0.7569),
    ),
    (-0.5165,),
    ("material",),
)
"""5 folds by phantom: n 419 of 419, AUC 0.887,
weighted kappa 0.615, exact 0.807"""

BULGED = OrdinalModel(
    "bulged",
    (
        Term("bulge_behind", 0.4086, 0.8622, 0.3493),
        Term("bulge_share", 0.2657, 0.2504, 1.0957),
    ),
    (-0.1966,),
    ("bulge_behind",),
)
"""5 folds by phantom: n 188 of 190, AUC 0.760,
weighted kappa 0.501, exact 0.750"""

CENTRAL = OrdinalModel(
    "central",
    (
        Term("loss_block", 0.3555, 0.211, 2.1265),
        Term("loss_spine", 0.3536, 0.2304, 0.4699),
        Term("area_least", 4.5521, 0.4724, -0.7266),
        Term("ap_least", 9.0334, 2.6762, 0.2728),
        Term("flatness", 0.6583, 0.1773, 0.1932),
        Term("flavum", 3.6772, 1.7611, 0.2969),
        Term("fat_behind", 1.3239, 1.5505, 0.0312),
    ),
    (-3.1182, -0.3145, 3.3513),
    ("loss_block",),
)
"""5 folds by phantom: n 419 of 419, AUC 0.935,
weighted kappa 0.764, exact 0.663"""

ROOTLETS = OrdinalModel(
    "rootlets",
    (
        Term("loss_block", 0.3555, 0.211, 2.2),
        Term("loss_spine", 0.3536, 0.2304, 0.5734),
        Term("area_least", 4.5521, 0.4724, 0.2345),
        Term("ap_least", 9.0334, 2.6762, -0.402),
        Term("flatness", 0.6583, 0.1773, 0.5119),
        Term("flavum", 3.6772, 1.7611, 0.2439),
        Term("fat_behind", 1.3239, 1.5505, -0.0197),
    ),
    (-2.9646, -1.9245, -1.0703, -0.1748, 3.2873, 4.6599),
    ("loss_block",),
)
"""5 folds by phantom: n 419 of 419, AUC 0.899,
weighted kappa 0.677, exact 0.442"""

RECESS = OrdinalModel(
    "recess",
    (
        Term("recess_height", 3.788, 1.7695, -0.2545),
        Term("recess_beside", 3.2167, 2.1992, -0.7123),
        Term("recess_medial", 5.6806, 0.8041, 0.2128),
        Term("recess_angle", 45.1756, 14.8584, -1.5496),
    ),
    (-0.6649, 0.9035, 2.3974),
    ("recess_height",),
)
"""5 folds by phantom: n 805 of 838, AUC 0.887,
weighted kappa 0.731, exact 0.645"""

TYPE_CHANCES = {
    "protrusion": {"protrusion": 0.912, "extrusion": 0.07, "sequestration": 0.018},
    "extrusion": {"protrusion": 0.107, "extrusion": 0.833, "sequestration": 0.06},
    "sequestration": {"protrusion": 0.055, "extrusion": 0.036, "sequestration": 0.909},
}
"""By the type that the rules give: how often each type was true."""
