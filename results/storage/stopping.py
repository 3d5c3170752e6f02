"""Runs that somebody stops and takes up again: what is open ends, what ended badly begins anew."""

from sqlalchemy import Connection, and_, delete, func, select, update

from results.errors import FinalRunError
from results.records import AttemptOutcome, JobState, StoredRun
from results.storage.clock import Now
from results.storage.groups import OPEN
from results.storage.runs import find, lock, lock_run
from results.tables import attempts, jobs, meetings, runs, summaries

_STOPPED = (JobState.CANCELLED, JobState.FAILED)


def cancel(connection: Connection, run_id: str) -> int:
    """End every open job of a run and every running attempt of these; how many jobs there were.

    What a group has done in part counts for nothing, so its completed jobs are cancelled too.
    """
    _lock_whole(connection, run_id)
    open_groups = select(jobs.c.group).where(jobs.c.run_id == run_id, jobs.c.state.in_(OPEN))
    of_open_groups = and_(jobs.c.run_id == run_id, jobs.c.group.in_(open_groups))
    ended = connection.execute(
        update(jobs)
        .where(of_open_groups)
        .values(state=JobState.CANCELLED, since=Now())
        .returning(jobs.c.job_id)
    )
    cancelled = list(ended.scalars())
    if cancelled:
        connection.execute(update(runs).where(runs.c.run_id == run_id).values(cancelled_at=Now()))
        _cancel_attempts(connection, run_id)
        of_run = select(jobs.c.group).where(jobs.c.run_id == run_id)
        connection.execute(delete(meetings).where(meetings.c.group.in_(of_run)))
    return len(cancelled)


def resume(connection: Connection, run_id: str, services: str) -> int:
    """Queue the cancelled and failed jobs of a run again; how many there are.

    What was accepted stays so, and late attempts from before count for nothing. From now on the
    jobs have all their chances again, and nothing is judged before they have ended.

    Args:
        connection: A writing transaction.
        run_id: The whole id of the run.
        services: Where the run's services come from now.

    Raises:
        FinalRunError: It was imported or pruned.
    """
    _lock_whole(connection, run_id)
    _check_not_final(find(connection, run_id))
    resumed = connection.execute(
        update(jobs)
        .where(jobs.c.run_id == run_id, jobs.c.state.in_(_STOPPED))
        .values(
            state=JobState.QUEUED,
            since=Now(),
            reason=None,
            sent_at=None,
            resumed_after=jobs.c.attempts,
            generation=jobs.c.generation + 1,
        )
    ).rowcount
    if resumed:
        again = {"cancelled_at": None, "aggregated_at": None, "services": services}
        connection.execute(update(runs).where(runs.c.run_id == run_id).values(again))
        connection.execute(delete(summaries).where(summaries.c.run_id == run_id))
    return resumed


def _check_not_final(stored: StoredRun) -> None:
    run_id = stored.run.run_id
    if stored.imported_at_s is not None:
        raise FinalRunError(
            f"run {run_id} was imported, and the files of its jobs are not here; resume it where "
            "it was enqueued, or enqueue a new one"
        )
    if stored.pruned_at_s is not None:
        raise FinalRunError(
            f"run {run_id} was pruned, so its repeats that were accepted can't be merged with new "
            "ones; enqueue a new run"
        )


def _lock_whole(connection: Connection, run_id: str) -> None:
    lock_run(connection, run_id)
    lock(connection, jobs.c.run_id == run_id)


def _cancel_attempts(connection: Connection, run_id: str) -> None:
    of_run = select(jobs.c.job_id).where(
        jobs.c.run_id == run_id, jobs.c.state == JobState.CANCELLED
    )
    undone = (AttemptOutcome.RUNNING, AttemptOutcome.ACCEPTED)
    connection.execute(
        update(attempts)
        .where(attempts.c.job_id.in_(of_run), attempts.c.outcome.in_(undone))
        .values(
            outcome=AttemptOutcome.CANCELLED,
            reason="its run was cancelled",
            ended_at=func.coalesce(attempts.c.ended_at, Now()),
        )
    )
