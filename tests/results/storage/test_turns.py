"""Turns: groups of a run one after another, whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from results.records import Claim, Job, WorkerIdentity
from results.storage.turns import Turn
from results.store import Store
from tests.results.build import OTHER_WORKER, WORKER, a_job, a_result, plan, take
from tests.results.storage.test_groups import a_group


def claimed(store: Store, job: Job, worker: WorkerIdentity = WORKER) -> Claim | None:
    """What a worker claims when the job's message comes."""
    return store.claim(job.job_id, worker, 60, in_turn=True)


def test_a_job_waits_for_those_of_other_groups(store: Store) -> None:
    """Of its own run; once they have ended it may begin."""
    first, second = a_job(), a_job(position=1)
    plan(store, [first, second])
    other_run = a_job("run-2")
    plan(store, [other_run])
    take(store, other_run)
    assert store.turn(first.job_id) is Turn.NOW
    claim = claimed(store, first)
    assert claim is not None
    assert store.turn(second.job_id) is Turn.LATER
    assert claimed(store, second, OTHER_WORKER) is None
    store.finish(claim.attempt_id, a_result())
    assert claimed(store, second, OTHER_WORKER) is not None
    assert store.turn(first.job_id) is Turn.NEVER


def test_shards_of_a_group_have_their_turn_together(store: Store) -> None:
    """While one of them waits for a worker nobody gets anything else."""
    first, second = a_group()
    single = a_job(position=2)
    plan(store, [first, second, single])
    take(store, first)
    claim = claimed(store, single, OTHER_WORKER)
    assert claim is not None
    assert claim.job == second
    assert store.turn(second.job_id) is Turn.LATER


def test_jobs_begin_in_the_order_of_the_plan(store: Store) -> None:
    """Whichever message comes first, and whatever was queued again since."""
    jobs = [a_job(position=position) for position in range(3)]
    plan(store, jobs)
    lost = claimed(store, jobs[2])
    assert lost is not None
    store.lose(lost.attempt_id, "its worker died")
    begun = []
    for job in (jobs[1], jobs[2], jobs[0]):
        claim = claimed(store, job)
        assert claim is not None
        begun.append(claim.job)
        store.finish(claim.attempt_id, a_result())
    assert begun == jobs


def test_of_two_that_begin_at_once_one_is_first(store: Store) -> None:
    """Over and over: both find nobody under way, and one of them finds the other."""
    jobs = [a_job(position=position) for position in range(20)]
    plan(store, jobs)
    with ThreadPoolExecutor(2) as pool:
        for pair in zip(jobs[::2], jobs[1::2], strict=True):
            barrier = Barrier(2)

            def claim(job_id: str, barrier: Barrier = barrier) -> Claim | None:
                barrier.wait()
                return store.claim(job_id, WORKER, 60, in_turn=True)

            taken = [each for each in pool.map(claim, [job.job_id for job in pair]) if each]
            assert len(taken) == 1
            store.finish(taken[0].attempt_id, a_result())
