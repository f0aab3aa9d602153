"""Keyed audit chains, results of several AI versions, state and role of a reading; guards everywhere."""

import sqlalchemy as sa
from alembic import op

from lvp_workstation.store.migrations.guards import drop_guard, guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEW = ("audit_record", "ai_result")
BEFORE = ("journal", "label_map", "signed_form", "audit")
COLUMNS = (("state", 16, "new"), ("role", 16, "reader"), ("supersedes", 64, ""))


def upgrade() -> None:
    """Add the tables and columns; on PostgreSQL also the guards that SQLite has since 0002."""
    op.create_table(
        "audit_record",
        sa.Column("chain", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("time_utc", sa.String(32), nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
    )
    op.create_table(
        "ai_result",
        sa.Column("result_id", sa.String(64), primary_key=True),
        sa.Column("study_instance_uid", sa.String(64), nullable=False, index=True),
        sa.Column("patient_id", sa.String(64), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("time_utc", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    for name, length, default in COLUMNS:
        op.add_column("reading", sa.Column(name, sa.String(length), nullable=False, server_default=default))
    _fill_state()
    for table in NEW:
        guard(table, "UPDATE")
        guard(table, "DELETE")
    guard("reading", "UPDATE", "base")
    if op.get_bind().dialect.name == "postgresql":
        for table in BEFORE:
            guard(table, "UPDATE")
        for table in (*BEFORE, "reading", "study"):
            guard(table, "DELETE")


def _fill_state() -> None:
    """Readings with a journal are in progress, those with a signed form are signed."""
    op.execute("UPDATE reading SET state = 'in_progress' WHERE revision > 0")
    op.execute("UPDATE reading SET state = 'signed' WHERE reading_id IN (SELECT reading_id FROM signed_form)")


def downgrade() -> None:
    """Take tables, columns and guards away."""
    if op.get_bind().dialect.name == "postgresql":
        for table in BEFORE:
            drop_guard(table, "UPDATE")
        for table in (*BEFORE, "reading", "study"):
            drop_guard(table, "DELETE")
    drop_guard("reading", "UPDATE", "base")
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("reading", name)
    for table in reversed(NEW):
        op.drop_table(table)
