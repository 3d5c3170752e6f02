"""A job from its message to its stored attempt: claim, execute, keep, ask for the aggregation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from dramatiq.brokers.redis import RedisBroker

from pipeline.broker import send_aggregation
from pipeline.errors import PipelineError
from pipeline.jobspec import decode
from pipeline.settings import Settings
from results.records import AttemptResult, Claim, Job, WorkerIdentity
from results.store import Store
from workers import log
from workers.attempt import Assignment
from workers.environment import environment_of
from workers.execute import execute, one_line
from workers.patience import patiently
from workers.slot import Holding, Slot
from workers.threads import run_to_end
from workers.ticker import ticking

CLAIM_PERIOD_S = 10.0
# Between its deadline and its end a job undoes its faults, stops its server and clears its keys.
CLEANING_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker process has at hand for every job.

    Args:
        identity: This process.
        settings: Where the services are.
        store: The results database.
        broker: Where messages come from.
        slot: How the supervisor sees this process.
        samples: The folder for raw timings; None where they are not written.
    """

    identity: WorkerIdentity
    settings: Settings
    store: Store
    broker: RedisBroker
    slot: Slot
    samples: Path | None


async def do_job(worker: Worker, job_id: str) -> None:
    """Do a job once, unless another worker holds it or it has ended.

    Raises:
        StoreUnavailableError: The results database stayed away; the claim will run out.
    """
    claim = await run_to_end(patiently, worker.store.claim, job_id, worker.identity, CLAIM_PERIOD_S)
    if claim is None:
        return
    async with _held(worker, claim):
        log.event(f"{_name(claim)} begins")
        result = await _attempt(worker, claim)
        worker.slot.hold(_holding(claim, limit_s=None))
        accepted = await run_to_end(patiently, worker.store.finish, claim.attempt_id, result)
    log.event(
        f"{_name(claim)} ended after {result.execution_time_s:.1f} s: {_end(result, accepted)}"
    )
    await run_to_end(_ask_for_aggregation, worker, claim.job)


@asynccontextmanager
async def _held(worker: Worker, claim: Claim) -> AsyncIterator[None]:
    limit_s = claim.job.deadline_s + CLEANING_S
    worker.slot.hold(_holding(claim, limit_s=limit_s))
    try:
        async with ticking(worker.slot):
            yield
    except asyncio.CancelledError:
        await run_to_end(worker.store.give_back, claim.attempt_id, "its worker was told to stop")
        log.event(f"{_name(claim)} given back: the worker was told to stop")
        raise
    finally:
        worker.slot.let_go()


async def _attempt(worker: Worker, claim: Claim) -> AttemptResult:
    try:
        spec = decode(claim.job.spec)
    except PipelineError as error:
        return AttemptResult(
            execution_time_s=0.0, environment=environment_of({}), error=one_line(error)
        )
    *earlier, name = (f"{claim.job.job_id}-{number + 1}" for number in range(claim.number))
    return await execute(
        Assignment(
            spec=spec,
            namespace=f"tierbench:{name}",
            leftovers=tuple(f"tierbench:{each}" for each in earlier),
            l2_url=worker.settings.subject_l2_url,
            l3_url=worker.settings.subject_l3_url,
            files=worker.store.file,
            samples=None if worker.samples is None else worker.samples / f"{name}.npz",
        )
    )


def _ask_for_aggregation(worker: Worker, job: Job) -> None:
    """Ask for the run's aggregation after its last job; a supervisor asks where this fails."""
    try:
        if job.run_id in patiently(worker.store.runs_to_aggregate):
            send_aggregation(worker.broker, job.run_id)
    except PipelineError as error:
        log.event(one_line(error))


def _holding(claim: Claim, *, limit_s: float | None) -> Holding:
    return Holding(
        attempt_id=claim.attempt_id,
        job_id=claim.job.job_id,
        limit_s=limit_s,
    )


def _name(claim: Claim) -> str:
    job = claim.job
    return f"job {job.job_id} ({job.scenario} on {job.subject}), attempt {claim.number},"


def _end(result: AttemptResult, accepted: bool) -> str:  # noqa: FBT001 - the store's answer
    if result.error is not None:
        return f"failed: {result.error}"
    if result.invalid_reason is not None:
        return f"invalid: {result.invalid_reason}"
    return "accepted" if accepted else "not accepted: its claim was lost"
