"""Databases that were merged answer as one that held all."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlalchemy import Connection, insert, select

from results.exchange.imports import Imported
from results.report import build_report
from results.series import Selection, find_series
from results.storage import kinds as kind_storage
from results.storage.times import times_of_runs
from results.store import Store
from results.tables import kinds, metadata, metrics
from tests.results.conftest import MakeStore
from tests.results.exchange.full_runs import exported, full_run, imported, mark, of_branch

_APART = 1_000_000


@pytest.fixture
def parts(make_store: MakeStore) -> tuple[Store, Store]:
    """Two machines' results, their runs by turns, one of each marked."""
    first, second = make_store(), make_store()
    for number, store in enumerate((first, second) * 2):
        version = of_branch(f"v{number}", 1_700_000_000.0 + number)
        full_run(store, f"run-{number}", 1.0 + number, code_version=version)
    mark(first, "run-0", "main")
    mark(second, "run-3", "release")
    return first, second


def held_by_one(parts: tuple[Store, Store], both: Store) -> None:
    """Put the rows of both where they had been if one database had held all from the start."""
    for number, part in enumerate(parts):
        with both.database.write() as connection, part.database.read() as other:
            _copy(other, connection, number * _APART)


def _copy(source: Connection, target: Connection, first_number: int) -> None:
    units = {row.id: (row.name, row.unit) for row in source.execute(select(kinds))}
    known = kind_storage.ids(target, dict(units.values()))
    for table in metadata.sorted_tables:
        for row in source.execute(select(table)) if table is not kinds else ():
            values = dict(zip(table.c.keys(), row, strict=True))
            for column in {"id", "summary_id"} & values.keys():
                values[column] += first_number
            if table is metrics:
                values["kind_id"] = known[units[values["kind_id"]][0]]
            target.execute(insert(table).prefix_with(*_known(table.name)), values)


def _known(table: str) -> tuple[str, ...]:
    return ("OR IGNORE",) if table in {"workers", "environments"} else ()


def test_merged_databases_answer_as_one(
    parts: tuple[Store, Store], store: Store, make_store: MakeStore
) -> None:
    """Series in every phase, times, reports, branches, labels and what is excluded."""
    both = make_store()
    held_by_one(parts, both)
    imported(store, *map(exported, parts))
    assert len(find_series(both, Selection())) > 30
    for wanted in (
        Selection(),
        Selection(phase="load"),
        Selection(metrics=("p50_response_time_ms",), last=2),
        Selection(branch="main", scenario="basic*"),
        Selection(labels={"release": "é1"}),
    ):
        assert find_series(store, wanted) == find_series(both, wanted)
    assert [each.run.run_id for each in store.runs(9)] == [each.run.run_id for each in both.runs(9)]
    with _reading(store, both) as (mine, theirs):
        ids = [f"run-{number}" for number in range(4)]
        assert times_of_runs(mine, ids) == times_of_runs(theirs, ids)
        for name in ("baselines", "notes", "acknowledgements"):
            assert _said(mine, name) == _said(theirs, name)
    for run_id in ids:
        assert build_report(store, run_id) == build_report(both, run_id)


@contextmanager
def _reading(*stores: Store) -> Iterator[list[Connection]]:
    first, second = stores
    with first.database.read() as one, second.database.read() as other:
        yield [one, other]


def _said(connection: Connection, name: str) -> list[dict[str, object]]:
    table = metadata.tables[name]
    found = connection.execute(select(table).order_by(table.c.run_id)).mappings()
    return [{key: value for key, value in row.items() if key != "id"} for row in found]


def test_they_are_merged_in_any_order(parts: tuple[Store, Store], make_store: MakeStore) -> None:
    """Through a third one and back too."""
    first, second = parts
    one, other = make_store(), make_store()
    imported(one, exported(first), exported(second))
    imported(other, exported(second))
    imported(other, exported(first))
    assert find_series(one, Selection()) == find_series(other, Selection())
    imported(first, exported(one))
    assert find_series(first, Selection()) == find_series(one, Selection())


def test_two_imports_at_once_follow_one_another(store: Store, make_store: MakeStore) -> None:
    """The second finds what the first has brought, in whatever order they bring it."""
    source = make_store()
    for run_id in ("run-1", "run-2"):
        full_run(source, run_id)
    files = [exported(source, Selection(run_ids=(run_id,))) for run_id in ("run-1", "run-2")]
    met = Barrier(2, timeout=10)

    def bring(order: list[bytes]) -> Imported:
        met.wait()
        return imported(store, *order)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(bring, (files, files[::-1])))
    assert sorted((len(each.run_ids), each.there_already) for each in done) == [(0, 2), (2, 0)]
