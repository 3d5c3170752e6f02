"""Stored runs with figures and whole histograms: how long a read takes is what changes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import update

from results.aggregate import aggregate
from results.attempt_result import AttemptResult, Environment, Interval, Observation
from results.histogram import Histogram
from results.records import CodeVersion
from results.store import Store
from results.tables import runs
from tests.results.build import ENVIRONMENT, MS, a_job, a_result, a_run, a_span, complete, reads

_READS = 400
_LOG_SIGMA = 0.3


def measured(
    store: Store,
    run_id: str,
    medians_ms: Sequence[float],
    *,
    at_s: float,
    code: str | None = None,
    environment: Environment = ENVIRONMENT,
    observed: Sequence[Observation] = (),
    subjects: Sequence[str] = ("multilevel",),
    factors: Sequence[float] = (1.0,),
    **changes: Any,
) -> None:
    """An aggregated run with a repeat for each median, made `at_s` seconds after some moment.

    Each subject's times are those of the run times its factor.
    """
    jobs = [
        a_job(run_id, place, repeat=repeat, subject=subject, parameters=changes.get("set", {}))
        for place, (repeat, subject) in enumerate(
            (repeat, subject) for repeat in range(len(medians_ms)) for subject in subjects
        )
    ]
    run = a_run(
        run_id,
        repeats=len(medians_ms),
        subjects=tuple(subjects),
        code_version=CodeVersion(name=code, dirty=changes.get("dirty", False)),
        labels=changes.get("labels", {}),
    )
    store.create_run(run, jobs)
    by_subject = dict(zip(subjects, factors, strict=True))
    for job in jobs:
        median_ms = medians_ms[job.repeat] * by_subject[job.subject]
        complete(store, job, _seen(median_ms, environment, observed, seed=job.position))
    aggregate(store, run_id)
    with store.database.write() as connection:
        made = update(runs).where(runs.c.run_id == run_id)
        connection.execute(made.values(created_at=1_700_000_000.0 + at_s))


def history(store: Store, medians_ms: Sequence[float], repeats: int = 3) -> None:
    """Runs `v1`, `v2` and so on, an hour apart, of which the repeats scatter by 1 %."""
    random = np.random.default_rng(4)
    for number, median_ms in enumerate(medians_ms, start=1):
        scattered = median_ms * np.exp(random.normal(0, 0.01, repeats))
        measured(store, f"run-{number:02}", list(scattered), at_s=3600 * number, code=f"v{number}")


def _seen(
    median_ms: float, environment: Environment, observed: Sequence[Observation], seed: int
) -> AttemptResult:
    shares = np.random.default_rng(seed).lognormal(0, _LOG_SIGMA, _READS)
    times = Histogram.of((shares / np.median(shares) * median_ms * MS).astype(np.int64))
    interval = Interval(
        phase="load",
        warmup=False,
        second=0,
        operation="get",
        tier="l1",
        outcome="ok",
        histogram=times,
    )
    return a_result(
        environment=environment,
        intervals=(interval,),
        phases=(a_span(_READS * median_ms / 1000),),
        observations=(*reads(l1=380, origin=20), *observed),
    )
