"""How long it takes to merge what many attempts saw, and to report a run of many jobs.

Each attempt has ten operations with four histograms each: of response and of service times, of what
succeeded and of what failed.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from results.aggregate import aggregate
from results.attempt_result import AttemptResult, Environment, Interval, Observation, PhaseSpan
from results.histogram import Histogram
from results.metrics import METRICS, Source
from results.records import CodeVersion, Job, Run, WorkerIdentity
from results.report import build_report
from results.storage import attempts as attempt_storage
from results.storage import claims
from results.store import Store

_RUN = "merged"
_WORKER = WorkerIdentity(worker_id="worker", host="host", pid=1)
_OPERATIONS = tuple(f"operation-{number}" for number in range(10))
_SHARDS = 4
_SCENARIOS = 10
_ROUNDS = 3
_SAMPLES = 200
_VARIETIES = 25


def merge_seconds(attempts: int = 1_000) -> float:
    """Seconds to read, merge and judge so many attempts of one scenario, and to store the figures.

    Args:
        attempts: Four of them are the shards of each repeat.
    """
    jobs = [_job(number, "merged", number // _SHARDS) for number in range(attempts)]
    with _filled(jobs) as store:
        return _quickest(lambda: aggregate(store, _RUN))


def report_seconds(jobs: int = 1_000) -> float:
    """Seconds to build the report of an aggregated run of ten scenarios with so many jobs."""
    planned = [
        _job(number, f"scenario-{number % _SCENARIOS}", number // _SCENARIOS)
        for number in range(jobs)
    ]
    with _filled(planned) as store:
        aggregate(store, _RUN)
        return _quickest(lambda: build_report(store, _RUN))


def _quickest(work: Callable[[], object]) -> float:
    rounds = []
    for _ in range(_ROUNDS):
        began_s = time.perf_counter()
        work()
        rounds.append(time.perf_counter() - began_s)
    return min(rounds)


@contextmanager
def _filled(jobs: Sequence[Job]) -> Iterator[Store]:
    """A results database with a run whose jobs are all done."""
    run = Run(
        run_id=_RUN,
        names=("quick",),
        seed=1,
        repeats=1,
        services="embedded",
        subjects=("null",),
        code_version=CodeVersion(),
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(f"sqlite:///{Path(folder)}/results.db") as store,
    ):
        store.create_run(run, jobs)
        seen = _results()
        with store.database.write() as connection:
            for number, job in enumerate(jobs):
                claim = claims.claim(connection, job.job_id, _WORKER, 60)
                if claim is not None:
                    attempt_storage.finish(connection, claim.attempt_id, seen[number % _VARIETIES])
        yield store


def _job(number: int, scenario: str, repeat: int) -> Job:
    return Job(
        job_id=f"job-{number}",
        run_id=_RUN,
        position=number,
        scenario=scenario,
        subject="null",
        repeat=repeat,
        group=f"{scenario}-{repeat}",
        deadline_s=60,
        expectations=(),
        spec={},
    )


def _results() -> list[AttemptResult]:
    random = np.random.default_rng(5)
    return [_result(random) for _ in range(_VARIETIES)]


def _result(random: np.random.Generator) -> AttemptResult:
    return AttemptResult(
        execution_time_s=1.0,
        environment=Environment(environment_class="any", fingerprint={}),
        intervals=tuple(
            Interval(
                phase="load",
                warmup=False,
                second=0,
                operation=operation,
                tier="l1",
                outcome=outcome,
                histogram=_times(random),
                service=_times(random),
            )
            for operation in _OPERATIONS
            for outcome in ("ok", "TimeoutError")
        ),
        observations=tuple(
            Observation(metric=metric.name, value=1.0, phase="load")
            for metric in METRICS.values()
            if metric.source in (Source.SUM, Source.MEAN, Source.MAX)
        ),
        phases=(PhaseSpan(phase="load", warmup=False, loop="open", start_s=0.0, end_s=1.0),),
    )


def _times(random: np.random.Generator) -> Histogram:
    return Histogram.of(random.lognormal(13, 1, _SAMPLES).astype(np.int64))
