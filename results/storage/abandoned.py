"""Attempts whose jobs ended without them: what they left behind, no attempt after them clears."""

from sqlalchemy import Connection, func, select

from results.records import AbandonedAttempt, AttemptOutcome
from results.storage.groups import OPEN
from results.tables import attempts, jobs, runs

_DEAD = (AttemptOutcome.LOST, AttemptOutcome.CANCELLED, AttemptOutcome.REJECTED)
# Each costs a look through all of the shared L2.
_MOST = 50


def abandoned(connection: Connection) -> list[AbandonedAttempt]:
    """Those that ended since the last accepted attempt of any job began, newest first.

    Each attempt clears what it finds here as it begins; so once one of them was accepted, what had
    ended before that one began is gone. What was imported ran on the services of others.
    """
    imported = select(jobs.c.job_id).join(runs).where(runs.c.imported_at.is_not(None))
    not_imported = attempts.c.job_id.not_in(imported)
    cleared_at = select(func.coalesce(func.max(attempts.c.started_at), 0.0)).where(
        attempts.c.outcome == AttemptOutcome.ACCEPTED, not_imported
    )
    names = (attempts.c[name] for name in ("job_id", "number", "generation"))
    found = connection.execute(
        select(*names, jobs.c.group)
        .join(jobs)
        .where(attempts.c.outcome.in_(_DEAD), jobs.c.state.not_in(OPEN), not_imported)
        .where(attempts.c.ended_at > cleared_at.scalar_subquery())
        .order_by(attempts.c.ended_at.desc())
        .limit(_MOST)
    )
    return [
        AbandonedAttempt(
            job_id=row.job_id, number=row.number, group=row.group, generation=row.generation
        )
        for row in found
    ]
