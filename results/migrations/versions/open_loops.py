"""The second layout: service times, distributions, readings, trials, and groups of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns and tables; what is stored stays as it is."""
    _add_columns()
    _make_seen(
        "distributions",
        sa.Column("warmup", sa.Boolean(), nullable=False),
        sa.Column("histogram", sa.LargeBinary(), nullable=False),
        named=True,
    )
    _make_seen(
        "readings",
        sa.Column("second", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        named=True,
    )
    _make_seen(
        "trials",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("achieved_rate", sa.Double(), nullable=False),
        sa.Column("p99_ms", sa.Double(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        named=False,
    )
    op.create_table(
        "meetings",
        sa.Column("job_group", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("meeting", sa.Text(), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("arrived_at", sa.Double(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint(
            "job_group", "generation", "meeting", "shard", name=op.f("pk_meetings")
        ),
    )


def _add_columns() -> None:
    op.add_column("intervals", sa.Column("service", sa.LargeBinary(), nullable=True))
    op.add_column("summaries", sa.Column("details", sa.JSON(), nullable=True))
    op.add_column(
        "phases", sa.Column("loop", sa.String(length=16), server_default="closed", nullable=False)
    )
    for table in ("jobs", "attempts"):
        op.add_column(
            table, sa.Column("generation", sa.Integer(), server_default="0", nullable=False)
        )
    op.create_index("ix_jobs_job_group", "jobs", ["job_group"], unique=False)


def _make_seen(table: str, *columns: sa.Column[object], named: bool) -> None:
    name = [sa.Column("name", sa.Text(), nullable=False)] if named else []
    op.create_table(
        table,
        sa.Column("id", _ID, nullable=False),
        sa.Column("attempt_id", sa.String(length=64), nullable=False),
        *name,
        sa.Column("phase", sa.Text(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.attempt_id"], name=op.f(f"fk_{table}_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_attempt_id"), table, ["attempt_id"], unique=False)
