"""The tables of the results database; `results/migrations` brings a database to this layout."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _identity() -> Column[int]:
    # SQLite numbers rows by themselves only where the type is exactly INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _attempt() -> Column[str]:
    return Column("attempt_id", ForeignKey("attempts.attempt_id"), nullable=False, index=True)


def _summary() -> Column[int]:
    return Column(
        "summary_id", ForeignKey("summaries.id", ondelete="CASCADE"), nullable=False, index=True
    )


runs = Table(
    "runs",
    metadata,
    Column("run_id", String(64), primary_key=True),
    Column("created_at", Double, nullable=False, index=True),
    Column("cancelled_at", Double),
    Column("aggregated_at", Double),
    Column("names", JSON, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("services", String(64), nullable=False),
    Column("subjects", JSON, nullable=False),
    Column("code_name", Text),
    Column("code_dirty", Boolean),
    Column("code_committed_at", Double),
    Column("labels", JSON, nullable=False),
    Column("parameters", JSON, nullable=False),
)
Index(
    "ix_runs_open",
    runs.c.run_id,
    sqlite_where=runs.c.aggregated_at.is_(None),
    postgresql_where=runs.c.aggregated_at.is_(None),
)

jobs = Table(
    "jobs",
    metadata,
    Column("job_id", String(64), primary_key=True),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("job_group", Text, key="group", nullable=False),
    Column("shard", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("deadline_s", Double, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("expectations", JSON, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("since", Double, nullable=False),
    Column("reason", Text),
    Column("sent_at", Double),
    Column("attempts", Integer, nullable=False),
    UniqueConstraint("run_id", "position"),
    Index("ix_jobs_state", "state", "sent_at"),
)

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
    _identity(),
    _attempt(),
    Column("phase", Text, nullable=False),
    Column("warmup", Boolean, nullable=False),
    Column("second", Integer, nullable=False),
    Column("operation", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("histogram", LargeBinary, nullable=False),
)

observations = Table(
    "observations",
    metadata,
    _identity(),
    _attempt(),
    Column("metric", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("phase", Text),
    Column("warmup", Boolean, nullable=False),
)

phases = Table(
    "phases",
    metadata,
    _identity(),
    _attempt(),
    Column("phase", Text, nullable=False),
    Column("warmup", Boolean, nullable=False),
    Column("start_s", Double, nullable=False),
    Column("end_s", Double, nullable=False),
)

fault_windows = Table(
    "fault_windows",
    metadata,
    _identity(),
    _attempt(),
    Column("kind", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("requested_s", Double, nullable=False),
    Column("effective_s", Double),
    Column("cleared_s", Double),
)

files = Table(
    "files",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("worker_id", String(64), primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("alive_until", Double, nullable=False, index=True),
)

# One row for each repeat of a scenario on a subject, and one (repeat NULL) for all of them.
summaries = Table(
    "summaries",
    metadata,
    _identity(),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False, index=True),
    Column("scenario", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("repeat", Integer),
    Column("environment_class", Text),
    Column("shared", Boolean, nullable=False),
    Column("verdict", String(16)),
    Index("ix_summaries_series", "scenario", "subject", "run_id"),
)

# A phase of NULL stands for all measured phases together.
metrics = Table(
    "metrics",
    metadata,
    _identity(),
    _summary(),
    Column("phase", Text),
    Column("name", Text, nullable=False),
    Column("value", Double, nullable=False),
    Index("ix_metrics_name", "name", "summary_id"),
)

judgements = Table(
    "judgements",
    metadata,
    _identity(),
    _summary(),
    Column("position", Integer, nullable=False),
    Column("expectation", JSON, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("actual", Double),
    Column("reason", Text, nullable=False),
)
