"""Conditions of a whole examination: seen in the images, named in the truth, absent elsewhere."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import Anatomy, Vertebra
from lvp_workstation.phantom.canvas import Canvas
from lvp_workstation.phantom.generate import make_phantom
from lvp_workstation.phantom.grid import SampleGrid
from lvp_workstation.phantom.noise import Noise
from lvp_workstation.phantom.presets import plan_of
from lvp_workstation.phantom.protocol import PROTOCOLS
from lvp_workstation.phantom.signal import acquire
from lvp_workstation.phantom.spine import paint_spine
from lvp_workstation.phantom.tissues import TISSUES, enhanced, signals
from tests.phantom.conftest import anatomy_of

NAMES = {
    "metal": "metal",
    "tumour": "tumour",
    "infection": "infection",
    "contrast": "contrast",
    "postoperative": "postoperative",
    "motion": "motion",
}


@pytest.mark.parametrize("preset", NAMES)
def test_a_preset_names_its_condition(preset: str) -> None:
    assert NAMES[preset] in plan_of(preset, 1).conditions.names


@pytest.mark.parametrize("preset", ["normal", "degenerate", "stenosis", "random", "evaluation"])
def test_other_presets_have_none(preset: str) -> None:
    assert all(plan_of(preset, seed).conditions.names == () for seed in range(5))


@lru_cache(maxsize=8)
def signal_of(role: str) -> dict[str, float]:
    p = PROTOCOLS[role]
    return signals(TISSUES, p.tr, p.te, p.ti, p.field)


def body_signal(anatomy: Anatomy, body: Vertebra, role: str, place: tuple[float, float, float]) -> float:
    """Return the noiseless signal in 4 mm around a local point of a vertebra."""
    start = body.frame.to_world(np.array(place) - 2.0)
    axes = (body.frame.axes[0], body.frame.axes[1], body.frame.axes[2])
    geometry = VolumeGeometry.from_axes(start, axes, (1.0, 0.5, 0.5), (5, 9, 9))
    canvas = Canvas(SampleGrid.of_slices(geometry), [signal_of(role)])
    paint_spine(canvas, anatomy, Noise.make(np.random.default_rng(1)))
    return float(canvas.images[0].mean())


def seed_with(preset: str, wanted: str) -> int:
    return next(s for s in range(40) if getattr(plan_of(preset, s).conditions, wanted))


def test_diffuse_tumour_is_dark_on_t1_and_bright_on_stir() -> None:
    ill, healthy = anatomy_of("tumour", seed_with("tumour", "diffuse")), anatomy_of("normal", 1)
    for role, factor in (("sag_t1", -1), ("sag_stir", 1)):
        a, b = (body_signal(x, x.vertebra("L3"), role, (0.0, -6.0, 6.0)) for x in (ill, healthy))
        assert factor * (a - b) > 0.1 * b


def test_a_screw_leaves_a_void_and_infection_fills_the_disc_with_fluid() -> None:
    anatomy = anatomy_of("metal", 1)
    body = anatomy.vertebra(anatomy.plan.conditions.screws[0])
    x = body.canal_width / 2 + body.pedicle[0] / 2
    assert body_signal(anatomy, body, "sag_t1", (x, body.posterior_wall, 0.2 * body.height)) < 0.01
    infected = anatomy_of("infection", 1)
    disc = infected.disc(infected.plan.conditions.discitis)
    below = disc.lower.frame.to_local(disc.frame.origin)
    bright = body_signal(infected, disc.lower, "sag_stir", tuple(below.tolist()))
    assert bright > 1.5 * signal_of("sag_stir")["nucleus_4"]


def test_a_laminectomy_takes_the_spinous_process() -> None:
    plan = anatomy_of("postoperative", 1).plan
    for vertebra in anatomy_of("postoperative", 1).vertebrae:
        assert vertebra.laminectomy is (vertebra.name in plan.conditions.laminectomy)


def test_contrast_agent_enhances_t1_and_is_stated() -> None:
    study = make_phantom(1, "contrast", ("sag_t1",), planes_per_slice=1)
    assert study.series[0].protocol.agent
    p = PROTOCOLS["sag_t1"]
    after = signals(enhanced(TISSUES), p.tr, p.te, p.ti, p.field)
    assert after["phlegmon"] > 1.3 * signal_of("sag_t1")["phlegmon"]
    assert after["fat"] == signal_of("sag_t1")["fat"]


def test_motion_blurs_an_edge() -> None:
    image = np.zeros((1, 64, 64), dtype=np.float32)
    image[:, 20:44, 20:44] = 100.0
    still = acquire(np.random.default_rng(1), image, PROTOCOLS["sag_t2"])
    moved = acquire(np.random.default_rng(1), image, PROTOCOLS["sag_t2"], motion=1.2)
    outside = np.s_[0, :16, 24:40]
    assert moved[outside].mean() > 2 * still[outside].mean()
