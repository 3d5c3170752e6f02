"""A results database with the history of a cache that a commit has made slower."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import update

from results.aggregate import aggregate
from results.attempt_result import AttemptResult, Environment, Interval, Observation, PhaseSpan
from results.histogram import Histogram
from results.records import CodeVersion, Job, Run, WorkerIdentity
from results.store import Store
from results.tables import runs

WORKER = WorkerIdentity(worker_id="worker-1", host="host-1", pid=11)
ENVIRONMENT = Environment(environment_class="2 cores, Linux, Python 3.11", fingerprint={"cores": 2})
DAY_S = 86_400.0
_SECONDS = 2
# Reads a second and their median in us, by the tier that served them.
_READS = {"l1": (600, 12.0), "l2": (200, 180.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeHistory:
    """Runs `v1` to `vN` of one scenario on one subject, a commit a day.

    `slower` is the factor of reads from `slower_from` on; `noise` is how far runs lie apart.
    """

    runs: int = 40
    repeats: int = 3
    slower_from: int = 30
    slower: float = 1.2
    noise: float = 0.02
    scenario: str = "basic_operations"
    subject: str = "multilevel"
    prefix: str = "v"
    seed: int = 7
    newest_commit_s: float = 1_760_000_000.0

    def fill(self, store: Store) -> None:
        """Store the runs, aggregated."""
        random = np.random.default_rng(self.seed)
        for number in range(1, self.runs + 1):
            factor = (self.slower if number >= self.slower_from else 1.0) * random.lognormal(
                0, self.noise
            )
            run_id = f"{self.prefix}{number:03}-run"
            store.create_run(self._run(run_id, number), list(self._jobs(run_id)))
            for job in self._jobs(run_id):
                claim = store.claim(job.job_id, WORKER, 60)
                assert claim is not None
                assert store.finish(claim.attempt_id, _result(random, factor))
            aggregate(store, run_id)
            self._date(store, run_id, number)

    def _run(self, run_id: str, number: int) -> Run:
        return Run(
            run_id=run_id,
            names=(self.scenario,),
            seed=number,
            repeats=self.repeats,
            services="embedded",
            subjects=(self.subject,),
            code_version=CodeVersion(
                name=f"{self.prefix}{number}",
                dirty=False,
                committed_at_s=self._committed_at_s(number),
                branch="main",
            ),
            labels={"release": f"1.{number // 10}"},
        )

    def _jobs(self, run_id: str) -> Iterator[Job]:
        for repeat in range(self.repeats):
            job_id = f"{run_id}-{repeat}"
            yield Job(
                job_id=job_id,
                run_id=run_id,
                position=repeat,
                scenario=self.scenario,
                subject=self.subject,
                repeat=repeat,
                group=job_id,
                deadline_s=60,
                expectations=(),
                spec={},
            )

    def _committed_at_s(self, number: int) -> float:
        return self.newest_commit_s - (self.runs - number) * DAY_S

    def _date(self, store: Store, run_id: str, number: int) -> None:
        """Have it created an hour after its commit, as the database can't know."""
        made = update(runs).where(runs.c.run_id == run_id)
        with store.database.write() as connection:
            connection.execute(made.values(created_at=self._committed_at_s(number) + 3600))


def _result(random: np.random.Generator, factor: float) -> AttemptResult:
    # What one repeat has in common: its own share of the noise.
    own = factor * random.lognormal(0, 0.01)
    return AttemptResult(
        execution_time_s=float(_SECONDS),
        environment=ENVIRONMENT,
        intervals=tuple(
            Interval(
                phase="load",
                warmup=False,
                second=second,
                operation="get",
                tier=tier,
                outcome="ok",
                histogram=_times(random, reads, own * median_us),
            )
            for second in range(_SECONDS)
            for tier, (reads, median_us) in _READS.items()
        ),
        observations=(
            *(
                Observation(metric=f"reads_{tier}", value=reads * _SECONDS, phase="load")
                for tier, (reads, _) in _READS.items()
            ),
            Observation(metric="loads", value=10.0, phase="load"),
            Observation(metric="calibration_loop_ms", value=3.0 * random.lognormal(0, 0.003)),
        ),
        phases=(PhaseSpan(phase="load", warmup=False, start_s=0.1, end_s=0.1 + _SECONDS * own),),
    )


def _times(random: np.random.Generator, reads: int, median_us: float) -> Histogram:
    times_us = random.lognormal(np.log(median_us), 0.3, reads)
    return Histogram.of((times_us * 1000).astype(np.int64))
