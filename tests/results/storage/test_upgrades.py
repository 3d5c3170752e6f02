"""Databases of every earlier layout are upgraded with their data, all or nothing."""

from typing import Any

import pytest
from alembic import op
from sqlalchemy import create_engine, inspect, select, text

from results import metrics
from results.aggregate import aggregate
from results.migrations.versions import history
from results.report import build_report
from results.series import Selection, find_series
from results.storage import address, measured
from results.store import Store
from results.tables import files, kinds, meetings, metadata
from tests.results.storage import older_layouts

LAYOUTS = ("0001", "0002", "0003")


def units(store: Store) -> dict[str, str]:
    """The unit that each metric is stored in."""
    with store.database.read() as connection:
        return {row.name: row.unit for row in connection.execute(select(kinds))}


@pytest.mark.parametrize("version", LAYOUTS)
def test_a_database_of_an_earlier_layout_is_upgraded_with_its_data(
    results_url: str, version: str
) -> None:
    """Every table that it had: runs, what attempts saw, figures with their units, and files."""
    tables = older_layouts.make(results_url, version)
    assert tables <= metadata.tables.keys()
    with Store.open(results_url) as store:
        _check_run(store, version)
        _check_seen(store, tables)
        _check_figures(store)
        with store.database.read() as connection:
            for name in tables:
                found = connection.execute(select(metadata.tables[name])).all()
                assert len(found) == len(older_layouts.ROWS[name]), name
            assert connection.execute(select(files.c.content)).scalar_one() == b"1 2 3"
            if "meetings" in tables:
                assert connection.execute(select(meetings.c.content)).scalar_one() == b"x"
        assert aggregate(store, "run-1")
        (found,) = build_report(store, "run-1")["results"].values()
        assert [each["kind"] for each in found["fault_windows"]] == ["l2_stop"]


def _check_run(store: Store, version: str) -> None:
    stored = store.run("run-1")
    assert stored.run.code_version.name == "abc1234"
    assert stored.run.labels == {"release": "1"}
    assert stored.run.idempotency_key == ("nightly" if version == "0003" else None)
    assert stored.run.code_version.branch is None
    assert (stored.excluded, stored.pruned_at_s, stored.imported_at_s) == (None, None, None)
    assert (store.progress("run-1").completed, store.progress("run-1").failed) == (1, 1)
    assert [row.reason for row in store.job_rows("run-1")] == [None, "boom"]
    assert store.runs_to_aggregate() == []


def _check_seen(store: Store, tables: set[str]) -> None:
    with store.database.read() as connection:
        (attempt,) = measured.accepted(connection, "run-1", "basic_operations")
    for name in ("intervals", "observations", "phases", "fault_windows"):
        assert len(getattr(attempt, name)) == 1
    later = ("distributions", "readings", "trials", "window_times", "changes", "findings")
    for name in later:
        assert len(getattr(attempt, name)) == (name in tables), name
    assert attempt.intervals[0].histogram.count == 2
    assert attempt.unsupported == {"l3"}
    assert attempt.fault_windows[0].number == 0
    assert attempt.phases[0].loop == "closed"


def _check_figures(store: Store) -> None:
    (found,) = build_report(store, "run-1")["results"].values()
    assert found["verdict"] == "pass"
    assert found["tests_passed"] == 1
    assert found["loops"] == {"load": "closed"}
    for name, value in older_layouts.METRICS.items():
        told = "execution_time_seconds" if name == "execution_time_seconds" else name
        assert found[told] == value
        assert found["phases"]["load"][name] == value
    series = find_series(store, Selection())
    assert {each.key.metric: each.points[0].value for each in series} == older_layouts.METRICS
    assert len(find_series(store, Selection(phase="load"))) == len(older_layouts.METRICS)
    assert units(store) == {name: metrics.METRICS[name].unit for name in older_layouts.METRICS}


def test_units_of_earlier_metrics_are_those_that_they_were_measured_in() -> None:
    """Every metric that there is now is stored as what it is, whatever its name."""
    told = {name: history.unit_of(name) for name in metrics.METRICS}
    assert told == {name: metric.unit for name, metric in metrics.METRICS.items()}


@pytest.mark.parametrize(
    ("version", "table"),
    [
        ("0001", "acknowledgements"),
        ("0003", "metrics"),
    ],
)
def test_a_migration_that_fails_leaves_the_old_layout(
    results_url: str, monkeypatch: pytest.MonkeyPatch, version: str, table: str
) -> None:
    """All its tables, columns, indexes and rows are as before; the next opening upgrades it."""
    tables = older_layouts.make(results_url, version)
    before = _everything(results_url)

    def fail_at(name: str, *parts: Any, **options: Any) -> Any:
        made = create_table(name, *parts, **options)
        if name == table:
            raise KeyboardInterrupt
        return made

    create_table = op.create_table
    with monkeypatch.context() as patch:
        patch.setattr(op, "create_table", fail_at)
        with pytest.raises(KeyboardInterrupt):
            Store.open(results_url)
    assert _everything(results_url) == before
    with Store.open(results_url) as store:
        _check_run(store, version)
        _check_seen(store, tables)
        _check_figures(store)


def _everything(url: str) -> dict[str, object]:
    engine = create_engine(address.parse(url))
    with engine.connect() as connection:
        seen = inspect(connection)
        found: dict[str, object] = {}
        for name in sorted(seen.get_table_names()):
            columns = [column["name"] for column in seen.get_columns(name)]
            indexes = sorted(str(index["name"]) for index in seen.get_indexes(name))
            rows = connection.execute(text(f"SELECT * FROM {name}")).all()
            found[name] = (columns, indexes, sorted(map(str, rows)))
    engine.dispose()
    return found
