"""Records as rows of their tables, and rows as records again."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from results.attempt_result import AttemptResult, Environment
from results.expectation import Expectation
from results.records import CodeVersion, Job, Run, StoredRun, WorkerIdentity

Values = dict[str, Any]


def from_run(run: Run) -> Values:
    """The row of a run, without its times."""
    return {
        "run_id": run.run_id,
        "names": list(run.names),
        "seed": run.seed,
        "repeats": run.repeats,
        "services": run.services,
        "subjects": list(run.subjects),
        "code_name": run.code_version.name,
        "code_dirty": run.code_version.dirty,
        "code_committed_at": run.code_version.committed_at_s,
        "code_branch": run.code_version.branch,
        "labels": dict(run.labels),
        "parameters": dict(run.parameters),
        "idempotency_key": run.idempotency_key,
    }


def to_run(row: Row[Any]) -> StoredRun:
    """The run of a row of `runs`."""
    return StoredRun(
        run=Run(
            run_id=row.run_id,
            names=tuple(row.names),
            seed=row.seed,
            repeats=row.repeats,
            services=row.services,
            subjects=tuple(row.subjects),
            code_version=to_code_version(row),
            labels=row.labels,
            parameters=row.parameters,
            idempotency_key=row.idempotency_key,
        ),
        created_at_s=row.created_at,
        cancelled_at_s=row.cancelled_at,
        aggregated_at_s=row.aggregated_at,
        excluded=row.excluded_reason,
        pruned_at_s=row.pruned_at,
        imported_at_s=row.imported_at,
    )


def to_code_version(row: Row[Any]) -> CodeVersion:
    """The code version in a row of `runs`."""
    return CodeVersion(
        name=row.code_name,
        dirty=row.code_dirty,
        committed_at_s=row.code_committed_at,
        branch=row.code_branch,
    )


def from_job(job: Job) -> Values:
    """The row of a job that is planned, without its state."""
    return {
        "job_id": job.job_id,
        "run_id": job.run_id,
        "position": job.position,
        "scenario": job.scenario,
        "subject": job.subject,
        "repeat": job.repeat,
        "group": job.group,
        "shard": job.shard,
        "role": job.role,
        "deadline_s": job.deadline_s,
        "max_attempts": job.max_attempts,
        "expectations": [from_expectation(each) for each in job.expectations],
        "spec": dict(job.spec),
        "parameters": dict(job.parameters),
    }


def from_expectation(expectation: Expectation) -> Values:
    """An expectation as JSON, without what it leaves open."""
    return {key: value for key, value in asdict(expectation).items() if value is not None}


def from_worker(worker: WorkerIdentity) -> Values:
    """The row of a worker, without its times."""
    return asdict(worker)


def from_environment(environment: Environment) -> Values:
    """The row of an environment, known by the hash of its fingerprint."""
    return {
        "fingerprint_hash": hash_of(environment.environment_class, environment.fingerprint),
        "environment_class": environment.environment_class,
        "fingerprint": dict(environment.fingerprint),
    }


def hash_of(environment_class: str, fingerprint: Mapping[str, Any]) -> str:
    """What an environment is known by, wherever it is stored: the SHA-256 of its canonical JSON."""
    canonical = json.dumps([environment_class, fingerprint], sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def from_intervals(attempt_id: str, result: AttemptResult) -> Iterator[Values]:
    """The rows of an attempt's intervals."""
    for interval in result.intervals:
        yield {
            "attempt_id": attempt_id,
            "phase": interval.phase,
            "warmup": interval.warmup,
            "second": interval.second,
            "operation": interval.operation,
            "tier": interval.tier,
            "outcome": interval.outcome,
            "histogram": interval.histogram.encode(),
            "service": None if interval.service is None else interval.service.encode(),
        }


def from_distributions(attempt_id: str, result: AttemptResult) -> Iterator[Values]:
    """The rows of an attempt's distributions."""
    for each in result.distributions:
        yield {**of_attempt(attempt_id, each), "histogram": each.histogram.encode()}


def from_window_times(attempt_id: str, result: AttemptResult) -> Iterator[Values]:
    """The rows of what operations met in each part of an attempt's fault windows."""
    for each in result.window_times:
        yield {**of_attempt(attempt_id, each), "histogram": each.histogram.encode()}


def from_findings(attempt_id: str, result: AttemptResult) -> Iterator[Values]:
    """The rows of what the checks of an attempt have found."""
    for each in result.findings:
        example = [dict(operation) for operation in each.example]
        yield {**of_attempt(attempt_id, each), "example": example}


def of_attempt(attempt_id: str, record: Any) -> Values:
    """The row of an attempt's record whose fields are the table's columns."""
    fields = record.__dataclass_fields__
    return {"attempt_id": attempt_id, **{name: getattr(record, name) for name in fields}}
