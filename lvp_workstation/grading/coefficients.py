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
        Term("log_marrow", -0.9304, 0.5753, -0.988),
        Term("log_csf", -1.9793, 0.6246, -0.9159),
        Term("log_annulus", 0.5871, 0.4239, -0.9759),
        Term("height_body", 0.3519, 0.1201, -0.9156),
        Term("height_spine", 1.0465, 0.3856, 0.2125),
        Term("bulge_peak", 0.4909, 2.1158, 0.7357),
        Term("position", 4.0058, 1.8263, -0.3907),
    ),
    (-5.0831, -1.8333, 0.7208, 4.1768),
    ("log_marrow",),
)
"""Left out: n 45 weighted kappa 0.897 exact 0.733 within one 0.978.
Folds: n 218 weighted kappa 0.801 exact 0.578 within one 0.968."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("bulge_peak", 0.4909, 2.1158, 0.8362),
        Term("bulge", -0.2473, 2.1719, 0.4423),
        Term("log_marrow", -0.9148, 0.5686, -1.7576),
        Term("position", 3.9341, 1.8185, -1.4637),
        Term("sac_relative", 0.8361, 0.1527, -0.9771),
    ),
    (-1.085,),
    ("bulge_peak",),
)
"""Left out: n 43 (17 yes) AUC 0.991 Brier 0.058.
Folds: n 210 (113 yes) AUC 0.958 Brier 0.078."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("bulge_support", 0.9785, 1.9004, 1.0648),
        Term("bulge_local", 0.519, 1.2989, 0.3683),
        Term("sac_relative", 0.8267, 0.1641, -0.7166),
    ),
    (3.4803,),
    ("bulge_support",),
)
"""Left out: n 43 (2 yes) AUC 1.000 Brier 0.026.
Folds: n 210 (11 yes) AUC 0.838 Brier 0.045."""

CENTRAL_CANAL = OrdinalModel(
    "central_canal",
    (
        Term("sac_relative", 0.8162, 0.1759, -1.969),
        Term("sac_spine", 0.9027, 0.2371, -0.3561),
        Term("sac_least", 9.4621, 2.5016, -0.568),
    ),
    (-0.3474, 3.6517, 7.0403),
    ("sac_relative",),
)
"""Left out: phantoms only, no expert grades: n 60 weighted kappa 0.757 exact 0.783 within one 1.000.
Folds: n 286 weighted kappa 0.778 exact 0.773 within one 0.993."""

NARROWED = OrdinalModel(
    "narrowed",
    (
        Term("height_body", 0.3519, 0.1201, -0.1027),
        Term("height_spine", 1.0465, 0.3856, -1.01),
        Term("posterior_body", 0.1972, 0.0932, -0.8442),
        Term("log_marrow", -0.9063, 0.5666, -0.8129),
        Term("log_csf", -1.9688, 0.6309, -1.0474),
        Term("position", 3.9152, 1.8204, -1.65),
    ),
    (1.3834,),
    ("height_body",),
)
"""Left out: n 43 (10 yes) AUC 0.921 Brier 0.056.
Folds: n 208 (66 yes) AUC 0.920 Brier 0.098."""
