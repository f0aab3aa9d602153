"""Weights of the foramen model; ``models/grading/fit_foramen.py`` writes them; do not edit.

Fitted on 571 foramina of 60 phantoms (sagittal T2, slices 3.6-4.9 mm apart, masks of the shipped
V-Net), graded by Lee 2010 from the exact fat around the root; ridge-penalised cumulative logistic
regression, features standardised. Synthetic images only: not validated on patients.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

FORAMEN = OrdinalModel(
    "foramen",
    (
        Term("across", 10.6876, 5.6062, -0.3552),
        Term("along", 10.0473, 5.6103, 0.1899),
        Term("contact", 0.6861, 0.2413, -0.9153),
        Term("share", 0.4138, 0.1654, 1.7841),
        Term("dark", 0.0703, 0.0753, -0.2927),
        Term("bright", 0.8159, 0.1304, -2.1348),
        Term("brightest", 0.9368, 0.1396, -0.4781),
    ),
    (-0.6166, 1.1099, 2.2318),
    ("contact",),
)
"""20 unseen phantoms: n 186 (93% graded) weighted kappa 0.636 exact 0.565 within one 0.823
AUC moderate or severe 0.837
Brier 0.149 calibration error 0.061."""
