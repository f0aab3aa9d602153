"""The folder of results."""

from __future__ import annotations

import os
import time
from pathlib import Path

from lvp_workstation.services.output_folder import STAGING_PREFIX, output_folder


def staged(folder: Path, name: str, age_hours: float) -> Path:
    path = folder / f"{STAGING_PREFIX}{name}"
    path.mkdir()
    (path / "segmentation.nii.gz").write_bytes(b"of a patient")
    then = time.time() - 3600 * age_hours
    os.utime(path, (then, then))
    return path


def test_what_a_killed_run_left_goes_and_a_running_one_keeps_its_own(tmp_path: Path) -> None:
    killed, running = staged(tmp_path, "killed", 30), staged(tmp_path, "running", 1)
    mine = tmp_path / "notes"
    mine.mkdir()
    os.utime(mine, (0, 0))
    with output_folder(tmp_path):
        assert not killed.exists()
    assert (running / "segmentation.nii.gz").exists()
    assert mine.exists()
