"""The tables as the program uses them; migrations make them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

studies = Table(
    "study",
    metadata,
    Column("study_instance_uid", String(64), primary_key=True),
    Column("patient_id", String(64), primary_key=True),
    Column("issuer", String(64), nullable=False),
    Column("birth_date", String(16), nullable=False),
    Column("first_opened_utc", String(32), nullable=False),
)
"""Identity of every study that was read: one study, one patient."""

readings = Table(
    "reading",
    metadata,
    Column("reading_id", String(64), primary_key=True),
    Column("study_instance_uid", String(64), nullable=False, index=True),
    Column("reader", String(128), nullable=False),
    Column("created_utc", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("base", Text, nullable=False),
    Column("patient_id", String(64), nullable=False, server_default=""),
    Column("number", Integer, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False, server_default="new"),
    Column("role", String(16), nullable=False, server_default="reader"),
    Column("supersedes", String(64), nullable=False, server_default=""),
    Column("mode", String(32), nullable=False, server_default=""),
    Index("one_reading_of_a_kind", "study_instance_uid", "patient_id", "reader", "number", unique=True),
)
"""``base`` is the reading before its first edit; ``revision`` counts its journal (optimistic lock);
``number`` counts the readings of one study by one reader from 1; ``state`` is where its journal has led;
``supersedes`` is the reading that an addendum amends; ``mode`` is the mode its journal has led to, empty
for readings that nothing was written to since the column is there."""

journal = Table(
    "journal",
    metadata,
    Column("reading_id", String(64), ForeignKey("reading.reading_id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("step", String(8), nullable=False),
    Column("edit", Text, nullable=False),
    Column("time_utc", String(32), nullable=False),
)
"""Append-only: what was done, undone and redone."""

label_maps = Table(
    "label_map",
    metadata,
    Column("reading_id", String(64), ForeignKey("reading.reading_id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("header", Text, nullable=False),
    Column("voxels", LargeBinary, nullable=False),
)
"""Whole label maps as analyses gave them; later strokes are in the journal."""

layouts = Table(
    "layout",
    metadata,
    Column("reading_id", String(64), ForeignKey("reading.reading_id"), primary_key=True),
    Column("state", Text, nullable=False),
)
"""What was on screen; the only table whose rows are replaced."""

signed_forms = Table(
    "signed_form",
    metadata,
    Column("reading_id", String(64), ForeignKey("reading.reading_id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("canonical", Text, nullable=False),
    Column("time_utc", String(32), nullable=False),
)

old_audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time_utc", String(32), nullable=False),
    Column("who", String(128), nullable=False),
    Column("event", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
)
"""Records of the first schema, chained by a hash without a key; nothing is added any more."""

audit_records = Table(
    "audit_record",
    metadata,
    Column("chain", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time_utc", String(32), nullable=False),
    Column("who", String(128), nullable=False),
    Column("event", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("mac", String(64), nullable=False),
)
"""Append-only; a chain for each key, each record chained to the one before by its HMAC."""

ai_results = Table(
    "ai_result",
    metadata,
    Column("result_id", String(64), primary_key=True),
    Column("study_instance_uid", String(64), nullable=False, index=True),
    Column("patient_id", String(64), nullable=False),
    Column("model", String(128), nullable=False),
    Column("version", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("time_utc", String(32), nullable=False),
    Column("body", Text, nullable=False),
)
"""Append-only: what each version of an AI said of a study, before any reader touched it."""

accounts = Table(
    "account",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("mode", String(32), nullable=False),
    Column("reveal_by", String(16), nullable=False),
    Column("disabled", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failed_utc", String(32), nullable=False),
    Column("created_utc", String(32), nullable=False),
)
"""Who may sign in; without a row the program is used by one person. Rows are disabled, never deleted."""

worklists = Table(
    "worklist",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("mode", String(32), nullable=False),
    Column("reveal_by", String(16), nullable=False),
)
"""Named lists; an empty ``mode`` leaves the mode of reading to each reader."""

worklist_items = Table(
    "worklist_item",
    metadata,
    Column("study_instance_uid", String(64), primary_key=True),
    Column("patient_id", String(64), primary_key=True),
    Column("list_name", String(64), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("added_utc", String(32), nullable=False),
    Column("body", Text, nullable=False),
)
"""Studies that are waited for or were read here; ``body`` is the row as the program knows it."""

jobs = Table(
    "ai_job",
    metadata,
    Column("study_instance_uid", String(64), primary_key=True),
    Column("patient_id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("queued_utc", String(32), nullable=False),
    Column("claimed_utc", String(32), nullable=False),
    Column("claimed_by", String(64), nullable=False),
    Column("attempts", Integer, nullable=False),
)
"""The queue of automatic analyses, one row a study; its order comes from the worklist."""

pre_readings = Table(
    "pre_reading",
    metadata,
    Column("result_id", String(64), primary_key=True),
    Column("study_instance_uid", String(64), nullable=False, index=True),
    Column("patient_id", String(64), nullable=False),
    Column("program", String(32), nullable=False),
    Column("positive", Integer, nullable=False),
    Column("levels", Integer, nullable=False),
    Column("time_utc", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("header", Text, nullable=False),
    Column("voxels", LargeBinary, nullable=False),
)
"""Append-only: analyses made before anybody read the study; ``program`` is the version that made it,
``positive`` and ``levels`` its mark on a worklist."""

comments = Table(
    "comment",
    metadata,
    Column("comment_id", String(64), primary_key=True),
    Column("study_instance_uid", String(64), nullable=False, index=True),
    Column("patient_id", String(64), nullable=False),
    Column("reading_id", String(64), nullable=False),
    Column("who", String(128), nullable=False),
    Column("role", String(16), nullable=False),
    Column("time_utc", String(32), nullable=False),
    Column("body", Text, nullable=False),
)
"""Append-only: what was said about a study beside any reading of it."""
