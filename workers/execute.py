"""How a job is done, from its specification to all that was seen."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from pipeline.load import TraceLoad
from pipeline.scenario import JobSpec, Phase
from pipeline.trace import Trace
from pipeline.urls import redact_url
from results.records import AttemptResult, StoredFile
from workers import garbage
from workers.attempt import Assignment, Attempt
from workers.caller import with_what_is_made_of_them
from workers.data import key_names
from workers.environment import environment_of
from workers.errors import DeadlineExceededError, InvalidAttemptError
from workers.files import fetch_files
from workers.group import Alone, Gathering
from workers.ledger import Ledger
from workers.part import Part
from workers.phase import run_phase
from workers.replay import trace_of, use_values_of
from workers.samples import write_samples
from workers.servers import own_server
from workers.shared_ledger import SharedLedger
from workers.stage import Stage
from workers.subjects.base import Addresses, Subject
from workers.subjects.registry import build_subject
from workers.surroundings import note_after, note_before, note_memory, note_settings
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
    attempt = Attempt(environment=environment_of({}))
    try:
        await _within_deadline(assignment, attempt)
        await _write_samples(assignment, attempt)
        return await run_to_end(attempt.result)
    except Exception as error:  # noqa: BLE001 - a job that raises is a failed job, never a lost one
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
    ledger = _ledger(values, assignment.group)
    async with own_server(spec) as server:
        addresses = Addresses(
            namespace=assignment.namespace,
            l2_url=assignment.l2_url if server is None else server[1],
            l3_url=assignment.l3_url,
        )
        await _clear_leftovers(spec, addresses, assignment.leftovers)
        async with _started(spec, addresses, attempt, assignment.group) as subject:
            stage = Stage(
                subject=subject,
                ledger=ledger,
                codes=attempt.codes,
                seed=spec.seed,
                key_names=key_names(scenario.data.kind, scenario.data.keys),
                traces=traces,
                own_server=server,
                now_s=attempt.now_s,
                ttl_of=values.ttl_s if values.has_ttls else None,
                group=assignment.group,
                writers=scenario.writers,
                l2_url=None if "l2" in attempt.lacks else addresses.l2_url,
            )
            await _run_phases(stage, scenario.phases, attempt)
        await note_after(attempt)


async def _run_phases(stage: Stage, phases: Sequence[Phase], attempt: Attempt) -> None:
    garbage.set_aside()
    for position, phase in enumerate(phases):
        attempt.phases.append(await run_phase(stage, position, phase))
    attempt.statistics = stage.subject.statistics()
    attempt.distinct_keys = stage.ledger.distinct_keys
    note_memory(attempt)


def _ledger(values: Values, group: Gathering) -> Ledger:
    return Ledger(values) if group.shards == 1 else SharedLedger(values, group)


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


@asynccontextmanager
async def _started(
    spec: JobSpec, addresses: Addresses, attempt: Attempt, group: Gathering
) -> AsyncIterator[Subject]:
    subject = build_subject(spec.subject, spec.scenario.subject, addresses)
    attempt.lacks = with_what_is_made_of_them(subject.lacks)
    await note_before(attempt, spec, addresses)
    async with used_together(subject, group):
        await note_settings(attempt, addresses)
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
