"""Claims: which worker does which job, for how long, and what becomes of a dead worker's job."""

from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from results.records import AttemptOutcome, Claim, JobState, WorkerIdentity
from results.storage import groups, losses, planned_job, turns, workers
from results.storage.clock import Now
from results.storage.groups import Group
from results.tables import attempts, jobs


class _Taken(NamedTuple):
    """A new attempt, by the names of its columns."""

    attempt_id: str
    job_id: str
    number: int
    generation: int


_EXPIRED = (attempts.c.outcome == AttemptOutcome.RUNNING, attempts.c.claimed_until <= Now())


def claim(
    connection: Connection,
    job_id: str,
    worker: WorkerIdentity,
    period_s: float,
    *,
    in_turn: bool = False,
) -> Claim | None:
    """Take a queued job, or in turn the next of its run; None where there is none to be had.

    Raises:
        DamagedJobError: It can't be read; who began this transaction ends it, and fails the job.
    """
    wanted: str | None = job_id
    if in_turn:
        turns.take_the_floor(connection, job_id)
        wanted = turns.next_job(connection, job_id)
    taken = _take(connection, wanted, worker, period_s)
    if taken is None:
        return None
    planned = select(*planned_job.columns()).where(jobs.c.job_id == taken.job_id)
    return Claim(
        attempt_id=taken.attempt_id,
        number=taken.number,
        job=planned_job.to_job(connection.execute(planned).one()),
        generation=taken.generation,
        lost=losses.lost_attempts(connection, taken.job_id),
    )


def fail(connection: Connection, job_id: str, worker: WorkerIdentity, reason: str) -> None:
    """Take a queued job that nobody can read, and end its whole group as failed."""
    taken = _take(connection, job_id, worker, 0)
    if taken is None:
        return
    group = groups.lock(connection, taken.attempt_id)
    _end(connection, taken.attempt_id, AttemptOutcome.FAILED, reason)
    groups.fail(connection, group, reason)


def _take(
    connection: Connection, job_id: str | None, worker: WorkerIdentity, period_s: float
) -> "_Taken | None":
    found = connection.execute(
        update(jobs)
        .where(jobs.c.job_id == job_id, jobs.c.state == JobState.QUEUED)
        .values(state=JobState.RUNNING, since=Now(), attempts=jobs.c.attempts + 1)
        .returning(jobs.c.job_id, jobs.c.attempts, jobs.c.generation)
    ).one_or_none()
    if found is None:
        return None
    taken = _Taken(uuid4().hex, found.job_id, found.attempts, found.generation)
    workers.register(connection, worker)
    # A claim is a sign of life too; a quick job may end before the supervisor gives its first.
    workers.beat(connection, [worker.worker_id], period_s)
    connection.execute(
        insert(attempts).values(
            **taken._asdict(),
            worker_id=worker.worker_id,
            host=worker.host,
            outcome=AttemptOutcome.RUNNING,
            started_at=Now(),
            claimed_until=Now() + period_s,
        )
    )
    return taken


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


def held_by(connection: Connection, worker_id: str) -> list[str]:
    """The running attempts of a worker."""
    held = (attempts.c.worker_id == worker_id, attempts.c.outcome == AttemptOutcome.RUNNING)
    return list(connection.execute(select(attempts.c.attempt_id).where(*held)).scalars())


def begin(connection: Connection, attempt_id: str) -> None:
    """Count an attempt as started now: until then it has only waited for others of its group."""
    started = update(attempts).where(attempts.c.attempt_id == attempt_id)
    connection.execute(started.values(started_at=Now()))


def expired(connection: Connection) -> list[str]:
    """The running attempts whose claims have run out."""
    found = select(attempts.c.attempt_id).where(*_EXPIRED)
    return list(connection.execute(found.order_by(attempts.c.attempt_id)).scalars())


def release_expired(connection: Connection, attempt_id: str) -> str | None:
    """End a suspected attempt whose claim has still run out.

    Returns:
        Its job; None where it was renewed or has ended, or somebody else is at its group.
    """
    suspected = attempts.c.attempt_id == attempt_id
    holder = select(attempts.c.worker_id, attempts.c.host).where(suspected, *_EXPIRED)
    group = groups.lock_if_free(connection, attempt_id)
    found = connection.execute(holder).one_or_none()
    if group is None or found is None:
        return None
    reason = f"its claim ran out: no sign of life from worker {found.worker_id} on {found.host}"
    _lose(connection, attempt_id, group, reason)
    return str(group.own.job_id)


def lose(connection: Connection, attempt_id: str, reason: str) -> None:
    """End a running attempt whose worker has died."""
    _lose(connection, attempt_id, groups.lock(connection, attempt_id), reason)


def give_back(connection: Connection, attempt_id: str, reason: str) -> None:
    """End a running attempt whose worker was told to stop, and queue its group again."""
    group = groups.lock(connection, attempt_id)
    was_running = _end(connection, attempt_id, AttemptOutcome.LOST, reason)
    if was_running and group.own.state == JobState.RUNNING:
        groups.begin_again(connection, group, reason)


def give_up(connection: Connection, attempt_id: str, reason: str) -> None:
    """End a running attempt's whole group: it would want in vain again what it wants now."""
    group = groups.lock(connection, attempt_id)
    if _is_running(connection, attempt_id) and group.own.state == JobState.RUNNING:
        groups.give_up(connection, group, reason)


def _lose(connection: Connection, attempt_id: str, group: Group, reason: str) -> None:
    if not _end(connection, attempt_id, AttemptOutcome.LOST, reason):
        return
    # An earlier attempt that came late may have completed the job meanwhile.
    if group.own.state != JobState.RUNNING:
        return
    give_up = groups.is_used_up(connection, group)
    if give_up:
        reason += f"; given up after {group.own.attempts - group.own.resumed_after} attempts"
    groups.end_badly(connection, group, reason, give_up=give_up)


def _end(connection: Connection, attempt_id: str, outcome: AttemptOutcome, reason: str) -> bool:
    """End a running attempt; whether it was running."""
    ended = update(attempts).where(attempts.c.attempt_id == attempt_id)
    values = {"outcome": outcome, "reason": reason, "ended_at": Now()}
    still = ended.where(attempts.c.outcome == AttemptOutcome.RUNNING)
    return connection.execute(still.values(values)).rowcount == 1


def _is_running(connection: Connection, attempt_id: str) -> bool:
    outcome = select(attempts.c.outcome).where(attempts.c.attempt_id == attempt_id)
    return bool(connection.execute(outcome).scalar_one() == AttemptOutcome.RUNNING)
