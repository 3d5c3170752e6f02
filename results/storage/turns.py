"""Turns: a run's groups one after another, so that no job is measured while another disturbs it."""

from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Select, select

from results.records import JobState
from results.tables import jobs, runs


class Turn(StrEnum):
    """When a job may begin."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


def turn(connection: Connection, job_id: str) -> Turn:
    """When a job may begin: after those of other groups of its run that are under way.

    Where one of these still waits for a worker, whoever asks should rather be that one: the answer
    is then never, as it is for a job that is not queued.
    """
    state = select(jobs.c.state).where(jobs.c.job_id == job_id)
    if connection.execute(state).scalar_one_or_none() != JobState.QUEUED:
        return Turn.NEVER
    under_way = _under_way(job_id)
    if not connection.execute(under_way).first():
        return Turn.NOW
    waiting = select(jobs.c.job_id).where(
        jobs.c.group.in_(under_way), jobs.c.state == JobState.QUEUED
    )
    return Turn.NEVER if connection.execute(waiting).first() else Turn.LATER


def nobody_else(job_id: str) -> ColumnElement[bool]:
    """Whether no other group of a job's run is under way."""
    return ~_under_way(job_id).exists()


def take_the_floor(connection: Connection, job_id: str) -> None:
    """Lock a job's run, so that of two that find nobody else under way one is the first."""
    run_id = select(jobs.c.run_id).where(jobs.c.job_id == job_id).scalar_subquery()
    connection.execute(select(runs.c.run_id).where(runs.c.run_id == run_id).with_for_update())


def _under_way(job_id: str) -> Select[str]:
    """The other groups of a job's run of which a job is running."""
    own, other = jobs.alias(), jobs.alias()
    return (
        select(other.c.group)
        .join_from(own, other, own.c.run_id == other.c.run_id)
        .where(
            own.c.job_id == job_id,
            other.c.group != own.c.group,
            other.c.state == JobState.RUNNING,
        )
    )
