"""The end of attempts: exactly one of a job's is accepted, whoever ends when."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from threading import Barrier

import pytest
from sqlalchemy import func, select

from results.aggregate import aggregate
from results.attempt_result import (
    Change,
    Distribution,
    FaultWindow,
    Finding,
    Observation,
    PhaseSpan,
    Reading,
    SearchTrial,
    WindowFigure,
    WindowTimes,
)
from results.records import AttemptOutcome, JobState
from results.report import build_report
from results.storage import history, measured
from results.store import Store
from results.tables import environments, intervals
from tests.results.build import (
    OTHER_WORKER,
    WORKER,
    a_histogram,
    a_job,
    a_result,
    an_interval,
    complete,
    plan,
    take,
)


def outcomes(store: Store) -> list[AttemptOutcome]:
    """What became of each attempt of the run, by number."""
    with store.database.read() as connection:
        attempts = history.attempts_of(connection, "run-1")
    return [AttemptOutcome(attempt.outcome) for attempt in attempts]


def state_of(store: Store) -> JobState:
    """The state of the only job."""
    (row,) = store.job_rows("run-1")
    return row.state


def test_everything_seen_is_read_back(store: Store) -> None:
    """A thousand intervals and the rest of an attempt arrive whole and in order."""
    job = a_job()
    plan(store, [job])
    open_loop = an_interval(9.0, 2.0, service=a_histogram(1.0, 1.5), second=1000)
    seen = a_result(
        intervals=(*(an_interval(1.0, 2.0, second=second) for second in range(1000)), open_loop),
        observations=(Observation(metric="loads", value=3, phase="load"),),
        fault_windows=(
            FaultWindow(
                number=1,
                kind="l2_kill",
                phase="load",
                requested_s=1,
                effective_s=None,
                cleared_s=2.5,
            ),
        ),
        window_times=(
            WindowTimes(
                window=1,
                part="during",
                operation="get",
                tier="l3",
                outcome="ok",
                histogram=a_histogram(3.0, 4.0),
            ),
        ),
        window_figures=(
            WindowFigure(window=1, name="recover_s", value=0.1),
            WindowFigure(window=1, name="loads", value=3.0, part="during"),
        ),
        changes=(Change(at_s=1.5, what="l2 breaker", state="open", reason="5 failures"),),
        findings=(
            Finding(
                kind="lost_writes",
                phase=None,
                count=2,
                text="a write is gone",
                example=({"operation": "set", "key": "key-1", "ended_s": None},),
            ),
        ),
        promises={"max_staleness_ms": 2000.0},
        phases=(PhaseSpan(phase="load", warmup=False, loop="open", start_s=0.5, end_s=2.5),),
        distributions=(
            Distribution(
                name="gc_pause", phase="load", warmup=False, histogram=a_histogram(0.1, 7.0)
            ),
        ),
        readings=(Reading(name="loop_lag_ms", phase="load", second=3, value=0.25),),
        trials=(
            SearchTrial(
                phase="load", number=0, rate=500.0, achieved_rate=1.5, p99_ms=None, held=False
            ),
        ),
    )
    assert complete(store, job, seen)
    with store.database.read() as connection:
        (read,) = measured.accepted(connection, "run-1", "basic_operations")
    for part in (
        "intervals",
        "observations",
        "fault_windows",
        "phases",
        "distributions",
        "readings",
        "trials",
        "window_times",
        "window_figures",
        "changes",
        "findings",
    ):
        assert tuple(getattr(read, part)) == getattr(seen, part), part
    assert read.promises == seen.promises


def test_an_environment_is_stored_once(store: Store) -> None:
    """Attempts on one machine share the row of its fingerprint."""
    jobs = [a_job(position=position) for position in range(2)]
    plan(store, jobs)
    for job in jobs:
        complete(store, job)
    with store.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(environments)).scalar() == 1


def test_a_job_that_raised_has_failed_at_once(store: Store) -> None:
    """Its error is the job's reason, and nobody tries again."""
    job = a_job()
    plan(store, [job])
    assert not complete(store, job, a_result(error="KeyError: 'user'"))
    (row,) = store.job_rows("run-1")
    assert (row.state, row.reason) == (JobState.FAILED, "KeyError: 'user'")
    assert outcomes(store) == [AttemptOutcome.FAILED]


def test_an_invalid_attempt_is_repeated_while_attempts_are_left(store: Store) -> None:
    """The job is queued again, and has failed with the last attempt's reason after all."""
    job = a_job(max_attempts=2)
    plan(store, [job])
    assert not complete(store, job, a_result(invalid_reason="generator saturated"))
    assert store.unsent_jobs(60) == [job.job_id]
    assert not complete(store, job, a_result(invalid_reason="still saturated"))
    (row,) = store.job_rows("run-1")
    assert (row.state, row.reason) == (JobState.FAILED, "still saturated")
    assert outcomes(store) == [AttemptOutcome.INVALID] * 2


def test_finishing_twice_changes_nothing(store: Store) -> None:
    """An answer that got lost may be asked for again."""
    job = a_job()
    plan(store, [job])
    claim = take(store, job)
    assert store.finish(claim.attempt_id, a_result())
    assert store.finish(claim.attempt_id, a_result(error="no"))
    with store.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(intervals)).scalar() == 1
    assert outcomes(store) == [AttemptOutcome.ACCEPTED]


@pytest.mark.parametrize("first", ["late", "current"])
def test_of_a_late_attempt_and_its_successor_one_is_accepted(store: Store, first: str) -> None:
    """Whichever ends first wins; the other is rejected and its figures count nowhere."""
    job = a_job()
    plan(store, [job])
    late = take(store, job, period_s=0)
    store.release_expired(store.expired_claims())
    current = take(store, job, OTHER_WORKER)
    order = [late, current] if first == "late" else [current, late]
    seen = [a_result(intervals=(an_interval(*[1.0] * count),)) for count in (3, 5)]
    assert [
        store.finish(claim.attempt_id, result) for claim, result in zip(order, seen, strict=True)
    ] == [True, False]
    assert sorted(outcomes(store)) == [AttemptOutcome.ACCEPTED, AttemptOutcome.REJECTED]
    assert not store.renew(order[1].attempt_id, 60)
    assert aggregate(store, "run-1")
    report = build_report(store, "run-1")["results"]["basic_operations"]
    assert report["operations"] == 3
    assert report["jobs"]["accepted"] == 1


def test_a_late_attempt_ends_a_job_that_waits(store: Store) -> None:
    """A job whose lost attempt came back with its figures need not be done again."""
    job = a_job()
    plan(store, [job])
    late = take(store, job, period_s=0)
    store.release_expired(store.expired_claims())
    assert store.finish(late.attempt_id, a_result())
    assert state_of(store) is JobState.COMPLETED
    assert store.claim(job.job_id, OTHER_WORKER, 60) is None


@pytest.mark.parametrize("trouble", [{"error": "boom"}, {"invalid_reason": "saturated"}])
def test_a_late_attempt_in_trouble_does_not_harm_its_successor(
    store: Store, trouble: dict[str, str]
) -> None:
    """What a stopped and continued worker met says nothing about the job."""
    job = a_job()
    plan(store, [job])
    late = take(store, job, period_s=0)
    store.release_expired(store.expired_claims())
    current = take(store, job, OTHER_WORKER)
    assert not store.finish(late.attempt_id, a_result(**trouble))
    assert state_of(store) is JobState.RUNNING
    assert store.finish(current.attempt_id, a_result())
    assert outcomes(store) == [AttemptOutcome.REJECTED, AttemptOutcome.ACCEPTED]


def test_threads_that_finish_at_once_have_one_winner(store: Store) -> None:
    """Over and over, of two attempts of a job that end at the same moment one is accepted."""
    jobs = [a_job(position=position) for position in range(10)]
    plan(store, jobs)
    for job in jobs:
        late = take(store, job, period_s=0)
        store.release_expired(store.expired_claims())
        current = take(store, job, OTHER_WORKER)
        barrier = Barrier(2)

        def finish(attempt_id: str, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            return store.finish(attempt_id, a_result())

        with ThreadPoolExecutor(2) as pool:
            won = list(pool.map(finish, (late.attempt_id, current.attempt_id)))
        assert sorted(won) == [False, True]


def _claim_and_finish(url: str, job_ids: list[str]) -> list[tuple[str, bool]]:
    done = []
    with Store.open(url) as store:
        for job_id in job_ids:
            claim = store.claim(job_id, WORKER, 0)
            store.release_expired(store.expired_claims())
            if claim is not None:
                done.append((job_id, store.finish(claim.attempt_id, a_result())))
    return done


def test_processes_that_race_for_jobs_count_each_once(store: Store, results_url: str) -> None:
    """Two processes whose claims run out at once claim, lose and finish the same jobs."""
    jobs = [a_job(position=position, max_attempts=99) for position in range(12)]
    plan(store, jobs)
    job_ids = [job.job_id for job in jobs]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        done = list(pool.map(_claim_and_finish, [results_url] * 2, [job_ids] * 2))
    accepted = [job_id for of_process in done for job_id, won in of_process if won]
    assert sorted(accepted) == sorted(job_ids)
    assert outcomes(store).count(AttemptOutcome.ACCEPTED) == len(jobs)
    assert store.progress("run-1").completed == len(jobs)
