"""Runs that have ended for good: aggregated, and no worker is at any of their attempts."""

from sqlalchemy import Connection, select

from results.records import AttemptOutcome
from results.storage.groups import OPEN
from results.tables import attempts, jobs, runs


def still_open(connection: Connection, run_id: str | None = None) -> set[str]:
    """Runs that go on, whose figures are not merged yet, or whose workers are not done yet.

    Args:
        connection: A transaction.
        run_id: Only this run is looked at, unless None.
    """
    not_aggregated = select(runs.c.run_id).where(runs.c.aggregated_at.is_(None))
    open_jobs = select(jobs.c.run_id).where(jobs.c.state.in_(OPEN))
    # A late attempt may have ended the job while another was at it.
    running = select(jobs.c.run_id).join(attempts)
    running = running.where(attempts.c.outcome == AttemptOutcome.RUNNING)
    if run_id is not None:
        not_aggregated = not_aggregated.where(runs.c.run_id == run_id)
        open_jobs = open_jobs.where(jobs.c.run_id == run_id)
        running = running.where(jobs.c.run_id == run_id)
    return {
        found
        for query in (not_aggregated, open_jobs, running)
        for found in connection.execute(query.distinct()).scalars()
    }
