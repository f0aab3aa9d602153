"""A fresh database for the tests of readings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lvp_workstation.store.database import Database, sqlite_url


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lvp.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(sqlite_url(path))) as opened:
        yield opened
