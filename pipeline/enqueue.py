"""Enqueueing: rows first, messages afterwards, so that a job is never known to the broker alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dramatiq.brokers.redis import RedisBroker

from pipeline.broker import queue_length, send_job
from pipeline.errors import KeyTakenError, ServiceUnavailableError
from pipeline.plan import Plan
from results.records import JobState, Run
from results.store import Store


def enqueue(store: Store, broker: RedisBroker, plan: Plan) -> str:
    """Write a planned run and ask for its jobs, unless its idempotency key stands for one already.

    A job whose message could not be sent stays queued, and any supervisor sends it later.

    Args:
        store: The results database.
        broker: Asked first whether it answers, before anything is written.
        plan: What `pipeline.plan.plan_run` returned.

    Returns:
        The run's id, or that of the earlier run with the same key.

    Raises:
        KeyTakenError: The earlier run with that key is another request.
        ServiceUnavailableError: The broker does not answer; where it stopped answering half-way,
            the text says that the run is kept.
        StoreUnavailableError: The results database does not answer.
    """
    queue_length(broker)
    run_id = store.create_run(plan.run, plan.jobs, plan.files)
    if run_id == plan.run.run_id:
        _send(store, broker, run_id, [job.job_id for job in plan.jobs])
    else:
        _check_same(store, run_id, plan)
    return run_id


def resume(store: Store, broker: RedisBroker, run_id: str) -> int:
    """Ask for a run's cancelled and failed jobs again; how many there were.

    Args:
        store: The results database.
        broker: Asked first whether it answers, before anything is written.
        run_id: The whole id of the run, whose services are those of the URLs from now on.

    Raises:
        ServiceUnavailableError: As `enqueue` does.
        StoreUnavailableError: The results database does not answer.
    """
    queue_length(broker)
    resumed = store.resume_run(run_id, "urls")
    if resumed:
        waiting = [row.job_id for row in store.job_rows(run_id) if row.state == JobState.QUEUED]
        _send(store, broker, run_id, waiting)
    return resumed


def _send(store: Store, broker: RedisBroker, run_id: str, job_ids: Sequence[str]) -> None:
    sent: list[str] = []
    try:
        for job_id in job_ids:
            send_job(broker, job_id)
            sent.append(job_id)
    except ServiceUnavailableError as error:
        raise ServiceUnavailableError(
            f"{error}; run {run_id} is kept and its jobs are sent by the next worker"
        ) from None
    finally:
        store.mark_sent(sent)


def _check_same(store: Store, run_id: str, plan: Plan) -> None:
    earlier = [_asked(job.spec) for job in store.jobs(run_id)]
    now = [_asked(job.spec) for job in plan.jobs]
    different = next(_different(store.run(run_id).run, plan.run), None)
    if different is None and earlier == now:
        return
    raise KeyTakenError(
        f"--idempotency-key {plan.run.idempotency_key} belongs to run {run_id}, which was asked "
        f"for with {different or 'other scenarios'}; give another key, or ask for the same"
    )


def _different(earlier: Run, now: Run) -> Iterator[str]:
    for name in ("names", "subjects", "repeats", "seed", "labels", "parameters"):
        if getattr(earlier, name) != getattr(now, name):
            yield f"other {name}" if name.endswith("s") else f"another {name}"
    if earlier.code_version.name != now.code_version.name:
        yield "another code version"


def _asked(spec: Mapping[str, Any]) -> dict[str, Any]:
    # Whether the checkout has changes may change between two tries of one request.
    return {key: value for key, value in spec.items() if key != "dirty"}
