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
        Term("log_marrow", -0.9302, 0.5749, -0.9723),
        Term("log_csf", -1.979, 0.6244, -0.926),
        Term("log_annulus", 0.5875, 0.4241, -0.985),
        Term("height_body", 0.3531, 0.1204, -1.0055),
        Term("height_spine", 1.0431, 0.383, 0.2514),
        Term("bulge_peak", 0.4785, 2.1098, 0.7577),
        Term("position", 4.0058, 1.8263, -0.4022),
    ),
    (-5.122, -1.8494, 0.7345, 4.228),
    ("log_marrow",),
)
"""Left out: n 45 weighted kappa 0.884 exact 0.689 within one 0.978.
Folds: n 218 weighted kappa 0.804 exact 0.578 within one 0.968."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("bulge_peak", 0.4785, 2.1098, 0.8493),
        Term("bulge", -0.2483, 2.1823, 0.4259),
        Term("log_marrow", -0.9147, 0.5684, -1.76),
        Term("position", 3.9341, 1.8185, -1.461),
        Term("sac_relative", 0.8362, 0.1525, -0.9739),
    ),
    (-1.0766,),
    ("bulge_peak",),
)
"""Left out: n 43 (17 yes) AUC 0.991 Brier 0.057.
Folds: n 210 (113 yes) AUC 0.957 Brier 0.078."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("bulge_support", 0.981, 1.8983, 0.9512),
        Term("bulge_local", 0.4884, 1.2319, 0.4083),
        Term("sac_relative", 0.8257, 0.1604, -0.6865),
    ),
    (3.3839,),
    ("bulge_support",),
)
"""Left out: n 43 (2 yes) AUC 0.963 Brier 0.033.
Folds: n 210 (11 yes) AUC 0.829 Brier 0.047."""

CENTRAL_CANAL = OrdinalModel(
    "central_canal",
    (
        Term("sac_relative", 0.8183, 0.171, -2.2433),
        Term("sac_spine", 0.9146, 0.2389, -0.0485),
        Term("sac_least", 9.4987, 2.4488, -0.6674),
    ),
    (-0.3776, 3.6067, 7.3796),
    ("sac_relative",),
)
"""Left out: phantoms only, no expert grades: n 60 weighted kappa 0.784 exact 0.800 within one 1.000.
Folds: n 286 weighted kappa 0.791 exact 0.780 within one 0.993."""

NARROWED = OrdinalModel(
    "narrowed",
    (
        Term("height_body", 0.3531, 0.1204, -0.0863),
        Term("height_spine", 1.0431, 0.383, -0.9894),
        Term("posterior_body", 0.1967, 0.0948, -0.9551),
        Term("log_marrow", -0.9055, 0.5681, -0.7825),
        Term("log_csf", -1.9644, 0.6302, -1.12),
        Term("position", 3.9329, 1.8117, -1.6843),
    ),
    (1.4772,),
    ("height_body",),
)
"""Left out: n 43 (10 yes) AUC 0.958 Brier 0.053.
Folds: n 207 (65 yes) AUC 0.926 Brier 0.096."""
