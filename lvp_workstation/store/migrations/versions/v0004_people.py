"""Accounts, worklists, the queue of analyses, analyses made before reading, comments; mode of a reading."""

import sqlalchemy as sa
from alembic import op

from lvp_workstation.store.migrations.guards import drop_guard, guard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("pre_reading", "comment")
NEW = ("account", "worklist", "worklist_item", "ai_job", *APPEND_ONLY)


def upgrade() -> None:
    """Add tables and the column."""
    op.add_column("reading", sa.Column("mode", sa.String(32), nullable=False, server_default=""))
    _people()
    _lists()
    _results()
    guard("account", "DELETE")
    for table in APPEND_ONLY:
        guard(table, "UPDATE")
        guard(table, "DELETE")


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("login", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(256), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("reveal_by", sa.String(16), nullable=False),
        sa.Column("disabled", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_utc", sa.String(32), nullable=False),
        sa.Column("created_utc", sa.String(32), nullable=False),
    )
    op.create_table(
        "comment",
        sa.Column("comment_id", sa.String(64), primary_key=True),
        sa.Column("study_instance_uid", sa.String(64), nullable=False, index=True),
        sa.Column("patient_id", sa.String(64), nullable=False),
        sa.Column("reading_id", sa.String(64), nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("time_utc", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def _lists() -> None:
    op.create_table(
        "worklist",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("reveal_by", sa.String(16), nullable=False),
    )
    op.create_table(
        "worklist_item",
        sa.Column("study_instance_uid", sa.String(64), primary_key=True),
        sa.Column("patient_id", sa.String(64), primary_key=True),
        sa.Column("list_name", sa.String(64), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("added_utc", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def _results() -> None:
    op.create_table(
        "ai_job",
        sa.Column("study_instance_uid", sa.String(64), primary_key=True),
        sa.Column("patient_id", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("queued_utc", sa.String(32), nullable=False),
        sa.Column("claimed_utc", sa.String(32), nullable=False),
        sa.Column("claimed_by", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_table(
        "pre_reading",
        sa.Column("result_id", sa.String(64), primary_key=True),
        sa.Column("study_instance_uid", sa.String(64), nullable=False, index=True),
        sa.Column("patient_id", sa.String(64), nullable=False),
        sa.Column("program", sa.String(32), nullable=False),
        sa.Column("positive", sa.Integer, nullable=False),
        sa.Column("levels", sa.Integer, nullable=False),
        sa.Column("time_utc", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("voxels", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Take tables, guards and the column away."""
    for table in APPEND_ONLY:
        drop_guard(table, "UPDATE")
        drop_guard(table, "DELETE")
    drop_guard("account", "DELETE")
    for table in reversed(NEW):
        op.drop_table(table)
    op.drop_column("reading", "mode")
