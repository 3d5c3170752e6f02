"""A job's end in the results database, whatever its attempt came to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from pipeline.broker import make_broker, queue_length
from pipeline.jobspec import encode
from pipeline.load import ClosedLoad
from pipeline.scenario import Phase
from pipeline.settings import Settings
from results.attempt_result import Observation
from results.store import Store
from tests.results.build import WORKER, a_job, a_result, plan, take
from tests.support.servers import EmbeddedRedis
from tests.workers.scenarios import a_spec
from workers import log
from workers.errors import PoisonedJobError
from workers.faults.ground import Ground, L2Ground
from workers.faults.l2_note import Note
from workers.faults.l2_server import admin
from workers.job import Worker, _stored, do_job
from workers.slot import Slot
from workers.subjects.null import NullSubject


@pytest.fixture
def worker(tmp_path: Path, redis_server: EmbeddedRedis) -> Iterator[Worker]:
    """A worker process's means, in this process."""
    broker = make_broker(redis_server.url)
    with Store.open(f"sqlite:///{tmp_path / 'results.db'}") as store:
        yield Worker(
            identity=WORKER,
            settings=Settings(
                broker_url=redis_server.url, l3_url=f"sqlite:///{tmp_path / 'l3.db'}"
            ),
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


def _ground(namespace: str) -> Ground:
    """What a fault found on a server that others use."""
    return Ground(namespace=namespace, subject=NullSubject(), seed=1, l2=L2Ground(url=""))


async def test_what_a_dead_worker_left_of_a_cancelled_job_goes_with_the_next_job(
    worker: Worker,
) -> None:
    """No attempt at its own job would clear it any more."""
    plan(worker.store, [a_job()])
    take(worker.store, a_job())
    worker.store.cancel_run("run-1")
    quick = encode(a_spec(Phase(name="steady", load=ClosedLoad(operations=10))))
    plan(worker.store, [a_job("run-2", spec=quick)])
    with redis.Redis.from_url(worker.settings.subject_l2_url) as l2:
        l2.mset({"tierbench:run-1-0-1:key": 1, "tierbench:run-1-0-10:key": 1})
        before = l2.config_get("maxmemory-samples")
        async with admin(worker.settings.subject_l2_url) as client:
            ground = _ground("tierbench:run-1-0-1")
            await Note(ground).write(client, settings=before)
        l2.config_set("maxmemory-samples", 9)
        await do_job(worker, "run-2-0")
        assert l2.config_get("maxmemory-samples") == before
        assert l2.delete("tierbench:run-1-0-1:key", "tierbench:run-1-0-10:key") == 1
    assert worker.store.progress("run-2").completed == 1


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
