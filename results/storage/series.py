"""Figures of many runs as rows: each repeat's of each metric, and what is known of the runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from results.metrics import METRICS
from results.storage.labels import labelled
from results.tables import kinds, metrics, runs, summaries

PLACE = ("metric", "scenario", "subject", "parameters", "environment_class")
"""What must be equal for figures to be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which figures are asked for; what is None or empty asks for all.

    Args:
        metrics: Whole names of metrics.
        scenario: A scenario, or a pattern with `*` and `?`.
        subject: A subject, or such a pattern.
        phase: A phase; all measured phases together where None.
        branch: The branch that was measured.
        labels: What a run has to be labelled with.
        since_s: Runs created then or later, in seconds since the epoch.
        until_s: Runs created before then.
        last: The newest so many runs of each series.
        run_ids: These runs alone.
    """

    metrics: tuple[str, ...] = ()
    scenario: str | None = None
    subject: str | None = None
    phase: str | None = None
    branch: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    since_s: float | None = None
    until_s: float | None = None
    last: int | None = None
    run_ids: tuple[str, ...] | None = None


def figures(connection: Connection, wanted: Selection) -> list[Row[Any]]:
    """Each repeat's figures, in the order of repeats, each metric in the unit that it has now.

    Args:
        connection: A reading transaction.
        wanted: What is asked for, but for `last`.

    Returns:
        Rows of `PLACE`, and of run_id, repeat, shared and value.
    """
    found = (
        select(
            kinds.c.name.label("metric"),
            summaries.c.scenario,
            summaries.c.subject,
            summaries.c.parameters,
            summaries.c.environment_class,
            summaries.c.run_id,
            summaries.c.repeat,
            summaries.c.shared,
            metrics.c.value,
        )
        .select_from(summaries.join(metrics).join(kinds))
        .where(
            kinds.c.id.in_(_kinds(connection, wanted.metrics)),
            metrics.c.phase.is_(None) if wanted.phase is None else metrics.c.phase == wanted.phase,
            summaries.c.repeat.is_not(None),
            *_places(connection, wanted),
        )
    )
    of_runs = _of_runs(wanted)
    if of_runs:
        found = found.join(runs).where(*of_runs)
    return list(connection.execute(found.order_by(summaries.c.repeat)))


def facts(connection: Connection, wanted: Selection) -> list[Row[Any]]:
    """What is known of the runs that `figures` may be of."""
    of_places = _places(connection, wanted)
    conditions = list(_of_runs(wanted))
    if of_places:
        conditions.append(runs.c.run_id.in_(select(summaries.c.run_id).where(*of_places)))
    found = select(
        runs.c.run_id,
        runs.c.created_at,
        runs.c.code_name,
        runs.c.code_dirty,
        runs.c.code_committed_at,
        runs.c.code_branch,
        runs.c.labels,
        runs.c.excluded_reason,
    ).where(*conditions)
    return list(connection.execute(found))


def places(connection: Connection) -> list[tuple[str, str]]:
    """Every scenario and subject that there are figures of."""
    found = select(summaries.c.scenario, summaries.c.subject).distinct()
    return [(row.scenario, row.subject) for row in connection.execute(found)]


def _kinds(connection: Connection, names: Sequence[str]) -> list[int]:
    wanted = select(kinds) if not names else select(kinds).where(kinds.c.name.in_(names))
    return [
        row.id
        for row in connection.execute(wanted)
        if row.name in METRICS and METRICS[row.name].unit == row.unit
    ]


def _places(connection: Connection, wanted: Selection) -> list[ColumnElement[bool]]:
    """Conditions on summaries; patterns are matched here, as every database has its own kind."""
    if wanted.scenario is None and wanted.subject is None:
        return []
    matching = [
        and_(summaries.c.scenario == scenario, summaries.c.subject == subject)
        for scenario, subject in places(connection)
        if fnmatchcase(scenario, wanted.scenario or "*")
        and fnmatchcase(subject, wanted.subject or "*")
    ]
    return [or_(*matching) if matching else summaries.c.scenario.in_(())]


def _of_runs(wanted: Selection) -> list[ColumnElement[bool]]:
    bounds = (
        None if wanted.branch is None else runs.c.code_branch == wanted.branch,
        None if wanted.since_s is None else runs.c.created_at >= wanted.since_s,
        None if wanted.until_s is None else runs.c.created_at < wanted.until_s,
        None if wanted.run_ids is None else runs.c.run_id.in_(wanted.run_ids),
    )
    return [*(bound for bound in bounds if bound is not None), *labelled(wanted.labels)]
