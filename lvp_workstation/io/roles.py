"""Decide what each stack is for: plane, physics first, description second, and the rule in words.

The thresholds are common protocol values (Westbrook, MRI in Practice, chapter 2: T1 = short TR
and TE, T2 = long TR and TE, STIR = short TI); the exact numbers are our choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from lvp_workstation.domain.study import RoleDecision, Series, SeriesRole, Weighting
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.io.protocol import Protocol, protocol_of

T1_MAX_TE, T1_MAX_TR = 40.0, 1300.0
T2_MIN_TE, T2_MIN_TR = 60.0, 700.0
PD_MIN_TR = 1500.0
STIR_TI = (80.0, 300.0)
T1_FLAIR_TI = (500.0, 1300.0)
GRE_T1_MAX_TE, GRE_T1_MAX_TR = 10.0, 600.0
MYELO_MIN_TE = 400.0
"""Times in ms: single-shot MR myelography has an effective TE of 500-1200 ms."""

MYELO_SLAB_MM, MYELO_SLAB_TE = 15.0, 150.0
WHOLE_SPINE_MM = 550.0
"""A sagittal or coronal localizer this long shows most of the spine; lumbar ones reach 400-500 mm."""

LOCALIZER_MAX_SLICES = 7
SURE, LIKELY, GUESS = 0.95, 0.8, 0.5

PREFIX = {ImagePlane.SAGITTAL: "sag", ImagePlane.AXIAL: "ax", ImagePlane.CORONAL: "cor"}
DIXON_ROLES = {
    "water": SeriesRole.SAG_DIXON_WATER,
    "fat": SeriesRole.SAG_DIXON_FAT,
    "in": SeriesRole.SAG_DIXON_IN,
    "opp": SeriesRole.SAG_DIXON_OPP,
}


@dataclass(frozen=True)
class Contrast:
    """Weighting as the physics or the name tells it, the words for it, and how sure it is."""

    weighting: Weighting
    words: str
    confidence: float


def decide_roles(stacks: tuple[Series, ...]) -> tuple[Series, ...]:
    """Return the stacks with their role decided, each seen beside the others of the study."""
    planes = {uid: {s.plane for s in stacks if s.series_instance_uid == uid} for uid in _uids(stacks)}
    decided = [
        replace(s, decision=decide_role(s, mixed=len(planes[s.series_instance_uid]) > 1)) for s in stacks
    ]
    return tuple(_doubt_contrast(s, decided) for s in decided)


def _uids(stacks: tuple[Series, ...]) -> set[str]:
    return {s.series_instance_uid for s in stacks}


def decide_role(series: Series, mixed: bool = False) -> RoleDecision:
    """Return the role of one stack.

    Parameters
    ----------
    mixed
        Whether its SeriesInstanceUID also holds stacks of another plane, as localizers do.
    """
    protocol = protocol_of(series)
    if series.geometry is None:
        return RoleDecision(SeriesRole.OTHER, "no usable geometry", SURE, protocol.agent)
    for rule in (_diffusion, _localizer, _myelography, _dixon):
        decision = rule(series, protocol, mixed)
        if decision is not None:
            return decision
    return _weighted(series, protocol)


Rule = Callable[[Series, Protocol, bool], RoleDecision | None]


def _diffusion(series: Series, protocol: Protocol, _: bool) -> RoleDecision | None:
    if protocol.diffusion:
        return RoleDecision(SeriesRole.DWI, f"diffusion: {protocol.diffusion}", SURE, protocol.agent)
    return None


def _localizer(series: Series, protocol: Protocol, mixed: bool) -> RoleDecision | None:
    few = len(series.frames) <= LOCALIZER_MAX_SLICES
    if protocol.localizer:
        why, sure = protocol.localizer, SURE
    elif mixed and few:
        why, sure = "few slices in several planes under one series", LIKELY
    else:
        return None
    length = body_length_mm(series)
    if length >= WHOLE_SPINE_MM or (protocol.whole_spine and length > 0):
        return RoleDecision(SeriesRole.LOC_WHOLESPINE, f"localizer ({why}), {length:.0f} mm long", sure)
    return RoleDecision(SeriesRole.LOC, f"localizer: {why}", sure)


def body_length_mm(series: Series) -> float:
    """Return how far a sagittal or coronal stack reaches along the body, 0 for other planes."""
    if series.geometry is None or series.plane is ImagePlane.AXIAL:
        return 0.0
    spans = [abs(float(series.geometry.affine[2, axis])) * series.geometry.shape[axis] for axis in (1, 2)]
    return max(spans)


def _myelography(series: Series, protocol: Protocol, _: bool) -> RoleDecision | None:
    te, thickness = protocol.te, series.acquired_slice_mm or 0.0
    if protocol.named(r"myelo\w*|mrm"):
        return RoleDecision(SeriesRole.MYELO, "description names myelography", LIKELY)
    if te is not None and te >= MYELO_MIN_TE:
        return RoleDecision(SeriesRole.MYELO, f"very heavy T2: TE {te:.0f} ms", LIKELY)
    if te is not None and te >= MYELO_SLAB_TE and thickness >= MYELO_SLAB_MM:
        return RoleDecision(SeriesRole.MYELO, f"thick slab: {thickness:.0f} mm, TE {te:.0f} ms", LIKELY)
    return None


def _dixon(series: Series, protocol: Protocol, _: bool) -> RoleDecision | None:
    if not protocol.dixon or series.plane is not ImagePlane.SAGITTAL:
        return None
    contrast = _contrast(protocol)
    part, why = protocol.dixon
    if contrast.weighting is Weighting.T1 and part in ("water", "in"):
        return _t1_dixon(protocol, part, why)
    return RoleDecision(DIXON_ROLES[part], f"sagittal Dixon {part}: {why}", SURE, protocol.agent)


def _t1_dixon(protocol: Protocol, part: str, why: str) -> RoleDecision:
    """Name T1-weighted Dixon images by what they look like: in-phase as T1, water as T1 with fat removed."""
    role = SeriesRole.SAG_T1_GD if protocol.agent else SeriesRole.SAG_T1
    if part == "water" and not protocol.agent:
        return RoleDecision(
            SeriesRole.OTHER, f"T1 Dixon water ({why}): fat-suppressed T1", LIKELY, protocol.agent
        )
    return RoleDecision(role, f"T1 Dixon {part} ({why})", LIKELY, protocol.agent)


def _weighted(series: Series, protocol: Protocol) -> RoleDecision:
    plane = series.plane
    contrast = _contrast(protocol)
    if plane is None or contrast.weighting is Weighting.OTHER:
        return RoleDecision(SeriesRole.OTHER, contrast.words, contrast.confidence, protocol.agent)
    agent = _agent(protocol, contrast)
    name = f"{PREFIX[plane]}_{contrast.weighting.value}"
    words = f"{plane.value}, {contrast.words}"
    if contrast.weighting is Weighting.T1 and agent:
        name, words = f"{name}_gd", f"{words}, contrast agent: {protocol.agent_words}"
    if contrast.weighting is Weighting.T2 and protocol.fat_suppressed and plane is ImagePlane.SAGITTAL:
        name, words = f"{name}_fs", f"{words}, fat suppression: {protocol.fat_suppressed}"
    known = name in SeriesRole._value2member_map_
    role = SeriesRole(name) if known else SeriesRole.OTHER
    return RoleDecision(role, words, contrast.confidence, agent)


def _agent(protocol: Protocol, contrast: Contrast) -> bool | None:
    """Return whether an agent was given; fat-suppressed T1 without a word on it is doubtful."""
    if protocol.agent is False and not protocol.agent_words and contrast.weighting is Weighting.T1:
        return None if protocol.fat_suppressed else False
    return protocol.agent


def _contrast(protocol: Protocol) -> Contrast:
    if protocol.derived_map:
        return Contrast(Weighting.OTHER, f"not an anatomical image: {protocol.derived_map}", SURE)
    physics = _by_times(protocol)
    named = _by_name(protocol)
    if physics is None:
        return named or Contrast(Weighting.OTHER, "contrast unknown: neither TR/TE nor a telling name", 0.0)
    if named is None or named.weighting is physics.weighting:
        return physics
    return replace(
        physics, words=f"{physics.words} (though {named.words})", confidence=min(physics.confidence, 0.6)
    )


def _by_name(protocol: Protocol) -> Contrast | None:
    for weighting, pattern in (
        (Weighting.STIR, r"stir|tirm"),
        (Weighting.T1, r"t1w?"),
        (Weighting.T2, r"t2w?"),
    ):
        if protocol.named(pattern):
            return Contrast(weighting, f"description says {weighting.value.upper()}", GUESS)
    return None


def _by_times(protocol: Protocol) -> Contrast | None:
    """Return the weighting by TI, TR and TE (ms), None when they are not stated."""
    te, tr, ti = protocol.te, protocol.tr, protocol.ti
    if te is None or tr is None:
        return None
    times = f"TR {tr:.0f} ms, TE {te:.0f} ms"
    if protocol.echo_planar:
        return Contrast(Weighting.OTHER, f"echo-planar: {times}", SURE)
    if ti is not None and (STIR_TI[0] <= ti <= STIR_TI[1]) and tr >= T2_MIN_TR:
        return Contrast(Weighting.STIR, f"short inversion time: TI {ti:.0f} ms, {times}", SURE)
    if ti is not None and T1_FLAIR_TI[0] <= ti <= T1_FLAIR_TI[1] and te <= T1_MAX_TE:
        return Contrast(Weighting.T1, f"T1 FLAIR: TI {ti:.0f} ms, {times}", LIKELY)
    if ti is not None and ti > T1_FLAIR_TI[1]:
        return Contrast(Weighting.OTHER, f"long inversion time: TI {ti:.0f} ms, {times}", LIKELY)
    return _gradient(protocol, te, tr, times) if protocol.gradient_echo else _spin(te, tr, times)


def _spin(te: float, tr: float, times: str) -> Contrast:
    if te <= T1_MAX_TE and tr <= T1_MAX_TR:
        return Contrast(Weighting.T1, f"short TR and TE: {times}", SURE)
    if te >= T2_MIN_TE and tr >= T2_MIN_TR:
        return Contrast(Weighting.T2, f"long TE: {times}", SURE)
    if tr >= PD_MIN_TR:
        return Contrast(Weighting.OTHER, f"proton density: {times}", LIKELY)
    return Contrast(Weighting.OTHER, f"neither T1 nor T2: {times}", GUESS)


def _gradient(protocol: Protocol, te: float, tr: float, times: str) -> Contrast:
    if protocol.steady_state:
        return Contrast(Weighting.OTHER, f"balanced steady state: {times}", LIKELY)
    if te <= GRE_T1_MAX_TE and tr <= GRE_T1_MAX_TR:
        return Contrast(Weighting.T1, f"gradient echo with short TR and TE: {times}", LIKELY)
    return Contrast(Weighting.OTHER, f"gradient echo (T2*): {times}", LIKELY)


T1_ROLES = (SeriesRole.SAG_T1, SeriesRole.AX_T1, SeriesRole.COR_T1)


def _doubt_contrast(series: Series, stacks: list[Series]) -> Series:
    """Leave the contrast agent open for T1 acquired after a series for which one was stated."""
    mine = _when(series)
    doubtful = series.role in T1_ROLES and series.decision.contrast_agent is False and not _native(series)
    given = [t for s in stacks if s.decision.contrast_agent and (t := _when(s))]
    if not doubtful or not mine or not given or mine < min(given):
        return series
    rule = f"{series.decision.rule}; acquired after a contrast agent was given, so contrast is in doubt"
    return replace(series, decision=replace(series.decision, contrast_agent=None, rule=rule))


def _native(series: Series) -> bool:
    return bool(re.search(r"(?<![a-z])(pre|nativ\w*|without)(?![a-z])", series.description.lower()))


def _when(series: Series) -> str:
    stamp = str(series.attributes.get("AcquisitionDateTime") or "")
    if stamp:
        return stamp
    date, time = series.attributes.get("AcquisitionDate"), series.attributes.get("AcquisitionTime")
    return f"{date}{time}" if date and time else ""
