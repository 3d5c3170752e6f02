"""Runs and their jobs: planned, found, counted."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from results.errors import UnknownRunError
from results.records import Job, JobState, JobStatus, Progress, Run, StoredRun, WorkerIdentity
from results.storage import planned_job, rows
from results.storage.clock import Now
from results.storage.files import is_new
from results.storage.groups import OPEN
from results.tables import attempts, jobs, runs, workers


def create(connection: Connection, run: Run, its_jobs: Sequence[Job]) -> str:
    """Store a run and its jobs, all queued, unless its idempotency key is there already.

    Returns:
        The id of the run that has the key now.
    """
    row = {"created_at": Now(), **rows.from_run(run)}
    if run.idempotency_key is None:
        connection.execute(insert(runs).values(row))
    elif not is_new(connection, runs, row, runs.c.idempotency_key):
        has_key = runs.c.idempotency_key == run.idempotency_key
        return str(connection.execute(select(runs.c.run_id).where(has_key)).scalar_one())
    if its_jobs:
        queued = insert(jobs).values(state=JobState.QUEUED, since=Now(), attempts=0)
        connection.execute(queued, [rows.from_job(job) for job in its_jobs])
    return run.run_id


def planned(connection: Connection, run_id: str) -> tuple[Job, ...]:
    """The jobs of a run as they were planned, in the order of the plan.

    Raises:
        DamagedJobError: One can't be read any more.
    """
    of_run = select(*planned_job.columns()).where(jobs.c.run_id == run_id)
    found = connection.execute(of_run.order_by(jobs.c.position))
    return tuple(planned_job.to_job(row) for row in found)


def find(connection: Connection, prefix: str) -> StoredRun:
    """The run with this id, or the only one whose id begins so.

    Raises:
        UnknownRunError: There is none, or there are several.
    """
    exact = connection.execute(select(runs).where(runs.c.run_id == prefix)).one_or_none()
    if exact is not None:
        return rows.to_run(exact)
    begins_so = runs.c.run_id.startswith(prefix, autoescape=True)
    found = connection.execute(
        select(runs).where(begins_so).order_by(runs.c.run_id.desc()).limit(4)
    ).all()
    if len(found) == 1:
        return rows.to_run(found[0])
    if found:
        several = ", ".join(row.run_id for row in found)
        raise UnknownRunError(f"several runs begin with {prefix!r}: {several}; give more of the id")
    raise UnknownRunError(f"no run {prefix!r}; {_newest(connection)}")


def _newest(connection: Connection) -> str:
    newest = ", ".join(stored.run.run_id for stored in last(connection, 3))
    return f"the newest are {newest}" if newest else "there are no runs yet"


def last(connection: Connection, count: int) -> list[StoredRun]:
    """The newest runs, newest first."""
    newest = select(runs).order_by(runs.c.created_at.desc(), runs.c.run_id.desc()).limit(count)
    return [rows.to_run(row) for row in connection.execute(newest)]


def progress(connection: Connection, run_id: str) -> Progress:
    """How many jobs of a run are in each state."""
    counted = select(jobs.c.state, func.count().label("jobs")).where(jobs.c.run_id == run_id)
    found = connection.execute(counted.group_by(jobs.c.state)).all()
    return Progress(**{row.state: row.jobs for row in found})


def to_aggregate(connection: Connection) -> list[str]:
    """Runs whose jobs have all ended and whose figures were not merged and judged since."""
    an_open_job = select(jobs.c.job_id).where(
        jobs.c.run_id == runs.c.run_id, jobs.c.state.in_(OPEN)
    )
    waiting = select(runs.c.run_id).where(runs.c.aggregated_at.is_(None), ~an_open_job.exists())
    return list(connection.execute(waiting.order_by(runs.c.created_at)).scalars())


def job_rows(connection: Connection, run_id: str) -> list[JobStatus]:
    """Where each job of a run stands, in the order of the plan."""
    newest_attempt = and_(attempts.c.job_id == jobs.c.job_id, attempts.c.number == jobs.c.attempts)
    found = connection.execute(
        select(
            jobs.c.job_id,
            jobs.c.state,
            jobs.c.scenario,
            jobs.c.subject,
            jobs.c.repeat,
            jobs.c.shard,
            jobs.c.attempts.label("attempt"),
            jobs.c.since,
            jobs.c.reason,
            workers.c.worker_id,
            workers.c.host,
            workers.c.pid,
        )
        .outerjoin_from(jobs, attempts, newest_attempt)
        .outerjoin(workers)
        .where(jobs.c.run_id == run_id)
        .order_by(jobs.c.position)
    )
    return [
        JobStatus(
            job_id=row.job_id,
            state=JobState(row.state),
            scenario=row.scenario,
            subject=row.subject,
            repeat=row.repeat,
            shard=row.shard,
            attempt=row.attempt,
            worker=WorkerIdentity(worker_id=row.worker_id, host=row.host, pid=row.pid)
            if row.worker_id
            else None,
            since_s=row.since,
            reason=row.reason,
        )
        for row in found
    ]


def mark_sent(connection: Connection, job_ids: Sequence[str]) -> None:
    """Remember that these jobs' messages are at the broker."""
    if job_ids:
        known = jobs.c.job_id.in_(job_ids)
        lock(connection, known)
        connection.execute(update(jobs).where(known).values(sent_at=Now()))


def unsent(connection: Connection, older_than_s: float) -> list[str]:
    """Queued jobs that were never sent, or longer ago than `older_than_s` seconds."""
    stale = or_(jobs.c.sent_at.is_(None), jobs.c.sent_at < Now() - older_than_s)
    waiting = select(jobs.c.job_id).where(jobs.c.state == JobState.QUEUED, stale)
    return list(connection.execute(waiting.order_by(jobs.c.position)).scalars())


def lock_run(connection: Connection, run_id: str) -> None:
    """Lock a run before its jobs, as whoever claims one of them in turn does."""
    connection.execute(select(runs.c.run_id).where(runs.c.run_id == run_id).with_for_update())


def lock(connection: Connection, wanted: ColumnElement[bool]) -> None:
    """Lock jobs in the order in which everybody does, or two could wait for each other."""
    locked = select(jobs.c.job_id).where(wanted).order_by(jobs.c.job_id)
    connection.execute(locked.with_for_update())
