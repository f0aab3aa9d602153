"""Weights of the grading models, written by ``models/grading/fit_thresholds.py``; never edit by hand.

Fitted on the expert grades of 23 SPIDER patients (173 discs, 1.5 T T2 SPACE, low-back pain),
measurements from the reference masks; ridge-penalised (cumulative) logistic regression by maximum
likelihood, features standardised. Data: van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
Figures of each model: six patients left out, then five folds by patient over all.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

PFIRRMANN = OrdinalModel(
    "pfirrmann",
    (
        Term("log_marrow", -0.9304, 0.5753, -0.9228),
        Term("log_csf", -1.9793, 0.6246, -0.9975),
        Term("log_annulus", 0.5871, 0.4239, -1.0047),
        Term("height_body", 0.4436, 0.1349, -1.0844),
        Term("height_spine", 1.0343, 0.3173, 0.2926),
        Term("bulge_peak", 1.02, 2.1064, 0.5494),
        Term("position", 4.0058, 1.8263, -0.5035),
    ),
    (-5.1047, -1.8737, 0.7217, 4.2507),
    ("log_marrow",),
)
"""Left out: n 45 weighted kappa 0.884 exact 0.689 within one 0.978.
Folds: n 218 weighted kappa 0.805 exact 0.583 within one 0.968."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("bulge_peak", 1.02, 2.1064, 0.8365),
        Term("bulge", 0.385, 2.1648, 0.4244),
        Term("log_marrow", -0.9066, 0.5684, -1.7897),
        Term("position", 3.9024, 1.8187, -1.4933),
        Term("sac_relative", 0.843, 0.1512, -0.8724),
    ),
    (-1.0355,),
    ("bulge_peak",),
)
"""Left out: n 42 (16 yes) AUC 0.990 Brier 0.056.
Folds: n 206 (110 yes) AUC 0.955 Brier 0.080."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("bulge_peak", 1.8367, 2.1565, 0.3432),
        Term("bulge_focus", 0.9335, 1.0502, 0.0168),
        Term("sac_relative", 0.7896, 0.1731, -0.6795),
    ),
    (2.5118,),
    ("bulge_peak",),
)
"""Left out: n 16 (2 yes) AUC 0.821 Brier 0.115.
Folds: n 110 (11 yes) AUC 0.672 Brier 0.091."""

SLIPPED = OrdinalModel(
    "slipped",
    (
        Term("slip_forward", 0.311, 1.131, 1.6341),
        Term("slip_backward", 1.1406, 1.5013, -0.4804),
    ),
    (4.7269,),
    ("slip_forward",),
)
"""Left out: n 42 (3 yes) AUC 0.632 Brier 0.050.
Folds: n 206 (7 yes) AUC 0.709 Brier 0.018."""

NARROWED = OrdinalModel(
    "narrowed",
    (
        Term("height_body", 0.4436, 0.1349, -0.3418),
        Term("height_spine", 1.0343, 0.3173, -0.8913),
        Term("posterior_body", 0.2759, 0.1094, -0.9316),
        Term("log_marrow", -0.9066, 0.5684, -0.6532),
        Term("log_csf", -1.9724, 0.6312, -1.1191),
        Term("position", 3.9024, 1.8187, -1.7149),
    ),
    (1.361,),
    ("height_body",),
)
"""Left out: n 42 (10 yes) AUC 0.912 Brier 0.053.
Folds: n 206 (66 yes) AUC 0.922 Brier 0.093."""
