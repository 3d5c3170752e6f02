"""What was planned of each scenario on each subject, and what became of its jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Subquery, and_, func, select

from results.errors import DamagedJobError
from results.expectation import Expectation
from results.judgement import JobCounts
from results.records import AttemptOutcome, JobState
from results.storage import planned_job
from results.tables import attempts, jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedJobs:
    """The jobs of one scenario on one subject: how they are set, what they expect and came to."""

    scenario: str
    subject: str
    parameters: Mapping[str, Any]
    expectations: tuple[Expectation, ...]
    counts: JobCounts


def planned_jobs(connection: Connection, run_id: str) -> list[PlannedJobs]:
    """The jobs of a run by scenario and subject: scenarios, then subjects, as they were planned."""
    counted = _counted(run_id)
    first = and_(jobs.c.run_id == run_id, jobs.c.position == counted.c.position)
    found = connection.execute(
        select(counted, *planned_job.columns("job_id", "run_id", "parameters", "expectations"))
        .join(jobs, first)
        .order_by(counted.c.position)
    ).all()
    scenarios = list(dict.fromkeys(row.scenario for row in found))
    return [
        PlannedJobs(
            scenario=row.scenario,
            subject=row.subject,
            **_planned(row),
            counts=JobCounts(
                planned=row.planned,
                accepted=row.accepted,
                attempts=int(row.attempts),
                failed=row.failed,
                invalid=row.invalid,
            ),
        )
        for row in sorted(found, key=lambda row: scenarios.index(row.scenario))
    ]


def _planned(row: Row[Any]) -> dict[str, Any]:
    """What the first of them says; where that is damaged nothing is judged, so nothing passes."""
    try:
        return {
            "parameters": planned_job.to_parameters(row),
            "expectations": planned_job.to_expectations(row),
        }
    except DamagedJobError as error:
        return {"parameters": {"damaged": str(error)}, "expectations": ()}


def _counted(run_id: str) -> Subquery:
    was_invalid = _invalid_group()
    failed = jobs.c.state == JobState.FAILED
    return (
        select(
            jobs.c.scenario,
            jobs.c.subject,
            func.min(jobs.c.position).label("position"),
            func.count().label("planned"),
            func.count().filter(jobs.c.state == JobState.COMPLETED).label("accepted"),
            func.sum(jobs.c.attempts).label("attempts"),
            func.count().filter(failed, ~was_invalid).label("failed"),
            func.count().filter(failed, was_invalid).label("invalid"),
        )
        .where(jobs.c.run_id == run_id)
        .group_by(jobs.c.scenario, jobs.c.subject)
        .subquery()
    )


def _invalid_group() -> ColumnElement[bool]:
    """Whether the last attempt at a job, or at another of its group, was invalid."""
    other = jobs.alias()
    last_attempt = and_(
        attempts.c.job_id == other.c.job_id,
        attempts.c.number == other.c.attempts,
        attempts.c.generation == other.c.generation,
        attempts.c.outcome == AttemptOutcome.INVALID,
    )
    invalid = select(attempts.c.attempt_id).join_from(other, attempts, last_attempt)
    return invalid.where(other.c.group == jobs.c.group).exists()
