"""Two examinations of one patient side by side in the window."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.uid import generate_uid
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from tests.app.conftest import PATIENCE_MS, Opener, reading_of


@pytest.fixture
def earlier(study: Path, tmp_path: Path) -> Path:
    """The same images as an examination of two years before, in a space of its own."""
    folder = tmp_path / "earlier"
    folder.mkdir()
    uids = {name: generate_uid() for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}
    for number, path in enumerate(sorted(study.rglob("*.dcm"))):
        data = pydicom.dcmread(path)
        for name, uid in uids.items():
            setattr(data, name, uid)
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        data.StudyDate = data.SeriesDate = "20180101"
        data.save_as(folder / f"{number:03d}.dcm")
    return folder


def beside(window: MainWindow, folders: list[Path], qtbot: QtBot) -> None:
    """Open both examinations and hang the earlier one beside the current one."""
    window.open_paths(folders)
    qtbot.waitUntil(lambda: len(window.studies.studies) == 2, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.studies.study is not None and bool(window.studies.study.priors))
    qtbot.waitUntil(lambda: window.screen_state.has_analysis, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bool(reading_of(window).labels_sha256), timeout=PATIENCE_MS)
    window._actions["prior.compare"].trigger()
    qtbot.waitUntil(lambda: window.priors.exam is not None, timeout=PATIENCE_MS)


def test_both_hang_side_by_side_and_go_to_a_level_together(
    open_window: Opener, study: Path, earlier: Path, qtbot: QtBot
) -> None:
    window = open_window("independent_first")
    beside(window, [study, earlier], qtbot)
    hung = [(v, v.series) for v in window.viewports.viewports if v.series is not None and v.acquired]
    now = next(viewport for viewport, series in hung if not series.earlier)
    then = next(viewport for viewport, series in hung if series.earlier)
    assert now.series is not None
    assert then.series is not None
    assert now.series.study is window.studies.study
    assert then.series.study is window.priors.study
    assert then.series.earlier
    assert "linked by levels" in then.content.link_note
    now.first_slice()
    assert then.slice_index == now.slice_index
    target = reading_of(window).levels[-2]
    window.go_to_level(target)
    assert now.slice_index == then.slice_index
    assert then.content.notice == ""
    assert then.content.labels is not None
    assert then.content.labels.names
    assert not then.content.labels.label_map.array.any(), "outlines are hidden before the reveal"
    window.show_prior_table()
    assert window._prior_table is not None
    assert window._prior_table.table.rowCount() == 0

    window.lock_study()
    window.lock_study()  # nothing is graded: it is asked for twice
    qtbot.waitUntil(lambda: window._prior_table is not None and window._prior_table.table.rowCount() > 0)
    rows = window._prior_table._rows
    assert {row.difference for row in rows} == {0.0}, "the images are the same"
    assert then.content.labels.label_map.array.any()

    window._actions["prior.compare"].trigger()
    assert window.priors.study is None
    assert all(v.series is None or not v.series.earlier for v in window.viewports.viewports)


def test_without_an_earlier_examination_a_sentence_says_what_to_do(open_window: Opener) -> None:
    window = open_window("concurrent")
    window._actions["prior.compare"].trigger()
    assert "Open both together" in window.status.message
    window.show_prior_table()
    assert "Compare with the earlier examination first" in window.status.message
