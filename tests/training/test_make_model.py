"""``make model``: two stages, each kept when it is done, and a bundle beside them."""

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


def test_two_stages_are_trained_and_what_is_done_is_not_done_again(steps, tmp_path: Path) -> None:
    given = ["--run", str(tmp_path), "--data", str(tmp_path), "--add", str(tmp_path)]
    make_model.main(given)
    assert [step[0] for step in steps] == ["phantoms", "train", "pseudo", "train"]
    first, second = steps[1], steps[3]
    assert option(first, "--run") == str(tmp_path / "first")
    assert "--from-bundle" not in first
    assert option(second, "--from-bundle") == option(steps[2], "--model") == str(tmp_path / "first_bundle")
    assert option(second, "--pseudo") == str(tmp_path / "pseudo")
    assert option(first, "--add") == option(second, "--add") == str(tmp_path)
    made = (tmp_path / "bundle" / "manifest.json").read_text(encoding="utf-8")
    assert made == f'"second {load_recipe().make.version}"'
    steps.clear()
    make_model.main(given)
    assert [step[0] for step in steps] == ["phantoms"]


def test_a_stage_that_was_cut_off_goes_on(steps, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "checkpoint.pt").touch()
    make_model.main(["--run", str(tmp_path), "--data", str(tmp_path)])
    assert "--resume" in steps[1]
    assert "--resume" not in steps[3]


def test_one_stage_where_the_recipe_or_a_bundle_says_so(steps, tmp_path: Path) -> None:
    recipe = small_recipe(tmp_path / "small.toml", refine_minutes=0.0)
    given = ["--run", str(tmp_path / "a"), "--data", str(tmp_path), "--config", str(recipe)]
    make_model.main(given)
    assert [step[0] for step in steps] == ["phantoms", "train"]
    steps.clear()
    make_model.main(["--run", str(tmp_path / "b"), "--data", str(tmp_path), "--from-bundle", str(tmp_path)])
    assert [step[0] for step in steps] == ["phantoms", "pseudo", "train"]
    assert option(steps[2], "--from-bundle") == str(tmp_path)
