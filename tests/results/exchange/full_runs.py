"""Runs with rows in every table that is exported, and their way through a file."""

import io
from typing import Any

from sqlalchemy import insert, select

from results import marks
from results.aggregate import aggregate
from results.attempt_result import (
    Change,
    Distribution,
    Finding,
    Observation,
    Reading,
    SearchTrial,
)
from results.exchange.export import export_runs
from results.exchange.imports import Imported, import_files
from results.exchange.jsonl import JsonLinesReader, JsonLinesWriter
from results.exchange.shapes import SHAPES
from results.expectation import Expectation
from results.records import CodeVersion, WorkerIdentity
from results.series import Selection
from results.store import Store
from results.tables import acknowledgements, baselines
from tests.results.build import (
    a_histogram,
    a_job,
    a_result,
    a_span,
    an_interval,
    complete,
    plan,
    take,
)
from tests.results.struck_attempts import figures, times, window

OPERATION = {"operation": "get", "key": "k", "value": 1, "worker": 0, "began_s": 1.0, "ended_s": 2}
ALL = Selection()


def full_result(time_ms: float = 1.0) -> Any:
    """What an attempt with a fault saw, something of everything."""
    late = an_interval(time_ms, 2 * time_ms, second=1, service=a_histogram(time_ms))
    return a_result(
        intervals=(an_interval(time_ms), late),
        observations=(Observation(metric="loads", value=3.0, phase="load"),),
        phases=(a_span(9.0),),
        fault_windows=(window(),),
        distributions=(
            Distribution(
                name="loop_lag", phase="load", warmup=False, histogram=a_histogram(time_ms)
            ),
        ),
        readings=(Reading(name="loop_lag_ms", phase="load", second=0, value=0.5),),
        trials=(
            SearchTrial(
                phase="load", number=0, rate=10.0, achieved_rate=9.5, p99_ms=None, held=True
            ),
        ),
        window_times=(times("during", time_ms),),
        window_figures=figures(before__length_s=1.0, recover_s=2.0),
        changes=(Change(at_s=2.5, what="health", state="degraded", reason="L2 is away"),),
        findings=(
            Finding(
                kind="stale_reads", phase="load", count=1, text="one", example=(dict(OPERATION),)
            ),
        ),
        promises={"max_staleness_ms": 100.0},
        unsupported=("l3",),
    )


def full_run(store: Store, run_id: str, time_ms: float = 1.0, **asked: Any) -> str:
    """A run of two repeats that was aggregated; the first attempt's worker had died."""
    expectations = (Expectation(metric="operations", at_least=1.0),)
    jobs = [a_job(run_id, number, repeat=number, expectations=expectations) for number in range(2)]
    plan(store, jobs, repeats=2, **asked)
    mine = WorkerIdentity(worker_id=f"worker-of-{run_id}", host=f"host-of-{run_id}", pid=11)
    store.lose(take(store, jobs[0], mine).attempt_id, "its worker process died")
    for number, job in enumerate(jobs):
        complete(store, job, full_result(time_ms + number), mine)
    aggregate(store, run_id)
    return run_id


def mark(store: Store, run_id: str, baseline: str = "main") -> None:
    """Say all that can be said of a run."""
    marks.label(store, run_id, {"release": "é1"})
    marks.annotate(store, run_id, "after the upgrade")
    marks.exclude(store, run_id, "a noisy neighbour")
    known = {
        "metric": "p50_response_time_ms",
        "phase": None,
        "scenario": "basic_operations",
        "subject": "multilevel",
        "parameters": "{}",
        "environment_class": "2 cores",
        "reason": "a slower disk",
        "at": 1.0,
    }
    with store.database.write() as connection:
        connection.execute(insert(baselines).values(name=baseline, run_id=run_id, set_at=1.0))
        connection.execute(insert(acknowledgements).values(run_id=run_id, **known))


def of_branch(name: str, committed_at_s: float) -> CodeVersion:
    """A commit of a branch."""
    return CodeVersion(name=name, dirty=False, committed_at_s=committed_at_s, branch="main")


def exported(store: Store, wanted: Selection = ALL) -> bytes:
    """An export in JSON lines."""
    out = io.BytesIO()
    export_runs(store, wanted, lambda: JsonLinesWriter(out))
    return out.getvalue()


def imported(store: Store, *files: bytes) -> Imported:
    """Import such exports, named a.jsonl, b.jsonl and so on."""
    names = ("a.jsonl", "b.jsonl")
    return import_files(
        store, [JsonLinesReader(io.BytesIO(file), names[at]) for at, file in enumerate(files)]
    )


def contents(store: Store) -> dict[str, int]:
    """How many rows each exported table has."""
    with store.database.read() as connection:
        return {
            name: len(connection.execute(select(shape.table)).all())
            for name, shape in SHAPES.items()
        }
