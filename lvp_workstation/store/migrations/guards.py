"""Triggers that refuse to change or delete what is append-only, on SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import op

_FUNCTION = """
CREATE OR REPLACE FUNCTION lvp_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql
"""


def guard(table: str, action: str, column: str = "") -> None:
    """Refuse an action (``UPDATE`` or ``DELETE``) on a table, or the update of one column only."""
    name, what = _name(table, action, column), f"{action} OF {column}" if column else action
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH ROW EXECUTE FUNCTION lvp_append_only()"
        )
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {what} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def drop_guard(table: str, action: str, column: str = "") -> None:
    """Take a guard away."""
    on = f" ON {table}" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER {_name(table, action, column)}{on}")


def _name(table: str, action: str, column: str) -> str:
    return "_".join(filter(None, (table, "no", action.lower(), column)))
