"""From a label map and its image to the measurements of a lumbar spine: the one entry of this floor."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from lvp_workstation.domain.anatomy import SACRUM, InstanceId, LevelMap, disc_id, instance_number, vertebra_id
from lvp_workstation.domain.annotations import Point, Provenance, as_points
from lvp_workstation.domain.geometry import Array, unit
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.landmarks import (
    BodyLandmarks,
    DiscLandmarks,
    EndplateLandmarks,
    SpineLandmarks,
)
from lvp_workstation.domain.study import Problem, Weighting
from lvp_workstation.domain.volume import ImagePlane, Volume
from lvp_workstation.measure import records
from lvp_workstation.measure.anatomy2d import SectionAnatomy, find_anatomy
from lvp_workstation.measure.background import with_zero_background
from lvp_workstation.measure.crop import disc_crops
from lvp_workstation.measure.foramen import record_foramina, sideways_slope
from lvp_workstation.measure.recorder import Recorder
from lvp_workstation.measure.records import BulgeSample
from lvp_workstation.measure.result import Coverage, ImageQuality, ScopeSigns, SpineMeasures
from lvp_workstation.measure.section import Block, Section, make_block
from lvp_workstation.measure.shapes import Endplate
from lvp_workstation.measure.signal import CSF_QUANTILE, disc_signal, image_quality, marrow
from lvp_workstation.measure.signs import find_signs
from lvp_workstation.measure.surroundings import disc_surroundings

PROFILE_OFFSETS_MM = (-9.0, -4.5, 4.5, 9.0)
"""Lateral offsets at which the posterior bulge is measured beside the midline, mm (our choice: further out
the pedicles begin)."""
MIN_MARROW = 0.1
"""Marrow over fluid signal below which fat is taken to be suppressed (our choice: 0.14-0.84 in 29 SPIDER
T2 series)."""
OUTSIDE_MM = 5.0
"""Height over which the canal must lie beside the slices to be told (our choice: less is a ragged end)."""
MIN_SLICES = 3


def measure_spine(
    labels: LabelMap,
    levels: LevelMap,
    volume: Volume,
    weighting: Weighting,
    provenance: Provenance,
    companion: Volume | None = None,
) -> SpineMeasures:
    """Measure a sagittal series.

    Parameters
    ----------
    labels
        Instance codes of the series.
    levels
        Names of the instances; only the study measurements depend on it.
    volume
        The image; a shifted background is set to zero first, see `with_zero_background`. Signal ratios are
        left out when its grid is not that of the labels.
    weighting
        Contrast of the image; `disc_csf_ratio` is measured on T2 only.
    provenance
        Written into every measurement.
    companion
        T1 series in the same frame of reference beside a measured T2, for the marrow at the endplates; None
        without one.

    Returns
    -------
    SpineMeasures
        What could be measured; absent means not measurable.
    """
    coverage = _coverage(labels)
    volume = with_zero_background(volume)
    companion = None if companion is None else with_zero_background(companion)
    block = make_block(labels, volume) if coverage.sagittal else None
    if block is None:
        return SpineMeasures(weighting, coverage, problems=_nothing(coverage))
    section = Section(block)
    found = find_anatomy(section)
    out = Recorder(section, labels.geometry, volume.source_sop_uids, weighting, provenance)
    bone = _marrow(found)
    fat_is_bright = _fat_is_bright(found, weighting, bone)
    fluid = records.fluid_levels(found) if weighting is Weighting.T2 and fat_is_bright else {}
    samples = _bulge_samples(block, found, fluid)
    features = _record_all(found, samples, levels, bone, out)
    features |= disc_surroundings(found, weighting, bone, companion)
    crops = disc_crops(found, bone, companion) if fat_is_bright else {}
    foramina = record_foramina(block, found, out, fat_is_bright)
    return SpineMeasures(
        weighting,
        coverage,
        MappingProxyType(out.measurements),
        _with_unmeasured(_landmarks(found), block),
        MappingProxyType(features | foramina.features),
        MappingProxyType(_profiles(samples)),
        MappingProxyType(crops),
        MappingProxyType(foramina.unseen),
        _problems(found, coverage),
        _quality(found),
        find_signs(block, found, bone, volume, companion) if fat_is_bright else ScopeSigns(),
    )


def _profiles(
    samples: dict[InstanceId, list[BulgeSample]],
) -> dict[InstanceId, tuple[tuple[float, float], ...]]:
    return {d: tuple((round(s.offset, 2), round(s.depth, 3)) for s in row) for d, row in samples.items()}


def find_landmarks(labels: LabelMap, volume: Volume) -> tuple[SpineLandmarks, ImageQuality]:
    """Return the landmarks of a sagittal series, and its quality, without measuring anything.

    Parameters
    ----------
    labels, volume
        As for `measure_spine`, whose landmarks and quality these are.

    Returns
    -------
    SpineLandmarks, ImageQuality
        LPS mm; empty when the series is not sagittal or nothing was segmented.
    """
    block = make_block(labels, volume) if _coverage(labels).sagittal else None
    if block is None:
        return SpineLandmarks(), ImageQuality()
    found = find_anatomy(Section(block))
    return _landmarks(found), _quality(found)


def _coverage(labels: LabelMap) -> Coverage:
    geometry = labels.geometry
    sagittal = geometry.image_plane is ImagePlane.SAGITTAL
    return Coverage(geometry.shape[0], geometry.spacing[0], max(geometry.spacing[1:]), sagittal)


def _record_all(
    found: SectionAnatomy,
    samples: dict[InstanceId, list[BulgeSample]],
    levels: LevelMap,
    bone: dict[int, float],
    out: Recorder,
) -> dict[tuple[InstanceId, str], float]:
    """Record every measurement and return the further features."""
    records.record_bodies(found, out)
    records.record_disc_spaces(found, out)
    records.record_study(found, levels, out)
    features = records.record_canal(found, out)
    features |= records.record_bulges(samples, out)
    return features | _signals(found, bone, out)


def _nothing(coverage: Coverage) -> tuple[Problem, ...]:
    if not coverage.sagittal:
        return (Problem("not_sagittal", "Measurements are taken from sagittal series only."),)
    return (Problem("nothing_segmented", "No vertebra, disc or canal was segmented."),)


def _problems(found: SectionAnatomy, coverage: Coverage) -> tuple[Problem, ...]:
    problems = []
    if found.canal is None:
        problems.append(
            Problem("no_canal", "The canal was not segmented: canal diameters are missing, bodies less sure.")
        )
    elif found.section.block.outside.sum() * found.section.spacing[0] >= OUTSIDE_MM:
        text = (
            "The spine leaves the slices sideways: where the middle of the canal lies outside them, its "
            "diameters are not measured."
        )
        problems.append(Problem("canal_outside_slices", text))
    if coverage.slices < MIN_SLICES:
        problems.append(
            Problem("few_slices", "One or two slices: the section may lie beside the middle of the spine.")
        )
    if found.section.block.image is None:
        problems.append(Problem("image_grid", "The image has another grid than the labels: no signal ratio."))
    if 1 in found.discs and found.sacral is None:
        problems.append(
            Problem(
                "sacrum_missing", "The body below the lowest disc was not segmented: its endplate is derived."
            )
        )
    return tuple(problems)


def _quality(found: SectionAnatomy) -> ImageQuality:
    pairs = []
    for n, mask in found.body_masks.items():
        image = found.section.signal(VERTEBRA_BASE + n)
        if image is not None:
            pairs.append((image, mask))
    return image_quality(pairs)


def _signals(
    found: SectionAnatomy, bone: dict[int, float], out: Recorder
) -> dict[tuple[InstanceId, str], float]:
    """Record signal ratios and return the signal features of each disc; nothing unless on T2."""
    features: dict[tuple[InstanceId, str], float] = {}
    if out.weighting is not Weighting.T2:
        return features
    section = found.section
    canal_image = section.signal(CANAL_CODE)
    for n, disc in found.discs.items():
        image = section.signal(DISC_BASE + n)
        signal = None if image is None else disc_signal(image, disc, found.canal, canal_image)
        if signal is None:
            continue
        records.record_signal(n, disc.centre, signal, out)
        features[disc_id(n), "nucleus_spread"] = signal.spread
        features[disc_id(n), "nucleus_annulus_ratio"] = signal.nucleus / max(signal.annulus, 1e-6)
        near = [bone[k] for k in (n, n - 1) if k in bone]
        if near and not _fat_suppressed(float(np.mean(near)), signal.csf):
            features[disc_id(n), "disc_marrow_ratio"] = signal.nucleus / float(np.mean(near))
    return features


def _fat_suppressed(marrow_signal: float, csf: float | None) -> bool:
    """Return whether marrow is too dark to be a reference: a T2 series with fat suppression."""
    return csf is not None and marrow_signal < MIN_MARROW * csf


def _fat_is_bright(found: SectionAnatomy, weighting: Weighting, bone: dict[int, float]) -> bool:
    """Return whether fat is bright: T1, or T2 on which marrow does not show suppression."""
    if weighting is not Weighting.T2:
        return weighting is Weighting.T1
    canal = found.section.signal(CANAL_CODE)
    if not bone or canal is None or found.canal is None:
        return False
    inside = found.canal.patch.values >= 0.75
    fluid = float(np.quantile(canal.values[inside], CSF_QUANTILE)) if inside.any() else None
    return not _fat_suppressed(float(np.median(list(bone.values()))), fluid)


def _marrow(found: SectionAnatomy) -> dict[int, float]:
    values = {}
    for n, mask in found.body_masks.items():
        image = found.section.signal(VERTEBRA_BASE + n)
        value = None if image is None else marrow(image, mask)
        if value is not None:
            values[n] = value
    return values


def _bulge_samples(
    block: Block, middle: SectionAnatomy, fluid: dict[int, float]
) -> dict[InstanceId, list[BulgeSample]]:
    """Return the posterior margin of each disc across the slab, in order of lateral offset."""
    samples: dict[InstanceId, list[BulgeSample]] = {}
    step = block.spacing[0]
    offsets = sorted({step * round(offset / step) for offset in PROFILE_OFFSETS_MM} | {0.0})
    for offset in offsets if block.codes.shape[0] > 1 else [0.0]:
        found = middle
        if offset != 0.0:
            found = find_anatomy(Section(block, offset), middle.canal, middle.gap)
        for disc, sample in records.bulges(found, fluid, middle).items():
            samples.setdefault(disc, []).append(sample)
    return samples


def _landmarks(found: SectionAnatomy) -> SpineLandmarks:
    section = found.section
    bodies = {}
    for n, body in found.bodies.items():
        bodies[vertebra_id(n)] = BodyLandmarks(
            vertebra_id(n),
            _world(section, body.centre),
            _direction(section, body.up),
            _endplate(section, body.superior),
            _endplate(section, body.inferior),
        )
    sacral = found.below(1)
    if sacral is not None and 0 not in found.bodies:
        name = SACRUM if found.sacral is not None else "V0"
        plate = _endplate(section, sacral)
        up = _direction(section, sacral.normal)
        bodies[name] = BodyLandmarks(name, _world(section, sacral.middle), up, plate)
    discs = {disc_id(n): _disc_landmarks(found, n) for n in sorted(found.discs)}
    canal: tuple[Point, ...] = ()
    if found.canal is not None:
        line = np.stack([found.canal.centre, found.canal.s], axis=1)
        canal = as_points(*section.to_world(line[:: max(1, round(5.0 / section.spacing[0]))]))
    return SpineLandmarks(MappingProxyType(bodies), MappingProxyType(discs), canal)


def _with_unmeasured(landmarks: SpineLandmarks, block: Block) -> SpineLandmarks:
    """Add the discs that the section does not show well enough to measure: centroid and axis of a neighbour.

    They can be gone to and graded by a reader; nothing is measured on them.
    """
    known = {instance_number(disc): row for disc, row in landmarks.discs.items()}
    discs = dict(landmarks.discs)
    for n in sorted({code - DISC_BASE for code in block.boxes if code > DISC_BASE} - set(known)):
        near = min(known, key=lambda other: abs(other - n), default=None)
        up = (0.0, 0.0, 1.0) if near is None else known[near].normal
        centre = block.geometry.index_to_world(np.argwhere(block.codes == DISC_BASE + n).mean(axis=0))
        discs[disc_id(n)] = DiscLandmarks(disc_id(n), as_points(centre)[0], up)
    ordered = {disc: discs[disc] for disc in sorted(discs, key=instance_number)}
    return replace(landmarks, discs=MappingProxyType(ordered))


def _world(section: Section, point: Array) -> Point:
    return as_points(section.to_world(point))[0]


def _direction(section: Section, direction: Array) -> Point:
    axes = section.block.geometry.directions
    return as_points(unit(direction[0] * axes[:, 2] - direction[1] * axes[:, 1]))[0]


def _endplate(section: Section, plate: Endplate | None) -> EndplateLandmarks | None:
    if plate is None:
        return None
    return EndplateLandmarks(
        _world(section, plate.anterior),
        _world(section, plate.middle),
        _world(section, plate.posterior),
        plate.derived,
    )


def _disc_landmarks(found: SectionAnatomy, n: int) -> DiscLandmarks:
    """Return centroid and axis of a disc; the axis lies between both endplates and follows the sideways
    tilt of the mask across the slices."""
    disc, section = found.discs[n], found.section
    up = found.disc_up(n)
    axes = section.block.geometry.directions
    slope = sideways_slope(section.block, n, found)
    superior = up[0] * axes[:, 2] - up[1] * axes[:, 1]
    normal = unit(superior - slope * axes[:, 0])
    return DiscLandmarks(disc_id(n), _world(section, disc.centre), as_points(normal)[0])
