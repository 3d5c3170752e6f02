"""What aggregation makes of it: figures and verdicts."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from results.tables.layout import metadata, row_number


def _summary() -> Column[int]:
    return Column(
        "summary_id", ForeignKey("summaries.id", ondelete="CASCADE"), nullable=False, index=True
    )


# One row for each repeat of a scenario on a subject, and one (repeat NULL) for all of them.
# Parameters are canonical JSON as text: PostgreSQL can't compare its JSON type.
summaries = Table(
    "summaries",
    metadata,
    row_number(),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False, index=True),
    Column("scenario", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("repeat", Integer),
    Column("parameters", Text, nullable=False),
    Column("environment_class", Text),
    Column("shared", Boolean, nullable=False),
    Column("verdict", String(16)),
    Column("details", JSON),
    Index("ix_summaries_series", "scenario", "subject", "run_id"),
)

# A metric in one unit: what was stored in another is another kind, and never mixed with it.
kinds = Table(
    "kinds",
    metadata,
    row_number(),
    Column("name", Text, nullable=False),
    Column("unit", String(16), nullable=False),
    UniqueConstraint("name", "unit"),
)

# A phase of NULL stands for all measured phases together.
metrics = Table(
    "metrics",
    metadata,
    row_number(),
    _summary(),
    Column("kind_id", ForeignKey("kinds.id"), nullable=False),
    Column("phase", Text),
    Column("value", Double, nullable=False),
    Index("ix_metrics_kind_id", "kind_id", "summary_id"),
)

judgements = Table(
    "judgements",
    metadata,
    row_number(),
    _summary(),
    Column("position", Integer, nullable=False),
    Column("expectation", JSON, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("actual", Double),
    Column("reason", Text, nullable=False),
    Column("promised", Boolean, nullable=False, server_default=false()),
)
