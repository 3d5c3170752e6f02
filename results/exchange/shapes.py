"""The tables of an export, in the order in which a run's rows stand there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Table

from results import tables
from results.exchange.columns import Field, Kind
from results.tables.layout import metadata

FORMAT = 1
"""The format of exports; it changes where what is below does not say it all."""

ORDER = (
    *("runs", "notes", "jobs", "workers", "environments", "attempts"),
    *("phases", "intervals", "distributions", "readings", "trials", "observations"),
    *("fault_windows", "window_times", "window_figures", "changes", "findings"),
    *("summaries", "metrics", "judgements", "baselines", "acknowledgements"),
)
"""What is referred to stands before what refers to it."""

NOT_EXPORTED = ("files", "meetings", "kinds")
"""Bytes that jobs need, what groups wait for, and what `metrics` rows say themselves."""

# Row numbers are each database's own, and so is what a run was asked for twice with.
_LOCAL = {("runs", "idempotency_key"), ("runs", "imported_at"), ("metrics", "kind_id")}
_KIND = (
    Field(name="name", kind=Kind.TEXT, nullable=False),
    Field(name="unit", kind=Kind.TEXT, nullable=False, limit=16),
)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One table in an export."""

    table: Table
    place: int
    fields: tuple[Field, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of its columns."""
        return frozenset(field.name for field in self.fields)

    def check(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row's values as they are stored.

        Raises:
            ValueError: Columns are missing or unknown, or a value is none of theirs.
        """
        if row.keys() != self.names:
            raise ValueError(self._difference(row))
        return {field.name: field.check(row[field.name]) for field in self.fields}

    def _difference(self, row: Mapping[str, Any]) -> str:
        unknown = sorted(row.keys() - self.names)
        if unknown:
            return f"{self.table.name} has no column {unknown[0][:40]!r}"
        return f"a row of {self.table.name} lacks {min(self.names - row.keys())!r}"


def _shape(place: int, name: str) -> Shape:
    table = metadata.tables[name]
    kept = [Field.of(column) for column in table.c if _is_kept(name, column.key)]
    own = _KIND if table is tables.metrics else ()
    return Shape(table=table, place=place, fields=(*kept, *own))


def _is_kept(table: str, column: str) -> bool:
    # A summary's number tells its metrics and judgements from those of others in the file.
    is_number = column == "id" and table != "summaries"
    return not is_number and (table, column) not in _LOCAL


SHAPES: Mapping[str, Shape] = {name: _shape(place, name) for place, name in enumerate(ORDER)}
