"""The records that pass between planning, working and storing: frozen, raw, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from results.expectation import Expectation


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AttemptOutcome(StrEnum):
    """What became of an attempt; exactly one of a completed job's attempts is accepted."""

    RUNNING = "running"
    ACCEPTED = "accepted"
    INVALID = "invalid"
    FAILED = "failed"
    LOST = "lost"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeVersion:
    """The code that was measured: a commit or a name given by the user.

    `committed_at_s` is in seconds since the epoch; it and `branch` are None where unknown.
    """

    name: str | None = None
    dirty: bool | None = None
    committed_at_s: float | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was asked for at once; `parameters` are the user's overrides as they were given.

    No two runs have the same `idempotency_key`; None is no key.
    """

    run_id: str
    names: tuple[str, ...]
    seed: int
    repeats: int
    services: str
    subjects: tuple[str, ...]
    code_version: CodeVersion
    labels: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostAttempt:
    """An earlier attempt at a claimed job whose worker died; `ended_ago_s` before the claim."""

    number: int
    reason: str
    ended_ago_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonedAttempt:
    """An attempt that ended badly, and after which its job was not done again."""

    job_id: str
    number: int
    group: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One scenario on one subject once, to be done by one worker.

    `spec` is the whole of what a worker needs, as JSON-able data that this room does not read;
    the other fields are what storing, judging and reporting need to know of it. `parameters` are
    the plain values that set its figures apart from those of the scenario's defaults.
    """

    job_id: str
    run_id: str
    position: int
    scenario: str
    subject: str
    repeat: int
    group: str
    shard: int = 0
    role: str = "load"
    deadline_s: float
    max_attempts: int = 3
    expectations: tuple[Expectation, ...]
    spec: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file that jobs need, known by the SHA-256 (hex) of its bytes."""

    sha256: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerIdentity:
    """A worker process: `worker_id` is unique for each start of a process."""

    worker_id: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's right to do a job: `attempt_id` is its fencing token, `number` counts from 1.

    `generation` says how often the job's group was begun before; the shards of a group count only
    together, from the same generation. `lost` are the job's attempts whose workers died before.
    """

    attempt_id: str
    number: int
    job: Job
    generation: int = 0
    lost: tuple[LostAttempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as the database knows it; times are the database's, in seconds since the epoch.

    `excluded` says why it takes no part in any series; None where it does. Of a run that was pruned
    the figures are left, without what they were made of; what was imported was measured elsewhere
    and stays as it is.
    """

    run: Run
    created_at_s: float
    cancelled_at_s: float | None
    aggregated_at_s: float | None
    excluded: str | None = None
    pruned_at_s: float | None = None
    imported_at_s: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether it is as it stays: not all that its figures or its jobs need is here."""
        return self.pruned_at_s is not None or self.imported_at_s is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many of a run's jobs are in each state."""

    queued: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All jobs of the run."""
        return self.ended + self.queued + self.running

    @property
    def ended(self) -> int:
        """Jobs that nobody will work on any more."""
        return self.completed + self.failed + self.cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """Where a job stands, for people.

    `since_s` is when it came to its state; `worker` holds it now or held it last, None before its
    first attempt; `attempt` is the last attempt's number, 0 before it; `reason` says why it failed.
    """

    job_id: str
    state: JobState
    scenario: str
    subject: str
    repeat: int
    shard: int
    attempt: int
    worker: WorkerIdentity | None
    since_s: float
    reason: str | None
