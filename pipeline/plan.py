"""Planning: from scenarios to a run and its jobs, without a side effect."""

import dataclasses
import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from pipeline import subjects as subject_names
from pipeline.bundle import Bundle
from pipeline.errors import TooManyJobsError
from pipeline.jobspec import encode
from pipeline.scenario import JobSpec, Scenario
from results.records import CodeVersion, Job, Run, StoredFile

Services = Literal["embedded", "docker", "urls"]

MAX_JOBS = 100_000

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_SEED_BITS = 63


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """A run as it is written to the results database, with the files that its jobs need."""

    run: Run
    jobs: tuple[Job, ...]
    files: tuple[StoredFile, ...]

    @property
    def workers_at_once(self) -> int:
        """How many workers its largest group needs at the same time; 0 where there are no jobs."""
        return max(Counter(job.group for job in self.jobs).values(), default=0)


@dataclasses.dataclass(frozen=True, slots=True)
class _Turn:
    """One repeat of one scenario on one subject."""

    scenario: Scenario
    subject: str
    repeat: int


def new_run_id(now: datetime | None = None) -> str:
    """A run's id, such as `20261122-110259-k3f9`: sortable by time, unique by its last part."""
    moment = (now or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")
    return f"{moment}-{''.join(secrets.choice(_ALPHABET) for _ in range(4))}"


def new_seed() -> int:
    """A seed for a run whose user gave none; it is reported, so that the run can be repeated."""
    return secrets.randbits(31)


def seed_of_key(key: str) -> int:
    """The seed of a run with an idempotency key: the same request is the same run, seed and all."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") >> 1


def plan_run(
    bundle: Bundle,
    *,
    run_id: str,
    seed: int,
    names: Sequence[str] = (),
    subjects: Sequence[str] = (),
    repeats: int = 1,
    services: Services = "urls",
    code_version: CodeVersion | None = None,
    labels: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    idempotency_key: str | None = None,
) -> Plan:
    """Plan every repeat of every scenario on every subject.

    Repeats come one after another and subjects alternate within them, in every second repeat the
    other way round (A B B A), so that a machine that grows slower evenly slows all alike.

    Args:
        bundle: Scenarios and files, as `pipeline.bundle.collect` returns them.
        run_id: As `new_run_id` returns it.
        seed: Of all that is random in the run.
        names: What the user asked for.
        subjects: Names of caches under test; the default one where empty.
        repeats: How often each scenario runs on each subject, from 1.
        services: Where the services come from; decides the kind of a job's own server.
        code_version: What is measured.
        labels: The user's labels.
        parameters: The user's overrides as they were given.
        idempotency_key: What a run asked for twice is known by; None is no key.

    Raises:
        TooManyJobsError: It would have more than 100,000 jobs.
        UnknownNameError: A subject that is not installed.
    """
    chosen = subject_names.check(subjects)
    _check_size(bundle, len(chosen), repeats)
    run = Run(
        run_id=run_id,
        names=tuple(names),
        seed=seed,
        repeats=repeats,
        services=services,
        subjects=chosen,
        code_version=code_version or CodeVersion(),
        labels=dict(labels or {}),
        parameters=dict(parameters or {}),
        idempotency_key=idempotency_key,
    )
    return Plan(run, tuple(_jobs(bundle, run)), bundle.files)


def _check_size(bundle: Bundle, subjects: int, repeats: int) -> None:
    once = subjects * sum(scenario.workers for scenario in bundle.scenarios)
    if once * repeats > MAX_JOBS:
        raise TooManyJobsError(
            f"a run has at most {MAX_JOBS:,} jobs, and once through this one are {once:,}; "
            f"repeat it at most {MAX_JOBS // once:,} times"
        )


def renamed(plan: Plan, run_id: str) -> Plan:
    """The same plan under another run's id."""

    def named(job_id: str) -> str:
        return run_id + job_id.removeprefix(plan.run.run_id)

    jobs = tuple(
        dataclasses.replace(job, run_id=run_id, job_id=named(job.job_id), group=named(job.group))
        for job in plan.jobs
    )
    return Plan(dataclasses.replace(plan.run, run_id=run_id), jobs, plan.files)


def scenario_seed(run_seed: int, scenario: str) -> int:
    """The seed of a scenario in a run, from 0 to 2**63 - 1: the same on every machine."""
    digest = hashlib.sha256(f"{run_seed}:{scenario}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _SEED_BITS)


def _jobs(bundle: Bundle, run: Run) -> Iterator[Job]:
    position = 0
    for turn in _turns(bundle, run):
        yield from _group(bundle, run, turn, position)
        position += turn.scenario.workers


def _turns(bundle: Bundle, run: Run) -> Iterator[_Turn]:
    for repeat in range(run.repeats):
        subjects = run.subjects if repeat % 2 == 0 else tuple(reversed(run.subjects))
        for scenario in bundle.scenarios:
            for subject in subjects:
                yield _Turn(scenario, subject, repeat)


def _group(bundle: Bundle, run: Run, turn: _Turn, position: int) -> Iterator[Job]:
    """The jobs that make the load of a turn together."""
    scenario = turn.scenario
    job_ids = [f"{run.run_id}-{position + shard:04d}" for shard in range(scenario.workers)]
    for shard, job_id in enumerate(job_ids):
        yield Job(
            job_id=job_id,
            run_id=run.run_id,
            position=position + shard,
            scenario=scenario.name,
            subject=turn.subject,
            repeat=turn.repeat,
            group=job_ids[0],
            shard=shard,
            role=_role(scenario, shard),
            deadline_s=scenario.deadline_s,
            expectations=scenario.expectations,
            spec=encode(_spec(bundle, run, turn, shard)),
            parameters=bundle.parameters.get(scenario.name, {}),
        )


def _role(scenario: Scenario, shard: int) -> str:
    if scenario.writers is None:
        return "load"
    return "writer" if shard < scenario.writers else "reader"


def _spec(bundle: Bundle, run: Run, turn: _Turn, shard: int) -> JobSpec:
    return JobSpec(
        scenario=turn.scenario,
        subject=turn.subject,
        seed=scenario_seed(run.seed, turn.scenario.name),
        own_server="docker" if run.services == "docker" else "embedded",
        shard=shard,
        code_version=run.code_version.name,
        dirty=run.code_version.dirty,
        source_file=bundle.sources.get(turn.scenario.name),
    )
