"""Aggregation on SQLite and PostgreSQL: once all jobs ended, and the same however often."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Connection

from results import aggregate as aggregation
from results.aggregate import aggregate
from results.attempt_result import Environment, Observation
from results.errors import UnknownRunError
from results.expectation import Expectation, Verdict
from results.histogram import Histogram
from results.report import build_report
from results.storage import history, summaries
from results.storage.planned import PlannedJobs, planned_jobs
from results.storage.summaries import Summary
from results.store import Store
from tests.results.build import (
    OTHER_WORKER,
    a_job,
    a_result,
    a_run,
    a_span,
    an_interval,
    complete,
    complete_run,
    plan,
    reads,
    take,
)


def stored(store: Store, run_id: str = "run-1") -> list[Summary]:
    """The summaries of a run."""
    with store.database.read() as connection:
        return summaries.load(connection, run_id)


def shared(store: Store, run_id: str = "run-1") -> list[bool | None]:
    """Which attempts of a run overlapped another."""
    with store.database.read() as connection:
        return [attempt.shared for attempt in history.attempts_of(connection, run_id)]


def test_a_run_with_open_jobs_is_not_aggregated(store: Store) -> None:
    """While a job is queued or running nothing is judged."""
    jobs = [a_job(position=position) for position in range(2)]
    plan(store, jobs)
    complete(store, jobs[0])
    assert not aggregate(store, "run-1")
    claim = take(store, jobs[1])
    assert not aggregate(store, "run-1")
    assert stored(store) == []
    store.finish(claim.attempt_id, a_result())
    assert aggregate(store, "run-1")
    assert store.run("run-1").aggregated_at_s is not None
    assert store.runs_to_aggregate() == []


def test_a_run_that_is_resumed_meanwhile_is_not_aggregated(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or what its jobs do from then on would enter no figure: also where they end soon."""
    job = a_job()
    plan(store, [job])
    complete(store, job, a_result(error="boom"))

    def meanwhile(connection: Connection, run_id: str) -> list[PlannedJobs]:
        found = planned_jobs(connection, run_id)
        if store.resume_run(run_id, "urls"):
            complete(store, job)
        return found

    monkeypatch.setattr(aggregation, "planned_jobs", meanwhile)
    assert not aggregate(store, "run-1")
    assert store.runs_to_aggregate() == ["run-1"]
    assert aggregate(store, "run-1")
    assert build_report(store, "run-1")["summary"]["jobs"]["completed"] == 1


def test_aggregating_again_changes_nothing(store: Store) -> None:
    """Two that aggregate the same run store the same, once."""
    complete_run(store, [a_result()] * 2, (Expectation(metric="errors", equals=0),))
    aggregate(store, "run-1")
    first = stored(store)
    aggregate(store, "run-1")
    assert stored(store) == first
    assert [summary.repeat for summary in first] == [None, 0, 1]


def test_an_unknown_run_is_an_error(store: Store) -> None:
    """A run that nobody planned can't be aggregated."""
    with pytest.raises(UnknownRunError):
        aggregate(store, "run-1")


def test_percentiles_merge_over_shards_and_repeats(store: Store) -> None:
    """The stored percentiles are those of all samples, and no mean of percentiles."""
    random = np.random.default_rng(7)
    samples = [random.lognormal(12 + part, 1, 500).astype(np.int64) for part in range(4)]
    jobs = [
        a_job(position=part, repeat=part // 2, shard=part % 2, group=f"group-{part // 2}")
        for part in range(4)
    ]
    plan(store, jobs, repeats=2)
    for job, values in zip(jobs, samples, strict=True):
        complete(store, job, a_result(intervals=(an_interval(histogram=Histogram.of(values)),)))
    aggregate(store, "run-1")
    merged, first, second = (summary.metrics[None] for summary in stored(store))
    for found, parts in ((merged, samples), (first, samples[:2]), (second, samples[2:])):
        exact = np.percentile(np.concatenate(parts), 95, method="inverted_cdf") / 1e6
        assert found["p95_response_time_ms"] == pytest.approx(exact, rel=0.001)
        assert found["operations"] == sum(part.size for part in parts)


def test_every_phase_has_its_own_figures(store: Store) -> None:
    """Measured phases are stored by name and all together; warm-up is not."""
    complete_run(
        store,
        [
            a_result(
                intervals=(
                    an_interval(9.0, phase="fill", warmup=True),
                    an_interval(1.0),
                    an_interval(2.0, 2.0, phase="outage"),
                ),
                observations=(*reads(l1=1), *reads("outage", l2=2)),
                phases=(a_span(1.0, "fill", warmup=True), a_span(1.0), a_span(1.0, "outage")),
            )
        ],
    )
    aggregate(store, "run-1")
    found = stored(store)[0].metrics
    assert {phase: figures["operations"] for phase, figures in found.items()} == {
        None: 3,
        "load": 1,
        "outage": 2,
    }
    assert found["outage"]["l2_hit_ratio"] == 1


def test_subjects_are_judged_apart(store: Store) -> None:
    """The same expectations hold for one subject and not for the other."""
    expectations = (Expectation(metric="max_response_time_ms", at_most=5),)
    jobs = [
        a_job(position=position, subject=subject, expectations=expectations)
        for position, subject in enumerate(("multilevel", "null"))
    ]
    plan(store, jobs, subjects=("multilevel", "null"))
    complete(store, jobs[0], a_result(intervals=(an_interval(9.0),)))
    complete(store, jobs[1], a_result(intervals=(an_interval(1.0),)))
    aggregate(store, "run-1")
    verdicts = {each.subject: each.verdict for each in stored(store) if each.repeat is None}
    assert verdicts == {"multilevel": Verdict.FAIL, "null": Verdict.PASS}


def test_a_class_of_machine_is_known_only_where_it_is_one(store: Store) -> None:
    """Repeats keep their own class; the merged summary has none where they differ."""
    other = Environment(environment_class="64 cores", fingerprint={"cores": 64})
    complete_run(store, [a_result(), a_result(environment=other)])
    aggregate(store, "run-1")
    classes = [summary.environment_class for summary in stored(store)]
    assert classes == [None, "2 cores", "64 cores"]


def test_attempts_that_overlap_on_one_machine_are_shared(store: Store) -> None:
    """Neither one after the other nor at once on two machines is sharing."""
    jobs = [a_job(position=position) for position in range(4)]
    plan(store, jobs)
    complete(store, jobs[0])
    claims = [take(store, job) for job in jobs[1:3]]
    claims.append(take(store, jobs[3], OTHER_WORKER))
    for claim in claims:
        store.finish(claim.attempt_id, a_result())
    aggregate(store, "run-1")
    assert shared(store) == [False, True, True, False]
    assert stored(store)[0].shared


def test_attempts_of_another_run_share_the_machine_as_well(store: Store) -> None:
    """An attempt of another run that still runs disturbs one that ended."""
    plan(store, [a_job("other")])
    take(store, a_job("other"))
    complete_run(store, [a_result()])
    aggregate(store, "run-1")
    assert shared(store) == [True]


def test_a_cancelled_run_keeps_what_was_accepted(store: Store) -> None:
    """Its figures are merged, nothing passes, and the report says that it was cancelled."""
    expectations = (Expectation(metric="errors", equals=0),)
    jobs = [a_job(position=number, repeat=number, expectations=expectations) for number in (0, 1)]
    plan(store, jobs)
    complete(store, jobs[0])
    late = take(store, jobs[1])
    store.cancel_run("run-1")
    assert not store.finish(late.attempt_id, a_result())
    assert aggregate(store, "run-1")
    report = build_report(store, "run-1")
    assert report["summary"]["cancelled"]
    assert not report["summary"]["overall_success"]
    assert report["summary"]["verdict"] == "unknown"
    scenario = report["results"]["basic_operations"]
    assert scenario["operations"] == 1
    assert (scenario["tests_passed"], scenario["tests_unknown"]) == (0, 1)
    assert [each["outcome"] for each in scenario["attempts"]] == ["accepted", "rejected"]


def test_a_run_whose_jobs_all_failed_is_aggregated(store: Store) -> None:
    """Without a single figure its expectations are unknown and its verdict is fail."""
    job = a_job(expectations=(Expectation(metric="errors", equals=0),))
    plan(store, [job])
    complete(store, job, a_result(error="boom"))
    aggregate(store, "run-1")
    (merged,) = stored(store)
    assert merged.verdict is Verdict.FAIL
    assert [judgement.verdict for judgement in merged.judgements] == [Verdict.UNKNOWN]
    assert merged.judgements[0].reason == "0 of 1 jobs were accepted (1 failed)"


def test_figures_of_attempts_that_were_not_accepted_count_nowhere(store: Store) -> None:
    """An invalid attempt's operations are not among those of the accepted one."""
    job = a_job()
    plan(store, [job])
    seen = a_result(observations=(Observation(metric="loads", value=1),))
    complete(store, job, replace(seen, invalid_reason="generator saturated"))
    complete(store, job, seen)
    aggregate(store, "run-1")
    merged = stored(store)[0].metrics[None]
    assert (merged["operations"], merged["loads"]) == (1, 1)


def test_a_run_without_jobs_has_nothing_to_pass(store: Store) -> None:
    """It is aggregated, and its verdict is unknown."""
    store.create_run(a_run(), [])
    assert store.runs_to_aggregate() == ["run-1"]
    assert aggregate(store, "run-1")
    summary = build_report(store, "run-1")["summary"]
    assert (summary["verdict"], summary["overall_success"]) == ("unknown", False)
    assert (summary["success_rate"], summary["tests_passed"]) == (0.0, 0)


def test_an_error_in_one_scenario_hides_no_other(store: Store) -> None:
    """The others are merged and judged as if it had not been there."""
    expects = (Expectation(metric="operations", equals=1),)
    jobs = [
        a_job(position=position, scenario=scenario, expectations=expects)
        for position, scenario in enumerate(("first", "raises", "last"))
    ]
    plan(store, jobs)
    for job in jobs:
        complete(store, job, a_result(error="boom" if job.scenario == "raises" else None))
    aggregate(store, "run-1")
    report = build_report(store, "run-1")
    verdicts = {scenario: found["verdict"] for scenario, found in report["results"].items()}
    assert verdicts == {"first": "pass", "raises": "fail", "last": "pass"}
    assert report["results"]["raises"]["tests_unknown"] == 1
    assert "operations" not in report["results"]["raises"]
    assert report["summary"]["verdict"] == "fail"
