"""How likely a segmented vertebra or disc is a poor one: the chance that its Dice is below 0.8.

A logistic curve over the mean probability of its voxels, fitted with lumbar_vnet 1.0.0 on 805 vertebrae
and discs of the 23 SPIDER training patients that have level labels, each as stored, with simulated
4.5 mm slices, and with these under noise of 30 % of the 99th percentile. The network was trained on
these patients, without that noise. On 217 instances of the six validation patients:

============ ====== ======== ======
stated chance number  stated  seen
============ ====== ======== ======
below .05       135   .016     .000
.05 - .20        25   .108     .080
.20 - .60        13   .366     .615
above .60        44   .925     .886
============ ====== ======== ======

Brier score .044, .178 for the mean rate; area under the ROC curve .985. Size, share of unsure voxels and
share at the boundary were tried: no gain worth having in cross-validation over the training patients.
Instances at the upper edge of the image, and the vertebrae of five patients whose posterior elements have
doubtful reference levels, took no part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from lvp_workstation.domain.anatomy import CANAL, SACRUM, InstanceId

POOR_DICE = 0.8
"""An instance whose Dice is below this is a poor one (the project's choice)."""
DOUBTFUL = 0.5
"""From this chance on a reader is warned (our choice)."""
_INTERCEPT = -7.271
_SLOPE = 39.602


def poor_chance(confidence: float) -> float:
    """Return the chance that an instance has a Dice below `POOR_DICE`, 0-1.

    Parameters
    ----------
    confidence
        Mean probability of the winning class over its voxels, 0-1.
    """
    return 1.0 / (1.0 + math.exp(-(_INTERCEPT + _SLOPE * (1.0 - confidence))))


def poor_chances(confidence: Mapping[InstanceId, float]) -> Mapping[InstanceId, float]:
    """Return the chance of each vertebra and disc; canal and sacrum were not part of the fit."""
    wanted = {i: value for i, value in confidence.items() if i not in (CANAL, SACRUM)}
    return MappingProxyType({i: round(poor_chance(value), 4) for i, value in wanted.items()})
