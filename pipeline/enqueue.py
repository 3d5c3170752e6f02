"""Enqueueing: rows first, messages afterwards, so that a job is never known to the broker alone."""

from dramatiq.brokers.redis import RedisBroker

from pipeline.broker import queue_length, send_job
from pipeline.errors import ServiceUnavailableError
from pipeline.plan import Plan
from results.store import Store


def enqueue(store: Store, broker: RedisBroker, plan: Plan) -> None:
    """Write a planned run and ask for its jobs.

    A job whose message could not be sent stays queued, and any supervisor sends it later.

    Args:
        store: The results database.
        broker: Asked first whether it answers, before anything is written.
        plan: What `pipeline.plan.plan_run` returned.

    Raises:
        ServiceUnavailableError: The broker does not answer; where it stopped answering half-way,
            the text says that the run is kept.
        StoreUnavailableError: The results database does not answer.
    """
    queue_length(broker)
    store.create_run(plan.run, plan.jobs, plan.files)
    sent: list[str] = []
    try:
        for job in plan.jobs:
            send_job(broker, job.job_id)
            sent.append(job.job_id)
    except ServiceUnavailableError as error:
        raise ServiceUnavailableError(
            f"{error}; run {plan.run.run_id} is kept and its jobs are sent by the next worker"
        ) from None
    finally:
        store.mark_sent(sent)
