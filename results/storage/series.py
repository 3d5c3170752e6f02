"""The repeats of one metric over runs, as rows in the order in which they are shown."""

from typing import Any

from sqlalchemy import Connection, Row, func, select

from results.storage.clock import Now
from results.tables import metrics, runs, summaries

# Figures that differ in one of these are never compared.
SERIES = ("scenario", "subject", "parameters", "environment_class")
_NO_PARAMETERS = "{}"


def repeats(
    connection: Connection,
    metric: str,
    *,
    scenario: str | None,
    subject: str | None,
    last: int | None,
    since_s: float | None,
) -> list[Row[Any]]:
    """Each repeat's figure of a metric over all measured phases.

    Args:
        connection: A reading transaction.
        metric: The metric's whole name.
        scenario: Only this scenario, unless None.
        subject: Only this subject, unless None.
        last: Only the newest so many runs of each series, unless None.
        since_s: Only runs of the last so many seconds, unless None.

    Returns:
        Rows by series (scenario, subject, parameters, environment class; those without parameters
        first), each in order of time.
    """
    wanted = [metrics.c.name == metric, metrics.c.phase.is_(None), summaries.c.repeat.is_not(None)]
    if scenario is not None:
        wanted.append(summaries.c.scenario == scenario)
    if subject is not None:
        wanted.append(summaries.c.subject == subject)
    if since_s is not None:
        wanted.append(runs.c.created_at >= Now() - since_s)
    newest_first = func.dense_rank().over(
        partition_by=[summaries.c[name] for name in SERIES],
        order_by=(runs.c.created_at.desc(), runs.c.run_id.desc()),
    )
    found = (
        select(
            *(summaries.c[name] for name in SERIES),
            summaries.c.repeat,
            summaries.c.shared,
            metrics.c.value,
            runs.c.run_id,
            runs.c.created_at,
            runs.c.code_name,
            runs.c.code_dirty,
            newest_first.label("age"),
        )
        .select_from(metrics.join(summaries).join(runs))
        .where(*wanted)
        .subquery()
    )
    kept = select(found) if last is None else select(found).where(found.c.age <= last)
    places = (found.c.scenario, found.c.subject, found.c.parameters != _NO_PARAMETERS)
    order = (*SERIES, "created_at", "run_id", "repeat")
    ordered = kept.order_by(*places, *(found.c[name] for name in order))
    return list(connection.execute(ordered))
