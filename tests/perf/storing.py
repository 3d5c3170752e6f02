"""How many rows a second an attempt of 100 seconds and 10 operations is stored with."""

import time
from typing import Final

import numpy as np

from results.attempt_result import AttemptResult, Environment, Interval, PhaseSpan
from results.histogram import Histogram
from results.records import CodeVersion, Job, Run, WorkerIdentity
from results.store import Store
from tests.perf.bench import Bench
from tests.perf.errors import WrongAnswersError
from tests.perf.result import Measured
from tests.support.postgres import database_of, installed, postgresql

_WORKER: Final = WorkerIdentity(worker_id="worker", host="host", pid=1)
_OPERATIONS: Final = 10
_SAMPLES: Final = 200
_ROUNDS: Final = 5


async def measure(bench: Bench) -> list[Measured]:
    """Finish some such attempts on a database of each kind; the best counts."""
    found = [_of("sqlite", bench, f"sqlite:///{bench.folder / 'stored.db'}")]
    if not installed():
        reason = "no PostgreSQL binaries; install `postgresql`"
        return [*found, Measured("store-rows-postgresql", None, reason=reason)]
    with postgresql() as server, database_of(server) as url:
        return [*found, _of("postgresql", bench, url)]


def _of(kind: str, bench: Bench, url: str) -> Measured:
    result = _result(bench.sizes.stored_seconds)
    with Store.open(url) as store:
        jobs = [_job(number) for number in range(_ROUNDS)]
        store.create_run(_run(), jobs)
        taken_s = min(_finish(store, job, result) for job in jobs)
    rate = len(result.intervals) / taken_s
    return Measured(f"store-rows-{kind}", rate, rate, unit="ops/s")


def _finish(store: Store, job: Job, result: AttemptResult) -> float:
    claim = store.claim(job.job_id, _WORKER, 60)
    if claim is None:
        raise WrongAnswersError(f"{job.job_id} can't be claimed")
    began_s = time.perf_counter()
    if not store.finish(claim.attempt_id, result):
        raise WrongAnswersError(f"the attempt at {job.job_id} was not accepted")
    return time.perf_counter() - began_s


def _result(seconds: int) -> AttemptResult:
    random = np.random.default_rng(3)
    times = [
        Histogram.of(random.lognormal(13, 1, _SAMPLES).astype(np.int64)) for _ in range(_OPERATIONS)
    ]
    return AttemptResult(
        execution_time_s=float(seconds),
        environment=Environment(environment_class="any", fingerprint={}),
        intervals=tuple(
            Interval(
                phase="load",
                warmup=False,
                second=second,
                operation=f"operation-{number}",
                tier="l1",
                outcome="ok",
                histogram=each,
            )
            for second in range(seconds)
            for number, each in enumerate(times)
        ),
        phases=(PhaseSpan(phase="load", warmup=False, start_s=0.0, end_s=float(seconds)),),
    )


def _run() -> Run:
    return Run(
        run_id="stored",
        names=("quick",),
        seed=1,
        repeats=_ROUNDS,
        services="embedded",
        subjects=("null",),
        code_version=CodeVersion(),
    )


def _job(number: int) -> Job:
    return Job(
        job_id=f"job-{number}",
        run_id="stored",
        position=number,
        scenario="any",
        subject="null",
        repeat=number,
        group=f"job-{number}",
        deadline_s=60,
        expectations=(),
        spec={},
    )
