"""A job's end in the results database, whatever its attempt came to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.broker import make_broker, queue_length
from pipeline.settings import Settings
from results.records import Observation
from results.store import Store
from tests.results.build import WORKER, a_job, a_result, plan, take
from tests.support.servers import EmbeddedRedis
from workers import log
from workers.errors import PoisonedJobError
from workers.job import Worker, _stored, do_job
from workers.slot import Slot


@pytest.fixture
def worker(tmp_path: Path, redis_server: EmbeddedRedis) -> Iterator[Worker]:
    """A worker process's means, in this process."""
    broker = make_broker(redis_server.url)
    with Store.open(f"sqlite:///{tmp_path / 'results.db'}") as store:
        yield Worker(
            identity=WORKER,
            settings=Settings(broker_url=redis_server.url),
            store=store,
            broker=broker,
            slot=Slot(tmp_path),
            samples=None,
        )
    broker.client.close()


async def test_a_result_that_can_not_be_stored_fails_its_job(worker: Worker) -> None:
    """At once and with the reason, or each further attempt would be measured in vain."""
    job = a_job()
    plan(worker.store, [job])
    unstorable = a_result(observations=(Observation(metric="errors", value=float("nan")),))
    assert not await _stored(worker, take(worker.store, job), unstorable)
    (row,) = worker.store.job_rows("run-1")
    assert row.state == "failed"
    assert row.reason is not None
    assert row.reason.startswith("what it saw can't be stored: IntegrityError")


async def test_a_job_that_can_not_be_read_is_poison(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has failed, and its message is told to be a dead letter, without a traceback."""
    said: list[str] = []
    monkeypatch.setattr(log, "event", said.append)
    plan(worker.store, [a_job(spec={"scenario": 5})])
    with pytest.raises(PoisonedJobError, match="job specification: scenario"):
        await do_job(worker, "run-1-0")
    assert worker.store.progress("run-1").failed == 1
    assert "failed: JobSpecError: job specification: scenario" in said[-1]


async def test_a_job_whose_row_is_damaged_is_poison(worker: Worker) -> None:
    """Its message is sent no more, and its run's aggregation is asked for."""
    before = queue_length(worker.broker)
    plan(worker.store, [a_job()])
    with worker.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE jobs SET expectations = '[7]'")
    with pytest.raises(PoisonedJobError, match="as its expectations is damaged"):
        await do_job(worker, "run-1-0")
    assert worker.store.unsent_jobs(0) == []
    assert queue_length(worker.broker) == before + 1
