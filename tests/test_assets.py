"""Files of the program are found in a checkout and in an installed package."""

from lvp_workstation import assets


def test_a_checkout_holds_models_and_resources_beside_the_package():
    assert assets.asset_path("models").is_dir()
    assert assets.asset_path("resources").is_dir()


def test_bundled_files_win(tmp_path, monkeypatch):
    package = tmp_path / "lvp_workstation"
    (package / "_assets" / "models").mkdir(parents=True)
    monkeypatch.setattr(assets, "_PACKAGE", package)
    assert assets.asset_path("models", "x") == package / "_assets" / "models" / "x"
