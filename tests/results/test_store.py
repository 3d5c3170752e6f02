"""A run's life in the results database, step by step, on SQLite and PostgreSQL."""

import hashlib
from dataclasses import replace

import pytest

from results.errors import (
    FileTooLargeError,
    UnknownFileError,
    UnknownRunError,
)
from results.expectation import Expectation
from results.records import JobState, Progress, StoredFile
from results.storage.clock import now_s
from results.store import Store
from tests.results.build import (
    OTHER_WORKER,
    WORKER,
    a_job,
    a_result,
    a_run,
    complete,
    plan,
    take,
)
from tests.support.waiting import wait_until

TRACE = b"1 2 3"
TRACE_FILE = StoredFile(sha256=hashlib.sha256(TRACE).hexdigest(), name="t.trace", content=TRACE)


def test_a_run_comes_back_as_it_was_planned(store: Store) -> None:
    """Every field of a run survives, and the database adds its own time."""
    run = a_run(labels={"branch": "main"}, parameters={"users": "4"}, seed=2**62)
    store.create_run(run, [a_job()], [])
    stored = store.run("run-1")
    assert stored.run == run
    assert stored.created_at_s > run.code_version.committed_at_s
    assert (stored.cancelled_at_s, stored.aggregated_at_s) == (None, None)


def test_a_job_comes_back_with_its_claim(store: Store) -> None:
    """A worker gets the job as it was planned, expectations and specification included."""
    job = a_job(
        expectations=(Expectation(metric="errors", phase="load", equals=0),),
        spec={"nested": [1, {"deep": None}]},
        shard=1,
        role="load",
    )
    plan(store, [job])
    assert take(store, job).job == job


def test_runs_are_found_by_a_unique_prefix(store: Store) -> None:
    """A prefix of one id will do; one of several or none is an error that names runs."""
    for run_id in ("20260101-aa", "20260101-ab", "20260202-cc"):
        store.create_run(a_run(run_id), [], [])
    assert store.run("2026020").run.run_id == "20260202-cc"
    assert store.run("20260101-ab").run.run_id == "20260101-ab"
    with pytest.raises(UnknownRunError, match=r"several runs .* 20260101-ab, 20260101-aa"):
        store.run("2026")
    with pytest.raises(UnknownRunError, match="no run 'x%'; the newest are 20260202-cc"):
        store.run("x%")


def _let_time_pass(store: Store) -> None:
    """SQLite's clock counts milliseconds, in which a run is stored more than once."""

    def now() -> float:
        with store.database.read() as connection:
            return now_s(connection)

    began_s = now()
    wait_until(lambda: now() > began_s)


def test_runs_are_listed_newest_first(store: Store) -> None:
    """The newest run is the one that was created last, whatever its id."""
    with pytest.raises(UnknownRunError, match="no runs yet"):
        store.latest_run()
    for run_id in ("b", "a", "c"):
        store.create_run(a_run(run_id), [], [])
        _let_time_pass(store)
    assert [stored.run.run_id for stored in store.runs(2)] == ["c", "a"]
    assert store.latest_run().run.run_id == "c"


def test_a_run_is_planned_whole_or_not_at_all(store: Store) -> None:
    """Where a job can't be stored neither the run nor its files are."""
    twice = [a_job(position=0), replace(a_job(position=1), job_id="run-1-0")]
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.create_run(a_run(), twice, [TRACE_FILE])
    assert store.runs(10) == []
    with pytest.raises(UnknownFileError):
        store.file(TRACE_FILE.sha256)


def test_a_file_is_stored_once_and_verified(store: Store) -> None:
    """Two runs share a file's bytes; an unknown one is an error."""
    store.create_run(a_run("one"), [], [TRACE_FILE])
    store.create_run(a_run("two"), [], [replace(TRACE_FILE, name="copy.trace"), TRACE_FILE])
    assert store.file(TRACE_FILE.sha256) == TRACE_FILE
    with pytest.raises(UnknownFileError, match="no file 0000"):
        store.file("0" * 64)


def test_files_that_cannot_be_kept_are_refused(sqlite_store: Store) -> None:
    """Too large a file, or one whose bytes are others, leaves nothing behind."""
    content = bytes(64 * 1024 * 1024 + 1)
    large = StoredFile(sha256=hashlib.sha256(content).hexdigest(), name="l.trace", content=content)
    with pytest.raises(FileTooLargeError, match=r"l.trace has 64 MiB; .* takes 64 MiB"):
        sqlite_store.create_run(a_run(), [], [large])
    with pytest.raises(UnknownFileError, match=r"t.trace have SHA-256"):
        sqlite_store.create_run(a_run(), [], [replace(TRACE_FILE, content=b"4")])
    assert sqlite_store.runs(1) == []


def test_progress_counts_jobs_by_state(store: Store) -> None:
    """Each job is counted once, in the state in which it is."""
    jobs = [a_job(position=position) for position in range(5)]
    plan(store, jobs)
    complete(store, jobs[0])
    complete(store, jobs[1], a_result(error="KeyError: 'x'"))
    take(store, jobs[2])
    progress = store.progress("run-1")
    assert progress == Progress(queued=2, running=1, completed=1, failed=1)
    assert (progress.total, progress.ended) == (5, 2)


def test_job_rows_tell_who_holds_what(store: Store) -> None:
    """Each job's row has its state, its last attempt's number and worker, and why it failed."""
    jobs = [a_job(position=0), a_job(position=1, repeat=1), a_job(position=2, repeat=2)]
    plan(store, jobs)
    take(store, jobs[0], OTHER_WORKER)
    complete(store, jobs[1], a_result(error="ValueError: no"))
    running, failed, queued = store.job_rows("run-1")
    assert (running.state, running.worker, running.attempt) == (JobState.RUNNING, OTHER_WORKER, 1)
    assert (failed.state, failed.reason, failed.repeat) == (JobState.FAILED, "ValueError: no", 1)
    assert (queued.state, queued.worker, queued.attempt) == (JobState.QUEUED, None, 0)
    assert queued.since_s <= running.since_s <= failed.since_s


def test_unsent_jobs_are_those_that_no_message_stands_for(store: Store) -> None:
    """A queued job is unsent before its message, and again once that is long ago."""
    jobs = [a_job(position=position) for position in range(3)]
    plan(store, jobs)
    store.mark_sent([jobs[0].job_id])
    store.mark_sent([])
    assert store.unsent_jobs(60) == ["run-1-1", "run-1-2"]
    assert store.unsent_jobs(0) == ["run-1-0", "run-1-1", "run-1-2"]
    take(store, jobs[1])
    assert store.unsent_jobs(60) == ["run-1-2"]


def test_a_run_waits_for_aggregation_once_all_its_jobs_ended(store: Store) -> None:
    """Completed, failed and cancelled jobs are ended; queued and running ones are not."""
    jobs = [a_job(position=position) for position in range(3)]
    plan(store, jobs)
    complete(store, jobs[0])
    complete(store, jobs[1], a_result(error="boom"))
    claim = take(store, jobs[2])
    assert store.runs_to_aggregate() == []
    store.finish(claim.attempt_id, a_result())
    assert store.runs_to_aggregate() == ["run-1"]


def test_workers_live_while_they_beat(store: Store) -> None:
    """A worker is alive from a beat until its period ends, or until it says that it ended."""
    store.register_worker(WORKER)
    store.register_worker(OTHER_WORKER)
    store.register_worker(WORKER)
    assert store.live_workers() == []
    store.beat([WORKER.worker_id, OTHER_WORKER.worker_id], 60)
    store.beat([], 60)
    assert store.live_workers() == [WORKER, OTHER_WORKER]
    store.beat([WORKER.worker_id], 0)
    assert store.live_workers() == [OTHER_WORKER]
