"""The Dramatiq actors, which messages call by name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Shutdown

from pipeline.letters import AGGREGATE_RUN, QUEUE, RUN_JOB
from pipeline.scenario import MAX_DEADLINE_S
from results.aggregate import aggregate
from results.errors import StoreUnavailableError, UnknownRunError
from workers import log
from workers.errors import PoisonedJobError
from workers.job import Worker, do_job
from workers.leaving import Leaving
from workers.patience import WITHIN_S, patiently
from workers.threads import run_to_end

# Above every deadline, and what cleaning and storing may take after it.
TIME_LIMIT_MS = round((MAX_DEADLINE_S + 2 * WITHIN_S + 60) * 1000)


def declare_actors(broker: RedisBroker, worker: Worker, leaving: Leaving) -> None:
    """Give the broker the two actors of this process.

    Args:
        broker: With the middleware `AsyncIO`, since both are coroutines.
        worker: What jobs are done with.
        leaving: Ends a job at the word to stop.
    """
    options: dict[str, Any] = {
        "max_retries": 0,
        "time_limit": TIME_LIMIT_MS,
        "notify_shutdown": True,
        "throws": (Shutdown, PoisonedJobError),
    }

    async def run_job(job_id: str) -> None:
        with leaving.in_hand(), _gives_up_with_a_line(f"job {job_id}"):
            await do_job(worker, job_id)

    async def aggregate_run(run_id: str) -> None:
        with _gives_up_with_a_line(f"aggregation of run {run_id}"):
            await _aggregate(worker, run_id)

    for name, function in ((RUN_JOB, run_job), (AGGREGATE_RUN, aggregate_run)):
        dramatiq.actor(actor_name=name, queue_name=QUEUE, broker=broker, **options)(function)


async def _aggregate(worker: Worker, run_id: str) -> None:
    try:
        if await run_to_end(patiently, aggregate, worker.store, run_id):
            log.event(f"run {run_id} aggregated")
    except UnknownRunError as error:
        log.event(f"an aggregation was asked for that can't be: {error}")
        raise PoisonedJobError(str(error)) from None


@contextmanager
def _gives_up_with_a_line(what: str) -> Iterator[None]:
    """Drop a message while the results database is away; a supervisor will send another."""
    try:
        yield
    except StoreUnavailableError as error:
        log.event(f"{what} given up: {error}")
