"""Enqueueing: a job is in the database before anyone is asked to do it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.broker import make_broker, queue_length
from pipeline.bundle import collect
from pipeline.enqueue import enqueue
from pipeline.errors import ServiceUnavailableError
from pipeline.plan import Plan, plan_run
from results.store import Store
from tests.support.servers import EmbeddedRedis


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty results database."""
    with Store.open(f"sqlite:///{tmp_path}/results.db") as opened:
        yield opened


@pytest.fixture
def plan() -> Plan:
    """A run of four jobs."""
    return plan_run(collect(["basic_operations", "trace_replay"]), run_id="run", seed=1, repeats=2)


def test_every_job_is_stored_and_asked_for_once(
    store: Store, plan: Plan, own_redis: EmbeddedRedis
) -> None:
    """As many messages as jobs, and none left to be sent."""
    broker = make_broker(own_redis.url)
    with broker.client:
        enqueue(store, broker, plan)
        assert queue_length(broker) == 4
    assert store.progress("run").total == 4
    assert store.unsent_jobs(older_than_s=60) == []


def test_nothing_is_written_where_the_broker_does_not_answer(
    store: Store, plan: Plan, own_redis: EmbeddedRedis
) -> None:
    """A run that nobody could do is not left behind."""
    broker = make_broker(own_redis.url)
    own_redis.kill()
    with broker.client, pytest.raises(ServiceUnavailableError):
        enqueue(store, broker, plan)
    assert store.runs(last=10) == []


def test_a_broker_that_stops_half_way_leaves_the_rest_to_be_sent(
    store: Store, plan: Plan, own_redis: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is kept, and those jobs whose message was lost are known."""
    broker = make_broker(own_redis.url)
    sent = []
    take = broker.enqueue

    def take_two(message: object) -> object:
        sent.append(message)
        if len(sent) == 3:
            own_redis.kill()
        return take(message)

    monkeypatch.setattr(broker, "enqueue", take_two)
    with broker.client, pytest.raises(ServiceUnavailableError, match="run run is kept"):
        enqueue(store, broker, plan)
    assert set(store.unsent_jobs(older_than_s=60)) == {job.job_id for job in plan.jobs[2:]}
