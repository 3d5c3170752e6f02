"""Runs that are stopped and taken up again, on SQLite and PostgreSQL."""

from sqlalchemy import select

from results.aggregate import aggregate
from results.records import AttemptOutcome, Claim, Job, JobState, Progress
from results.report import build_report
from results.storage.groups import MAX_CLAIMS
from results.store import Store
from results.tables import attempts
from tests.results.build import WORKER, a_job, a_result, complete, plan, take


def test_cancelling_ends_open_jobs_alone(store: Store) -> None:
    """Queued and running jobs are cancelled, a completed one stays, a late attempt is rejected."""
    jobs = [a_job(position=position) for position in range(3)]
    plan(store, jobs)
    complete(store, jobs[0])
    late = take(store, jobs[1])
    assert store.cancel_run("run-1") == 2
    assert store.progress("run-1") == Progress(completed=1, cancelled=2)
    assert not store.renew(late.attempt_id, 60)
    assert not store.finish(late.attempt_id, a_result())
    assert store.claim(jobs[2].job_id, WORKER, 60) is None
    assert store.release_expired(store.expired_claims()) == []
    assert store.run("run-1").cancelled_at_s is not None
    assert store.progress("run-1") == Progress(completed=1, cancelled=2)


def test_cancelling_ends_the_running_attempt_and_leaves_the_lost_one(store: Store) -> None:
    """What became of an earlier attempt stays known."""
    job = a_job()
    plan(store, [job])
    store.lose(take(store, job).attempt_id, "its worker died")
    take(store, job)
    assert store.cancel_run("run-1") == 1
    with store.database.read() as connection:
        found = connection.execute(select(attempts.c.number, attempts.c.outcome, attempts.c.reason))
        assert sorted(tuple(row) for row in found) == [
            (1, AttemptOutcome.LOST, "its worker died"),
            (2, AttemptOutcome.CANCELLED, "its run was cancelled"),
        ]


def test_cancelling_a_run_that_ended_changes_nothing(store: Store) -> None:
    """Without an open job there is nothing to cancel."""
    job = a_job()
    plan(store, [job])
    complete(store, job)
    assert store.cancel_run("run-1") == 0
    assert store.run("run-1").cancelled_at_s is None


def test_a_resumed_run_does_what_was_cancelled_and_failed_again(store: Store) -> None:
    """What was accepted stays so and is never repeated; the run is to be aggregated anew."""
    jobs = [a_job(position=position, repeat=position) for position in range(4)]
    plan(store, jobs)
    complete(store, jobs[0])
    complete(store, jobs[1], a_result(error="boom"))
    store.mark_sent([job.job_id for job in jobs])
    store.cancel_run("run-1")
    aggregate(store, "run-1")
    assert store.resume_run("run-1", "urls") == 3
    assert store.progress("run-1") == Progress(completed=1, queued=3)
    assert store.unsent_jobs(60) == [job.job_id for job in jobs[1:]]
    assert [row.reason for row in store.job_rows("run-1")] == [None] * 4
    stored = store.run("run-1")
    assert (stored.cancelled_at_s, stored.aggregated_at_s) == (None, None)
    assert stored.run.services == "urls"
    summary = build_report(store, "run-1")["summary"]
    assert (summary["verdict"], summary["aggregated"]) == ("unknown", False)
    assert store.claim(jobs[0].job_id, WORKER, 60) is None
    for job in jobs[1:]:
        assert complete(store, job)
    assert store.runs_to_aggregate() == ["run-1"]
    aggregate(store, "run-1")
    (result,) = build_report(store, "run-1")["results"].values()
    assert (result["jobs"]["accepted"], result["jobs"]["failed"]) == (4, 0)


def test_a_run_without_anything_to_resume_is_left_as_it_is(store: Store) -> None:
    """Neither an open nor a completed job is touched."""
    jobs = [a_job(position=position) for position in range(2)]
    plan(store, jobs)
    complete(store, jobs[0])
    assert store.resume_run("run-1", "urls") == 0
    assert store.progress("run-1") == Progress(completed=1, queued=1)
    assert store.run("run-1").run.services == "embedded"


def test_an_attempt_from_before_comes_too_late(store: Store) -> None:
    """What a cancelled attempt saw after its run was resumed counts nowhere."""
    job = a_job()
    plan(store, [job])
    late = take(store, job)
    store.cancel_run("run-1")
    store.resume_run("run-1", "urls")
    assert not store.finish(late.attempt_id, a_result())
    assert complete(store, job)
    assert outcomes(store) == [AttemptOutcome.REJECTED, AttemptOutcome.ACCEPTED]


def test_a_resumed_job_has_all_its_chances_again(store: Store) -> None:
    """Attempts from before are counted on, but not held against it."""
    job = a_job(max_attempts=2)
    plan(store, [job])
    for _ in range(2):
        complete(store, job, a_result(invalid_reason="saturated"))
    assert store.progress("run-1").failed == 1
    store.resume_run("run-1", "urls")
    complete(store, job, a_result(invalid_reason="saturated"))
    for _ in range(MAX_CLAIMS - 2):
        store.lose(take(store, job).attempt_id, "its worker died")
    assert store.progress("run-1").queued == 1
    last = take(store, job)
    assert last.number == 2 + MAX_CLAIMS
    store.lose(last.attempt_id, "its worker died")
    (row,) = store.job_rows("run-1")
    assert row.state is JobState.FAILED
    assert row.reason == f"its worker died; given up after {MAX_CLAIMS} attempts"


def test_a_group_is_resumed_as_a_whole(store: Store) -> None:
    """A completed group stays; one that was cancelled in part begins again, all shards of it."""
    done, half = a_group(0), a_group(2)
    plan(store, done + half)
    for claim in [take(store, job) for job in done]:
        store.finish(claim.attempt_id, a_result())
    store.finish(take(store, half[0]).attempt_id, a_result())
    store.cancel_run("run-1")
    assert store.resume_run("run-1", "urls") == 2
    assert store.progress("run-1") == Progress(completed=2, queued=2)
    again: list[Claim] = [take(store, job) for job in half]
    assert [claim.generation for claim in again] == [1, 1]
    assert [store.finish(claim.attempt_id, a_result()) for claim in again] == [True, True]


def outcomes(store: Store) -> list[str]:
    """How the attempts ended, by their number."""
    with store.database.read() as connection:
        found = connection.execute(select(attempts.c.outcome).order_by(attempts.c.number))
        return list(found.scalars())


def a_group(position: int) -> list[Job]:
    """Two jobs that make one load."""
    group = f"run-1-{position}"
    return [a_job(position=position + shard, shard=shard, group=group) for shard in range(2)]
