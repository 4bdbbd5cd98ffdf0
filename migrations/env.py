"""Alembic's entry: runs on the connection that the hub hands over."""

from __future__ import annotations

from alembic import context

from mdm.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
