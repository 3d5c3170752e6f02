"""The layout of the tables: made and upgraded by itself, once, whoever opens at the same time."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import results
from results.errors import NewerLayoutError
from results.storage import layout
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
