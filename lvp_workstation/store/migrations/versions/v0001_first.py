"""First schema: studies, readings, journal, label maps, layouts, signed forms, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

READING = "reading.reading_id"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "study",
        sa.Column("study_instance_uid", sa.String(64), primary_key=True),
        sa.Column("patient_id", sa.String(64), primary_key=True),
        sa.Column("issuer", sa.String(64), nullable=False),
        sa.Column("birth_date", sa.String(16), nullable=False),
        sa.Column("first_opened_utc", sa.String(32), nullable=False),
    )
    op.create_table(
        "reading",
        sa.Column("reading_id", sa.String(64), primary_key=True),
        sa.Column("study_instance_uid", sa.String(64), nullable=False, index=True),
        sa.Column("reader", sa.String(128), nullable=False),
        sa.Column("created_utc", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("reading_id", sa.String(64), sa.ForeignKey(READING), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("step", sa.String(8), nullable=False),
        sa.Column("edit", sa.Text, nullable=False),
        sa.Column("time_utc", sa.String(32), nullable=False),
    )
    op.create_table(
        "label_map",
        sa.Column("reading_id", sa.String(64), sa.ForeignKey(READING), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("voxels", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "layout",
        sa.Column("reading_id", sa.String(64), sa.ForeignKey(READING), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_table(
        "signed_form",
        sa.Column("reading_id", sa.String(64), sa.ForeignKey(READING), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("canonical", sa.Text, nullable=False),
        sa.Column("time_utc", sa.String(32), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("time_utc", sa.String(32), nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Take the tables away."""
    for name in ("audit", "signed_form", "layout", "label_map", "journal", "reading", "study"):
        op.drop_table(name)
