"""Features of a disc level that the models use: plain functions of its measurements.

============================ =========================================================================
``log_marrow``               ln of nucleus signal over marrow signal of the adjacent bodies (T2)
``log_csf``                  ln of ``disc_csf_ratio``
``log_annulus``              ln of nucleus signal over annulus signal
``others_marrow``            median of ``log_marrow`` of the other discs of the spine
``marrow_against_others``    ``log_marrow`` minus that median
``texture_*``                signal in the middle, brightest tenth, central band, spread (`surroundings`)
``height_body``              middle disc height over the mean middle height of the adjacent bodies
``height_spine``             middle disc height over the median of the other discs of the spine
``posterior_body``           posterior disc height over the same mean body height
``*aspect``                  thickness of the disc mask over its depth: all, anterior, middle, posterior
``displacement``             signed posterior displacement of the recorded line, mm
``forward``, ``backward``    step of the posterior corners, at most 8 mm, 0 when the other way
``forward_both``             smaller of the steps of both corners when both are forward, at most 8 mm, else 0
``backward_both``            the same backward
``corners_apart``            difference of both steps, at most 8 mm
``canal_gap``                distance of the front of the canal behind the corner line: greatest, median, mm
``most_*``, ``least_*``      greater and smaller value of the two endplates (`endplates`)
``sac_relative``             least AP of the canal mask at the disc over the median AP of that mask behind the
                             nearest three bodies
``sac_spine``                the same least AP over its median at the other discs
``sac_least``                the same least AP, mm
``sac_for_level``            the same less what is usual at this level, mm
``lowest``                   1 for the lowest disc, else 0
``learned_*``                logits of the learned grader, see `lvp_workstation.inference.disc_grader`
``position``                 number of the disc from below, at most 6
``position_square``          its square
============================ =========================================================================

`endplate_features` gives the same seen from one endplate: ``own_*`` and ``other_*`` instead of ``most_*`` and
``least_*``, ``learned_own`` and ``learned_other``, and ``is_upper``; ``others_endplate`` and ``others_modic``
are the mean answers of the learned grader about endplates and marrow of the patient's other discs.
"""

from __future__ import annotations

import math
from statistics import fmean, median

from lvp_workstation.domain.anatomy import InstanceId, instance_number, vertebra_id
from lvp_workstation.measure.result import SpineMeasures

MAX_POSITION = 6
CANAL_NEIGHBOURS = 3
MAX_STEP_MM = 8.0
"""Steps count for at most this much: larger ones are sure slips or torn masks (our choice)."""
USUAL_SAC_MM = (9.9, 11.0, 11.1, 12.1, 13.0, 13.2)
"""Least AP of the canal mask at healthy discs from below, mm: medians of 37, 27, 53, 73, 103 and 135 discs of
SPIDER patients without bulge, herniation or slip, Pfirrmann III at most (T2 mid-slices, masks of lumbar_vnet
1.1.0). Further up mid-slices leave the canal; the sixth counts there (our choice)."""
SIDES = ("upper", "lower")
ENDPLATE = (
    "near_max",
    "near_min",
    "near_spread",
    "mid_max",
    "mid_min",
    "line",
    "line_spread",
    "core_spread",
    "rough",
    "step",
    "hollow",
)
"""Features of one endplate, see `measure.endplates`."""
PLAIN = (
    "displacement",
    "canal_gap",
    "canal_gap_middle",
    "aspect",
    "anterior_aspect",
    "middle_aspect",
    "posterior_aspect",
    "texture_middle",
    "texture_bright",
    "texture_band",
    "texture_spread",
)
"""Features taken over as they are, see `measure.surroundings`."""
LEARNED = tuple(
    f"learned_{question}"
    for question in (
        *(f"pfirrmann_{grade}" for grade in range(2, 6)),
        "narrowed",
        "bulging",
        "herniated",
        "displaced",
        "modic",
        "slipped",
    )
)
"""Answers of the learned grader about a disc, taken over as they are."""
OF_OTHERS = {"others_endplate": ("endplate_upper", "endplate_lower"), "others_modic": ("modic",)}
"""Questions about the other discs whose mean answer is a feature of an endplate: change runs in a spine."""


def disc_features(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    """Return the features of a disc level; what cannot be computed is absent."""
    found = _level(measures, disc)
    for name in ENDPLATE:
        pair = [measures.feature(disc, f"{side}_{name}") for side in SIDES]
        known = [value for value in pair if value is not None]
        if known:
            found |= {f"most_{name}": max(known), f"least_{name}": min(known)}
    return found


def endplate_features(measures: SpineMeasures, disc: InstanceId, upper: bool) -> dict[str, float]:
    """Return the features of one endplate of a disc, the upper or the lower one."""
    found = _level(measures, disc) | {"is_upper": float(upper)}
    own, other = SIDES if upper else SIDES[::-1]
    for prefix, side in (("own", own), ("other", other)):
        values = {name: measures.feature(disc, f"{side}_{name}") for name in ENDPLATE}
        found |= {f"{prefix}_{name}": value for name, value in values.items() if value is not None}
        learned = measures.features.get((disc, f"learned_endplate_{side}"))
        found |= {} if learned is None else {f"learned_{prefix}": learned}
    return found | _of_others(measures, disc)


def _of_others(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    """Return what the learned grader says of the patient's other discs, of two at least."""
    found = {}
    for name, questions in OF_OTHERS.items():
        others = [other for other in measures.discs if other != disc]
        values = [measures.features.get((other, f"learned_{q}")) for other in others for q in questions]
        known = [value for value in values if value is not None]
        if len(known) >= 2 * len(questions):
            found[name] = fmean(known)
    return found


def _level(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    n = instance_number(disc)
    place = float(min(n, MAX_POSITION))
    found = {"lowest": float(n == 1), "position": place, "position_square": place**2}
    found |= _signal(measures, disc) | _heights(measures, disc) | _canal(measures, disc)
    found |= _steps(measures, disc)
    for name in (*PLAIN, *LEARNED):
        value = measures.features.get((disc, name))
        if value is not None:
            found[name] = value
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
    others = [math.log(v) for v in _others(measures, disc, "disc_marrow_ratio") if v > 0]
    if len(others) >= 2:
        found["others_marrow"] = median(others)
        if "log_marrow" in found:
            found["marrow_against_others"] = found["log_marrow"] - median(others)
    return found


def _steps(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    ahead = measures.features.get((disc, "step_anterior"))
    behind = measures.features.get((disc, "step_posterior"))
    if ahead is None or behind is None:
        return {}
    found = {"corners_apart": abs(ahead - behind), "forward": behind, "backward": -behind}
    found |= {"forward_both": min(ahead, behind), "backward_both": min(-ahead, -behind)}
    return {name: min(max(value, 0.0), MAX_STEP_MM) for name, value in found.items()}


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


def _canal(measures: SpineMeasures, disc: InstanceId) -> dict[str, float]:
    n = instance_number(disc)
    sac = measures.feature(disc, "sac_narrowest")
    if sac is None:
        return {}
    found = {"sac_least": sac, "sac_for_level": sac - USUAL_SAC_MM[min(n, len(USUAL_SAC_MM)) - 1]}
    near = sorted(measures.discs, key=lambda other: abs(instance_number(other) - n))
    canal = [measures.feature(other, "canal_class_ap") for other in near]
    known = [value for value in canal if value is not None][:CANAL_NEIGHBOURS]
    if known and median(known) > 0:
        found["sac_relative"] = sac / median(known)
    others = _others(measures, disc, "sac_narrowest")
    if len(others) >= 2 and median(others) > 0:
        found["sac_spine"] = sac / median(others)
    return found
