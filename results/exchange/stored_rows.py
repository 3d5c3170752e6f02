"""The rows of one run, table by table, as they are exported: read in parts, so none are many."""

import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    FromClause,
    Select,
    Table,
    bindparam,
    select,
)

from results.errors import ExchangeError
from results.exchange.columns import Kind
from results.exchange.shapes import SHAPES, Shape
from results.tables import (
    attempts,
    environments,
    jobs,
    judgements,
    kinds,
    metrics,
    runs,
    summaries,
    workers,
)

_AT_ONCE = 2_000
_RUN: BindParameter[str] = bindparam("run_id")


class Part(NamedTuple):
    """Some rows of one table, each with its values in the order of `names`."""

    table: str
    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


def rows_of(connection: Connection, run_id: str) -> Iterator[Part]:
    """All rows of a run, in the order of `shapes.ORDER`.

    Raises:
        ExchangeError: A figure is none that a file can say.
    """
    for name, shape in SHAPES.items():
        names = tuple(field.name for field in shape.fields)
        found = connection.execute(
            _query(name),
            {"run_id": run_id},
            execution_options={"yield_per": _AT_ONCE},
        )
        numbers = [place for place, each in enumerate(shape.fields) if each.kind is Kind.NUMBER]
        for rows in found.partitions():
            _check_finite(rows, numbers, run_id, shape)
            yield Part(name, names, rows)


def _check_finite(
    rows: Sequence[Sequence[Any]], places: Sequence[int], run_id: str, shape: Shape
) -> None:
    for place in places:
        if not all(row[place] is None or math.isfinite(row[place]) for row in rows):
            raise ExchangeError(
                f"run {run_id} has a {shape.fields[place].name} in {shape.table.name} that is no "
                "finite number, which no export can say; leave that run out (--run, --since)"
            )


@cache
def _query(name: str) -> Select[Any]:
    """The rows of one table that belong to the run `:run_id`."""
    shape = SHAPES[name]
    columns = [_column(shape, field.name) for field in shape.fields]
    return _of_run(select(*columns), shape.table)


def _column(shape: Shape, name: str) -> Column[Any]:
    return kinds.c[name] if shape.table is metrics and name in kinds.c else shape.table.c[name]


def _of_run(query: Select[Any], table: Table) -> Select[Any]:
    if "run_id" in table.c:
        return query.where(table.c.run_id == _RUN).order_by(*_order(table))
    if table in (metrics, judgements):
        joined: FromClause = table.join(summaries)
        joined = joined.join(kinds) if table is metrics else joined
        return query.select_from(joined).where(summaries.c.run_id == _RUN).order_by(table.c.id)
    if table is attempts:
        of_run = query.join(jobs).where(jobs.c.run_id == _RUN)
        return of_run.order_by(jobs.c.position, attempts.c.number)
    if table in (workers, environments):
        (key,) = table.primary_key
        used = select(attempts.c[key.name]).join(jobs).where(jobs.c.run_id == _RUN)
        return query.where(key.in_(used)).order_by(key)
    used = select(attempts.c.attempt_id).join(jobs).where(jobs.c.run_id == _RUN)
    return query.where(table.c.attempt_id.in_(used)).order_by(table.c.id)


def _order(table: Table) -> Sequence[Column[Any]]:
    if table is jobs:
        return (jobs.c.position,)
    return (runs.c.run_id,) if table is runs else tuple(table.primary_key)
