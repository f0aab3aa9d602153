"""How likely a segmented vertebra or disc is a poor one: the chance that its Dice is below 0.8.

A logistic curve over the mean probability of its voxels, fitted with lumbar_vnet 1.1.0 on 779 vertebrae
and discs (116 of them poor) of the 23 SPIDER training patients that have level labels, each as stored,
with simulated 4.5 mm slices, and with these under noise of 30 % of the 99th percentile. The network was
trained on these patients, without that noise. On 196 instances of the six validation patients:

============ ====== ======== ======
stated chance number  stated  seen
============ ====== ======== ======
below .05       139   .015     .000
.05 - .20        17   .100     .000
.20 - .60        13   .339     .462
above .60        27   .933     .852
============ ====== ======== ======

Brier score .030, .126 for the mean rate; area under the ROC curve .992. Nearly all of the poor ones come
from the noise: 26 of 41 there, 3 of 155 without it.

Log loss, by cross-validation over the training patients and then on the validation patients: confidence
alone .125 and .100; with vertebra or disc .125 and .097; with size .126 and .100; with both .124 and .095.
So little is not worth a second number. With the network before, 1.0.0, the two judges disagreed: confidence
alone .140 and .146; with size, share of unsure voxels, share at the boundary and vertebra or disc .119 and
.179. The simplest curve was kept after the validation figures had been seen: the table is not untouched by
selection.

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
_INTERCEPT = -7.214
_SLOPE = 38.816


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
