"""Turns: a run's groups one after another, so that no job is measured while another disturbs it.

Whose turn it is follows the plan, not who asks: subjects that are compared alternate in it.
"""

from enum import StrEnum

from sqlalchemy import Connection, ScalarSelect, Select, select

from results.records import JobState
from results.tables import jobs, runs


class Turn(StrEnum):
    """When a run has something to do for one more worker."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


def turn(connection: Connection, job_id: str) -> Turn:
    """When the run of a job has something to do for one more worker."""
    if next_job(connection, job_id) is not None:
        return Turn.NOW
    return Turn.LATER if connection.execute(_queued(job_id)).first() else Turn.NEVER


def next_job(connection: Connection, job_id: str) -> str | None:
    """The job of a run whose turn it is: the first in the plan, but of the group under way if any.

    Args:
        connection: A transaction.
        job_id: Any job of the run.

    Returns:
        A queued job; None where there is none, or a group is under way that lacks no worker.
    """
    is_running = (jobs.c.run_id == _run_of(job_id), jobs.c.state == JobState.RUNNING)
    under_way = connection.execute(select(jobs.c.group).where(*is_running)).scalars().all()
    wanted = _queued(job_id)
    if under_way:
        wanted = wanted.where(jobs.c.group.in_(under_way))
    return connection.execute(wanted).scalar_one_or_none()


def take_the_floor(connection: Connection, job_id: str) -> None:
    """Lock a job's run, so that of two that find nobody else under way one is the first."""
    locked = select(runs.c.run_id).where(runs.c.run_id == _run_of(job_id))
    connection.execute(locked.with_for_update())


def _run_of(job_id: str) -> ScalarSelect[str]:
    own = jobs.alias()
    return select(own.c.run_id).where(own.c.job_id == job_id).scalar_subquery()


def _queued(job_id: str) -> Select[str]:
    """The first queued job of a job's run."""
    of_run = (jobs.c.run_id == _run_of(job_id), jobs.c.state == JobState.QUEUED)
    return select(jobs.c.job_id).where(*of_run).order_by(jobs.c.position).limit(1)
