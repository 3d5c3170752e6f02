"""Stored times of operations, merged over seconds, tiers, outcomes and shards of each repeat."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, false, select
from sqlalchemy.sql import Select

from results.histogram import Histogram
from results.records import AttemptOutcome
from results.tables import attempts, environments, intervals, jobs, phases

_SEARCH = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatTimes:
    """The times of one operation in one repeat of a scenario, in ns.

    `parameters` are what the user set to something else than the scenario says, as JSON;
    `environment_class` is None where shards ran on several.
    """

    run_id: str
    scenario: str
    subject: str
    repeat: int
    parameters: str
    environment_class: str | None
    operation: str
    histogram: Histogram


class _Place(NamedTuple):
    run_id: str
    scenario: str
    subject: str
    repeat: int
    operation: str


def times_of_runs(
    connection: Connection,
    run_ids: Sequence[str],
    *,
    scenario: str | None = None,
    subject: str | None = None,
    phase: str | None = None,
    operation: str | None = None,
    tier: str | None = None,
    service: bool = False,
) -> list[RepeatTimes]:
    """The times of measured operations; searches and shared attempts are left out.

    Args:
        connection: A reading transaction.
        run_ids: The runs.
        scenario: Only this scenario.
        subject: Only this subject.
        phase: Only this phase.
        operation: Only this operation.
        tier: Only what this tier served.
        service: Times from when an operation was sent, not from when it was due.

    Returns:
        By run, scenario, subject, repeat and operation; nothing of runs that were pruned.
    """
    asked = {
        jobs.c.scenario: scenario,
        jobs.c.subject: subject,
        intervals.c.phase: phase,
        intervals.c.operation: operation,
        intervals.c.tier: tier,
    }
    wanted = [column == value for column, value in asked.items() if value is not None]
    query = _query().where(jobs.c.run_id.in_(run_ids), *wanted)
    found: defaultdict[_Place, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        place = _Place(row.run_id, row.scenario, row.subject, row.repeat, row.operation)
        found[place].append(row)
    return [_merged(place, found[place], service=service) for place in sorted(found)]


def _query() -> Select[Any]:
    return (
        select(
            jobs.c.run_id,
            jobs.c.scenario,
            jobs.c.subject,
            jobs.c.repeat,
            jobs.c.parameters,
            environments.c.environment_class,
            intervals.c.operation,
            intervals.c.histogram,
            intervals.c.service,
        )
        .select_from(jobs.join(attempts).join(environments).join(intervals))
        .where(
            attempts.c.outcome == AttemptOutcome.ACCEPTED,
            attempts.c.shared.is_not(True),
            intervals.c.warmup == false(),
            ~_of_search(),
        )
    )


def _of_search() -> ColumnElement[bool]:
    # Trials go at many rates, some past what is served: together they say nothing.
    return (
        select(phases.c.id)
        .where(
            phases.c.attempt_id == intervals.c.attempt_id,
            phases.c.phase == intervals.c.phase,
            phases.c.loop == _SEARCH,
        )
        .exists()
    )


def _merged(place: _Place, found: Sequence[Row[Any]], *, service: bool) -> RepeatTimes:
    classes = {row.environment_class for row in found}
    stored = (
        row.service if service and row.service is not None else row.histogram for row in found
    )
    return RepeatTimes(
        **place._asdict(),
        parameters=json.dumps(found[0].parameters, sort_keys=True),
        environment_class=classes.pop() if len(classes) == 1 else None,
        histogram=Histogram.merge(Histogram.decode(each) for each in stored),
    )
