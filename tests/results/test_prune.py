"""Old runs lose what their figures were made of, later everything; some never lose anything."""

from pathlib import Path

import pytest
from sqlalchemy import func, insert, make_url, select, update

from results import marks
from results.aggregate import aggregate
from results.errors import FinalRunError
from results.prune import Bound, prune
from results.report import build_report
from results.series import Selection, find_series
from results.storage import database, pruning
from results.store import Store
from results.tables import (
    baselines,
    environments,
    metadata,
    runs,
    summaries,
    workers,
)
from tests.results.build import a_job, a_run, complete, complete_run, plan, take
from tests.results.exchange.full_runs import full_result, full_run, mark
from tests.results.test_store import TRACE_FILE

NEWEST = Bound(count=1)
RAW = {table.name for table in pruning.RAW}


def counts(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    with store.database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def age(store: Store, run_id: str, days: float) -> None:
    """Let a run be so many days old."""
    with store.database.write() as connection:
        made = update(runs).where(runs.c.run_id == run_id)
        connection.execute(made.values(created_at=store.now_s() - days * 86_400))


def point_at(store: Store, run_id: str) -> None:
    """Let it be a baseline."""
    with store.database.write() as connection:
        connection.execute(insert(baselines).values(name="main", run_id=run_id, set_at=1.0))


def test_raw_records_go_and_figures_stay(store: Store) -> None:
    """The report and every series are as before, and aggregation leaves them so."""
    full_run(store, "old")
    full_run(store, "new")
    report, series = build_report(store, "old"), find_series(store, Selection())
    before = counts(store)
    planned = prune(store, NEWEST, dry_run=True)
    assert counts(store) == before
    done = prune(store, NEWEST)
    assert (done.stripped, done.removed) == (("old",), ())
    assert (planned.stripped, planned.rows) == (done.stripped, done.rows)
    assert done.rows.keys() == RAW
    assert done.histogram_bytes == planned.histogram_bytes > 0
    after = counts(store)
    assert {name for name in after if after[name] != before[name]} == RAW
    assert all(2 * after[name] == before[name] for name in RAW)
    assert build_report(store, "old") == report
    assert aggregate(store, "old")
    assert build_report(store, "old") == report
    assert find_series(store, Selection()) == series
    assert store.run("old").pruned_at_s == pytest.approx(store.now_s(), abs=60)
    assert prune(store, NEWEST).rows == {}


def test_whole_runs_go_with_everything(store: Store) -> None:
    """But for what others refer to; files that no other run needs go too."""
    mark(store, full_run(store, "kept"))
    store.beat(["worker-of-kept"], 0)
    age(store, "kept", 9)
    kept = counts(store)
    job = a_job("gone", spec={"trace": TRACE_FILE.sha256})
    store.create_run(a_run("gone"), [job], [TRACE_FILE])
    complete(store, job, full_result())
    aggregate(store, "gone")
    with store.database.write() as connection:
        connection.execute(update(workers).values(alive_until=1.0))
        point = {"name": "main", "run_id": "kept", "set_at": 1.0}
        connection.execute(baselines.delete())
        connection.execute(insert(baselines).values(point))
    marks.annotate(store, "gone", "bad")
    age(store, "gone", 5)
    full_run(store, "new")
    new = counts(store)
    done = prune(store, Bound(age_s=86_400.0), Bound(age_s=3 * 86_400.0))
    assert (done.removed, done.stripped) == (("gone",), ())
    assert done.orphans == {"workers": 1, "files": 1}
    assert done.rows["notes"] == 1
    after = counts(store)
    assert all(new[name] - after[name] == count for name, count in done.rows.items())
    assert after["runs"] == kept["runs"] + 1
    assert after["files"] == 0
    with store.database.read() as connection:
        left = set(connection.execute(select(workers.c.worker_id)).scalars())
    assert left == {"worker-of-kept", "worker-of-new"}


def test_a_baseline_never_loses_anything(sqlite_store: Store) -> None:
    """However old it is; an excluded run is as others are."""
    for run_id in ("base", "excluded", "new"):
        full_run(sqlite_store, run_id)
    point_at(sqlite_store, "base")
    marks.exclude(sqlite_store, "excluded", "noisy")
    assert prune(sqlite_store, NEWEST, NEWEST, dry_run=True).removed == ("excluded",)
    done = prune(sqlite_store, NEWEST, NEWEST)
    assert done.removed == ("excluded",)
    assert [each.run.run_id for each in sqlite_store.runs(9)] == ["new", "base"]
    assert build_report(sqlite_store, "base")["results"]
    assert sqlite_store.run("base").pruned_at_s is None


def test_open_runs_lose_nothing(store: Store) -> None:
    """Nor those that are not aggregated yet, nor those of which a late attempt still runs."""
    job = a_job("open")
    plan(store, [job])
    complete_run(store, [full_result()], run_id="not-aggregated")
    late = a_job("late")
    plan(store, [late])
    first = take(store, late)
    store.lose(first.attempt_id, "its worker died")
    take(store, late)
    assert store.finish(first.attempt_id, full_result())
    assert aggregate(store, "late")
    full_run(store, "new")
    before = counts(store)
    assert prune(store, NEWEST, NEWEST, dry_run=True).rows == {}
    assert prune(store, NEWEST, NEWEST).rows == {}
    assert counts(store) == before
    complete(store, job)
    aggregate(store, "open")
    assert prune(store, NEWEST).stripped == ("open",)


@pytest.mark.parametrize(
    ("bound", "stripped"),
    [
        (Bound(age_s=86_400.0), ("a", "b")),
        (Bound(age_s=2.5 * 86_400), ("a",)),
        (Bound(age_s=9 * 86_400.0), ()),
        (Bound(count=2), ("a",)),
        (Bound(count=9), ()),
    ],
)
def test_bounds_are_ages_or_counts(
    sqlite_store: Store, bound: Bound, stripped: tuple[str, ...]
) -> None:
    """Younger than that, or the newest so many."""
    for run_id, days in (("b", 2.0), ("a", 3.0), ("c", 0.5)):
        full_run(sqlite_store, run_id)
        age(sqlite_store, run_id, days)
    assert prune(sqlite_store, bound).stripped == stripped


def test_a_pruned_run_is_not_resumed(sqlite_store: Store) -> None:
    """Its accepted repeats could not be merged with new ones."""
    full_run(sqlite_store, "old")
    full_run(sqlite_store, "new")
    prune(sqlite_store, NEWEST)
    with pytest.raises(FinalRunError, match="run old was pruned"):
        sqlite_store.resume_run("old", "urls")


def test_details_that_an_older_tierbench_did_not_keep_are_kept_first(sqlite_store: Store) -> None:
    """They are made of the raw records, which go."""
    full_run(sqlite_store, "old")
    full_run(sqlite_store, "new")
    with sqlite_store.database.write() as connection:
        connection.execute(update(summaries).values(details=None))
    report = build_report(sqlite_store, "old")
    prune(sqlite_store, NEWEST)
    assert build_report(sqlite_store, "old") == report


def test_a_file_that_others_need_stays(sqlite_store: Store) -> None:
    """It goes with the last run whose jobs name it."""
    for run_id in ("one", "two", "three"):
        job = a_job(run_id, spec={"trace": TRACE_FILE.sha256} if run_id != "three" else {})
        sqlite_store.create_run(a_run(run_id), [job], [TRACE_FILE])
        complete(sqlite_store, job)
        aggregate(sqlite_store, run_id)
    assert "files" not in prune(sqlite_store, Bound(count=2), Bound(count=2)).orphans
    assert counts(sqlite_store)["files"] == 1
    assert prune(sqlite_store, NEWEST, NEWEST).orphans["files"] == 1


def test_what_was_interrupted_leaves_nothing_behind(sqlite_store: Store) -> None:
    """The next one sweeps up what runs that are gone needed, also where it has no run to prune."""
    job = a_job("old", spec={"trace": TRACE_FILE.sha256})
    sqlite_store.create_run(a_run("old"), [job], [TRACE_FILE])
    complete(sqlite_store, job)
    aggregate(sqlite_store, "old")
    full_run(sqlite_store, "new")

    def interrupt(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prune(sqlite_store, NEWEST, NEWEST, on_run=interrupt)
    assert counts(sqlite_store)["files"] == 1
    assert prune(sqlite_store, NEWEST, NEWEST).orphans == {"files": 1}


def test_what_keeps_all_keeps_the_run(sqlite_store: Store) -> None:
    """Also where one bound is an age and the other a number."""
    for run_id in ("old", "new", "newest"):
        full_run(sqlite_store, run_id)
    age(sqlite_store, "old", 100)
    done = prune(sqlite_store, Bound(age_s=30 * 86_400.0), NEWEST)
    assert (done.removed, done.stripped) == (("old",), ())
    assert prune(sqlite_store, Bound(count=2), Bound(age_s=1e-9)).removed == ()


def test_an_environment_goes_with_the_last_attempt_there(sqlite_store: Store) -> None:
    """And not before."""
    full_run(sqlite_store, "old")
    full_run(sqlite_store, "new")
    assert "environments" not in prune(sqlite_store, NEWEST, NEWEST).orphans
    with sqlite_store.database.read() as connection:
        assert len(connection.execute(select(environments)).all()) == 1


def test_what_is_pointed_at_meanwhile_is_left(sqlite_store: Store) -> None:
    """A baseline may be set while others are pruned."""
    full_run(sqlite_store, "old")
    full_run(sqlite_store, "older")
    full_run(sqlite_store, "new")

    def in_between(done: int, of: int) -> None:
        if done == 1:
            point_at(sqlite_store, "older")

    assert prune(sqlite_store, NEWEST, NEWEST, on_run=in_between).removed == ("old",)
    assert sqlite_store.run("older").pruned_at_s is None


def test_a_file_becomes_smaller(sqlite_store: Store) -> None:
    """Where much of it is free; what little is free is used by later runs."""
    full_run(sqlite_store, "old")
    with sqlite_store.database.write() as connection:
        connection.exec_driver_sql("UPDATE intervals SET histogram = zeroblob(600000)")
    full_run(sqlite_store, "new")
    done = prune(sqlite_store, NEWEST)
    assert done.space is not None
    assert done.space.failure is None
    assert done.space.after_bytes < done.space.before_bytes / 2
    full_run(sqlite_store, "newer")
    assert prune(sqlite_store, NEWEST).space is None
    assert counts(sqlite_store)["runs"] == 3


def test_a_file_that_is_read_is_said_to_be(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not become smaller before the reader is done; then the next one makes it so."""
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_S", 0.1)
    full_run(sqlite_store, "old")
    with sqlite_store.database.write() as connection:
        connection.exec_driver_sql("UPDATE intervals SET histogram = zeroblob(600000)")
    full_run(sqlite_store, "new")
    path = Path(make_url(sqlite_store.url).database or "")
    with Store.open(f"sqlite:///{path}") as hasty:
        with sqlite_store.database.read() as reading:
            reading.execute(select(runs)).all()
            done = prune(hasty, NEWEST)
        assert done.space is not None
        assert done.space.failure == "something else reads it"
        assert done.space.after_bytes == done.space.before_bytes
        assert prune(hasty, NEWEST).stripped == ()
        assert path.stat().st_size < done.space.before_bytes / 2
