"""What attempts saw, read back for merging, judging and reporting: only what is asked for."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select, update

from results.figures import AcceptedAttempt
from results.histogram import Histogram
from results.records import AttemptOutcome, FaultWindow, Interval, Observation, PhaseSpan
from results.tables import (
    attempts,
    environments,
    fault_windows,
    intervals,
    jobs,
    observations,
    phases,
)

# No attempt lasts longer; it keeps the search for overlaps inside the index on host and start.
_LONGEST_ATTEMPT_S = 86_400.0


def accepted(connection: Connection, run_id: str, scenario: str) -> list[AcceptedAttempt]:
    """The accepted attempts of one scenario of a run with all they saw, in the plan's order."""
    found = connection.execute(
        select(
            attempts.c.attempt_id,
            attempts.c.worker_id,
            attempts.c.started_at,
            attempts.c.shared,
            attempts.c.execution_time_s,
            attempts.c.unsupported,
            jobs.c.subject,
            jobs.c.repeat,
            jobs.c.group,
            environments.c.environment_class,
        )
        .select_from(jobs.join(attempts).join(environments))
        .where(*_accepted_of(run_id, scenario))
        .order_by(jobs.c.position)
    ).all()
    seen = _Seen(connection, run_id, scenario)
    return [
        AcceptedAttempt(
            attempt_id=row.attempt_id,
            scenario=scenario,
            subject=row.subject,
            repeat=row.repeat,
            group=row.group,
            worker_id=row.worker_id,
            started_at_s=row.started_at,
            shared=bool(row.shared),
            execution_time_s=row.execution_time_s,
            environment_class=row.environment_class,
            unsupported=frozenset(row.unsupported),
            intervals=seen.intervals[row.attempt_id],
            observations=seen.observations[row.attempt_id],
            phases=seen.phases[row.attempt_id],
            fault_windows=seen.fault_windows[row.attempt_id],
        )
        for row in found
    ]


class _Seen:
    """The parts of many attempts, each read by one query, by attempt."""

    def __init__(self, connection: Connection, run_id: str, scenario: str) -> None:
        self.intervals: defaultdict[str, list[Interval]] = defaultdict(list)
        for row in connection.execute(_rows_of(intervals, run_id, scenario)):
            self.intervals[row.attempt_id].append(
                Interval(
                    phase=row.phase,
                    warmup=row.warmup,
                    second=row.second,
                    operation=row.operation,
                    tier=row.tier,
                    outcome=row.outcome,
                    histogram=Histogram.decode(row.histogram),
                )
            )
        self.observations = _by_attempt(connection, observations, Observation, run_id, scenario)
        self.phases = _by_attempt(connection, phases, PhaseSpan, run_id, scenario)
        self.fault_windows = _by_attempt(connection, fault_windows, FaultWindow, run_id, scenario)


def _by_attempt(
    connection: Connection, table: Table, record: type[Any], run_id: str, scenario: str
) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(_rows_of(table, run_id, scenario)).mappings():
        values = {name: row[name] for name in record.__dataclass_fields__}
        found[row["attempt_id"]].append(record(**values))
    return found


def _rows_of(table: Table, run_id: str, scenario: str) -> Select[Any]:
    wanted = (
        select(attempts.c.attempt_id)
        .select_from(jobs.join(attempts))
        .where(*_accepted_of(run_id, scenario))
    )
    return select(table).where(table.c.attempt_id.in_(wanted)).order_by(table.c.id)


def _accepted_of(run_id: str, scenario: str) -> tuple[Any, ...]:
    return (
        jobs.c.run_id == run_id,
        jobs.c.scenario == scenario,
        attempts.c.outcome == AttemptOutcome.ACCEPTED,
    )


def mark_shared(connection: Connection, run_id: str) -> None:
    """Mark each attempt of a run that overlapped another, of any run, on its machine."""
    other = attempts.alias()
    overlap = select(other.c.attempt_id).where(
        other.c.host == attempts.c.host,
        other.c.attempt_id != attempts.c.attempt_id,
        other.c.started_at > attempts.c.started_at - _LONGEST_ATTEMPT_S,
        other.c.started_at < func.coalesce(attempts.c.ended_at, attempts.c.claimed_until),
        func.coalesce(other.c.ended_at, other.c.claimed_until) > attempts.c.started_at,
    )
    of_run = select(jobs.c.job_id).where(jobs.c.run_id == run_id)
    connection.execute(
        update(attempts).where(attempts.c.job_id.in_(of_run)).values(shared=overlap.exists())
    )
