"""What people say of runs: notes, baselines, and changes that they know of."""

from sqlalchemy import Column, Double, ForeignKey, Index, String, Table, Text

from results.tables.layout import metadata, row_number

notes = Table(
    "notes",
    metadata,
    row_number(),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("text", Text, nullable=False),
)

baselines = Table(
    "baselines",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False, index=True),
    Column("set_at", Double, nullable=False),
)

# Parameters and class are those of a summary: a change is known in one series alone.
acknowledgements = Table(
    "acknowledgements",
    metadata,
    row_number(),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False, index=True),
    Column("metric", Text, nullable=False),
    Column("phase", Text),
    Column("scenario", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("environment_class", Text),
    Column("reason", Text, nullable=False),
    Column("at", Double, nullable=False),
    Index("ix_acknowledgements_scenario", "scenario", "subject"),
)
