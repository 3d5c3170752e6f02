"""What attempts saw: as raw as it was measured."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from results.tables.layout import metadata, row_number


def _attempt() -> Column[str]:
    return Column("attempt_id", ForeignKey("attempts.attempt_id"), nullable=False, index=True)


environments = Table(
    "environments",
    metadata,
    Column("fingerprint_hash", String(64), primary_key=True),
    Column("environment_class", Text, nullable=False),
    Column("fingerprint", JSON, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("attempt_id", String(64), primary_key=True),
    Column("job_id", ForeignKey("jobs.job_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("worker_id", ForeignKey("workers.worker_id"), nullable=False),
    Column("host", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text),
    Column("started_at", Double, nullable=False),
    Column("claimed_until", Double, nullable=False),
    Column("ended_at", Double),
    Column("shared", Boolean),
    Column("execution_time_s", Double),
    Column("fingerprint_hash", ForeignKey("environments.fingerprint_hash")),
    Column("unsupported", JSON),
    Column("promises", JSON),
    UniqueConstraint("job_id", "number"),
    Index("ix_attempts_outcome", "outcome", "claimed_until"),
    Index("ix_attempts_host", "host", "started_at"),
)
# The database itself refuses a second accepted attempt of a job.
Index(
    "uq_attempts_accepted",
    attempts.c.job_id,
    unique=True,
    sqlite_where=text("outcome = 'accepted'"),
    postgresql_where=text("outcome = 'accepted'"),
)

intervals = Table(
    "intervals",
    metadata,
    row_number(),
    _attempt(),
    Column("phase", Text, nullable=False),
    Column("warmup", Boolean, nullable=False),
    Column("second", Integer, nullable=False),
    Column("operation", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("histogram", LargeBinary, nullable=False),
    Column("service", LargeBinary),
)

distributions = Table(
    "distributions",
    metadata,
    row_number(),
    _attempt(),
    Column("name", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("warmup", Boolean, nullable=False),
    Column("histogram", LargeBinary, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    row_number(),
    _attempt(),
    Column("name", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("second", Integer, nullable=False),
    Column("value", Double, nullable=False),
)

trials = Table(
    "trials",
    metadata,
    row_number(),
    _attempt(),
    Column("phase", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("rate", Double, nullable=False),
    Column("achieved_rate", Double, nullable=False),
    Column("p99_ms", Double),
    Column("held", Boolean, nullable=False),
)

observations = Table(
    "observations",
    metadata,
    row_number(),
    _attempt(),
    Column("metric", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("phase", Text),
    Column("warmup", Boolean, nullable=False),
)

phases = Table(
    "phases",
    metadata,
    row_number(),
    _attempt(),
    Column("phase", Text, nullable=False),
    Column("warmup", Boolean, nullable=False),
    Column("loop", String(16), nullable=False, server_default="closed"),
    Column("start_s", Double, nullable=False),
    Column("end_s", Double, nullable=False),
)

fault_windows = Table(
    "fault_windows",
    metadata,
    row_number(),
    _attempt(),
    Column("number", Integer, nullable=False, server_default="0"),
    Column("kind", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("requested_s", Double, nullable=False),
    Column("effective_s", Double),
    Column("cleared_s", Double),
)

window_times = Table(
    "window_times",
    metadata,
    row_number(),
    _attempt(),
    Column("window", Integer, nullable=False),
    Column("part", String(16), nullable=False),
    Column("operation", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("histogram", LargeBinary, nullable=False),
)

window_figures = Table(
    "window_figures",
    metadata,
    row_number(),
    _attempt(),
    Column("window", Integer, nullable=False),
    Column("part", String(16)),
    Column("name", Text, nullable=False),
    Column("value", Double, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    row_number(),
    _attempt(),
    Column("at_s", Double, nullable=False),
    Column("what", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    row_number(),
    _attempt(),
    Column("kind", Text, nullable=False),
    Column("phase", Text),
    Column("count", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("example", JSON, nullable=False),
)
