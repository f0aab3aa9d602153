"""Weights of the foramen model; ``models/grading/fit_foramen.py`` writes them; do not edit.

Fitted on 371 foramina of 38 phantoms (sagittal T2, slices 3.6-4.9 mm apart, masks of the shipped
V-Net), graded by Lee 2010 from the exact fat around the root; ridge-penalised cumulative logistic
regression, features standardised. Synthetic images only: not validated on patients.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

FORAMEN = OrdinalModel(
    "foramen",
    (
        Term("across", 10.1094, 5.8468, -0.6181),
        Term("along", 8.9418, 5.7721, 0.0126),
        Term("contact", 0.6708, 0.2388, -0.6596),
        Term("share", 0.3969, 0.165, 2.1587),
        Term("dark", 0.0722, 0.0686, 0.0802),
        Term("bright", 0.8099, 0.1367, -2.1084),
        Term("brightest", 0.9282, 0.1446, -0.794),
    ),
    (-0.5949, 0.8453, 2.3551),
    ("contact",),
)
"""15 unseen phantoms: n 138 (92% graded) weighted kappa 0.599 exact 0.493 within one 0.870
AUC moderate or severe 0.869
Brier 0.143 calibration error 0.113."""
