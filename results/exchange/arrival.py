"""Writes the rows of one imported run: new row numbers, and nothing that a worker would act on."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from results.exchange.shapes import SHAPES
from results.storage import kinds
from results.storage.clock import Now, now_s
from results.tables import acknowledgements, baselines, environments, jobs, runs, summaries, workers

Rows = Sequence[dict[str, Any]]

_KNOWN_CHANGE = (
    *("run_id", "metric", "phase", "scenario", "subject", "parameters", "environment_class"),
)


class Arrival:
    """One run on its way into the database; rows come table by table, in their order.

    Args:
        connection: A writing transaction, which everything that is imported shares.
        is_new: Whether the run is not there yet; else only what is said of it is written.
        counts: Counts the rows that were written, by table.
    """

    def __init__(self, connection: Connection, counts: Counter[str], *, is_new: bool) -> None:
        self._connection = connection
        self._counts = counts
        self._is_new = is_new
        self._now_s = now_s(connection)
        self._summaries: dict[int, int] = {}
        self._kinds: dict[tuple[str, str], int] = {}

    def write(self, table: str, rows: Rows) -> None:
        """Write rows of one table.

        Raises:
            ValueError: They clash with what is there.
        """
        write = self._ALWAYS.get(table)
        if write is None and self._is_new:
            write = self._NEW.get(table, Arrival._insert)
        if write is not None:
            self._counts[table] += write(self, SHAPES[table].table, rows)

    def _insert(self, table: Table, rows: Rows) -> int:
        self._connection.execute(insert(table), list(rows))
        return len(rows)

    def _insert_run(self, table: Table, rows: Rows) -> int:
        self._connection.execute(insert(table).values(imported_at=Now()), list(rows))
        return len(rows)

    def _insert_jobs(self, table: Table, rows: Rows) -> int:
        # Whoever ends a job ends its group: an imported job must not be in one of these.
        groups = {row["group"] for row in rows}
        taken = select(jobs.c.group).where(
            jobs.c.group.in_(groups), jobs.c.run_id != rows[0]["run_id"]
        )
        clash = self._connection.execute(taken.limit(1)).scalar()
        if clash is not None:
            raise ValueError(f"the group {clash[:64]!r} belongs to another run already")
        return self._insert(table, rows)

    def _insert_workers(self, table: Table, rows: Rows) -> int:
        ended = [{**row, "alive_until": min(row["alive_until"], self._now_s)} for row in rows]
        return self._insert_unknown(table, ended)

    def _insert_unknown(self, table: Table, rows: Rows) -> int:
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        (key,) = table.primary_key
        values = [row[key.name] for row in rows]
        known = set(self._connection.execute(select(key).where(key.in_(values))).scalars())
        unknown = [row for row in rows if row[key.name] not in known]
        if unknown:
            # Whoever else stores one of them now is as right.
            self._connection.execute(dialect.insert(table).on_conflict_do_nothing(), unknown)
        return len(unknown)

    def _insert_summaries(self, table: Table, rows: Rows) -> int:
        values = [{name: value for name, value in row.items() if name != "id"} for row in rows]
        numbered = insert(table).returning(summaries.c.id, sort_by_parameter_order=True)
        numbers = self._connection.execute(numbered, values).scalars()
        self._summaries.update(zip((row["id"] for row in rows), numbers, strict=True))
        return len(rows)

    def _insert_metrics(self, table: Table, rows: Rows) -> int:
        return self._insert(
            table,
            [
                {
                    "summary_id": self._summaries[row["summary_id"]],
                    "kind_id": self._kind(row["name"], row["unit"]),
                    "phase": row["phase"],
                    "value": row["value"],
                }
                for row in rows
            ],
        )

    def _kind(self, name: str, unit: str) -> int:
        if (name, unit) not in self._kinds:
            self._kinds[name, unit] = kinds.ids(self._connection, {name: unit})[name]
        return self._kinds[name, unit]

    def _insert_judgements(self, table: Table, rows: Rows) -> int:
        numbered = ({**row, "summary_id": self._summaries[row["summary_id"]]} for row in rows)
        return self._insert(table, list(numbered))

    def _insert_new_changes(self, table: Table, rows: Rows) -> int:
        columns = [acknowledgements.c[name] for name in _KNOWN_CHANGE]
        of_run = select(*columns).where(acknowledgements.c.run_id == rows[0]["run_id"])
        known = {tuple(row) for row in self._connection.execute(of_run)}
        new = [row for row in rows if tuple(row[name] for name in _KNOWN_CHANGE) not in known]
        return self._insert(table, new) if new else 0

    _NEW: Mapping[str, Callable[["Arrival", Table, Rows], int]] = {
        runs.name: _insert_run,
        jobs.name: _insert_jobs,
        workers.name: _insert_workers,
        environments.name: _insert_unknown,
        summaries.name: _insert_summaries,
        "metrics": _insert_metrics,
        "judgements": _insert_judgements,
    }
    _ALWAYS: Mapping[str, Callable[["Arrival", Table, Rows], int]] = {
        baselines.name: _insert_unknown,
        acknowledgements.name: _insert_new_changes,
    }
