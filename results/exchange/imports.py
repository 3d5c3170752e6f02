"""Imports files of exported runs: every row is checked, and all is written or nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DataError, IntegrityError

from results.exchange.arrival import Arrival
from results.exchange.checks import check_row
from results.exchange.references import References
from results.exchange.shapes import SHAPES
from results.exchange.streams import FileRow, Reader, at
from results.metrics import METRICS
from results.store import Store
from results.tables import runs

_AT_ONCE = 2_000
_ADVISORY_LOCK = 7_305_447_126_019


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import.

    Args:
        run_ids: The runs that are new.
        there_already: How many runs were there before, and stay as they are.
        different: Those of them that are in another state there than in the file.
        rows: How many rows were written, by table.
        other_units: Units of metrics that are measured in others here; such figures are kept apart.
        unknown_metrics: Metrics that this Tierbench does not know; their figures are kept.
    """

    run_ids: tuple[str, ...]
    there_already: int
    different: tuple[str, ...]
    rows: Mapping[str, int]
    other_units: Mapping[str, frozenset[str]]
    unknown_metrics: tuple[str, ...]


def import_files(
    store: Store, readers: Iterable[Reader], on_rows: Callable[[int, int], None] = lambda *_: None
) -> Imported:
    """Bring runs from exports into a results database; those that are there stay as they are.

    Args:
        store: The results database; its other users wait while it is written.
        readers: The exports, one after another.
        on_rows: Told now and then how many runs and rows were read.

    Raises:
        ExchangeError: A file is damaged, cut off or hostile; then nothing is imported.
        StoreUnavailableError: The database failed.
    """
    with store.database.write() as connection:
        _wait_for_other_imports(connection)
        importer = _Importer(connection, on_rows)
        for reader in readers:
            importer.take(reader)
        return importer.outcome()


def _wait_for_other_imports(connection: Connection) -> None:
    # Two that bring the same runs would else clash, or wait for each other, where many may write.
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))


class _Importer:
    """Takes the rows of files run by run, and holds those of one table at a time."""

    def __init__(self, connection: Connection, on_rows: Callable[[int, int], None]) -> None:
        self._connection = connection
        self._on_rows = on_rows
        self._new: list[str] = []
        self._there: list[str] = []
        self._different: list[str] = []
        self._written: Counter[str] = Counter()
        self._units: dict[str, set[str]] = {}
        self._read = 0

    def outcome(self) -> Imported:
        """What came of all files."""
        known = {name: units for name, units in self._units.items() if name in METRICS}
        others = {name: frozenset(units - {METRICS[name].unit}) for name, units in known.items()}
        return Imported(
            run_ids=tuple(self._new),
            there_already=len(self._there),
            different=tuple(self._different),
            rows=dict(+self._written),
            other_units={name: units for name, units in others.items() if units},
            unknown_metrics=tuple(sorted(self._units.keys() - known.keys())),
        )

    def take(self, reader: Reader) -> None:
        """Import one file."""
        self._begin()
        try:
            for row in reader.rows():
                self._take_row(row)
            self._flush()
        except (ValueError, RecursionError) as error:
            raise at(reader, error) from None
        except (IntegrityError, DataError) as error:
            raise at(reader, f"the database does not take it: {error.orig}") from None

    def _begin(self) -> None:
        self._arrival: Arrival | None = None
        self._references = References()
        self._table = ""
        self._rows: list[dict[str, Any]] = []

    def _take_row(self, row: FileRow) -> None:
        shape = SHAPES.get(row.table)
        if shape is None:
            raise ValueError(f"there is no table {row.table[:40]!r}")
        values = shape.check(row.values)
        check_row(row.table, values)
        is_next = row.table != self._table or row.table == "runs"
        if is_next or len(self._rows) >= _AT_ONCE:
            self._flush()
            self._turn_to(row.table, values)
        self._references.check(row.table, values)
        self._rows.append(values)

    def _turn_to(self, table: str, values: Mapping[str, Any]) -> None:
        if table == "runs":
            self._begin()
            self._open_run(values)
        elif self._arrival is None:
            raise ValueError(f"a row of {table} stands before any run")
        elif SHAPES[table].place < SHAPES[self._table].place:
            raise ValueError(f"a row of {table} stands after those of {self._table}")
        self._table = table

    def _open_run(self, values: Mapping[str, Any]) -> None:
        run_id = values["run_id"]
        stored = self._connection.execute(
            select(runs.c.aggregated_at).where(runs.c.run_id == run_id)
        ).one_or_none()
        if stored is None:
            self._new.append(run_id)
        else:
            self._there.append(run_id)
            if stored.aggregated_at != values["aggregated_at"]:
                self._different.append(run_id)
        self._arrival = Arrival(self._connection, self._written, is_new=stored is None)

    def _flush(self) -> None:
        if self._rows and self._arrival is not None:
            self._arrival.write(self._table, self._rows)
            if self._table == "metrics":
                self._note_units()
        self._read += len(self._rows)
        self._rows = []
        self._on_rows(len(self._new) + len(self._there), self._read)

    def _note_units(self) -> None:
        for name, unit in {(row["name"], row["unit"]) for row in self._rows}:
            self._units.setdefault(name, set()).add(unit)
