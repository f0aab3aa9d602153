"""How likely a segmented vertebra or disc is a poor one: the chance that its Dice is below 0.8.

A logistic curve over the mean probability of its voxels, fitted with lumbar_vnet 1.2.0 on 801 vertebrae
and discs (145 of them poor) of the 23 SPIDER training patients that have level labels, each as stored,
with simulated 4.5 mm slices, and with these under noise of 30 % of the 99th percentile. The network was
trained on these patients, without that noise. On 199 instances of the six validation patients:

============ ====== ======== ======
stated chance number  stated  seen
============ ====== ======== ======
below .05       136   .016     .000
.05 - .20        19   .106     .000
.20 - .60        13   .382     .385
above .60        31   .913     .871
============ ====== ======== ======

Brier score .024, .135 for the mean rate; area under the ROC curve .994. Nearly all of the poor ones come
from the noise: 29 of 44 there, 3 of 155 without it.

Log loss, by cross-validation over the training patients and then on the validation patients: confidence
alone .129 and .089; with vertebra or disc .130 and .084; with size .130 and .089; with both .130 and .081.
So little is not worth a second number.

Instances at the upper edge of the image, and the vertebrae of five patients whose posterior elements have
doubtful reference levels, took no part; nor could what the network did not find at all. The curve belongs
to one network: with another, run ``python -m models.training.outline_doubt`` and copy its figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import CANAL, SACRUM, InstanceId
from lvp_workstation.domain.labelmap import instance_of

POOR_DICE = 0.8
"""An instance whose Dice is below this is a poor one (the project's choice)."""
DOUBTFUL = 0.5
"""From this chance on a reader is warned (our choice)."""
CUT_ROWS = 4
"""An instance that begins in so many first rows of the image (about a millimetre each) is cut by it: what is
labelled of it is a matter of taste, and the curve was fitted without such (our choice)."""
_INTERCEPT = -6.898
_SLOPE = 36.471


def poor_chance(confidence: float) -> float:
    """Return the chance that an instance has a Dice below `POOR_DICE`, 0-1.

    Parameters
    ----------
    confidence
        Mean probability of the winning class over its voxels, 0-1.
    """
    return 1.0 / (1.0 + math.exp(-(_INTERCEPT + _SLOPE * (1.0 - confidence))))


def cut_above(codes: NDArray[np.uint8]) -> frozenset[InstanceId]:
    """Return the instances that the upper edge of the image cuts.

    Parameters
    ----------
    codes
        Instance codes on canonical sagittal axes, shape (slices, rows, columns), rows downward.
    """
    found = (instance_of(int(code)) for code in np.unique(codes[:, :CUT_ROWS]))
    return frozenset(instance for instance in found if instance is not None)


def poor_chances(
    confidence: Mapping[InstanceId, float], cut: frozenset[InstanceId] = frozenset()
) -> Mapping[InstanceId, float]:
    """Return the chance of each vertebra and disc; canal, sacrum and what is cut were not part of the fit."""
    wanted = {i: value for i, value in confidence.items() if i not in (CANAL, SACRUM) and i not in cut}
    return MappingProxyType({i: round(poor_chance(value), 4) for i, value in wanted.items()})
