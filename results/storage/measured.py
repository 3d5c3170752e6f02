"""What attempts saw, read back for merging, judging and reporting: only what is asked for."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Select, Table, func, or_, select, update

from results.accepted import AcceptedAttempt
from results.attempt_result import (
    Change,
    Distribution,
    FaultWindow,
    Finding,
    Interval,
    Observation,
    PhaseSpan,
    Reading,
    SearchTrial,
    WindowFigure,
    WindowTimes,
)
from results.histogram import Histogram
from results.records import AttemptOutcome
from results.tables import (
    attempts,
    changes,
    distributions,
    environments,
    fault_windows,
    findings,
    intervals,
    jobs,
    observations,
    phases,
    readings,
    runs,
    trials,
    window_figures,
    window_times,
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
            attempts.c.promises,
            jobs.c.subject,
            jobs.c.repeat,
            jobs.c.group,
            jobs.c.shard,
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
            shard=row.shard,
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
            distributions=seen.distributions[row.attempt_id],
            readings=seen.readings[row.attempt_id],
            trials=seen.trials[row.attempt_id],
            window_times=seen.window_times[row.attempt_id],
            window_figures=seen.window_figures[row.attempt_id],
            changes=seen.changes[row.attempt_id],
            findings=seen.findings[row.attempt_id],
            promises=row.promises or {},
        )
        for row in found
    ]


class _Seen:
    """The parts of many attempts, each read by one query, by attempt."""

    def __init__(self, connection: Connection, run_id: str, scenario: str) -> None:
        self._place = (connection, run_id, scenario)
        self.intervals = self._read(intervals, Interval, histogram=_decode, service=_decode)
        self.distributions = self._read(distributions, Distribution, histogram=_decode)
        self.observations = self._read(observations, Observation)
        self.readings = self._read(readings, Reading)
        self.trials = self._read(trials, SearchTrial)
        self.phases = self._read(phases, PhaseSpan)
        self.fault_windows = self._read(fault_windows, FaultWindow)
        self.window_times = self._read(window_times, WindowTimes, histogram=_decode)
        self.window_figures = self._read(window_figures, WindowFigure)
        self.changes = self._read(changes, Change)
        self.findings = self._read(findings, Finding, example=tuple)

    def _read(
        self, table: Table, record: Any, **decoders: Callable[[Any], Any]
    ) -> defaultdict[str, list[Any]]:
        connection, run_id, scenario = self._place
        names = tuple(record.__dataclass_fields__)
        decoded = [(place, decoders[name]) for place, name in enumerate(names) if name in decoders]
        found: defaultdict[str, list[Any]] = defaultdict(list)
        for attempt_id, *values in connection.execute(_rows_of(table, names, run_id, scenario)):
            for place, decode in decoded:
                values[place] = decode(values[place])
            found[attempt_id].append(record(**dict(zip(names, values, strict=True))))
        return found


def _decode(encoded: bytes | None) -> Histogram | None:
    return None if encoded is None else Histogram.decode(encoded)


def _rows_of(table: Table, names: Iterable[str], run_id: str, scenario: str) -> Select[Any]:
    wanted = (
        select(attempts.c.attempt_id)
        .select_from(jobs.join(attempts))
        .where(*_accepted_of(run_id, scenario))
    )
    columns = (table.c[name] for name in ("attempt_id", *names))
    return select(*columns).where(table.c.attempt_id.in_(wanted)).order_by(table.c.id)


def _accepted_of(run_id: str, scenario: str) -> tuple[Any, ...]:
    return (
        jobs.c.run_id == run_id,
        jobs.c.scenario == scenario,
        attempts.c.outcome == AttemptOutcome.ACCEPTED,
    )


def mark_shared(connection: Connection, run_id: str) -> None:
    """Mark each attempt of a run that overlapped another, of any run, on its machine.

    The shards of a group are one measurement: they are meant to overlap each other. What was
    imported may come from another machine of the same name, so it takes no part.
    """
    other, own_job, other_job = attempts.alias(), jobs.alias(), jobs.alias()
    own_group = select(own_job.c.group).where(own_job.c.job_id == attempts.c.job_id)
    not_its_shard = or_(
        other.c.job_id == attempts.c.job_id,
        other.c.generation != attempts.c.generation,
        other_job.c.group != own_group.correlate(attempts).scalar_subquery(),
    )
    with_job = other.join(other_job, other_job.c.job_id == other.c.job_id).join(
        runs, runs.c.run_id == other_job.c.run_id
    )
    overlap = (
        select(other.c.attempt_id)
        .select_from(with_job)
        .where(
            not_its_shard,
            runs.c.imported_at.is_(None),
            other.c.host == attempts.c.host,
            other.c.attempt_id != attempts.c.attempt_id,
            other.c.started_at > attempts.c.started_at - _LONGEST_ATTEMPT_S,
            other.c.started_at < func.coalesce(attempts.c.ended_at, attempts.c.claimed_until),
            func.coalesce(other.c.ended_at, other.c.claimed_until) > attempts.c.started_at,
        )
    )
    of_run = select(jobs.c.job_id).where(jobs.c.run_id == run_id)
    connection.execute(
        update(attempts).where(attempts.c.job_id.in_(of_run)).values(shared=overlap.exists())
    )
