"""Prunes old runs: first what their figures were made of, later the figures too."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from results.storage import pruning
from results.storage.pruning import Bound
from results.storage.space import Space
from results.store import Store

__all__ = ["Bound", "Pruned", "prune"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was pruned, or would be.

    Args:
        stripped: Runs that keep their figures, without what these were made of.
        removed: Runs that are gone with everything.
        rows: How many rows of each table have gone with them.
        histogram_bytes: How many bytes of histograms were in these.
        orphans: Workers, environments and files that nothing referred to any more, by table.
        space: What became of an SQLite file's size; None where it was left as it is.
    """

    stripped: tuple[str, ...]
    removed: tuple[str, ...]
    rows: Mapping[str, int]
    histogram_bytes: int
    orphans: Mapping[str, int]
    space: Space | None = None


def prune(
    store: Store,
    keep: Bound,
    keep_summaries: Bound | None = None,
    *,
    dry_run: bool = False,
    on_run: Callable[[int, int], None] = lambda _done, _all: None,
) -> Pruned:
    """Take away raw records of old runs, and with `keep_summaries` runs that are older still.

    What goes on, and what a baseline points at, loses nothing. Each run is a transaction of its
    own: what was interrupted goes on where it was.

    Args:
        store: The results database.
        keep: Which runs keep all.
        keep_summaries: Which runs are kept at all; all of them where None.
        dry_run: Only count.
        on_run: Told after each run how many of how many are done.

    Raises:
        StoreUnavailableError: The database failed.
    """
    pruner = _Pruner(store, dry_run=dry_run)
    removed, stripped = _doomed(store, keep, keep_summaries)
    todo = [*((run_id, True) for run_id in removed), *((run_id, False) for run_id in stripped)]
    for done, (run_id, whole) in enumerate(todo, start=1):
        pruner.take(run_id, whole=whole)
        on_run(done, len(todo))
    return pruner.outcome(whole=keep_summaries is not None)


def _doomed(store: Store, keep: Bound, keep_summaries: Bound | None) -> tuple[list[str], list[str]]:
    with store.database.read() as connection:
        beyond = pruning.older(connection, keep)
        gone = set() if keep_summaries is None else set(pruning.older(connection, keep_summaries))
        # One may be an age and the other a number: what keeps all is kept.
        removed = [run_id for run_id in beyond if run_id in gone]
        without = pruning.pruned(connection) | set(removed)
    return removed, [run_id for run_id in beyond if run_id not in without]


class _Pruner:
    """Prunes run by run, and counts."""

    def __init__(self, store: Store, *, dry_run: bool) -> None:
        self._store = store
        self._dry_run = dry_run
        self._done: dict[bool, list[str]] = {True: [], False: []}
        self._rows: Counter[str] = Counter()
        self._bytes = 0

    def take(self, run_id: str, *, whole: bool) -> None:
        """Prune a run, unless it was taken up again or pointed at meanwhile."""
        if self._dry_run:
            with self._store.database.read() as connection:
                self._count(connection, run_id, whole=whole)
            return
        with self._store.database.write() as connection:
            if not pruning.may_go(connection, run_id):
                return
            self._count(connection, run_id, whole=whole)
            if whole:
                pruning.remove(connection, run_id)
            else:
                pruning.strip(connection, run_id)

    def _count(self, connection: Connection, run_id: str, *, whole: bool) -> None:
        doomed = pruning.WHOLE if whole else pruning.RAW
        for table, (rows, size) in pruning.measure(connection, run_id, doomed).items():
            self._rows[table] += rows
            self._bytes += size
        self._done[whole].append(run_id)

    def outcome(self, *, whole: bool) -> Pruned:
        """What came of it, once what nothing refers to any more is gone too.

        Whoever was interrupted, or met others at the file, left that to the next.
        """
        orphans: Mapping[str, int] = {}
        space = None
        if whole and not self._dry_run:
            with self._store.database.write() as connection:
                orphans = pruning.sweep(connection)
        if not self._dry_run:
            space = self._store.database.give_back_space()
        return Pruned(
            stripped=tuple(self._done[False]),
            removed=tuple(self._done[True]),
            rows=dict(+self._rows),
            histogram_bytes=self._bytes,
            orphans={table: count for table, count in orphans.items() if count},
            space=space,
        )
