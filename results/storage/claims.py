"""Claims: which worker does which job, for how long, and what becomes of a dead worker's job.

Whoever changes an attempt's outcome holds the row of its job, so that no two decide at once.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, insert, select, update

from results.records import AttemptOutcome, Claim, JobState, WorkerIdentity
from results.storage import rows, workers
from results.storage.clock import Now
from results.tables import attempts, jobs

_EXPIRED = (attempts.c.outcome == AttemptOutcome.RUNNING, attempts.c.claimed_until <= Now())


def claim(
    connection: Connection, job_id: str, worker: WorkerIdentity, period_s: float
) -> Claim | None:
    """Take a queued job; None where it is not queued (any more)."""
    taken = connection.execute(
        update(jobs)
        .where(jobs.c.job_id == job_id, jobs.c.state == JobState.QUEUED)
        .values(state=JobState.RUNNING, since=Now(), attempts=jobs.c.attempts + 1)
        .returning(*jobs.c)
    ).one_or_none()
    if taken is None:
        return None
    workers.register(connection, worker)
    claimed = Claim(attempt_id=uuid4().hex, number=taken.attempts, job=rows.to_job(taken))
    connection.execute(
        insert(attempts).values(
            attempt_id=claimed.attempt_id,
            job_id=job_id,
            number=claimed.number,
            worker_id=worker.worker_id,
            host=worker.host,
            outcome=AttemptOutcome.RUNNING,
            started_at=Now(),
            claimed_until=Now() + period_s,
        )
    )
    return claimed


def renew(connection: Connection, attempt_id: str, period_s: float) -> bool:
    """Keep a claim for `period_s` seconds from now; False where it is lost or no longer wanted."""
    wanted = select(jobs.c.job_id).where(jobs.c.state == JobState.RUNNING)
    kept = connection.execute(
        update(attempts)
        .where(
            attempts.c.attempt_id == attempt_id,
            attempts.c.outcome == AttemptOutcome.RUNNING,
            attempts.c.job_id.in_(wanted),
        )
        .values(claimed_until=Now() + period_s)
    )
    return kept.rowcount == 1


def expired(connection: Connection) -> list[str]:
    """The running attempts whose claims have run out."""
    found = select(attempts.c.attempt_id).where(*_EXPIRED)
    return list(connection.execute(found.order_by(attempts.c.attempt_id)).scalars())


def release_expired(connection: Connection, suspects: Collection[str]) -> list[str]:
    """End those suspected attempts whose claims have still run out.

    Returns:
        The jobs whose attempts were lost.
    """
    found = connection.execute(
        _attempts_with_jobs()
        .where(attempts.c.attempt_id.in_(suspects), *_EXPIRED)
        .with_for_update(of=jobs, skip_locked=True)
    ).all()
    for row in found:
        reason = f"its claim ran out: no sign of life from worker {row.worker_id} on {row.host}"
        _lose(connection, row, reason, give_up=_used_up(row))
    return [row.job_id for row in found]


def lose(connection: Connection, attempt_id: str, reason: str) -> None:
    """End a running attempt whose worker has died."""
    for row in _running(connection, attempt_id):
        _lose(connection, row, reason, give_up=_used_up(row))


def give_back(connection: Connection, attempt_id: str, reason: str) -> None:
    """End a running attempt whose worker was told to stop, and queue its job again."""
    for row in _running(connection, attempt_id):
        _lose(connection, row, reason, give_up=False)


def _running(connection: Connection, attempt_id: str) -> Sequence[Row[Any]]:
    return connection.execute(
        _attempts_with_jobs()
        .where(attempts.c.attempt_id == attempt_id, attempts.c.outcome == AttemptOutcome.RUNNING)
        .with_for_update(of=jobs)
    ).all()


def _used_up(row: Row[Any]) -> bool:
    return bool(row.attempts >= row.max_attempts)


def _attempts_with_jobs() -> Any:
    return select(
        attempts.c.attempt_id,
        attempts.c.worker_id,
        attempts.c.host,
        jobs.c.job_id,
        jobs.c.attempts,
        jobs.c.max_attempts,
    ).join_from(jobs, attempts)


def _lose(connection: Connection, row: Row[Any], reason: str, *, give_up: bool) -> None:
    lost = update(attempts).where(
        attempts.c.attempt_id == row.attempt_id, attempts.c.outcome == AttemptOutcome.RUNNING
    )
    values = {"outcome": AttemptOutcome.LOST, "reason": reason, "ended_at": Now()}
    if connection.execute(lost.values(values)).rowcount == 1:
        requeue(connection, row.job_id, reason, give_up=give_up)


def requeue(connection: Connection, job_id: str, reason: str, *, give_up: bool) -> None:
    """Queue a running job again, unsent; or end it as failed where it shall be given up."""
    state = JobState.FAILED if give_up else JobState.QUEUED
    connection.execute(
        update(jobs)
        .where(jobs.c.job_id == job_id, jobs.c.state == JobState.RUNNING)
        .values(state=state, since=Now(), sent_at=None, reason=reason if give_up else None)
    )
