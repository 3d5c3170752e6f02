"""Workers that take turns, on a real results database."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.turns import telling, told
from results.store import Store
from tests.results.build import OTHER_WORKER, WORKER, a_job, a_result, plan, take
from workers.turns import claim_in_turn

FIRST, SECOND = a_job(), a_job(position=1)
PARTNER = a_job(position=2, shard=1, group=FIRST.job_id)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A results database."""
    with Store.open(f"sqlite:///{tmp_path}/results.db") as opened:
        yield opened


async def test_a_worker_waits_for_the_job_before(store: Store) -> None:
    """It claims as soon as the other has ended."""
    plan(store, [FIRST, SECOND])
    before = take(store, FIRST)
    waiting = asyncio.create_task(claim_in_turn(store, SECOND.job_id, OTHER_WORKER, 60))
    done, _pending = await asyncio.wait([waiting], timeout=0.2)
    assert not done
    store.finish(before.attempt_id, a_result())
    claim = await waiting
    assert claim is not None
    assert claim.job == SECOND


async def test_a_worker_that_a_group_waits_for_joins_it(store: Store) -> None:
    """Whatever its message was; where nothing is left to claim it goes on to other messages."""
    plan(store, [FIRST, SECOND, PARTNER])
    begun = [take(store, FIRST)]
    claim = await claim_in_turn(store, SECOND.job_id, WORKER, 60)
    assert claim is not None
    assert claim.job == PARTNER
    for each in (*begun, claim):
        store.finish(each.attempt_id, a_result())
    assert await claim_in_turn(store, PARTNER.job_id, WORKER, 60) is not None
    assert await claim_in_turn(store, SECOND.job_id, OTHER_WORKER, 60) is None


def test_workers_are_told_by_their_environment() -> None:
    """Those of nobody's `bench run` do what comes."""
    assert told(telling(in_turn=True))
    assert not told(telling(in_turn=False))
