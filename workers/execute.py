"""How a job is done, from its specification to all that was seen."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial

from pipeline.load import TraceLoad
from pipeline.scenario import JobSpec, Phase
from pipeline.trace import Trace
from pipeline.urls import redact_url
from results.attempt_result import AttemptResult
from results.records import StoredFile
from workers import garbage
from workers.attempt import Assignment, Attempt
from workers.audit import audit
from workers.caller import with_what_is_made_of_them
from workers.checker.history import history_of
from workers.data import key_names
from workers.environment import environment_of
from workers.errors import DeadlineExceededError, InvalidAttemptError, LeftoverError
from workers.files import fetch_files
from workers.group import Alone
from workers.ledger import Ledger
from workers.part import Part
from workers.phase import run_phase
from workers.replay import trace_of, use_values_of
from workers.samples import write_samples
from workers.services import Services, services_of
from workers.shared_ledger import SharedLedger
from workers.stage import Stage
from workers.subjects.base import Addresses, Subject
from workers.subjects.registry import build_subject
from workers.subjects.restartable import RestartableSubject
from workers.surroundings import (
    note_after,
    note_before,
    note_memory,
    note_promises,
    note_settings,
)
from workers.sweep import sweep
from workers.threads import run_to_end
from workers.together import used_together
from workers.values import Values


async def execute(assignment: Assignment) -> AttemptResult:
    """Do a job once; where that goes wrong, the result says why.

    Only a cancellation comes out of it. By then, as in every other case, faults are undone, the
    job's own server has ended and its namespaces are empty, this attempt's and those of earlier
    ones, whose worker may have been killed.

    Args:
        assignment: What to do, and where.
    """
    scenario = assignment.spec.scenario
    attempt = Attempt(
        environment=environment_of({}), slo=scenario.slo, keeps_history=scenario.keeps_history
    )
    try:
        await _within_deadline(assignment, attempt)
        await _sweep(assignment, attempt)
        await _write_samples(assignment, attempt)
        return await run_to_end(attempt.result)
    except asyncio.CancelledError:
        # Where its run was cancelled there is no next attempt that would do it.
        with suppress(LeftoverError):
            await _sweep(assignment, attempt)
        raise
    except Exception as error:  # noqa: BLE001 - a job that raises is a failed job, never a lost one
        with suppress(LeftoverError):
            await _sweep(assignment, attempt)
        return _broken_off(attempt, error)


async def _within_deadline(assignment: Assignment, attempt: Attempt) -> None:
    deadline_s = assignment.spec.scenario.deadline_s
    try:
        async with asyncio.timeout(deadline_s) as limit:
            await _go_through(assignment, attempt)
    except TimeoutError:
        if not limit.expired():
            raise
        raise DeadlineExceededError(
            f"it took longer than its deadline of {deadline_s:g} s"
        ) from None


async def _go_through(assignment: Assignment, attempt: Attempt) -> None:
    spec = assignment.spec
    scenario = spec.scenario
    files = await run_to_end(fetch_files, scenario, assignment.files)
    values = Values(spec.seed, scenario.data)
    traces = await run_to_end(_read_traces, assignment, files, values)
    ledger = _ledger(values, assignment)
    async with services_of(assignment) as services:
        await _clear_leftovers(spec, services.addresses, assignment.leftovers)
        async with _started(assignment, services, attempt) as subject:
            stage = Stage(
                subject=subject,
                ledger=ledger,
                history=history_of(
                    subject,
                    ledger,
                    assignment.group,
                    attempt.now_s,
                    kept=scenario.keeps_history,
                    promises=attempt.promises,
                ),
                codes=attempt.codes,
                seed=spec.seed,
                key_names=key_names(scenario.data.kind, scenario.data.keys),
                traces=traces,
                ground=services.ground(assignment, subject),
                now_s=attempt.now_s,
                ttl_of=values.ttl_s if values.has_ttls else None,
                group=assignment.group,
                writers=scenario.writers,
                l2_url=None if "l2" in attempt.lacks else services.l2.url,
                has_support=subject.lacks.isdisjoint(scenario.needs_tiers),
            )
            await _run_phases(stage, scenario.phases, attempt)
            if scenario.keeps_history and scenario.audit:
                attempt.audited = await audit(stage, scenario.audit)
        await note_after(attempt)


async def _run_phases(stage: Stage, phases: Sequence[Phase], attempt: Attempt) -> None:
    garbage.set_aside()
    for position, phase in enumerate(phases):
        attempt.phases.append(await run_phase(stage, position, phase))
    attempt.statistics = stage.subject.statistics()
    attempt.distinct_keys = stage.ledger.distinct_keys
    note_memory(attempt)


def _ledger(values: Values, assignment: Assignment) -> Ledger:
    if assignment.group.shards == 1:
        return Ledger(values)
    nones = any(fault.kind == "loader_none" for fault in assignment.spec.scenario.faults)
    return SharedLedger(values, assignment.group, nones=nones)


async def _write_samples(assignment: Assignment, attempt: Attempt) -> None:
    if assignment.samples is not None:
        await run_to_end(write_samples, assignment.samples, attempt.phases, attempt.codes.codes)


def _read_traces(
    assignment: Assignment, files: dict[str, StoredFile], values: Values
) -> dict[int, Trace]:
    spec, group = assignment.spec, assignment.group
    part = Part(shard=group.shard, shards=group.shards)
    traces = {}
    for position, phase in enumerate(spec.scenario.phases):
        if isinstance(phase.load, TraceLoad):
            file = files.get(phase.load.trace) if phase.load.trace is not None else None
            traces[position] = trace_of(phase.load, file, spec.seed, part)
            use_values_of(traces[position], values)
    return traces


async def _clear_leftovers(spec: JobSpec, addresses: Addresses, leftovers: tuple[str, ...]) -> None:
    for namespace in leftovers:
        subject = build_subject(
            spec.subject, spec.scenario.subject, replace(addresses, namespace=namespace)
        )
        async with used_together(subject, Alone()):
            pass


async def _sweep(assignment: Assignment, attempt: Attempt) -> None:
    """Remove what is left in tiers that others share, once no worker uses the namespaces."""
    if assignment.group.shard > 0:
        return
    scenario = assignment.spec.scenario
    shares_l2 = scenario.l2_server == "shared" and "l2" not in attempt.lacks
    shares_l3 = scenario.l3_server == "shared" and "l3" not in attempt.lacks
    await run_to_end(
        sweep,
        (*assignment.leftovers, assignment.namespace),
        assignment.l2_url if shares_l2 else None,
        assignment.l3_url if shares_l3 else None,
    )


@asynccontextmanager
async def _started(
    assignment: Assignment, services: Services, attempt: Attempt
) -> AsyncIterator[Subject]:
    spec = assignment.spec
    build = partial(build_subject, spec.subject, spec.scenario.subject, services.addresses)
    restarts = any(phase.restart is not None for phase in spec.scenario.phases)
    subject: Subject = RestartableSubject(build) if restarts else build()
    attempt.lacks = with_what_is_made_of_them(subject.lacks)
    servers = services.servers
    await note_before(attempt, spec, servers)
    async with used_together(subject, assignment.group):
        await note_settings(attempt, servers)
        note_promises(attempt, subject)
        yield subject


def _broken_off(attempt: Attempt, error: Exception) -> AttemptResult:
    first = _first_of(error)
    if isinstance(first, InvalidAttemptError):
        return attempt.invalid(redact_url(str(first)))
    return attempt.failure(one_line(first))


def one_line(error: BaseException) -> str:
    """An error's type and text on one line, without passwords; of a group, its first."""
    error = _first_of(error)
    text = redact_url(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _first_of(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
