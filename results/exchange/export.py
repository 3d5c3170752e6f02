"""Exports whole runs: chosen, read one after another, and written as they come."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, text

from results.exchange.selection import Chosen, choose
from results.exchange.stored_rows import rows_of
from results.exchange.streams import Writer
from results.storage.series import Selection
from results.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written; runs that still go on were left out."""

    run_ids: tuple[str, ...]
    left_out: tuple[str, ...]
    rows: Mapping[str, int]


def export_runs(
    store: Store,
    wanted: Selection,
    open_writer: Callable[[], Writer],
    on_run: Callable[[int, int], None] = lambda _done, _all: None,
) -> Exported:
    """Write all that the database holds of some runs, but for the files that their jobs need.

    Args:
        store: The results database; nothing of it is changed.
        wanted: Which runs; see `selection.choose`.
        open_writer: Asked for where to write once the runs are known.
        on_run: Told after each run how many of how many are written.

    Raises:
        UnknownRunError: A run that is named is not there.
        ExchangeError: What is stored can't be written.
        StoreUnavailableError: The database failed.
    """
    with _standing_still(store) as connection:
        chosen = choose(connection, wanted)
        counts = _write(connection, chosen, open_writer(), on_run)
    return Exported(run_ids=chosen.run_ids, left_out=chosen.open_ids, rows=counts)


@contextmanager
def _standing_still(store: Store) -> Iterator[Connection]:
    """A transaction that sees one state of the database, whatever others write meanwhile."""
    with store.database.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection


def _write(
    connection: Connection, chosen: Chosen, writer: Writer, on_run: Callable[[int, int], None]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for done, run_id in enumerate(chosen.run_ids, start=1):
        for part in rows_of(connection, run_id):
            writer.rows(*part)
            counts[part.table] += len(part.rows)
        writer.end_run()
        on_run(done, len(chosen.run_ids))
    writer.close(counts)
    return counts
