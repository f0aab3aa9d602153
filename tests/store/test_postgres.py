"""The same readings on a PostgreSQL server; skipped where none is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.errors import ReadingConflict, StorageProblem
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.store import database as module
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database
from lvp_workstation.store.schema import metadata
from tests.prove import postgres_server
from tests.services.reading_samples import STUDY, clock

pytestmark = pytest.mark.skipif(
    postgres_server.programs() is None, reason="PostgreSQL is not installed (make prove-postgres does it)"
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a server of one's own."""
    with postgres_server.running() as server:
        yield server.url


def test_two_workstations_share_a_reading_and_cannot_overwrite_each_other(url: str, tmp_path: Path) -> None:
    with closing(Database(url, tmp_path / "A")) as one, closing(Database(url, tmp_path / "B")) as other:
        here = ReadingRoom(one, clock).open(STUDY, "local", ReadingMode.MANUAL)
        there = ReadingRoom(other, clock).open(STUDY, "local", ReadingMode.MANUAL)
        assert here.reading.reading_id == there.reading.reading_id
        here.run(edits.set_text(here.reading, "other", "von hier 从这里", here.author()))
        with pytest.raises(ReadingConflict):
            there.run(edits.set_text(there.reading, "other", "from there", there.author()))
        assert there.reload().reading.texts["other"].text == "von hier 从这里"
        assert there.undo().reading.texts == {}
        here.reload()
        assert here.redo().revision == 3
        for database in (one, other):
            assert AuditTrail(database).problem() == ""
        assert len({record.chain for record in AuditTrail(one).records(every_chain=True)}) == 2
        for sql in (
            "UPDATE journal SET edit = ''",
            "DELETE FROM audit_record",
            "UPDATE reading SET base = ''",
        ):
            with pytest.raises(StorageProblem, match="append-only"), one.transaction() as connection:
                connection.execute(text(sql))


def test_the_migrations_make_the_same_tables_up_and_down(url: str, tmp_path: Path) -> None:
    with closing(Database(url, tmp_path)) as database:
        config = module._config()
        with database.transaction() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0001")
            command.upgrade(config, "head")
        with database.reading() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_server_that_refuses_is_named_without_the_password(url: str, tmp_path: Path) -> None:
    wrong = url.replace("postgresql+psycopg://lvp:", "postgresql+psycopg://lvp:wrong")
    with pytest.raises(StorageProblem) as refused:
        Database(wrong, tmp_path)
    assert "user name or password" in str(refused.value)
    assert "wrong" not in str(refused.value)
    with pytest.raises(StorageProblem, match="does not exist"):
        Database(url[: url.rindex("/")] + "/nowhere", tmp_path)
    with pytest.raises(StorageProblem, match="folder for its audit key"):
        Database(url)
