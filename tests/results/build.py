"""Runs, jobs and what attempts saw, made up for tests."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from results.accepted import AcceptedAttempt
from results.attempt_result import AttemptResult, Environment, Interval, Observation, PhaseSpan
from results.expectation import Expectation
from results.histogram import Histogram
from results.records import Claim, CodeVersion, Job, Run, WorkerIdentity
from results.store import Store

MS = 1_000_000
WORKER = WorkerIdentity(worker_id="worker-1", host="host-1", pid=11)
OTHER_WORKER = WorkerIdentity(worker_id="worker-2", host="host-2", pid=22)
ENVIRONMENT = Environment(environment_class="2 cores", fingerprint={"cpu": "abacus", "cores": 2})


def a_run(run_id: str = "run-1", **changes: Any) -> Run:
    """A run that was asked for."""
    given = {
        "run_id": run_id,
        "names": ("quick",),
        "seed": 42,
        "repeats": 1,
        "services": "embedded",
        "subjects": ("multilevel",),
        "code_version": CodeVersion(name="abc1234", dirty=False, committed_at_s=1_700_000_000.0),
    }
    return Run(**{**given, **changes})


def a_job(run_id: str = "run-1", position: int = 0, **changes: Any) -> Job:
    """A job of it; its group is its own."""
    job_id = f"{run_id}-{position}"
    given = {
        "job_id": job_id,
        "run_id": run_id,
        "position": position,
        "scenario": "basic_operations",
        "subject": "multilevel",
        "repeat": 0,
        "group": job_id,
        "deadline_s": 60.0,
        "expectations": (),
        "spec": {"scenario": {"name": "basic_operations"}},
    }
    return Job(**{**given, **changes})


def a_histogram(*values_ms: float) -> Histogram:
    """A histogram of response times in milliseconds."""
    return Histogram.of(np.array([round(value * MS) for value in values_ms], dtype=np.int64))


def an_interval(*values_ms: float, **changes: Any) -> Interval:
    """What `get` met from L1 in the first second of the phase `load`."""
    given = {
        "phase": "load",
        "warmup": False,
        "second": 0,
        "operation": "get",
        "tier": "l1",
        "outcome": "ok",
        "histogram": a_histogram(*values_ms),
    }
    return Interval(**{**given, **changes})


def a_span(length_s: float, phase: str = "load", *, warmup: bool = False) -> PhaseSpan:
    """A phase of that length."""
    return PhaseSpan(phase=phase, warmup=warmup, start_s=0.5, end_s=0.5 + length_s)


def reads(phase: str = "load", **by_tier: float) -> tuple[Observation, ...]:
    """Counts of keys read by the tier that served them."""
    return tuple(
        Observation(metric=f"reads_{tier}", value=count, phase=phase)
        for tier, count in by_tier.items()
    )


def an_attempt(**changes: Any) -> AcceptedAttempt:
    """An accepted attempt that saw nothing."""
    given = {
        "attempt_id": "a",
        "scenario": "basic_operations",
        "subject": "multilevel",
        "repeat": 0,
        "group": "g",
        "worker_id": "worker-1",
        "started_at_s": 1_700_000_000.0,
        "shared": False,
        "execution_time_s": 2.0,
        "environment_class": "2 cores",
        "unsupported": frozenset(),
    }
    return AcceptedAttempt(**{**given, **changes})


def a_result(**changes: Any) -> AttemptResult:
    """What an attempt saw: by default one read that took a millisecond, in a second."""
    given = {
        "execution_time_s": 1.5,
        "environment": ENVIRONMENT,
        "intervals": (an_interval(1.0),),
        "phases": (a_span(1.0),),
    }
    return AttemptResult(**{**given, **changes})


def plan(store: Store, jobs: Sequence[Job], **changes: Any) -> None:
    """Store a run with these jobs."""
    store.create_run(a_run(jobs[0].run_id, **changes), jobs, [])


def take(store: Store, job: Job, worker: WorkerIdentity = WORKER, period_s: float = 60) -> Claim:
    """Claim a job that is known to be queued."""
    claim = store.claim(job.job_id, worker, period_s)
    assert claim is not None
    return claim


def complete(
    store: Store, job: Job, result: AttemptResult | None = None, worker: WorkerIdentity = WORKER
) -> bool:
    """Do a job at once; whether its attempt was accepted."""
    claim = take(store, job, worker)
    return store.finish(claim.attempt_id, result or a_result())


def complete_run(
    store: Store,
    results: Iterable[AttemptResult],
    expectations: tuple[Expectation, ...] = (),
    run_id: str = "run-1",
    asked: Mapping[str, Any] | None = None,
    **changes: Any,
) -> str:
    """A run with one repeat for each result, all of them done; `asked` are changes of the run."""
    seen = list(results)
    jobs = [
        a_job(run_id, number, repeat=number, expectations=expectations, **changes)
        for number in range(len(seen))
    ]
    store.create_run(a_run(run_id, repeats=len(jobs), **(asked or {})), jobs, [])
    for job, result in zip(jobs, seen, strict=True):
        complete(store, job, result)
    return run_id
