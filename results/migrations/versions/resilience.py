"""The third layout: fault windows in parts, changes, findings, promises, idempotency keys."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns and tables; what is stored stays as it is."""
    op.add_column("runs", sa.Column("idempotency_key", sa.Text(), nullable=True))
    op.create_index("uq_runs_idempotency_key", "runs", ["idempotency_key"], unique=True)
    op.add_column(
        "jobs", sa.Column("resumed_after", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("attempts", sa.Column("promises", sa.JSON(), nullable=True))
    op.add_column(
        "fault_windows", sa.Column("number", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "judgements", sa.Column("promised", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _make_seen(
        "window_times",
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("histogram", sa.LargeBinary(), nullable=False),
    )
    _make_seen(
        "window_figures",
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
    )
    _make_seen(
        "changes",
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    _make_seen(
        "findings",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("example", sa.JSON(), nullable=False),
    )


def _make_seen(table: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("id", _ID, nullable=False),
        sa.Column("attempt_id", sa.String(length=64), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.attempt_id"], name=op.f(f"fk_{table}_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_attempt_id"), table, ["attempt_id"], unique=False)
