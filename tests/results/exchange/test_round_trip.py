"""Whole runs through a file and back, between SQLite and PostgreSQL."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from results import marks
from results.aggregate import aggregate
from results.exchange.export import export_runs
from results.exchange.imports import import_files
from results.exchange.jsonl import JsonLinesReader, JsonLinesWriter
from results.exchange.parquet import ParquetReader, ParquetWriter
from results.exchange.shapes import NOT_EXPORTED, SHAPES
from results.report import build_report
from results.series import Selection
from results.storage.summaries import load
from results.store import Store
from results.tables import acknowledgements, attempts, kinds, metadata, runs, workers
from tests.results.build import a_job, a_run, complete_run, plan, take
from tests.results.conftest import MakeStore
from tests.results.exchange.full_runs import (
    ALL,
    contents,
    exported,
    full_result,
    full_run,
    imported,
    mark,
)


def lines(file: bytes) -> list[dict[str, Any]]:
    """The lines of an export, but for what is new in each database: signs of life."""
    told = [json.loads(line) for line in file.splitlines()]
    return [{**each, "alive_until": None} for each in told[:-1]]


def test_every_table_is_exported_or_said_not_to_be() -> None:
    """Who adds a table decides whether it goes with a run."""
    assert {*SHAPES, *NOT_EXPORTED} == metadata.tables.keys()


def test_a_run_comes_back_as_it_was(store: Store, make_store: MakeStore) -> None:
    """Every row of every table, whatever the other database is, and its report."""
    source = make_store()
    mark(source, full_run(source, "run-1", parameters={"users": "4"}))
    assert min(contents(source).values()) > 0, "a table without rows shows nothing"
    file = exported(source)
    done = imported(store, file)
    assert (done.run_ids, done.there_already, done.different) == (("run-1",), 0, ())
    assert contents(store) == contents(source) == done.rows
    assert lines(exported(store)) == lines(file)
    assert build_report(store, "run-1") == build_report(source, "run-1")
    assert marks.notes_of(store, ["run-1"]) == marks.notes_of(source, ["run-1"])


def test_importing_twice_adds_nothing(store: Store, make_store: MakeStore) -> None:
    """The second time every run is there, in one file or in another."""
    source = make_store()
    mark(source, full_run(source, "run-1"))
    one = exported(source)
    full_run(source, "run-2")
    imported(store, one)
    again = imported(store, exported(source), one)
    assert (again.run_ids, again.there_already) == (("run-2",), 2)
    before = contents(store)
    assert before == contents(source)
    assert imported(store, exported(source)).rows == {}
    assert contents(store) == before


def test_row_numbers_are_each_database_s_own(store: Store, make_store: MakeStore) -> None:
    """Summaries and kinds of metrics are numbered anew where others have their numbers."""
    source = make_store()
    full_run(store, "here")
    full_run(source, "there")
    with source.database.write() as connection:
        # As if the metrics were first met in another order.
        unit = kinds.c.unit
        connection.execute(update(kinds).values(unit=unit + "?"))
        names = connection.execute(select(kinds).order_by(kinds.c.id)).all()
        for row, other in zip(names, names[::-1], strict=True):
            swapped = {"name": other.name, "unit": other.unit[:-1]}
            connection.execute(update(kinds).where(kinds.c.id == row.id).values(swapped))
    imported(store, exported(source))
    with store.database.read() as connection, source.database.read() as other_connection:
        assert load(connection, "there") == load(other_connection, "there")
        assert len(load(connection, "here")) == 3


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"run_ids": ("run-1", "run-3")}, ["run-1", "run-3"]),
        ({"run_ids": ("run-2",), "last": 1}, ["run-2"]),
        ({"scenario": "trace_*"}, ["run-2"]),
        ({"labels": {"which": "third"}}, ["run-3"]),
        ({"last": 2}, ["run-2", "run-3"]),
        ({"since_s": 2_000.0}, ["run-2", "run-3"]),
        ({"until_s": 2_000.0}, ["run-1"]),
        ({"labels": {"which": "none"}}, []),
    ],
)
def test_runs_are_chosen(sqlite_store: Store, wanted: dict[str, Any], found: list[str]) -> None:
    """Whole runs, oldest first."""
    for number, scenario in enumerate(("small", "trace_replay", "small"), start=1):
        asked = {"labels": {"which": "third"}} if number == 3 else {}
        run_id = f"run-{number}"
        complete_run(sqlite_store, [full_result()], run_id=run_id, scenario=scenario, asked=asked)
        aggregate(sqlite_store, run_id)
        with sqlite_store.database.write() as connection:
            made = update(runs).where(runs.c.run_id == run_id)
            connection.execute(made.values(created_at=1_000.0 * number))
    out = io.BytesIO()
    done = export_runs(sqlite_store, Selection(**wanted), lambda: JsonLinesWriter(out))
    assert list(done.run_ids) == found
    assert [line["run_id"] for line in lines(out.getvalue()) if line.get("table") == "runs"] == (
        found
    )


def test_what_still_goes_on_is_left_out(store: Store) -> None:
    """Open runs, those that are not aggregated, and those of which a late attempt still runs."""
    full_run(store, "done")
    plan(store, [a_job("open")])
    complete_run(store, [full_result()], run_id="not-aggregated")
    full_run(store, "late")
    with store.database.write() as connection:
        late = update(attempts).where(attempts.c.job_id == "late-0", attempts.c.number == 1)
        connection.execute(late.values(outcome="running"))
    done = export_runs(store, ALL, lambda: JsonLinesWriter(io.BytesIO()))
    assert done.run_ids == ("done",)
    assert set(done.left_out) == {"open", "not-aggregated", "late"}


def test_parquet_says_the_same(sqlite_store: Store, make_store: MakeStore, tmp_path: Path) -> None:
    """One file with all tables, typed, and its own end."""
    mark(sqlite_store, full_run(sqlite_store, "run-1", parameters={"users": "4"}))
    full_run(sqlite_store, "run-2")
    path = tmp_path / "runs.parquet"
    with ParquetWriter.open(path) as writer:
        written = export_runs(sqlite_store, ALL, lambda: writer)
    target = make_store()
    done = import_files(target, [ParquetReader(path, "runs.parquet")])
    assert (done.run_ids, done.rows) == (("run-1", "run-2"), dict(written.rows) | done.rows)
    assert lines(exported(target)) == lines(exported(sqlite_store))


def test_no_runs_are_an_export_too(sqlite_store: Store, tmp_path: Path) -> None:
    """Of either format, and importing it adds nothing."""
    assert imported(sqlite_store, exported(sqlite_store)).rows == {}
    path = tmp_path / "none.parquet"
    with ParquetWriter.open(path) as writer:
        export_runs(sqlite_store, ALL, lambda: writer)
    assert import_files(sqlite_store, [ParquetReader(path, "none")]).run_ids == ()


def test_runs_without_jobs_are_runs(sqlite_store: Store, make_store: MakeStore) -> None:
    """One after another, with nothing between them."""
    for run_id in ("one", "two", "three"):
        sqlite_store.create_run(a_run(run_id), [], [])
        assert aggregate(sqlite_store, run_id)
    assert imported(make_store(), exported(sqlite_store)).run_ids == ("one", "two", "three")


def test_a_run_in_another_state_stays_as_it_is_here(
    sqlite_store: Store, make_store: MakeStore
) -> None:
    """It is named; what is new of other runs comes, and names of baselines are not taken over."""
    source = make_store()
    full_run(source, "run-1")
    imported(sqlite_store, exported(source))
    aggregate(source, "run-1")
    mark(source, "run-1")
    mark(sqlite_store, full_run(sqlite_store, "mine"))
    done = imported(sqlite_store, exported(source))
    assert (done.run_ids, done.there_already, done.different) == ((), 1, ("run-1",))
    assert sqlite_store.run("run-1").excluded is None
    assert done.rows == {"acknowledgements": 1}
    again = imported(sqlite_store, exported(source))
    assert again.rows == {}
    with sqlite_store.database.read() as connection:
        assert len(connection.execute(select(acknowledgements)).all()) == 2


def test_a_metric_in_another_unit_is_kept_apart(sqlite_store: Store, make_store: MakeStore) -> None:
    """So is one that is not known here; neither is mixed with what is measured here."""
    source = make_store()
    full_run(source, "run-1")
    with source.database.write() as connection:
        for name, changed in (
            ("p50_response_time_ms", {"unit": "us"}),
            ("p95_response_time_ms", {"name": "verdict"}),
        ):
            connection.execute(update(kinds).where(kinds.c.name == name).values(changed))
    done = imported(sqlite_store, exported(source))
    assert done.other_units == {"p50_response_time_ms": frozenset({"us"})}
    assert done.unknown_metrics == ("verdict",)
    with sqlite_store.database.read() as connection:
        stored = {(row.name, row.unit) for row in connection.execute(select(kinds))}
    assert ("p50_response_time_ms", "us") in stored
    (found,) = build_report(sqlite_store, "run-1")["results"].values()
    assert "p50_response_time_ms" not in found
    assert found["verdict"] == "pass"


def test_a_figure_that_no_file_can_say_is_refused(sqlite_store: Store) -> None:
    """Nothing is written as something else."""
    full_run(sqlite_store, "run-1")
    with sqlite_store.database.write() as connection:
        connection.exec_driver_sql("UPDATE readings SET value = 9e999")
    with pytest.raises(Exception, match="run run-1 has a value in readings that is no finite"):
        exported(sqlite_store)


def test_a_key_of_one_database_is_none_of_another(
    sqlite_store: Store, make_store: MakeStore
) -> None:
    """Two that were asked for with the same key in two places are two runs."""
    source = make_store()
    full_run(source, "run-1", idempotency_key="nightly")
    sqlite_store.create_run(a_run("mine", idempotency_key="nightly"), [], [])
    imported(sqlite_store, exported(source))
    assert sqlite_store.run("run-1").run.idempotency_key is None


def test_progress_is_told(sqlite_store: Store, make_store: MakeStore) -> None:
    """Runs as they are written, and rows as they are read."""
    full_run(sqlite_store, "run-1")
    full_run(sqlite_store, "run-2")
    told: list[tuple[int, int]] = []
    out = io.BytesIO()

    def note(done: int, of: int) -> None:
        told.append((done, of))

    written = export_runs(sqlite_store, ALL, lambda: JsonLinesWriter(out), note)
    assert told == [(1, 2), (2, 2)]
    out.seek(0)
    import_files(make_store(), [JsonLinesReader(out, "x")], note)
    assert told[-1] == (2, sum(written.rows.values()))


def test_workers_do_not_come_alive(sqlite_store: Store, make_store: MakeStore) -> None:
    """Whatever an export says of how long they live."""
    source = make_store()
    full_run(source, "run-1")
    with source.database.write() as connection:
        connection.execute(update(workers).values(alive_until=2e11))
    assert take(source, a_job_of(source, "other")).number == 1
    imported(sqlite_store, exported(source))
    assert sqlite_store.live_workers() == []


def a_job_of(store: Store, run_id: str) -> Any:
    """A queued job."""
    job = a_job(run_id)
    plan(store, [job])
    return job
