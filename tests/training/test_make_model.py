"""``make model``: stages, each kept when it is done, and a bundle beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="PyTorch is absent: install the dependency group `train`")

from models.training import make_model
from models.training.config import load_recipe
from tests.training.small_world import small_recipe

pytestmark = pytest.mark.train


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Record the steps instead of doing them; the bundle's figures are left out."""
    done: list[tuple[str, ...]] = []

    def step(module: str, *options: str) -> None:
        done.append((module, *options))
        if module == "train":
            Path(option(done[-1], "--run")).mkdir(exist_ok=True)

    monkeypatch.setattr(make_model, "_python", step)

    def export(run: Path, folder: Path, version: str, config: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").write_text(f'"{run.name} {version}"', encoding="utf-8")
        return folder / "model.onnx"

    monkeypatch.setattr(make_model, "export", export)
    monkeypatch.setattr(make_model, "evaluate", lambda model, data: {})
    monkeypatch.setattr(make_model, "session", lambda model: None)
    monkeypatch.setattr(make_model, "agreement", lambda predict, folder: {})
    monkeypatch.setattr(make_model, "write_card", lambda folder, metrics: folder)
    return done


def option(step: tuple[str, ...], name: str) -> str:
    return step[step.index(name) + 1]


def test_every_stage_goes_on_from_the_one_before_and_what_is_done_is_not_done_again(
    steps, tmp_path: Path
) -> None:
    recipe = load_recipe()
    given = ["--run", str(tmp_path), "--data", str(tmp_path), "--add", str(tmp_path)]
    make_model.main(given)
    assert [step[0] for step in steps] == ["phantoms", "train", "pseudo", "train", "pseudo", "train"]
    first, second, third = steps[1], steps[3], steps[5]
    assert "--from-bundle" not in first
    assert option(first, "--steps") == str(recipe.make.steps)
    for before, pseudo, after, stage in (
        (first, steps[2], second, recipe.refine[0]),
        (second, steps[4], third, recipe.refine[1]),
    ):
        bundle = option(before, "--run") + "_bundle"
        assert option(after, "--from-bundle") == option(pseudo, "--model") == bundle
        assert option(after, "--pseudo") == option(pseudo, "--out")
        assert option(after, "--steps") == str(stage.steps)
        assert option(after, "--phantom-share") == str(stage.phantom_share)
    assert {option(step, "--add") for step in (first, second, third)} == {str(tmp_path)}
    made = (tmp_path / "bundle" / "manifest.json").read_text(encoding="utf-8")
    assert made == f'"{Path(option(third, "--run")).name} {recipe.make.version}"'
    steps.clear()
    make_model.main(given)
    assert [step[0] for step in steps] == ["phantoms"]


def test_a_stage_that_was_cut_off_goes_on(steps, tmp_path: Path) -> None:
    (tmp_path / "stage_1").mkdir()
    (tmp_path / "stage_1" / "checkpoint.pt").touch()
    make_model.main(["--run", str(tmp_path), "--data", str(tmp_path)])
    assert "--resume" in steps[1]
    assert "--resume" not in steps[3]


def test_one_stage_where_the_recipe_or_a_bundle_says_so(steps, tmp_path: Path) -> None:
    recipe = tmp_path / "one.toml"
    start, middle, rest = small_recipe(recipe).read_text(encoding="utf-8").partition("[[refine]]")
    recipe.write_text(start + rest[rest.index("[network]") :], encoding="utf-8")
    assert middle
    given = ["--run", str(tmp_path / "a"), "--data", str(tmp_path), "--config", str(recipe)]
    make_model.main(given)
    assert [step[0] for step in steps] == ["phantoms", "train"]
    steps.clear()
    make_model.main(["--run", str(tmp_path / "b"), "--data", str(tmp_path), "--from-bundle", str(tmp_path)])
    assert [step[0] for step in steps] == ["phantoms", "pseudo", "train"]
    assert option(steps[2], "--from-bundle") == str(tmp_path)
    assert option(steps[2], "--steps") == str(load_recipe().refine[-1].steps)
