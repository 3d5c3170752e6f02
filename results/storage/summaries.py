"""What aggregation found: metrics and judgements by scenario, subject and repeat."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from results.expectation import Expectation, Judgement, Verdict
from results.metrics import METRICS
from results.storage import kinds, rows
from results.storage.clock import Now
from results.tables import judgements, metrics, runs, summaries
from results.tables import kinds as kinds_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of one scenario on one subject.

    `repeat` is None for all repeats merged; only then there are a verdict, judgements and
    `details` (what `results.details` makes). `metrics` are by phase, None for all measured phases
    together, and name. `parameters` set it apart from what the scenario does by itself.
    """

    scenario: str
    subject: str
    repeat: int | None
    parameters: Mapping[str, Any]
    environment_class: str | None
    shared: bool
    metrics: dict[str | None, dict[str, float]]
    verdict: Verdict | None = None
    judgements: tuple[Judgement, ...] = ()
    details: Mapping[str, Any] | None = None


def replace(connection: Connection, run_id: str, found: Sequence[Summary]) -> None:
    """Store a run's summaries in place of those it had, and mark it as aggregated."""
    # The run's row is locked first, so that two that aggregate at once take turns.
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(aggregated_at=Now()))
    connection.execute(delete(summaries).where(summaries.c.run_id == run_id))
    numbered = {_store(connection, run_id, summary): summary for summary in found}
    figures = _metric_rows(connection, numbered)
    judged = [row for number, each in numbered.items() for row in _judgement_rows(number, each)]
    for table, values in ((metrics, figures), (judgements, judged)):
        if values:
            connection.execute(insert(table), values)


def _store(connection: Connection, run_id: str, summary: Summary) -> int:
    number: int = connection.execute(
        insert(summaries)
        .values(
            run_id=run_id,
            scenario=summary.scenario,
            subject=summary.subject,
            repeat=summary.repeat,
            parameters=json.dumps(dict(summary.parameters), sort_keys=True),
            environment_class=summary.environment_class,
            shared=summary.shared,
            verdict=summary.verdict,
            details=summary.details,
        )
        .returning(summaries.c.id)
    ).scalar_one()
    return number


def _metric_rows(connection: Connection, numbered: Mapping[int, Summary]) -> list[dict[str, Any]]:
    names = {
        name
        for summary in numbered.values()
        for figures in summary.metrics.values()
        for name in figures
    }
    known = kinds.ids(connection, {name: METRICS[name].unit for name in names})
    return [
        {"summary_id": number, "kind_id": known[name], "phase": phase, "value": value}
        for number, summary in numbered.items()
        for phase, figures in summary.metrics.items()
        for name, value in figures.items()
    ]


def _judgement_rows(summary_id: int, summary: Summary) -> list[dict[str, Any]]:
    return [
        {
            "summary_id": summary_id,
            "position": position,
            "expectation": rows.from_expectation(judgement.expectation),
            "verdict": judgement.verdict,
            "actual": judgement.actual,
            "reason": judgement.reason,
            "promised": judgement.promised,
        }
        for position, judgement in enumerate(summary.judgements)
    ]


def load(
    connection: Connection, run_id: str, *, of_repeats_phases: Collection[str] | None = None
) -> list[Summary]:
    """A run's summaries; none before it is aggregated.

    Args:
        connection: A reading transaction.
        run_id: The run.
        of_repeats_phases: The metrics that are wanted of each phase of each repeat; all where None.
    """
    found = connection.execute(
        select(summaries).where(summaries.c.run_id == run_id).order_by(summaries.c.id)
    ).all()
    figures = _metrics(connection, run_id, of_repeats_phases)
    judged = _judgements(connection, run_id)
    return [
        Summary(
            scenario=row.scenario,
            subject=row.subject,
            repeat=row.repeat,
            parameters=json.loads(row.parameters),
            environment_class=row.environment_class,
            shared=row.shared,
            metrics=figures[row.id],
            verdict=None if row.verdict is None else Verdict(row.verdict),
            judgements=tuple(judged[row.id]),
            details=row.details,
        )
        for row in found
    ]


def _metrics(
    connection: Connection, run_id: str, of_repeats_phases: Collection[str] | None
) -> defaultdict[int, dict[str | None, dict[str, float]]]:
    found: defaultdict[int, dict[str | None, dict[str, float]]] = defaultdict(dict)
    name = kinds_table.c.name
    columns = (metrics.c.summary_id, metrics.c.phase, name, kinds_table.c.unit, metrics.c.value)
    query = select(*columns)
    of_run = (
        query.select_from(metrics.join(summaries).join(kinds_table))
        .where(summaries.c.run_id == run_id)
        .order_by(metrics.c.id)
    )
    if of_repeats_phases is not None:
        whole = or_(summaries.c.repeat.is_(None), metrics.c.phase.is_(None))
        of_run = of_run.where(or_(whole, name.in_(of_repeats_phases)))
    for summary_id, phase, metric, unit, value in connection.execute(of_run):
        # In another unit it is another metric, and of one that is unknown nothing can be said.
        if metric in METRICS and METRICS[metric].unit == unit:
            found[summary_id].setdefault(phase, {})[metric] = value
    return found


def _judgements(connection: Connection, run_id: str) -> defaultdict[int, list[Judgement]]:
    found: defaultdict[int, list[Judgement]] = defaultdict(list)
    query = select(judgements).join(summaries).where(summaries.c.run_id == run_id)
    for row in connection.execute(query.order_by(judgements.c.position)):
        found[row.summary_id].append(
            Judgement(
                expectation=Expectation(**row.expectation),
                verdict=Verdict(row.verdict),
                actual=row.actual,
                reason=row.reason,
                promised=row.promised,
            )
        )
    return found
