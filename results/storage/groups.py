"""Groups: the jobs of one load are locked together, begin again together and end together.

Whoever changes an attempt's outcome holds the rows of its job's whole group, locked in the order
of their ids, so that no two decide at once and none waits for another in a circle. A job that is
alone in its group is the same with nobody beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from results.records import AttemptOutcome, JobState
from results.storage.clock import Now
from results.tables import attempts, jobs, meetings

OPEN = (JobState.QUEUED, JobState.RUNNING)
# A worker may die through no fault of its job, and often; a job that kills each is poison.
MAX_CLAIMS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The locked jobs of a group, seen from one of them.

    Each row has job_id, group, state, attempts, max_attempts, resumed_after and generation.
    """

    own: Row[Any]
    others: Sequence[Row[Any]]

    @property
    def all(self) -> tuple[Row[Any], ...]:
        """Its jobs."""
        return (self.own, *self.others)


def lock(connection: Connection, attempt_id: str) -> Group:
    """Lock the jobs of an attempt's group, waiting for whoever holds one."""
    found = connection.execute(_rows(attempt_id).with_for_update()).all()
    return _seen_from(connection, attempt_id, found)


def lock_if_free(connection: Connection, attempt_id: str) -> Group | None:
    """Lock the jobs of an attempt's group; None where somebody else is at one of them."""
    found = connection.execute(_rows(attempt_id).with_for_update(skip_locked=True)).all()
    size = select(func.count()).select_from(jobs).where(jobs.c.group == _group_of(attempt_id))
    if len(found) < connection.execute(size).scalar_one():
        return None
    return _seen_from(connection, attempt_id, found)


def is_used_up(connection: Connection, group: Group) -> bool:
    """Whether none of its jobs may be attempted again, for a group is attempted as a whole.

    It may be invalid `max_attempts` times; attempts whose worker died are begun again more often.
    """
    if any(job.attempts - job.resumed_after >= MAX_CLAIMS for job in group.all):
        return True
    invalid = select(func.count()).join_from(attempts, jobs, attempts.c.job_id == jobs.c.job_id)
    found = connection.execute(
        invalid.where(
            jobs.c.group == group.own.group,
            attempts.c.number > jobs.c.resumed_after,
            attempts.c.outcome == AttemptOutcome.INVALID,
        )
    )
    return bool(found.scalar_one() >= group.own.max_attempts)


def complete(connection: Connection, group: Group) -> None:
    """End its own job well; with the last one of the group, nobody needs its meetings any more."""
    _move(connection, [group.own.job_id], JobState.COMPLETED, None)
    if all(row.state == JobState.COMPLETED for row in group.others):
        _forget_meetings(connection, group)


def fail(connection: Connection, group: Group, reason: str) -> None:
    """End its own job and every other of the group as failed."""
    others = [row.job_id for row in group.others]
    _move(connection, [group.own.job_id], JobState.FAILED, reason)
    _move(connection, others, JobState.FAILED, "another shard of its group failed")
    _end_attempts(connection, others, AttemptOutcome.REJECTED, "another shard of its group failed")
    _forget_meetings(connection, group)


def begin_again(connection: Connection, group: Group, reason: str) -> None:
    """Queue its jobs again, unsent; what others of a group of several have done is void.

    Args:
        connection: A writing transaction.
        group: Its attempt has ended already.
        reason: Why that was.
    """
    others = [row.job_id for row in group.others]
    why = f"another shard of its group ended: {reason}"
    _end_attempts(connection, others, AttemptOutcome.REJECTED, why)
    everyone = [job.job_id for job in group.all]
    _move(connection, everyone, JobState.QUEUED, None)
    again = update(jobs).where(jobs.c.job_id.in_(everyone)).values(sent_at=None)
    if others:
        again = again.values(generation=jobs.c.generation + 1)
    connection.execute(again)
    _forget_meetings(connection, group)


def end_badly(connection: Connection, group: Group, reason: str, *, give_up: bool) -> None:
    """Do the group again, or fail it where it shall be given up."""
    if give_up:
        fail(connection, group, reason)
    else:
        begin_again(connection, group, reason)


def give_up(connection: Connection, group: Group, reason: str) -> None:
    """End the whole group as failed, with every running attempt invalid for the same reason."""
    everyone = [job.job_id for job in group.all]
    _end_attempts(connection, everyone, AttemptOutcome.INVALID, reason)
    _move(connection, everyone, JobState.FAILED, reason)
    _forget_meetings(connection, group)


def _group_of(attempt_id: str) -> Any:
    mine = jobs.alias()
    own = select(mine.c.group).join_from(mine, attempts, mine.c.job_id == attempts.c.job_id)
    return own.where(attempts.c.attempt_id == attempt_id).scalar_subquery()


def _rows(attempt_id: str) -> Select[Any]:
    columns = (
        *("job_id", "group", "state", "attempts"),
        *("max_attempts", "resumed_after", "generation"),
    )
    found = select(*(jobs.c[name] for name in columns))
    return found.where(jobs.c.group == _group_of(attempt_id)).order_by(jobs.c.job_id)


def _seen_from(connection: Connection, attempt_id: str, found: Sequence[Row[Any]]) -> Group:
    own = select(attempts.c.job_id).where(attempts.c.attempt_id == attempt_id)
    job_id = connection.execute(own).scalar_one()
    (mine,) = (row for row in found if row.job_id == job_id)
    return Group(own=mine, others=[row for row in found if row.job_id != job_id])


def _move(
    connection: Connection, job_ids: Sequence[str], state: JobState, reason: str | None
) -> None:
    if job_ids:
        moved = update(jobs).where(jobs.c.job_id.in_(job_ids))
        connection.execute(moved.values(state=state, since=Now(), reason=reason))


def _end_attempts(
    connection: Connection, job_ids: Sequence[str], outcome: AttemptOutcome, reason: str
) -> None:
    """End what is running of these jobs, and take back what was accepted."""
    alive = (AttemptOutcome.RUNNING, AttemptOutcome.ACCEPTED)
    ended = update(attempts).where(attempts.c.job_id.in_(job_ids), attempts.c.outcome.in_(alive))
    if job_ids:
        connection.execute(
            ended.values(
                outcome=outcome, reason=reason, ended_at=func.coalesce(attempts.c.ended_at, Now())
            )
        )


def _forget_meetings(connection: Connection, group: Group) -> None:
    connection.execute(delete(meetings).where(meetings.c.group == group.own.group))
