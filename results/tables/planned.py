"""What was asked for: runs, their jobs, the files that these need, and who may do them."""

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
    String,
    Table,
    Text,
    UniqueConstraint,
)

from results.tables.layout import metadata

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
    Column("code_branch", Text),
    Column("labels", JSON, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("idempotency_key", Text),
    Column("excluded_at", Double),
    Column("excluded_reason", Text),
    Column("pruned_at", Double),
    Column("imported_at", Double),
    Index("ix_runs_code_name", "code_name"),
)
Index("uq_runs_idempotency_key", runs.c.idempotency_key, unique=True)
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
    Column("parameters", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("since", Double, nullable=False),
    Column("reason", Text),
    Column("sent_at", Double),
    Column("attempts", Integer, nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("resumed_after", Integer, nullable=False, server_default="0"),
    UniqueConstraint("run_id", "position"),
    Index("ix_jobs_state", "state", "sent_at"),
    Index("ix_jobs_job_group", "group"),
)

# Where the shards of a group wait for each other, and what they hand over there.
meetings = Table(
    "meetings",
    metadata,
    Column("job_group", Text, key="group", primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("meeting", Text, primary_key=True),
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("arrived_at", Double, nullable=False),
    Column("content", LargeBinary),
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
