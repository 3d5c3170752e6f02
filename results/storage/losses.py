"""The attempts at a job whose workers died."""

from sqlalchemy import Connection, func, or_, select

from results.records import AttemptOutcome, LostAttempt
from results.storage.clock import Now
from results.tables import attempts, jobs

DEATHS = ("its claim ran out", "its worker process died", "its worker process was killed")
"""How the reasons of attempts begin whose workers died; others were told to stop."""


def lost_attempts(connection: Connection, job_id: str) -> tuple[LostAttempt, ...]:
    """Attempts whose workers died, in their order, with how long ago that was noticed.

    Those from before the job was resumed by a person are forgotten.

    Args:
        connection: Of any transaction.
        job_id: The job.
    """
    ended_ago_s = Now() - func.coalesce(attempts.c.ended_at, Now())
    found = connection.execute(
        select(attempts.c.number, attempts.c.reason, ended_ago_s.label("ended_ago_s"))
        .join(jobs)
        .where(attempts.c.job_id == job_id, attempts.c.outcome == AttemptOutcome.LOST)
        .where(attempts.c.number > jobs.c.resumed_after)
        .where(or_(*(attempts.c.reason.startswith(death) for death in DEATHS)))
        .order_by(attempts.c.number)
    )
    return tuple(
        LostAttempt(
            number=row.number, reason=row.reason, ended_ago_s=max(float(row.ended_ago_s), 0.0)
        )
        for row in found
    )
