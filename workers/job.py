"""A job from its message to its stored attempt: claim, execute, keep, ask for the aggregation."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dramatiq.brokers.redis import RedisBroker

from pipeline.broker import send_aggregation
from pipeline.errors import JobSpecError, PipelineError
from pipeline.jobspec import decode
from pipeline.scenario import JobSpec
from pipeline.settings import Settings
from results.attempt_result import AttemptResult
from results.errors import DamagedJobError, ResultsError
from results.records import Claim, WorkerIdentity
from results.store import Store
from workers import log
from workers.assembly import assemble
from workers.attempt import Assignment
from workers.destructive import allowed_for_destruction
from workers.environment import environment_of
from workers.errors import InvalidAttemptError, PoisonedJobError
from workers.execute import execute, one_line
from workers.faults.worker_kill import OWN_DEATH, resumed
from workers.group import Gathering
from workers.namespaces import namespaces_of, sweep_abandoned
from workers.patience import patiently
from workers.slot import Holding, Slot
from workers.threads import run_to_end
from workers.ticker import ticking
from workers.turns import claim_in_turn

CLAIM_PERIOD_S = 10.0
# Between its deadline and its end a job undoes its faults, stops its server and clears its keys.
CLEANING_S = 20.0
_LONGEST_REASON = 500


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
        in_turn: Whether a message makes it do whichever job of the run has its turn.
    """

    identity: WorkerIdentity
    settings: Settings
    store: Store
    broker: RedisBroker
    slot: Slot
    samples: Path | None
    in_turn: bool = False


async def do_job(worker: Worker, job_id: str) -> None:
    """Do a job once, unless another worker holds it or it has ended.

    Raises:
        PoisonedJobError: It can't be read; by then it has failed.
        StoreUnavailableError: The results database stayed away; the claim will run out.
    """
    try:
        claim = await _claim(worker, job_id)
    except DamagedJobError as error:
        log.event(f"{error}; it has failed")
        await run_to_end(_ask_for_aggregation, worker, error.run_id)
        raise PoisonedJobError(str(error)) from None
    if claim is None:
        return
    async with _held(worker, claim):
        log.event(f"{_name(claim)} begins")
        spec = _read(claim)
        result = await _attempt(worker, claim, spec)
        accepted = await _stored(worker, claim, result)
    log.event(
        f"{_name(claim)} ended after {result.execution_time_s:.1f} s: {_end(result, accepted)}"
    )
    await run_to_end(_ask_for_aggregation, worker, claim.job.run_id)
    if isinstance(spec, JobSpecError):
        raise PoisonedJobError(str(spec))


async def _claim(worker: Worker, job_id: str) -> Claim | None:
    store, identity = worker.store, worker.identity
    if worker.in_turn:
        return await claim_in_turn(store, job_id, identity, CLAIM_PERIOD_S)
    return await run_to_end(patiently, store.claim, job_id, identity, CLAIM_PERIOD_S)


@asynccontextmanager
async def _held(worker: Worker, claim: Claim) -> AsyncIterator[None]:
    worker.slot.hold(_holding(claim, limit_s=None))
    try:
        async with ticking(worker.slot):
            yield
    except asyncio.CancelledError:
        await run_to_end(worker.store.give_back, claim.attempt_id, "its worker was told to stop")
        log.event(f"{_name(claim)} given back: the worker was told to stop")
        raise
    finally:
        worker.slot.let_go()


def _read(claim: Claim) -> JobSpec | JobSpecError:
    try:
        return decode(claim.job.spec)
    except JobSpecError as error:
        return error


async def _attempt(worker: Worker, claim: Claim, spec: JobSpec | JobSpecError) -> AttemptResult:
    if isinstance(spec, JobSpecError):
        return _unmeasured(error=one_line(spec))
    try:
        group = await assemble(worker.store, claim, spec.scenario)
    except InvalidAttemptError as error:
        return _unmeasured(invalid_reason=str(error))
    # Its time counts from here: how long it may wait for others is a limit of its own.
    worker.slot.hold(_holding(claim, limit_s=claim.job.deadline_s + CLEANING_S))
    if group.shard == 0:
        await sweep_abandoned(worker.store, worker.settings)
    return await execute(_assignment(worker, claim, spec, group))


async def _stored(worker: Worker, claim: Claim, result: AttemptResult) -> bool:
    """Store what an attempt saw, as soon as the database is there; whether it is accepted."""
    worker.slot.hold(_holding(claim, limit_s=None))
    finish, attempt_id = worker.store.finish, claim.attempt_id
    try:
        return await run_to_end(patiently, finish, attempt_id, result)
    except ResultsError:
        raise
    except Exception as error:  # noqa: BLE001 - what can't be stored would be measured in vain again and again
        why = f"what it saw can't be stored: {one_line(error)}"
        failed = _unmeasured(error=why[:_LONGEST_REASON])
        return await run_to_end(patiently, finish, attempt_id, failed)


def _unmeasured(error: str | None = None, invalid_reason: str | None = None) -> AttemptResult:
    return AttemptResult(
        execution_time_s=0.0,
        environment=environment_of({}),
        error=error,
        invalid_reason=invalid_reason,
    )


def _assignment(worker: Worker, claim: Claim, spec: JobSpec, group: Gathering) -> Assignment:
    *earlier, namespace = namespaces_of(claim, group.shards)
    samples = f"{claim.job.job_id}-{claim.number}.npz"
    return Assignment(
        spec=spec,
        namespace=namespace,
        leftovers=tuple(earlier) if group.shard == 0 else (),
        l2_url=worker.settings.subject_l2_url,
        l3_url=worker.settings.subject_l3_url,
        files=lambda sha256: patiently(worker.store.file, sha256),
        samples=None if worker.samples is None else worker.samples / samples,
        group=group,
        folder=worker.slot.folder,
        allowed=allowed_for_destruction(),
        kill=partial(_kill_this_process, worker.slot),
        lost=resumed(claim.lost, claim.number),
    )


def _kill_this_process(slot: Slot) -> None:
    slot.foretell(OWN_DEATH)
    os.kill(os.getpid(), signal.SIGKILL)


def _ask_for_aggregation(worker: Worker, run_id: str) -> None:
    """Ask for the run's aggregation after its last job; a supervisor asks where this fails."""
    try:
        if run_id in patiently(worker.store.runs_to_aggregate):
            send_aggregation(worker.broker, run_id)
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
