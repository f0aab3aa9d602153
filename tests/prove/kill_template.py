"""What a proof begins with: a phantom study, and an analysed reading of it in the new and an old schema."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from alembic import command

from lvp_workstation.app.context import DATABASE_NAME, utc_now
from lvp_workstation.app.settings import LOCAL_READER
from lvp_workstation.domain.analysis_request import AnalysisRequest
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.domain.reading_edits import attach_analysis
from lvp_workstation.phantom.generate import make_phantom
from lvp_workstation.services.analyse import Analyser
from lvp_workstation.services.make_phantom import write_phantom
from lvp_workstation.services.open_study import VolumeCache, VolumeLoader, open_paths
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.services.study_facts import study_facts
from lvp_workstation.store import database as database_module
from lvp_workstation.store.audit_key import HEAD_NAME, KEY_NAME
from lvp_workstation.store.database import Database, sqlite_url
from tests.app.phantom_window import TrueSegmenter

OLD_SCHEMA = "0002"


@dataclass(frozen=True)
class Templates:
    """A study and two data folders, one as this program leaves it and one as an older one did."""

    study: Path
    data: Path
    old: Path


def make(base: Path) -> Templates:
    """Make the study, analyse it with its own truth, and keep the result as a reading."""
    made = Templates(base / "study", base / "data", base / "old")
    phantom = make_phantom(7, "stenosis", ("sag_t2",))
    made.study.mkdir()
    write_phantom(made.study, phantom)
    (made.study / "truth.json").unlink()
    segmenter = TrueSegmenter(phantom)
    for folder in (made.data, made.old):
        folder.mkdir(mode=0o700)
        settings = {"reader": "reader A", "analyse_on_open": False, "mode": "independent_first"}
        (folder / "settings.json").write_text(json.dumps(settings))
        _keep_reading(folder, made.study, segmenter)
    _grow_old(made.old)
    return made


def _keep_reading(folder: Path, path: Path, segmenter: TrueSegmenter) -> None:
    study = next(s for s in open_paths([path]).studies if s.series)
    loader = VolumeLoader(VolumeCache())
    analyser = Analyser(segmenter, utc_now)  # type: ignore[arg-type]
    analysis = analyser.analyse(
        study, lambda s, cancel: loader.load(s, cancel=cancel).volume, AnalysisRequest()
    )
    with closing(Database(sqlite_url(folder / DATABASE_NAME), folder)) as database:
        session = ReadingRoom(database, utc_now).open(study, LOCAL_READER, ReadingMode.INDEPENDENT_FIRST)
        edit = attach_analysis(
            session.reading,
            analysis.levels,
            analysis.measurements,
            analysis.proposals,
            study_facts(study, analysis).to_plain(),
            labels_sha256(analysis.labels.array),
            session.author(),
        )
        session.run(edit, analysis.labels)


def _grow_old(folder: Path) -> None:
    """Take the newest migration back: what an older program left."""
    with closing(Database(sqlite_url(folder / DATABASE_NAME), folder)) as database:
        config = database_module._config()
        with database.transaction() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, OLD_SCHEMA)
    for name in (KEY_NAME, HEAD_NAME):
        (folder / name).unlink()
