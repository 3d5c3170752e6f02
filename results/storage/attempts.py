"""The end of an attempt: everything it saw is stored, and one of a job's attempts is accepted."""

from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update

from results.records import AttemptOutcome, AttemptResult, JobState
from results.storage import rows
from results.storage.claims import requeue
from results.storage.clock import Now
from results.storage.files import insert_new
from results.tables import (
    attempts,
    environments,
    fault_windows,
    intervals,
    jobs,
    observations,
    phases,
)

_UNDECIDED = (AttemptOutcome.RUNNING, AttemptOutcome.LOST, AttemptOutcome.CANCELLED)
# job_id, state, attempts, max_attempts
_JobRow = Row[str, str, int, int]
_OPEN = (JobState.QUEUED, JobState.RUNNING)


def finish(connection: Connection, attempt_id: str, result: AttemptResult) -> bool:
    """Store all that an attempt saw and decide about it.

    An attempt that lost its claim may still be accepted, as long as no other was.

    Returns:
        Whether this attempt is its job's accepted one.
    """
    job = _lock_job(connection, attempt_id)
    current = connection.execute(
        select(attempts.c.outcome).where(attempts.c.attempt_id == attempt_id)
    ).scalar_one()
    if current not in _UNDECIDED:
        return bool(current == AttemptOutcome.ACCEPTED)
    outcome, reason = _decide(job, late=current != AttemptOutcome.RUNNING, result=result)
    _store(connection, attempt_id, result, outcome, reason)
    _move_job(connection, job, outcome, reason)
    return outcome is AttemptOutcome.ACCEPTED


def _lock_job(connection: Connection, attempt_id: str) -> _JobRow:
    job_id = select(attempts.c.job_id).where(attempts.c.attempt_id == attempt_id)
    locked: _JobRow = connection.execute(
        select(jobs.c.job_id, jobs.c.state, jobs.c.attempts, jobs.c.max_attempts)
        .where(jobs.c.job_id == job_id.scalar_subquery())
        .with_for_update()
    ).one()
    return locked


def _decide(
    job: _JobRow, *, late: bool, result: AttemptResult
) -> tuple[AttemptOutcome, str | None]:
    if job.state not in _OPEN:
        return AttemptOutcome.REJECTED, f"it ended after its job was {job.state}"
    trouble = result.error or result.invalid_reason
    if late and trouble is not None:
        return AttemptOutcome.REJECTED, f"it ended after its claim had run out: {trouble}"
    if result.error is not None:
        return AttemptOutcome.FAILED, result.error
    if result.invalid_reason is not None:
        return AttemptOutcome.INVALID, result.invalid_reason
    return AttemptOutcome.ACCEPTED, None


def _move_job(
    connection: Connection, job: _JobRow, outcome: AttemptOutcome, reason: str | None
) -> None:
    if outcome is AttemptOutcome.ACCEPTED:
        _end_job(connection, job.job_id, JobState.COMPLETED, None)
    elif outcome is AttemptOutcome.FAILED:
        _end_job(connection, job.job_id, JobState.FAILED, reason)
    elif outcome is AttemptOutcome.INVALID:
        requeue(connection, job.job_id, reason or "", give_up=job.attempts >= job.max_attempts)


def _end_job(connection: Connection, job_id: str, state: JobState, reason: str | None) -> None:
    connection.execute(
        update(jobs)
        .where(jobs.c.job_id == job_id, jobs.c.state.in_(_OPEN))
        .values(state=state, since=Now(), reason=reason)
    )


def _store(
    connection: Connection,
    attempt_id: str,
    result: AttemptResult,
    outcome: AttemptOutcome,
    reason: str | None,
) -> None:
    environment = rows.from_environment(result.environment)
    insert_new(connection, environments, environment)
    connection.execute(
        update(attempts)
        .where(attempts.c.attempt_id == attempt_id)
        .values(
            outcome=outcome,
            reason=reason,
            ended_at=Now(),
            execution_time_s=result.execution_time_s,
            fingerprint_hash=environment["fingerprint_hash"],
            unsupported=list(result.unsupported),
        )
    )
    _insert_all(connection, intervals, list(rows.from_intervals(attempt_id, result)))
    for table, records in (
        (observations, result.observations),
        (phases, result.phases),
        (fault_windows, result.fault_windows),
    ):
        _insert_all(connection, table, [rows.of_attempt(attempt_id, each) for each in records])


def _insert_all(connection: Connection, table: Table, values: list[Any]) -> None:
    if values:
        connection.execute(insert(table), values)
