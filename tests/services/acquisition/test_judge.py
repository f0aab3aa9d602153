"""The judge: what it says of series without a spine, of wrong contrast, and whose rules it follows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.geometry import vector
from lvp_workstation.domain.volume import COLUMN, ROW, Volume
from lvp_workstation.planning.quality import Verdict
from lvp_workstation.services.acquisition.examination import IncomingSeries
from lvp_workstation.services.acquisition.judge import FOLDER, RULES, ExaminationJudge, load_rules
from lvp_workstation.services.plan import Planner, load_plan_protocol
from tests.app import cli_samples as samples
from tests.conftest import REPOSITORY
from tests.services.acquisition.slices import one_slice
from tests.services.evaluate_samples import KnowingSegmenter, known_spine

T1 = {"RepetitionTime": 500.0, "EchoTime": 10.0}


def arrived(volume: Volume, **changes: object) -> IncomingSeries:
    """Return a series with the slices of a volume."""
    geometry = volume.geometry
    made = IncomingSeries("1.2.3")
    for n in range(volume.shape[0]):
        one = one_slice(
            n,
            pixels=np.asarray(volume.array[n]),
            position=vector(geometry.index_to_world((n, 0, 0))),
            across=vector(geometry.directions[:, COLUMN]),
            down=vector(geometry.directions[:, ROW]),
            pixel_mm=geometry.spacing[1:],
            **changes,
        )
        made.slices[one.uid] = one
    return made


@pytest.fixture(scope="module")
def spine() -> samples.KnownSpine:
    return known_spine()[0]


@pytest.fixture
def judge(spine: samples.KnownSpine) -> ExaminationJudge:
    return ExaminationJudge(Planner(KnowingSegmenter(spine)), load_plan_protocol(), load_rules())


def test_planes_are_made_and_remembered_for_the_examination(
    judge: ExaminationJudge, spine: samples.KnownSpine
) -> None:
    first = judge.judge("a", arrived(spine.volume))
    assert first.found is not None
    assert first.plan is first.found.plan
    assert "angle_deg" not in first.quality.facts  # nothing had been planned before it
    second = judge.judge("a", arrived(spine.volume))
    assert "angle_deg" in second.quality.facts
    judge.forget("a")
    assert "angle_deg" not in judge.judge("a", arrived(spine.volume)).quality.facts


def test_a_series_with_the_contrast_of_another_is_to_be_repeated(
    judge: ExaminationJudge, spine: samples.KnownSpine
) -> None:
    bright_fluid = spine.volume.with_array(np.where(spine.classes == 3, 3000, spine.volume.array))
    outcome = judge.judge("a", arrived(bright_fluid, attributes=T1, description="SAG T1"))
    assert outcome.quality.facts["weighting_wrong"] == 1.0
    assert outcome.quality.verdict is Verdict.REPEAT
    assert outcome.suggestions[0].series == "the same series again"


def test_a_sagittal_series_without_a_spine_is_to_be_repeated(spine: samples.KnownSpine) -> None:
    nothing = samples.KnownSpine(np.zeros_like(spine.classes), spine.volume)
    judge = ExaminationJudge(Planner(KnowingSegmenter(nothing)), load_plan_protocol(), load_rules())
    outcome = judge.judge("a", arrived(spine.volume))
    assert outcome.found is None
    assert outcome.quality.verdict is Verdict.REPEAT
    assert outcome.quality.reasons[0].code == "no_lumbar_spine"
    assert "repeat" in outcome.sentence


def test_the_hospital_s_own_rules_go_before_ours(tmp_path: Path) -> None:
    ours = (REPOSITORY / "resources" / FOLDER / f"{RULES}.toml").read_text(encoding="utf-8")
    (tmp_path / f"{RULES}.toml").write_text(ours.replace("acceptable = 3.0", "acceptable = 1.5"), "utf-8")
    assert load_rules(tmp_path).checks[0].acceptable == 1.5
    assert load_rules(tmp_path / "nothing").checks[0].acceptable == 3.0
    (tmp_path / f"{RULES}.toml").write_text("[[check]]", "utf-8")
    with pytest.raises(UsageProblem, match="cannot be used"):
        load_rules(tmp_path)
