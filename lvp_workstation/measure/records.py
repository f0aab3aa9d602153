"""The measurements of bodies, discs, alignment, canal and signal, from the shapes of the section.

Definitions: Farfan index as (Ha + Hp) / (Dsup + Dinf); Cobb lordosis from the superior endplate of L1 to
that of S1. Slip: the posterior-inferior corner of the upper body against the posterior-superior corner of
the lower one (the anterior corners where they contradict, see `SLIP_TO_CONFIRM`), along the disc space
(across the bisector of both endplates: along the lower endplate alone, the wedge of a lordotic disc would
look like a retrolisthesis); its percentage is of the depth of the superior endplate of the lower body, as
Meyerding. Bodies of SPIDER patients without slip have a median of -0.6 mm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId, LevelMap, disc_id, instance_number, vertebra_id
from lvp_workstation.domain.annotations import STUDY_TARGET, Formula
from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.anatomy2d import SectionAnatomy
from lvp_workstation.measure.bony_canal import bony_canal
from lvp_workstation.measure.discs import disc_frame, disc_heights, ends_inside
from lvp_workstation.measure.outline import LocalFrame
from lvp_workstation.measure.posterior_margin import View, bulge, capped, fluid_level
from lvp_workstation.measure.recorder import Recorder
from lvp_workstation.measure.section import Section
from lvp_workstation.measure.shapes import Body, DiscShape, Endplate
from lvp_workstation.measure.signal import DiscSignal
from lvp_workstation.measure.straight import section_image

DERIVED = "superior endplate of the body below taken from the surface of the disc, bone not segmented"
CANAL_NOTE = "canal as SPIDER draws it, in the plane of the disc"
BONY_NOTE = "bone to bone on the midline, a quarter of the height below the middle of the body above"
LATERAL_GAIN = 1.0
"""A section beside the midline must show this much more bulge, mm, to count (our choice: the deepest of
several ragged sections would otherwise exaggerate every disc)."""
SLIP_TO_CONFIRM, ANTERIOR_SHARE = 3.0, 0.25
"""A slip moves the whole body. Posterior corners that stand 3 mm apart while the anterior ones do not move a
quarter as far show a spur, a rounded or a cut corner: the anterior corners are measured instead (our choice:
on SPIDER mid-slices it halves the discs that are called a slip and none to the experts, 117 to 62 of 1,283,
and keeps 22 of 25 that are one)."""
MAX_DISC_ANGLE = 35.0
"""Endplates that open wider than this, degrees, belong to a torn mask: nothing is measured between them (our
choice: lordotic L5-S1 discs have up to 25)."""
COS_DISC_ANGLE = float(np.cos(np.deg2rad(MAX_DISC_ANGLE)))
SAC_REACH_MM = 4.5
"""The feature ``sac_narrowest`` is looked for within this distance of the middle of the disc (our
choice)."""


def record_bodies(found: SectionAnatomy, out: Recorder) -> None:
    """Heights, depth and wedge of each body with both endplates; depth alone with the superior one."""
    for n, body in found.bodies.items():
        target = vertebra_id(n)
        top, bottom = body.superior, body.inferior
        if top is not None:
            out.add(target, "depth_superior", Formula.DISTANCE, [top.posterior, top.anterior])
        if top is None or bottom is None:
            continue
        for name in ("anterior", "middle", "posterior"):
            points = [getattr(bottom, name), getattr(top, name)]
            out.add(target, f"height_{name}", Formula.DISTANCE, points)
        wedge = [bottom.posterior, bottom.anterior, top.posterior, top.anterior]
        out.add(target, "wedge_angle", Formula.ANGLE, wedge)


def record_disc_spaces(found: SectionAnatomy, out: Recorder) -> None:
    """Heights, index, slip and segmental angle of each disc with a body above."""
    for n in found.discs:
        upper, lower = found.above(n), found.below(n)
        if upper is None or lower is None or _torn(upper, lower):
            continue
        note = DERIVED if lower.derived else ""
        _record_heights(disc_id(n), found.discs[n], upper, lower, out, note)
        _record_alignment(disc_id(n), found.bodies[n], upper, lower, out, note)


def _torn(upper: Endplate, lower: Endplate) -> bool:
    return float(upper.normal @ lower.normal) < COS_DISC_ANGLE


def _record_heights(
    target: InstanceId, disc: DiscShape, upper: Endplate, lower: Endplate, out: Recorder, note: str
) -> None:
    """Record the heights that the mask does not contradict, and the index when both outer ones are there."""
    found = disc_heights(upper, lower)
    if found is None:
        return
    heights = {name: ends for name, ends in found.items() if not ends_inside(disc, ends)}
    for name, ends in heights.items():
        out.add(target, f"disc_height_{name}", Formula.DISTANCE, list(ends), note=note, derived=lower.derived)
    if "anterior" not in heights or "posterior" not in heights:
        return
    points = [*heights["anterior"], *heights["posterior"]]
    points += [upper.posterior, upper.anterior, lower.posterior, lower.anterior]
    out.add(target, "disc_height_index", Formula.DISTANCE_RATIO, points, note=f"Farfan; {note}".rstrip("; "))


def _record_alignment(
    target: InstanceId, body: Body, upper: Endplate, lower: Endplate, out: Recorder, note: str
) -> None:
    forward = -disc_frame(upper, lower).back
    ahead = lower.posterior + lower.depth * forward
    corners = _slipped_corners(upper, lower, forward)
    if corners:
        points = [*corners, lower.posterior, ahead]
        out.add(target, "slip", Formula.SIGNED_DISTANCE, points, note=note, derived=lower.derived)
        out.add(target, "slip_percent", Formula.SIGNED_PERCENT, points, note=note)
    if body.superior is not None:
        angle = [body.superior.posterior, body.superior.anterior, lower.posterior, lower.anterior]
        out.add(
            target,
            "segmental_angle",
            Formula.ANGLE,
            angle,
            note="superior endplates of both bodies" + (f"; {note}" if note else ""),
            derived=lower.derived,
        )


def _slipped_corners(upper: Endplate, lower: Endplate, forward: Array) -> tuple[Array, ...]:
    """Return the corners of the lower and the upper body that show how far the upper one has slipped.

    Nothing when the corners at both ends moved far, but in opposite directions.
    A derived endplate is as deep as the disc, whose front follows the slipped body: it confirms nothing.
    """
    behind = float((upper.posterior - lower.posterior) @ forward)
    ahead = float((upper.anterior - lower.anterior) @ forward)
    if (
        lower.derived
        or abs(behind) < SLIP_TO_CONFIRM
        or ahead * np.sign(behind) >= ANTERIOR_SHARE * abs(behind)
    ):
        return lower.posterior, upper.posterior
    if abs(ahead) >= SLIP_TO_CONFIRM:
        return ()
    return lower.anterior, upper.anterior


@dataclass(frozen=True, eq=False)
class BulgeSample:
    """The posterior margin of a disc in one section: lateral offset and signed depth, mm, and its line."""

    section: Section
    offset: float
    depth: float
    foot: Array
    tip: Array
    derived: bool


def record_bulges(
    samples: dict[InstanceId, list[BulgeSample]], out: Recorder
) -> dict[tuple[InstanceId, str], float]:
    """Record the deepest posterior bulge of each disc.

    Returns the signed depth on the midline (``bulge_signed``) and that of the recorded line
    (``displacement``) as features, mm.

    The midline counts unless the disc lies more than `LATERAL_GAIN` mm further back beside it.
    """
    signed: dict[tuple[InstanceId, str], float] = {}
    for target, found in samples.items():
        middle = next((one for one in found if one.offset == 0.0), None)
        deepest = max(found, key=lambda one: one.depth)
        if middle is not None:
            signed[target, "bulge_signed"] = middle.depth
        kept = deepest if middle is None or deepest.depth > middle.depth + LATERAL_GAIN else middle
        signed[target, "displacement"] = kept.depth
        side = "right" if kept.offset > 0 else "left"
        where = f"{abs(kept.offset):.0f} mm {side} of the midline" if kept.offset else "on the midline"
        out.add(
            target,
            "disc_bulge_depth",
            Formula.DISTANCE,
            [kept.foot, kept.tip if kept.depth > 0 else kept.foot],
            note=f"{where}; {DERIVED}" if kept.derived else where,
            derived=kept.derived,
            section=kept.section,
        )
    return signed


def fluid_levels(found: SectionAnatomy) -> dict[int, float]:
    """Return the signal of the fluid near each disc of the midline section, by number of the disc."""
    image = section_image(found.section)
    if image is None or found.canal is None:
        return {}
    levels = {n: fluid_level(image, found.canal, float(disc.centre[1])) for n, disc in found.discs.items()}
    return {n: level for n, level in levels.items() if level is not None}


def bulges(
    found: SectionAnatomy, fluid: dict[int, float], middle: SectionAnatomy
) -> dict[InstanceId, BulgeSample]:
    """Return the posterior margin of every disc of a section that has corners on both sides.

    Beside the midline, where pedicles begin, a corner counts no further back than that of the midline.

    Parameters
    ----------
    fluid
        Of `fluid_levels` of the midline; a disc that it leaves out is measured on its mask.
    middle
        The midline section.
    """
    result = {}
    section, canal = found.section, found.canal
    image = section_image(section) if fluid else None
    for n in found.discs:
        upper, lower = found.above(n), found.below(n)
        if upper is None or lower is None:
            continue
        upper, lower = capped(upper, middle.above(n)), capped(lower, middle.below(n))
        view = None
        if image is not None and canal is not None and n in fluid:
            view = View(image, canal, fluid[n])
        measured = bulge(found.disc_masks[n], upper, lower, view)
        if measured is not None and section.covers(np.stack(measured[1:])):
            result[disc_id(n)] = BulgeSample(section, section.offset, *measured, lower.derived)
    return result


def record_canal(found: SectionAnatomy, out: Recorder) -> dict[tuple[InstanceId, str], float]:
    """Bony canal AP of the vertebra above each disc, and sac AP at the disc.

    Returns features: ``canal_class_ap`` (canal mask behind the body above the disc) and ``sac_narrowest``
    (least AP of the canal mask across its centreline around the disc), mm. Nothing is measured where the
    middle of the canal lies outside the slices.
    """
    features: dict[tuple[InstanceId, str], float] = {}
    canal, section = found.canal, found.section
    if canal is None:
        return features
    for n, disc in found.discs.items():
        target = disc_id(n)
        body = found.bodies.get(n)
        if body is not None:
            middle = _canal_middle(found, body.centre, body.up)
            behind = None if middle is None else canal.diameter(middle)
            if behind is not None:
                features[target, "canal_class_ap"] = _length(behind)
            bony = bony_canal(found, n, body)
            if bony is not None and section.on_midline(bony[0]) and section.on_midline(bony[1]):
                out.add(target, "canal_ap", Formula.DISTANCE, list(bony), note=BONY_NOTE)
        frame = LocalFrame(disc.centre, found.disc_up(n))
        at = _canal_middle(found, disc.centre, frame.up)
        sac = None if at is None else canal.diameter(at, frame.back)
        if sac is not None:
            out.add(target, "sac_ap", Formula.DISTANCE, list(sac), note=CANAL_NOTE)
        narrowest = _narrowest(found, disc.centre, frame.up)
        if narrowest is not None:
            features[target, "sac_narrowest"] = narrowest
    return features


def _canal_middle(found: SectionAnatomy, point: Array, up: Array) -> Array | None:
    """Return the middle of the canal beside a point, None where it lies outside the slices."""
    at = None if found.canal is None else found.canal.meet(point, up)
    return at if at is not None and found.section.on_midline(at) else None


def _narrowest(found: SectionAnatomy, centre: Array, up: Array) -> float | None:
    assert found.canal is not None
    lengths = []
    for shift in np.arange(-SAC_REACH_MM, SAC_REACH_MM + 0.1, 1.5):
        at = _canal_middle(found, centre + shift * up, up)
        points = None if at is None else found.canal.diameter(at)
        if points is not None:
            lengths.append(_length(points))
    return min(lengths, default=None)


def _length(points: tuple[Array, Array]) -> float:
    return float(np.linalg.norm(points[1] - points[0]))


def record_signal(n: int, centre: Array, signal: DiscSignal, out: Recorder) -> None:
    """Disc signal over fluid signal (T2 only; the caller decides)."""
    if signal.csf is None or signal.csf_point is None:
        return
    out.add(
        disc_id(n),
        "disc_csf_ratio",
        Formula.SAMPLE_RATIO,
        [centre, signal.csf_point],
        samples=(signal.nucleus, signal.csf),
        note="mean of the nucleus region over the bright fluid of the canal within 30 mm",
    )


def record_study(found: SectionAnatomy, levels: LevelMap, out: Recorder) -> None:
    """Lordosis from L1 to S1 and sacral slope, when these endplates are in view and fit L5 above them."""
    sacral = found.below(1) if levels.lowest == 0 and 1 in found.discs else None
    above = found.above(1)
    if sacral is None or (above is not None and _torn(above, sacral)):
        return
    note = DERIVED if sacral.derived else ""
    _record_slope(sacral, out, note)
    top = levels.instance_named("L1")
    body = found.bodies.get(instance_number(top)) if top else None
    if body is not None and body.superior is not None:
        points = [body.superior.posterior, body.superior.anterior, sacral.posterior, sacral.anterior]
        cobb = "Cobb, superior endplate of L1 to superior endplate of S1"
        out.add(
            STUDY_TARGET,
            "lordosis_l1_s1",
            Formula.ANGLE,
            points,
            note=f"{cobb}; {note}".rstrip("; "),
            derived=sacral.derived,
        )


def _record_slope(sacral: Endplate, out: Recorder, note: str) -> None:
    """Angle of the sacral endplate to the scanner's horizontal; negative when it rises in front."""
    depth = sacral.depth
    post, ant = sacral.posterior, sacral.anterior
    if ant[1] <= post[1]:
        points = [post, ant, post, post + np.array((-depth, 0.0))]
    else:
        points = [post, ant, ant + np.array((depth, 0.0)), ant]
    text = f"against the scanner's horizontal, lying; {note}".rstrip("; ")
    out.add(STUDY_TARGET, "sacral_slope", Formula.ANGLE, points, note=text, derived=sacral.derived)
