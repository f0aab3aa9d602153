"""Weights of the foramen model; ``models/grading/fit_foramen.py`` writes them; do not edit.

Fitted on 573 foramina of 60 phantoms (sagittal T2, slices 3.6-4.9 mm apart, masks of the shipped
V-Net), graded by Lee 2010 from the exact fat around the root; ridge-penalised cumulative logistic
regression, features standardised. Synthetic images only: not validated on patients.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

FORAMEN = OrdinalModel(
    "foramen",
    (
        Term("across", 10.5079, 5.7015, -0.2753),
        Term("along", 9.7469, 5.6852, 0.2282),
        Term("contact", 0.6785, 0.2411, -0.8538),
        Term("share", 0.3814, 0.156, 1.4004),
        Term("dark", 0.0754, 0.078, -0.1238),
        Term("bright", 0.7945, 0.1297, -0.9862),
        Term("brightest", 0.9208, 0.1391, -1.2467),
    ),
    (-0.6676, 1.0594, 2.221),
    ("contact",),
)
"""20 unseen phantoms: n 190 (95% graded) weighted kappa 0.587 exact 0.537 within one 0.826
AUC moderate or severe 0.836
Brier 0.147 calibration error 0.080."""
