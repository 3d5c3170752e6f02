"""Claims: one worker a job, and another once it gives no sign of life."""

import json

import pytest
from sqlalchemy import update

from results.aggregate import aggregate
from results.errors import DamagedJobError
from results.records import JobState
from results.report import build_report
from results.storage.groups import MAX_CLAIMS
from results.store import Store
from results.tables import jobs
from tests.results.build import OTHER_WORKER, WORKER, a_job, a_result, plan, take
from tests.support.waiting import wait_until


def state_of(store: Store) -> JobState:
    """The state of the only job."""
    (row,) = store.job_rows("run-1")
    return row.state


def test_a_job_is_claimed_once(store: Store) -> None:
    """Who comes second, or asks for a job that does not exist, gets nothing."""
    job = a_job()
    plan(store, [job])
    assert take(store, job).number == 1
    assert store.claim(job.job_id, OTHER_WORKER, 60) is None
    assert store.claim("no-such-job", WORKER, 60) is None


@pytest.mark.parametrize(
    ("column", "damaged"),
    [
        ("expectations", [{"metric": "error_rate", "is": 0}]),
        ("expectations", [{"metric": "error_rate", "at_most": "none"}]),
        ("expectations", None),
        ("spec", "?"),
        ("parameters", [1]),
    ],
)
def test_a_job_whose_row_is_damaged_fails_when_it_is_claimed(
    store: Store, column: str, damaged: object
) -> None:
    """With why, or it would be sent again for ever; its run ends, and is reported."""
    job = a_job()
    plan(store, [job])
    with store.database.write() as connection:
        connection.execute(update(jobs).values({column: damaged}))
    with pytest.raises(DamagedJobError, match=f"job run-1-0: .* as its {column} is damaged: "):
        store.claim(job.job_id, WORKER, 60)
    assert aggregate(store, "run-1")
    report = build_report(store, "run-1")
    assert report["summary"]["verdict"] == "fail"
    (found,) = report["results"].values()
    assert [each["outcome"] for each in found["attempts"]] == ["failed"]
    assert f"as its {column} is damaged" in json.dumps(found["job_errors"])


@pytest.mark.parametrize("damaged", ["'[{'", "CAST(x'5BFF5D' AS TEXT)"])
def test_damage_that_a_driver_stumbles_over_is_told_too(sqlite_store: Store, damaged: str) -> None:
    """SQLite keeps any text as JSON, and any bytes as text."""
    plan(sqlite_store, [a_job()])
    with sqlite_store.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE jobs SET expectations = {damaged}")
    with pytest.raises(DamagedJobError, match="as its expectations is damaged: "):
        sqlite_store.claim("run-1-0", WORKER, 60)
    assert sqlite_store.progress("run-1").failed == 1
    assert aggregate(sqlite_store, "run-1")


def test_a_renewed_claim_is_kept(store: Store) -> None:
    """A claim that was renewed in time is not released."""
    job = a_job()
    plan(store, [job])
    claim = take(store, job, period_s=0.5)
    assert store.renew(claim.attempt_id, 60)
    assert store.release_expired(store.expired_claims()) == []
    assert not store.renew("no-such-attempt", 60)


def test_an_expired_claim_is_lost_and_its_job_queued_again(store: Store) -> None:
    """The next attempt has the next number, and the lost one can't be renewed."""
    job = a_job()
    plan(store, [job])
    store.mark_sent([job.job_id])
    lost = take(store, job, period_s=0)
    assert store.release_expired(store.expired_claims()) == [job.job_id]
    assert state_of(store) is JobState.QUEUED
    assert store.unsent_jobs(60) == [job.job_id]
    assert not store.renew(lost.attempt_id, 60)
    assert take(store, job, OTHER_WORKER).number == 2


def test_a_claim_runs_out_by_the_databases_clock(store: Store) -> None:
    """A short claim is released once its time is over and not before."""
    job = a_job()
    plan(store, [job])
    take(store, job, period_s=0.3)
    wait_until(lambda: store.release_expired(store.expired_claims()) == [job.job_id])


def test_a_job_whose_attempts_are_used_up_has_failed(store: Store) -> None:
    """The last lost attempt fails the job, with a reason that names worker and host."""
    job = a_job()
    plan(store, [job])
    for _ in range(MAX_CLAIMS):
        assert state_of(store) is JobState.QUEUED
        take(store, job, period_s=0)
        assert store.release_expired(store.expired_claims()) == [job.job_id]
    (row,) = store.job_rows("run-1")
    assert row.state is JobState.FAILED
    assert row.reason == (
        "its claim ran out: no sign of life from worker worker-1 on host-1; "
        f"given up after {MAX_CLAIMS} attempts"
    )
    assert store.release_expired(store.expired_claims()) == []


def test_a_dead_workers_attempt_is_lost_at_once(store: Store) -> None:
    """Its job is queued again, however few attempts may be invalid: the job is not to blame."""
    job = a_job(max_attempts=1)
    plan(store, [job])
    lost = take(store, job).attempt_id
    store.lose(lost, "its worker died")
    store.lose(lost, "twice")
    assert state_of(store) is JobState.QUEUED
    assert take(store, job).number == 2


def test_a_job_that_kills_each_of_its_workers_is_given_up(store: Store) -> None:
    """The last one's death is the job's reason, with the number of attempts."""
    job = a_job()
    plan(store, [job])
    for number in range(1, MAX_CLAIMS + 1):
        store.lose(take(store, job).attempt_id, f"its worker died ({number})")
    (row,) = store.job_rows("run-1")
    assert row.state is JobState.FAILED
    assert row.reason == f"its worker died ({MAX_CLAIMS}); given up after {MAX_CLAIMS} attempts"


def test_a_suspect_that_was_renewed_is_left_alone(store: Store) -> None:
    """A claim that ran out while the database was away and was renewed since is no dead one's."""
    jobs = [a_job(position=position) for position in range(2)]
    plan(store, jobs)
    renewed, silent = (take(store, job, period_s=0) for job in jobs)
    suspects = store.expired_claims()
    assert sorted(suspects) == sorted([renewed.attempt_id, silent.attempt_id])
    assert store.renew(renewed.attempt_id, 60)
    assert store.release_expired(suspects) == [jobs[1].job_id]
    assert store.release_expired([]) == []


def test_a_job_given_back_is_queued_at_once_and_keeps_its_chances(store: Store) -> None:
    """A worker that was told to stop never fails its job."""
    job = a_job(max_attempts=1)
    plan(store, [job])
    store.mark_sent([job.job_id])
    claim = take(store, job)
    store.give_back(claim.attempt_id, "the worker was told to stop")
    store.give_back(claim.attempt_id, "twice")
    assert state_of(store) is JobState.QUEUED
    assert store.unsent_jobs(60) == [job.job_id]


def test_a_finished_attempt_is_not_given_back(store: Store) -> None:
    """What was accepted stays so."""
    job = a_job()
    plan(store, [job])
    claim = take(store, job)
    assert store.finish(claim.attempt_id, a_result())
    store.give_back(claim.attempt_id, "too late")
    assert state_of(store) is JobState.COMPLETED


def test_a_lost_successor_of_a_late_attempt_leaves_the_job_completed(store: Store) -> None:
    """What was accepted meanwhile is not done again."""
    job = a_job()
    plan(store, [job])
    late = take(store, job, period_s=0)
    store.release_expired(store.expired_claims())
    successor = take(store, job, OTHER_WORKER, period_s=0)
    assert store.finish(late.attempt_id, a_result())
    store.release_expired(store.expired_claims())
    store.give_back(successor.attempt_id, "too late")
    assert state_of(store) is JobState.COMPLETED
