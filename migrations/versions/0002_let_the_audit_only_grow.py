"""Let the audit only grow: UPDATE, DELETE and TRUNCATE are refused

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("audit", "audit_seal")
KEY = {"audit": "id", "audit_seal": "seq"}
REFUSAL = "The audit only grows: nothing in it is altered or taken away."


def upgrade() -> None:
    """Puts the triggers on both tables."""
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Takes the triggers away."""
    for table in TABLES:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")
        else:
            for event in ("update", "delete", "replace"):
                op.execute(f"DROP TRIGGER {table}_no_{event}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_alteration()")


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_alteration() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_alteration()"
        )


def _guard_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for table in TABLES:
        for event in ("update", "delete"):
            op.execute(f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} {refuse}")
        # INSERT OR REPLACE takes a row away without the trigger of DELETE being asked. Where the
        # database gives the number it is -1 here: nothing need be looked up.
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN NEW.{KEY[table]} > 0 AND EXISTS (SELECT 1 FROM {table} WHERE {KEY[table]} = NEW.{KEY[table]}) {refuse}"
        )
