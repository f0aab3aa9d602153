"""Schema migrations (Alembic), run by `store.database` when a database is opened."""
