"""Features of a disc level that the models use: plain functions of its measurements.

============================ =========================================================================
``log_marrow``               ln of nucleus signal over marrow signal of the adjacent bodies (T2)
``log_csf``                  ln of ``disc_csf_ratio``
``log_annulus``              ln of nucleus signal over annulus signal
``spread``                   standard deviation over mean of the nucleus signal
``height_body``              middle disc height over the mean middle height of the adjacent bodies
``height_spine``             middle disc height over the median of the other discs of the spine
``posterior_body``           posterior disc height over the same mean body height
``bulge``                    signed posterior displacement on the midline, mm
``bulge_peak``               greatest signed displacement across the slab, mm
``bulge_support``            mean of the two greatest signed displacements across the slab, mm
``bulge_local``              greatest displacement minus the median across the slab, those in front of the
                             corner line counted as 0, mm
``slip_forward``             slip, 0 when backward, mm
``slip_backward``            backward slip, 0 when forward, mm
``sac_relative``             least AP of the canal mask at the disc over the median AP of that mask behind the
                             nearest three bodies
``sac_spine``                the same least AP over its median at the other discs
``sac_least``                the same least AP, mm
``lowest``                   1 for the lowest disc, else 0
``position``                 number of the disc from below, at most 6
============================ =========================================================================
"""

from __future__ import annotations

import math
from statistics import fmean, median

from lvp_workstation.domain.anatomy import InstanceId, instance_number, vertebra_id
from lvp_workstation.measure.result import SpineMeasures

MAX_POSITION = 6
CANAL_NEIGHBOURS = 3


def disc_features(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    """Return the features of a disc level; what cannot be computed is absent."""
    n = instance_number(disc)
    found = {"lowest": float(n == 1), "position": float(min(n, MAX_POSITION))}
    found |= _signal(measures, disc)
    found |= _heights(measures, disc)
    found |= _displacement(measures, disc)
    found |= _canal(measures, disc)
    return found


def _signal(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    found = {}
    for name, feature in (
        ("log_marrow", "disc_marrow_ratio"),
        ("log_csf", "disc_csf_ratio"),
        ("log_annulus", "nucleus_annulus_ratio"),
    ):
        value = measures.feature(disc, feature)
        if value is not None and value > 0:
            found[name] = math.log(value)
    spread = measures.feature(disc, "nucleus_spread")
    if spread is not None:
        found["spread"] = spread
    return found


def _heights(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    found = {}
    n = instance_number(disc)
    middle = measures.value(disc, "disc_height_middle")
    posterior = measures.value(disc, "disc_height_posterior")
    bodies = [measures.value(vertebra_id(k), "height_middle") for k in (n, n - 1, n + 1)]
    near = [h for h in bodies if h is not None and h > 0][:2]
    if near and middle is not None:
        found["height_body"] = middle / fmean(near)
    if near and posterior is not None:
        found["posterior_body"] = posterior / fmean(near)
    others = _others(measures, disc, "disc_height_middle")
    if middle is not None and len(others) >= 2 and median(others) > 0:
        found["height_spine"] = middle / median(others)
    return found


def _others(measures: SpineMeasures, disc: InstanceId, name: str) -> list[float]:
    values = [measures.feature(other, name) for other in measures.discs if other != disc]
    return [value for value in values if value is not None]


def _displacement(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    found = {}
    profile = measures.bulge_profiles.get(disc, ())
    depths = [depth for _, depth in profile]
    bulge = measures.feature(disc, "bulge_signed")
    if bulge is not None:
        found["bulge"] = bulge
    if depths:
        found["bulge_peak"] = max(depths)
        found["bulge_support"] = fmean(sorted(depths)[-2:])
    if len(depths) >= 4:
        behind = [max(depth, 0.0) for depth in depths]
        found["bulge_local"] = max(behind) - median(behind)
    slip = measures.value(disc, "slip")
    if slip is not None:
        found["slip_forward"], found["slip_backward"] = max(slip, 0.0), max(-slip, 0.0)
    return found


def _canal(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    n = instance_number(disc)
    sac = measures.feature(disc, "sac_narrowest")
    if sac is None:
        return {}
    found = {"sac_least": sac}
    near = sorted(measures.discs, key=lambda other: abs(instance_number(other) - n))
    canal = [measures.feature(other, "canal_class_ap") for other in near]
    known = [value for value in canal if value is not None][:CANAL_NEIGHBOURS]
    if known and median(known) > 0:
        found["sac_relative"] = sac / median(known)
    others = _others(measures, disc, "sac_narrowest")
    if len(others) >= 2 and median(others) > 0:
        found["sac_spine"] = sac / median(others)
    return found
