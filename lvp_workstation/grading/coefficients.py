"""Weights of the grading models; ``models/grading/fit_thresholds.py`` writes them; do not edit.

Fitted on the expert grades of 23 SPIDER patients (173 discs, 1.5 T T2 SPACE, low-back pain),
measurements from the reference masks; ridge-penalised (cumulative) logistic regression by maximum
likelihood, features standardised. Herniation: 286 discs of phantoms join at weight 0.15.
Data: van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
Figures of each model: six patients left out, then five folds by patient over all.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

PFIRRMANN = OrdinalModel(
    "pfirrmann",
    (
        Term("log_marrow", -0.9304, 0.5753, -0.9838),
        Term("log_csf", -1.9793, 0.6246, -0.9048),
        Term("log_annulus", 0.5871, 0.4239, -0.9889),
        Term("height_body", 0.3528, 0.1201, -0.8966),
        Term("height_spine", 1.0463, 0.386, 0.1939),
        Term("bulge_peak", 0.455, 2.1729, 0.7479),
        Term("position", 4.0058, 1.8263, -0.3939),
    ),
    (-5.0747, -1.8269, 0.72, 4.1641),
    ("log_marrow",),
)
"""Left out: n 45 weighted kappa 0.890 exact 0.711 within one 0.978.
Folds: n 218 weighted kappa 0.799 exact 0.573 within one 0.968."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("bulge_peak", 0.455, 2.1729, 0.803),
        Term("bulge", -0.2285, 2.1211, 0.4551),
        Term("log_marrow", -0.9066, 0.5684, -1.7175),
        Term("position", 3.9024, 1.8187, -1.4363),
        Term("sac_relative", 0.8359, 0.1529, -0.9684),
    ),
    (-1.0841,),
    ("bulge_peak",),
)
"""Left out: n 42 (16 yes) AUC 0.990 Brier 0.059.
Folds: n 206 (110 yes) AUC 0.957 Brier 0.080."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("bulge_support", 0.9554, 1.9048, 0.9833),
        Term("bulge_local", 0.5023, 1.2847, 0.5117),
        Term("sac_relative", 0.8389, 0.1566, -0.6874),
    ),
    (3.4733,),
    ("bulge_support",),
)
"""Left out: n 42 (2 yes) AUC 1.000 Brier 0.029.
Folds: n 206 (11 yes) AUC 0.839 Brier 0.048."""

CENTRAL_CANAL = OrdinalModel(
    "central_canal",
    (
        Term("sac_relative", 0.8365, 0.1645, -2.0681),
        Term("sac_spine", 0.9189, 0.2154, -0.8192),
        Term("sac_least", 9.6915, 2.3703, -0.365),
    ),
    (-0.192, 3.545, 7.9695),
    ("sac_relative",),
)
"""Left out: phantoms only, no expert grades: n 60 weighted kappa 0.740 exact 0.783 within one 1.000.
Folds: n 286 weighted kappa 0.779 exact 0.780 within one 0.990."""

NARROWED = OrdinalModel(
    "narrowed",
    (
        Term("height_body", 0.3528, 0.1201, -0.1074),
        Term("height_spine", 1.0463, 0.386, -1.0004),
        Term("posterior_body", 0.1934, 0.0928, -0.8434),
        Term("log_marrow", -0.9066, 0.5684, -0.8054),
        Term("log_csf", -1.9724, 0.6312, -1.0323),
        Term("position", 3.9024, 1.8187, -1.6432),
    ),
    (1.3586,),
    ("height_body",),
)
"""Left out: n 42 (10 yes) AUC 0.922 Brier 0.057.
Folds: n 206 (66 yes) AUC 0.918 Brier 0.100."""
