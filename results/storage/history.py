"""How a run went: every attempt of every job, the workers that took part, and where they ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from results.tables import attempts, environments, jobs, workers


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One attempt of a run's job as it is reported; times in seconds since the epoch."""

    attempt_id: str
    job_id: str
    scenario: str
    subject: str
    repeat: int
    shard: int
    number: int
    worker_id: str
    host: str
    outcome: str
    reason: str | None
    started_at: float
    ended_at: float | None
    shared: bool | None
    fingerprint_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A machine's environment as it is stored."""

    fingerprint_hash: str
    environment_class: str
    fingerprint: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A worker process and how many attempts of the run it began."""

    worker_id: str
    host: str
    pid: int
    attempts: int


def attempts_of(connection: Connection, run_id: str) -> list[AttemptRecord]:
    """Every attempt of a run, by its jobs in the order of the plan."""
    of_jobs = (jobs.c.scenario, jobs.c.subject, jobs.c.repeat, jobs.c.shard)
    own = [attempts.c[name] for name in AttemptRecord.__dataclass_fields__ if name in attempts.c]
    found = connection.execute(
        select(*own, *of_jobs)
        .select_from(jobs.join(attempts))
        .where(jobs.c.run_id == run_id)
        .order_by(jobs.c.position, attempts.c.number)
    )
    return [AttemptRecord(**row) for row in found.mappings()]


def failed_jobs(connection: Connection, run_id: str) -> list[tuple[str, str, str, str]]:
    """Scenario, subject, job id and reason of each job that has one, in the order of the plan."""
    found = connection.execute(
        select(jobs.c.scenario, jobs.c.subject, jobs.c.job_id, jobs.c.reason)
        .where(jobs.c.run_id == run_id, jobs.c.reason.is_not(None))
        .order_by(jobs.c.position)
    )
    return [(row.scenario, row.subject, row.job_id, row.reason) for row in found]


def last_change_s(connection: Connection, run_id: str) -> float | None:
    """When a job of the run last came to another state, in seconds since the epoch."""
    newest = select(func.max(jobs.c.since)).where(jobs.c.run_id == run_id)
    return connection.execute(newest).scalar()


def participants(connection: Connection, run_id: str) -> list[Participant]:
    """The workers that began attempts of a run, in the order in which they started."""
    began = func.count().label("attempts")
    found = connection.execute(
        select(workers.c.worker_id, workers.c.host, workers.c.pid, began)
        .select_from(jobs.join(attempts).join(workers))
        .where(jobs.c.run_id == run_id)
        .group_by(workers.c.worker_id, workers.c.host, workers.c.pid, workers.c.started_at)
        .order_by(workers.c.started_at, workers.c.worker_id)
    )
    return [Participant(**row) for row in found.mappings()]


def environments_of(connection: Connection, hashes: Sequence[str]) -> list[Ran]:
    """The environments with these hashes, in that order."""
    found = connection.execute(
        select(environments).where(environments.c.fingerprint_hash.in_(hashes))
    )
    by_hash = {row["fingerprint_hash"]: Ran(**row) for row in found.mappings()}
    return [by_hash[each] for each in hashes]
