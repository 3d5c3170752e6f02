"""Turns: groups of a run one after another, whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from results.records import Claim
from results.storage.turns import Turn
from results.store import Store
from tests.results.build import OTHER_WORKER, WORKER, a_job, a_result, plan, take
from tests.results.storage.test_groups import a_group


def test_a_job_waits_for_those_of_other_groups(store: Store) -> None:
    """Of its own run; once they have ended it may begin."""
    first, second = a_job(), a_job(position=1)
    plan(store, [first, second])
    other_run = a_job("run-2")
    plan(store, [other_run])
    take(store, other_run)
    assert store.turn(first.job_id) is Turn.NOW
    claim = store.claim(first.job_id, WORKER, 60, in_turn=True)
    assert claim is not None
    assert store.turn(second.job_id) is Turn.LATER
    assert store.claim(second.job_id, OTHER_WORKER, 60, in_turn=True) is None
    store.finish(claim.attempt_id, a_result())
    assert store.turn(first.job_id) is Turn.NEVER
    assert store.claim(second.job_id, OTHER_WORKER, 60, in_turn=True) is not None


def test_shards_of_a_group_have_their_turn_together(store: Store) -> None:
    """While one of them waits for a worker nobody is to wait for anything else."""
    first, second = a_group()
    single = a_job(position=2)
    plan(store, [first, second, single])
    take(store, first)
    assert store.turn(single.job_id) is Turn.NEVER
    assert store.turn(second.job_id) is Turn.NOW
    assert store.claim(second.job_id, OTHER_WORKER, 60, in_turn=True) is not None
    assert store.turn(single.job_id) is Turn.LATER


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
