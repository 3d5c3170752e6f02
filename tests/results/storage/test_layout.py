"""The layout of the tables: made and upgraded by itself, once, whoever opens at the same time."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, insert, inspect, text

import results
from results.accepted import AcceptedAttempt
from results.aggregate import aggregate
from results.errors import NewerLayoutError
from results.report import build_report
from results.storage import address, layout, measured
from results.store import Store
from results.tables import metadata
from tests.results.build import a_run


def test_migrations_lead_to_the_tables_of_the_code(store: Store) -> None:
    """What the migrations make is what the code reads and writes."""
    with store.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_layout_of_the_code() -> None:
    """The layout that the code asks for is the head of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(results.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == layout.HEAD


def test_a_database_of_the_second_layout_is_upgraded_with_its_data(results_url: str) -> None:
    """What an older Tierbench stored is read as before; what it did not know of is empty."""
    _make_second_layout(results_url)
    with Store.open(results_url) as store:
        assert layout_of(store) == layout.HEAD
        (window,) = _attempt_of(store).fault_windows
        assert _attempt_of(store).promises == {}
        assert (window.kind, window.number, window.cleared_s) == ("l2_stop", 0, 3.0)
        assert store.latest_run().run.idempotency_key is None
        assert aggregate(store, "run-1")
        (found,) = build_report(store, "run-1")["results"].values()
    assert [each["kind"] for each in found["fault_windows"]] == ["l2_stop"]


def layout_of(store: Store) -> str | None:
    """The version of a database's layout."""
    with store.database.read() as connection:
        return layout._version(connection)


def _attempt_of(store: Store) -> AcceptedAttempt:
    with store.database.read() as connection:
        (attempt,) = measured.accepted(connection, "run-1", "basic_operations")
    return attempt


def _make_second_layout(url: str) -> None:
    """A database as it was at the layout 0002, with one job that was done."""
    at = address.parse(url)
    address.make_folder(at)
    engine = create_engine(at)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(results.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        older = MetaData()
        older.reflect(connection)
        for table, row in _OLDER_ROWS.items():
            connection.execute(insert(older.tables[table]).values(row))
    engine.dispose()


_OLDER_ROWS: dict[str, dict[str, object]] = {
    "runs": {
        "run_id": "run-1",
        "created_at": 1.0,
        "names": ["quick"],
        "seed": 42,
        "repeats": 1,
        "services": "embedded",
        "subjects": ["multilevel"],
        "labels": {},
        "parameters": {},
    },
    "jobs": {
        "job_id": "job-1",
        "run_id": "run-1",
        "position": 0,
        "scenario": "basic_operations",
        "subject": "multilevel",
        "repeat": 0,
        "job_group": "group-1",
        "shard": 0,
        "role": "load",
        "deadline_s": 60.0,
        "max_attempts": 3,
        "expectations": [{"metric": "error_rate", "at_most": 0.0}],
        "spec": {},
        "parameters": {},
        "state": "completed",
        "since": 2.0,
        "attempts": 1,
        "generation": 0,
    },
    "workers": {
        "worker_id": "worker-1",
        "host": "host-1",
        "pid": 11,
        "started_at": 1.0,
        "alive_until": 2.0,
    },
    "environments": {"fingerprint_hash": "f", "environment_class": "2 cores", "fingerprint": {}},
    "attempts": {
        "attempt_id": "a",
        "job_id": "job-1",
        "number": 1,
        "generation": 0,
        "worker_id": "worker-1",
        "host": "host-1",
        "outcome": "accepted",
        "started_at": 1.0,
        "claimed_until": 2.0,
        "ended_at": 2.0,
        "execution_time_s": 1.0,
        "fingerprint_hash": "f",
        "unsupported": [],
    },
    "fault_windows": {
        "attempt_id": "a",
        "kind": "l2_stop",
        "phase": "load",
        "requested_s": 1.0,
        "effective_s": 1.5,
        "cleared_s": 3.0,
    },
}


def test_opening_again_keeps_what_is_there(results_url: str) -> None:
    """The second opening finds the runs of the first."""
    with Store.open(results_url) as store:
        store.create_run(a_run(), [], [])
    with Store.open(results_url) as store:
        assert store.latest_run().run == a_run()


def test_a_newer_layout_is_refused_and_left_alone(results_url: str) -> None:
    """A database of a newer Tierbench says so and keeps its version."""
    with Store.open(results_url) as store, store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        store_url = store.url
    with pytest.raises(NewerLayoutError, match="newer layout 9999, this Tierbench knows 0004"):
        Store.open(results_url)
    assert store_url.startswith(results_url.partition(":")[0])


def test_a_migration_that_fails_leaves_nothing(
    results_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables are made all or none, and the next opening makes them."""

    def fail_afterwards(connection: object, version: object) -> None:
        migrate(connection, version)
        raise KeyboardInterrupt

    migrate = layout._migrate
    with monkeypatch.context() as patch:
        patch.setattr(layout, "_migrate", fail_afterwards)
        with pytest.raises(KeyboardInterrupt):
            Store.open(results_url)
    with Store.open(results_url) as store, store.database.read() as connection:
        assert inspect(connection).has_table("runs")


def _open(url: str) -> int:
    with Store.open(url) as store:
        return len(store.runs(1))


def test_processes_that_open_at_once_migrate_once(results_url: str) -> None:
    """Several processes that find no tables all get them, without an error."""
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(_open, [results_url] * 6)) == [0] * 6
