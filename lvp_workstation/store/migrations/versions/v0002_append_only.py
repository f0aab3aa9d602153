"""One row per reader, study and patient; what was journalled can neither be changed nor deleted."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT_WHOLE = ("journal", "label_map", "signed_form", "audit")
KEPT = (*KEPT_WHOLE, "reading", "study")
UNIQUE = "one_reading_of_a_kind"


def upgrade() -> None:
    """Add whose reading it is and its number, and the guards of the append-only tables."""
    op.add_column("reading", sa.Column("patient_id", sa.String(64), nullable=False, server_default=""))
    op.add_column("reading", sa.Column("number", sa.Integer, nullable=False, server_default="0"))
    _fill()
    columns = ["study_instance_uid", "patient_id", "reader", "number"]
    op.create_index(UNIQUE, "reading", columns, unique=True)
    if op.get_bind().dialect.name == "sqlite":
        for table in KEPT_WHOLE:
            _guard(table, "UPDATE")
        for table in KEPT:
            _guard(table, "DELETE")


def _fill() -> None:
    table = sa.table(
        "reading",
        *(sa.column(c) for c in ("reading_id", "study_instance_uid", "reader", "created_utc", "base")),
        sa.column("patient_id"),
        sa.column("number", sa.Integer),
    )
    connection = op.get_bind()
    seen: dict[tuple[str, str, str], int] = {}
    for row in connection.execute(sa.select(table).order_by(table.c.created_utc)).all():
        patient_id = json.loads(row.base)["patient"]["patient_id"]
        key = (row.study_instance_uid, patient_id, row.reader)
        seen[key] = seen.get(key, 0) + 1
        connection.execute(
            sa.update(table)
            .where(table.c.reading_id == row.reading_id)
            .values(patient_id=patient_id, number=seen[key])
        )


def _guard(table: str, action: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def downgrade() -> None:
    """Take guards and columns away."""
    if op.get_bind().dialect.name == "sqlite":
        for table in KEPT_WHOLE:
            op.execute(f"DROP TRIGGER {table}_no_update")
        for table in KEPT:
            op.execute(f"DROP TRIGGER {table}_no_delete")
    op.drop_index(UNIQUE, "reading")
    op.drop_column("reading", "number")
    op.drop_column("reading", "patient_id")
