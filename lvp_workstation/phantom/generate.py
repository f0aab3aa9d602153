"""Make a synthetic lumbar study: images, label maps and exact truth."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.volume import SLICE, Volume, VolumeGeometry
from lvp_workstation.phantom.anatomy import Anatomy
from lvp_workstation.phantom.background import contours, paint_background
from lvp_workstation.phantom.build import draw_anatomy
from lvp_workstation.phantom.canvas import Canvas
from lvp_workstation.phantom.evaluation_plan import DISCS
from lvp_workstation.phantom.grid import Field, SampleGrid
from lvp_workstation.phantom.labels import label_anatomy
from lvp_workstation.phantom.noise import Noise
from lvp_workstation.phantom.presets import plan_of
from lvp_workstation.phantom.protocol import (
    AGENT,
    PROTOCOLS,
    Protocol,
    axial_grid,
    disc_grid,
    localizer_grids,
    sagittal_grid,
    varied_protocol,
)
from lvp_workstation.phantom.signal import (
    Receiver,
    acquire,
    default_window,
    profile_average,
    quantised,
    sensitivity,
    shifted,
)
from lvp_workstation.phantom.spine import paint_spine
from lvp_workstation.phantom.tissues import Tissue, enhanced, signals, varied, water_and_fat
from lvp_workstation.phantom.truth import truth_of

DEFAULT_SERIES = ("sag_t2", "sag_t1", "ax_t2")
LOWEST_DISCS = 3
"""Discs that a disc-angled axial series covers in practice: L3-L4 to L5-S1."""
BLOCKS = {"evaluation": (DISCS, 7)}
"""Discs covered otherwise, and slices of each block: where grades are judged, every graded disc and what has
migrated from it."""
PLANES_PER_SLICE = 3
SLICES_AT_ONCE = 3
"""Slices painted together: few enough to stay in the cache of the processor."""


@dataclass(frozen=True, eq=False)
class PhantomSeries:
    """One stack of images.

    Attributes
    ----------
    role
        Series role, such as ``sag_t2``.
    description
        What a scanner would call it.
    number
        Series number; the blocks of a disc-angled stack share it.
    volume
        uint16 voxels; ``synthetic`` is set.
    protocol
        TR, TE, TI, thickness, field.
    level
        The disc that a block of a disc-angled stack is parallel to, else empty.
    """

    role: str
    description: str
    number: int
    volume: Volume
    protocol: Protocol
    level: str = ""


@dataclass(frozen=True, eq=False)
class PhantomStudy:
    """A synthetic examination with everything that is known about it."""

    seed: int
    preset: str
    patient: dict[str, str]
    series: tuple[PhantomSeries, ...]
    anatomy: Anatomy
    tissues: dict[str, Tissue]

    @cached_property
    def truth(self) -> dict[str, Any]:
        """What is true of it, in the form of ``analysis.json``; worked out on first use."""
        return truth_of(self.anatomy, self.preset, self.tissues)


def make_phantom(
    seed: int,
    preset: str = "normal",
    series: Sequence[str] = DEFAULT_SERIES,
    *,
    frame_of_reference_uid: str = "",
    planes_per_slice: int = PLANES_PER_SLICE,
    threads: int = 1,
) -> PhantomStudy:
    """Make a phantom.

    Parameters
    ----------
    seed
        Same seed, preset, series and versions: same voxels.
    preset
        One of `lvp_workstation.phantom.presets.PRESETS`; ``random`` mixes all and varies the protocol.
    series
        Names of `lvp_workstation.phantom.protocol.PROTOCOLS`.
    frame_of_reference_uid
        Shared by all series; made from the seed when empty.
    planes_per_slice
        Sub-slices averaged for the slice profile.
    threads
        Painters at work at the same time; the voxels do not depend on it.

    Returns
    -------
    PhantomStudy
        All geometry in patient LPS mm.

    Raises
    ------
    ValueError
        When the preset or a series is unknown.
    """
    unknown = [name for name in series if name not in PROTOCOLS]
    if unknown:
        raise ValueError(f"no phantom series {', '.join(unknown)}; there are: {', '.join(PROTOCOLS)}")
    plan = plan_of(preset, seed)
    anatomy = draw_anatomy(seed, plan)
    scanner = _Scanner(seed, anatomy, preset == "random", frame_of_reference_uid, planes_per_slice, threads)
    scanner.blocks, scanner.block_slices = BLOCKS.get(preset, (LOWEST_DISCS, 0))
    return PhantomStudy(
        seed=seed,
        preset=preset,
        patient=_patient(seed, preset, anatomy),
        series=scanner.scan(series),
        anatomy=anatomy,
        tissues=scanner.tissues,
    )


def label_volume(source: PhantomStudy | Anatomy, geometry: VolumeGeometry) -> NDArray[np.uint8]:
    """Return the exact label map of a phantom on any grid (TotalSpineSeg ids, LPS)."""
    anatomy = source.anatomy if isinstance(source, PhantomStudy) else source
    return label_anatomy(anatomy, geometry)


def imaged(anatomy: Anatomy, geometry: VolumeGeometry, protocol: Protocol, key: str = "") -> Volume:
    """Return one series of an anatomy on any grid; its noise follows the anatomy's seed and ``key``."""
    frame_uid = geometry.frame_of_reference_uid
    scanner = _Scanner(anatomy.seed, anatomy, False, frame_uid, PLANES_PER_SLICE, 1)
    return scanner.image(geometry, [protocol], [key])[0]


def _patient(seed: int, preset: str, anatomy: Anatomy) -> dict[str, str]:
    return {
        "name": f"PHANTOM^{preset.upper()}^{seed}",
        "id": f"PHANTOM-{seed:06d}",
        "sex": "F" if anatomy.female else "M",
        "birth_date": f"{2025 - int(anatomy.plan.age)}0101",
        "age": f"{int(anatomy.plan.age):03d}Y",
    }


class _Scanner:
    """Images one anatomy; everything random comes from the seed and the series name."""

    def __init__(
        self, seed: int, anatomy: Anatomy, vary: bool, frame_uid: str, planes: int, threads: int
    ) -> None:
        self.anatomy = anatomy
        self.seed = seed
        self.vary = vary
        self.planes = planes
        self.threads = threads
        self.blocks, self.block_slices = LOWEST_DISCS, 0
        self.frame_uid = frame_uid or f"2.25.{99_000_000_000 + seed}"
        streams = [np.random.default_rng([seed, 3, n]) for n in range(4)]
        self.noise = Noise.make(streams[0])
        self.tissues = varied(streams[1])
        self.receiver = Receiver.draw(streams[2])
        self.site = int(streams[3].integers(1 << 30))
        placing = streams[3].normal(0, 1, 5) if vary else np.zeros(5)
        oblique = vary and streams[3].random() < 0.4
        self.tilt = (0.04 * float(placing[0]), 0.04 * float(placing[1])) if oblique else (0.0, 0.0)
        self.shift = (1.5 * float(placing[2]), 6.0 * float(placing[3]), 10.0 * float(placing[4]))
        self.coil_y = float(contours(anatomy).skin.max())

    def scan(self, names: Sequence[str]) -> tuple[PhantomSeries, ...]:
        """Image the named series; sagittal ones share one pass over the anatomy."""
        protocols = {name: self._protocol(name) for name in names}
        results: dict[str, list[PhantomSeries]] = {}
        sagittal = [name for name in names if name.startswith("sag")]
        if sagittal:
            grid = sagittal_grid(self.anatomy, protocols[sagittal[0]], self.frame_uid, self.tilt, self.shift)
            volumes = self.image(grid, [protocols[name] for name in sagittal], sagittal)
            for name, volume in zip(sagittal, volumes, strict=True):
                results[name] = [self._series(names, name, protocols[name], volume)]
        for name in names:
            if name not in results:
                results[name] = self._blocks(names, name, protocols[name])
        return tuple(one for name in names for one in results[name])

    def _blocks(self, names: Sequence[str], name: str, protocol: Protocol) -> list[PhantomSeries]:
        if name == "loc":
            grids = localizer_grids(self.anatomy, protocol, self.frame_uid)
            images = [self.image(grid, [protocol], [f"{name} {n}"])[0] for n, grid in enumerate(grids)]
            return [self._series(names, name, protocol, image) for image in images]
        if name.endswith("_stack"):
            grid = axial_grid(self.anatomy, protocol, self.frame_uid)
            return [self._series(names, name, protocol, self.image(grid, [protocol], [name])[0])]
        blocks = []
        if self.block_slices:
            protocol = replace(protocol, slices=self.block_slices)
        for disc in self.anatomy.discs[-self.blocks :]:
            grid = disc_grid(disc, protocol, self.frame_uid)
            volume = self.image(grid, [protocol], [name + disc.name])[0]
            blocks.append(self._series(names, name, protocol, volume, disc.name))
        return blocks

    def _protocol(self, name: str) -> Protocol:
        protocol = PROTOCOLS[name]
        if self.anatomy.plan.conditions.enhanced and protocol.role.endswith("t1"):
            protocol = replace(protocol, agent=AGENT)
        if not self.vary:
            return protocol
        return varied_protocol(np.random.default_rng(self.site), protocol)

    def _series(
        self, names: Sequence[str], name: str, protocol: Protocol, volume: Volume, level: str = ""
    ) -> PhantomSeries:
        number = list(names).index(name) + 1
        return PhantomSeries(protocol.role, protocol.description, number, volume, protocol, level)

    def image(self, geometry: VolumeGeometry, protocols: list[Protocol], keys: list[str]) -> list[Volume]:
        """Image one grid with several protocols; ``keys`` seed the noise of each."""
        stacks = self._painted(geometry, protocols)
        shading = sensitivity(np.random.default_rng([self.seed, 4]), geometry, self.receiver, self.coil_y)
        volumes = []
        for protocol, key, image in zip(protocols, keys, stacks, strict=True):
            rng = np.random.default_rng([self.seed, 5, *key.encode()])
            voxels = quantised(acquire(rng, image * shading, protocol, self.anatomy.plan.conditions.motion))
            volumes.append(Volume(voxels, geometry, window=default_window(voxels), synthetic=True))
        return volumes

    def _signals(self, protocol: Protocol) -> dict[str, float]:
        tissues = enhanced(self.tissues) if protocol.agent else self.tissues
        return signals(tissues, protocol.tr, protocol.te, protocol.ti, protocol.field)

    def _painted(self, geometry: VolumeGeometry, protocols: list[Protocol]) -> list[Field]:
        """Return the noiseless slices of each protocol, painted a few slices at a time."""
        contrasts = [part for p in protocols for part in water_and_fat(self._signals(p))]
        whole = SampleGrid.of_slices(geometry, protocols[0].thickness, self.planes)
        starts = range(0, geometry.shape[SLICE], SLICES_AT_ONCE)

        def paint(start: int) -> list[Field]:
            slices = np.arange(start, min(start + SLICES_AT_ONCE, geometry.shape[SLICE]), dtype=float)
            coarse = Canvas(SampleGrid(geometry, slices), contrasts)
            paint_background(coarse, self.anatomy, self.noise)
            planes = whole.planes[start * self.planes : (start + slices.size) * self.planes]
            canvas = coarse.repeated(SampleGrid(geometry, planes), self.planes)
            paint_spine(canvas, self.anatomy, self.noise)
            return [profile_average(image, slices.size) for image in canvas.images]

        if self.threads == 1:
            pieces = [paint(start) for start in starts]
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                pieces = list(pool.map(paint, starts))
        stacks = [np.concatenate([piece[n] for piece in pieces]) for n in range(len(contrasts))]
        return [
            water + shifted(fat, protocol.chemical_shift)
            for water, fat, protocol in zip(stacks[::2], stacks[1::2], protocols, strict=True)
        ]
