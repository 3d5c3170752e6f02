"""The end of an attempt: everything it saw is stored, and one of a job's attempts is accepted."""

from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update

from results.attempt_result import AttemptResult
from results.records import AttemptOutcome
from results.storage import groups, rows
from results.storage.clock import Now
from results.storage.files import insert_new
from results.storage.groups import Group
from results.tables import (
    attempts,
    changes,
    distributions,
    environments,
    fault_windows,
    findings,
    intervals,
    observations,
    phases,
    readings,
    trials,
    window_figures,
    window_times,
)

_UNDECIDED = (AttemptOutcome.RUNNING, AttemptOutcome.LOST, AttemptOutcome.CANCELLED)


def finish(connection: Connection, attempt_id: str, result: AttemptResult) -> bool:
    """Store all that an attempt saw and decide about it.

    An attempt that lost its claim may still be accepted, as long as no other was and its group was
    not begun again.

    Returns:
        Whether this attempt is its job's accepted one.
    """
    group = groups.lock(connection, attempt_id)
    ended = select(attempts.c.outcome, attempts.c.generation)
    current = connection.execute(ended.where(attempts.c.attempt_id == attempt_id)).one()
    if current.outcome not in _UNDECIDED:
        return bool(current.outcome == AttemptOutcome.ACCEPTED)
    outcome, reason = _decide(group, current, result)
    _store(connection, attempt_id, result, outcome, reason)
    _move_group(connection, group, outcome, reason or "")
    return outcome is AttemptOutcome.ACCEPTED


def _decide(
    group: Group, current: Row[str, int], result: AttemptResult
) -> tuple[AttemptOutcome, str | None]:
    if group.own.state not in groups.OPEN:
        return AttemptOutcome.REJECTED, f"it ended after its job was {group.own.state}"
    if current.generation != group.own.generation:
        return AttemptOutcome.REJECTED, "it ended after its group was begun again"
    trouble = result.error or result.invalid_reason
    if current.outcome != AttemptOutcome.RUNNING and trouble is not None:
        return AttemptOutcome.REJECTED, f"it ended after its claim had run out: {trouble}"
    if result.error is not None:
        return AttemptOutcome.FAILED, result.error
    if result.invalid_reason is not None:
        return AttemptOutcome.INVALID, result.invalid_reason
    return AttemptOutcome.ACCEPTED, None


def _move_group(connection: Connection, group: Group, outcome: AttemptOutcome, reason: str) -> None:
    if outcome is AttemptOutcome.ACCEPTED:
        groups.complete(connection, group)
    elif outcome is AttemptOutcome.FAILED:
        groups.fail(connection, group, reason)
    elif outcome is AttemptOutcome.INVALID:
        groups.end_badly(connection, group, reason, give_up=groups.is_used_up(connection, group))


def _store(
    connection: Connection,
    attempt_id: str,
    result: AttemptResult,
    outcome: AttemptOutcome,
    reason: str | None,
) -> None:
    environment = rows.from_environment(result.environment)
    insert_new(connection, environments, environment)
    connection.execute(
        update(attempts)
        .where(attempts.c.attempt_id == attempt_id)
        .values(
            outcome=outcome,
            reason=reason,
            ended_at=Now(),
            execution_time_s=result.execution_time_s,
            fingerprint_hash=environment["fingerprint_hash"],
            unsupported=list(result.unsupported),
            promises=dict(result.promises),
        )
    )
    for table, found in (
        (intervals, rows.from_intervals(attempt_id, result)),
        (distributions, rows.from_distributions(attempt_id, result)),
        (window_times, rows.from_window_times(attempt_id, result)),
        (findings, rows.from_findings(attempt_id, result)),
    ):
        _insert_all(connection, table, list(found))
    for table, records in (
        (observations, result.observations),
        (readings, result.readings),
        (trials, result.trials),
        (phases, result.phases),
        (fault_windows, result.fault_windows),
        (window_figures, result.window_figures),
        (changes, result.changes),
    ):
        _insert_all(connection, table, [rows.of_attempt(attempt_id, each) for each in records])


def _insert_all(connection: Connection, table: Table, values: list[Any]) -> None:
    if values:
        connection.execute(insert(table), values)
