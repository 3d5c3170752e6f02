"""What a supervisor sends again, and when it believes that silence is death."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dramatiq.brokers.redis import RedisBroker

from pipeline.broker import make_broker, queue_length
from pipeline.enqueue import enqueue
from pipeline.errors import ServiceUnavailableError
from pipeline.plan import Plan
from results.errors import StoreUnavailableError
from results.records import WorkerIdentity
from results.store import Store
from tests.results.build import a_job, a_run
from tests.support.servers import EmbeddedRedis
from workers.job import CLAIM_PERIOD_S
from workers.upkeep import Outages, Upkeep


class _Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty results database."""
    with Store.open(f"sqlite:///{tmp_path / 'results.db'}") as store:
        yield store


@pytest.fixture
def broker(own_redis: EmbeddedRedis) -> Iterator[RedisBroker]:
    """A broker on a server of the test's own."""
    broker = make_broker(own_redis.url)
    yield broker
    broker.close()


def _plan(run_id: str) -> Plan:
    run = a_run(run_id, names=("small",), services="urls")
    return Plan(run, (a_job(run_id, scenario="small", deadline_s=10.0),), ())


def test_a_lost_message_is_sent_again_but_not_beside_one_that_waits(
    store: Store, broker: RedisBroker
) -> None:
    """A queued job whose message is gone gets one new message, however often one looks."""
    plan = _plan("run-1")
    store.create_run(plan.run, plan.jobs, ())
    upkeep = Upkeep(store, broker, Outages())
    upkeep.run()
    assert queue_length(broker) == 1
    upkeep.run()
    assert queue_length(broker) == 1


def test_a_message_that_waits_is_left_alone(store: Store, broker: RedisBroker) -> None:
    """What was just enqueued is not sent twice."""
    enqueue(store, broker, _plan("run-1"))
    Upkeep(store, broker, Outages()).run()
    assert queue_length(broker) == 1


def test_nothing_is_judged_dead_for_a_claim_period_after_an_outage() -> None:
    """Neither at the start nor after the database was away: nobody could have renewed."""
    clock = _Clock()
    outages = Outages(clock)
    assert not outages.judging
    clock.now_s += CLAIM_PERIOD_S + 1
    assert outages.judging
    with outages.waited_out("store"):
        raise StoreUnavailableError("the results database is away")
    assert not outages.judging
    with outages.waited_out("store"):
        pass
    assert not outages.judging
    clock.now_s += CLAIM_PERIOD_S + 1
    assert outages.judging


def test_a_claim_that_ran_out_has_a_second_chance(store: Store, broker: RedisBroker) -> None:
    """Whoever holds it may renew it first, after a database that stood still without failing."""
    clock = _Clock()
    outages = Outages(clock)
    clock.now_s += CLAIM_PERIOD_S + 1
    plan = _plan("run-1")
    store.create_run(plan.run, plan.jobs, ())
    worker = WorkerIdentity(worker_id="w1", host="here", pid=1)
    held = store.claim("run-1-0", worker, 0)
    assert held is not None
    upkeep = Upkeep(store, broker, outages)
    upkeep.run()
    assert store.renew(held.attempt_id, 0)
    assert store.expired_claims() == [held.attempt_id]
    assert store.progress("run-1").running == 1
    upkeep.run()
    assert store.progress("run-1").queued == 1


def test_an_outage_is_told_once_and_its_end_by_who_needs_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker is not back because the database answered."""
    said: list[str] = []
    monkeypatch.setattr("workers.log.event", said.append)
    outages = Outages()
    for _ in range(3):
        with outages.waited_out("store", "broker"):
            raise ServiceUnavailableError("the broker is away")
        with outages.waited_out("store"):
            pass
    assert said == ["the broker is away; waiting for it"]
    with outages.waited_out("store", "broker"):
        pass
    assert said[1:] == ["the broker is back"]
