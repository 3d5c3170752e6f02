"""What was imported has ended: no worker acts on it, and nothing here changes for it."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from results.aggregate import aggregate
from results.errors import FinalRunError
from results.records import JobState
from results.store import Store
from results.tables import attempts, jobs
from tests.results.build import WORKER, a_job, a_result, complete, plan, take
from tests.results.exchange.full_runs import exported, full_run, imported

FUTURE_S = 2e11


@pytest.fixture(scope="module")
def failed(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The export of a run with a failed job and lost attempts that end in the far future."""
    path = shutil.copy(empty_database, tmp_path_factory.mktemp("failed"))
    with Store.open(f"sqlite:///{path}") as source:
        full_run(source, "run-1")
        with source.database.write() as connection:
            connection.execute(update(jobs).where(jobs.c.position == 0).values(state="failed"))
            connection.execute(
                update(attempts).values(ended_at=FUTURE_S, host=WORKER.host, shared=True)
            )
            accepted = update(attempts).where(attempts.c.outcome == "accepted")
            connection.execute(accepted.values(started_at=FUTURE_S - 10))
        return exported(source)


def test_workers_find_nothing_to_do(store: Store, failed: bytes) -> None:
    """Nothing to send, to aggregate, to release, to sweep, and nobody who is alive."""
    imported(store, failed)
    assert store.unsent_jobs(0) == []
    assert store.runs_to_aggregate() == []
    assert store.expired_claims() == []
    assert store.abandoned_attempts() == []
    assert store.live_workers() == []
    assert store.claim("run-1-0", WORKER, 60) is None
    assert store.claim("run-1-0", WORKER, 60, in_turn=True) is None


def test_what_was_abandoned_here_is_still_found(sqlite_store: Store, failed: bytes) -> None:
    """An accepted attempt elsewhere has cleared nothing here."""
    job = a_job("mine")
    plan(sqlite_store, [job])
    sqlite_store.lose(take(sqlite_store, job).attempt_id, "its worker process died")
    sqlite_store.cancel_run("mine")
    imported(sqlite_store, failed)
    assert [each.job_id for each in sqlite_store.abandoned_attempts()] == ["mine-0"]


def test_runs_here_share_nothing_with_it(store: Store, failed: bytes) -> None:
    """A machine of the same name elsewhere is another machine."""
    imported(store, failed)
    with store.database.write() as connection:
        connection.execute(update(attempts).values(started_at=store.now_s() - 10))
    job = a_job("mine")
    plan(store, [job])
    complete(store, job)
    assert aggregate(store, "mine")
    with store.database.read() as connection:
        found = connection.execute(attempts.select().where(attempts.c.job_id == job.job_id)).one()
    assert found.shared is False


def test_it_is_not_aggregated_again(sqlite_store: Store, failed: bytes) -> None:
    """Not even when a message asks for it: it keeps the figures that it came with."""
    imported(sqlite_store, failed)
    before = exported(sqlite_store)
    assert aggregate(sqlite_store, "run-1")
    assert exported(sqlite_store) == before


def test_it_is_not_resumed(sqlite_store: Store, failed: bytes) -> None:
    """What its jobs need is not here."""
    imported(sqlite_store, failed)
    with pytest.raises(FinalRunError, match="run run-1 was imported, and the files of its jobs"):
        sqlite_store.resume_run("run-1", "urls")
    assert sqlite_store.progress("run-1").queued == 0
    assert sqlite_store.cancel_run("run-1") == 0


def test_what_is_imported_while_a_worker_works_is_in_nobodys_way(
    sqlite_store: Store, failed: bytes
) -> None:
    """The worker's own job ends as it does."""
    job = a_job("mine")
    plan(sqlite_store, [job])
    claim = take(sqlite_store, job)
    imported(sqlite_store, failed)
    assert sqlite_store.finish(claim.attempt_id, a_result())
    assert sqlite_store.job_rows("mine")[0].state is JobState.COMPLETED


def test_an_export_says_not_whether_it_was_imported(sqlite_store: Store, failed: bytes) -> None:
    """It is no fact of the run, and comes back with the next database's own."""
    imported(sqlite_store, failed)
    assert sqlite_store.run("run-1").imported_at_s == pytest.approx(sqlite_store.now_s(), abs=60)
    assert b"imported_at" not in exported(sqlite_store)
