"""L1 hits as a worker process of Dramatiq measures them, beside the same job outside of one."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from pipeline.load import ClosedLoad
from pipeline.scenario import JobSpec, Phase
from results.histogram import Histogram
from results.storage import measured
from tests.perf.bench import Bench
from tests.perf.jobs import FILL, a_job, do, times_of
from tests.perf.result import Measured
from tests.perf.rounds import Samples
from tests.workers import supervised

NS_PER_S: Final = 1e9
PERCENTILES: Final = {"worker-p50": 50, "worker-p99": 99}


async def measure(bench: Bench) -> list[Measured]:
    """Let a worker and this process do the same job by turns, and compare what they saw."""
    read = Phase(name="read", load=ClosedLoad(users=1, operations=bench.sizes.recorded))
    spec = a_job(FILL, read)
    inside: list[Histogram] = []
    outside: list[Histogram] = []
    with _worker(bench) as worker:
        for number in range(bench.sizes.slow_rounds + 1):
            done = await do(bench, spec)
            outside.append(times_of(done.intervals, read.name, "l1"))
            inside.append(_in_worker(worker, spec, f"round-{number}", read.name))
    # The first of each counts for nothing: modules are imported and files are made in it.
    return [_compared(row, inside[1:], outside[1:]) for row in PERCENTILES]


@contextmanager
def _worker(bench: Bench) -> Iterator[supervised.Bench]:
    with (
        closing(supervised.Bench(bench.folder, bench.redis_url)) as worker,
        worker.supervised("--processes", "1"),
    ):
        yield worker


def _in_worker(worker: supervised.Bench, spec: JobSpec, run_id: str, phase: str) -> Histogram:
    worker.enqueue(spec, run_id=run_id)
    worker.wait_for_states("completed", run_id=run_id)
    with worker.store.database.read() as connection:
        (attempt,) = measured.accepted(connection, run_id, spec.scenario.name)
    return times_of(attempt.intervals, phase, "l1")


def _compared(row: str, inside: list[Histogram], outside: list[Histogram]) -> Measured:
    ours, other = _samples(row, inside), _samples(row, outside)
    quotients = ours.over(other)
    return Measured(
        row,
        # Slower and quicker by so much are both not the same.
        max(quotients.median, 1 / quotients.median),
        ours.median,
        other.median,
        ours_rounds=ours.values,
        other_rounds=other.values,
        spread=quotients.spread,
    )


def _samples(row: str, times: list[Histogram]) -> Samples:
    return Samples(tuple(each.percentile_ns(PERCENTILES[row]) / NS_PER_S for each in times))
