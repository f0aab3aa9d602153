"""Weights of the model fitted to phantoms; ``models.grading.fit_thresholds`` writes them.

Ridge-penalised cumulative logistic regression by maximum likelihood on 286 discs of synthetic spines with
perfect masks, features standardised. Consistency with a simulation, not accuracy on patients.

The fit was made with ``sac_least``; its weight stands for ``sac_for_level``, the same AP less what is usual
at the level (mean: that of ``sac_least`` less the mean of the usual values). On 36 discs of 6 other phantoms
this took the log loss from 1.034 to 0.978 with the V-Net's masks, from 0.970 to 0.907 with exact ones.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

CENTRAL_CANAL = OrdinalModel(
    "central_canal",
    (
        Term("sac_relative", 0.8183, 0.171, -2.2433),
        Term("sac_spine", 0.9146, 0.2389, -0.0485),
        Term("sac_for_level", -2.2, 2.4488, -0.6674),
    ),
    (-0.3776, 3.6067, 7.3796),
    ("sac_relative",),
)
"""Phantoms only, no expert grades. A fifth left out: n 60 weighted kappa 0.784 exact 0.800 within one 1.000.
5 folds: n 286 weighted kappa 0.791 exact 0.780 within one 0.993."""
