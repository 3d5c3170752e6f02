"""The fourth layout: units of metrics, branches, marks of runs, baselines, known changes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# How metrics were named up to here: by their unit at the end, but for ratios and counts.
_UNITS = {
    "_ms": "ms",
    "_ops_per_second": "ops/s",
    "_seconds": "s",
    "_s": "s",
    "_us": "us",
    "_mib": "MiB",
    "_ratio": "ratio",
    "error_rate": "ratio",
    "fault_availability": "ratio",
    "origin_amplification": "ratio",
}


def upgrade() -> None:
    """Give each stored metric its unit, and make room for what people say of runs."""
    for column in (
        sa.Column("code_branch", sa.Text(), nullable=True),
        sa.Column("excluded_at", sa.Double(), nullable=True),
        sa.Column("excluded_reason", sa.Text(), nullable=True),
        sa.Column("pruned_at", sa.Double(), nullable=True),
        sa.Column("imported_at", sa.Double(), nullable=True),
    ):
        op.add_column("runs", column)
    op.create_index("ix_runs_code_name", "runs", ["code_name"], unique=False)
    _make_kinds()
    _move_metrics()
    _make_marks()


def unit_of(name: str) -> str:
    """The unit that a metric of the earlier layouts was stored in."""
    return next((unit for end, unit in _UNITS.items() if name.endswith(end)), "count")


def _make_kinds() -> None:
    op.create_table(
        "kinds",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kinds")),
        sa.UniqueConstraint("name", "unit", name=op.f("uq_kinds_name_unit")),
    )
    connection = op.get_bind()
    names = connection.execute(sa.text("SELECT DISTINCT name FROM metrics ORDER BY name"))
    rows = [{"name": name, "unit": unit_of(name)} for name in names.scalars()]
    if rows:
        connection.execute(sa.text("INSERT INTO kinds (name, unit) VALUES (:name, :unit)"), rows)


def _move_metrics() -> None:
    """Put the kind in the place of the name, in a new table: SQLite can't change columns."""
    op.rename_table("metrics", "old_metrics")
    op.drop_index("ix_metrics_name", "old_metrics")
    op.drop_index("ix_metrics_summary_id", "old_metrics")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_metrics", "old_metrics")
    op.create_table(
        "metrics",
        sa.Column("id", _ID, nullable=False),
        sa.Column("summary_id", _ID, nullable=False),
        sa.Column("kind_id", _ID, nullable=False),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["summaries.id"],
            name=op.f("fk_metrics_summary_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["kind_id"], ["kinds.id"], name=op.f("fk_metrics_kind_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metrics")),
    )
    op.execute(
        "INSERT INTO metrics (summary_id, kind_id, phase, value) "
        "SELECT old.summary_id, kinds.id, old.phase, old.value "
        "FROM old_metrics AS old JOIN kinds ON kinds.name = old.name "
        # SQLite may have kept figures of summaries that are gone: nobody could read them.
        "JOIN summaries ON summaries.id = old.summary_id ORDER BY old.id"
    )
    op.drop_table("old_metrics")
    op.create_index(op.f("ix_metrics_summary_id"), "metrics", ["summary_id"], unique=False)
    op.create_index("ix_metrics_kind_id", "metrics", ["kind_id", "summary_id"], unique=False)


def _make_marks() -> None:
    _make_marked(
        "notes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        key="id",
    )
    _make_marked(
        "baselines",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.Double(), nullable=False),
        key="name",
    )
    _make_marked(
        "acknowledgements",
        sa.Column("id", _ID, nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("environment_class", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        key="id",
    )
    op.create_index(
        "ix_acknowledgements_scenario", "acknowledgements", ["scenario", "subject"], unique=False
    )


def _make_marked(table: str, *columns: sa.Column[object], key: str) -> None:
    op.create_table(
        table,
        *columns,
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f(f"fk_{table}_run_id")),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_run_id"), table, ["run_id"], unique=False)
