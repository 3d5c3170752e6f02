"""The report: the seed's keys, and everything that a reader asks for next."""

import json
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete, null, select, update

from results.aggregate import aggregate
from results.attempt_result import (
    AttemptResult,
    Change,
    Distribution,
    FaultWindow,
    Finding,
    Observation,
    PhaseSpan,
    Reading,
    SearchTrial,
)
from results.errors import UnknownRunError
from results.expectation import Expectation
from results.metrics import METRICS
from results.report import build_report
from results.store import Store
from results.tables import (
    distributions,
    fault_windows,
    intervals,
    observations,
    phases,
    readings,
    summaries,
)
from tests.results.build import (
    OTHER_WORKER,
    a_histogram,
    a_job,
    a_result,
    an_interval,
    complete,
    complete_run,
    plan,
    reads,
    take,
)
from tests.results.struck_attempts import figures, times, window

EXPECTATIONS = (
    Expectation(metric="max_response_time_ms", at_most=50),
    Expectation(metric="errors", phase="outage", equals=0),
    Expectation(metric="l3_hit_ratio", at_least=0.5),
)


def outage(first_ms: float = 1.0) -> Any:
    """An attempt whose second phase has a fault."""
    return a_result(
        intervals=(
            an_interval(first_ms, 2.0),
            an_interval(4.0, tier="l2", second=1),
            an_interval(3.0, phase="outage", second=0),
            an_interval(9.0, phase="outage", second=1, tier="none", outcome="TimeoutError"),
            an_interval(7.0, phase="fill", warmup=True, operation="set", tier="none"),
        ),
        observations=(*reads(l1=2, l2=1), *reads("outage", l1=1)),
        phases=(
            PhaseSpan(phase="fill", warmup=True, start_s=0.0, end_s=1.0),
            PhaseSpan(phase="load", warmup=False, start_s=1.0, end_s=3.0),
            PhaseSpan(phase="outage", warmup=False, start_s=3.0, end_s=5.0),
        ),
        fault_windows=(
            FaultWindow(
                kind="l2_kill", phase="outage", requested_s=3.6, effective_s=4.6, cleared_s=None
            ),
        ),
    )


@pytest.fixture
def report(store: Store) -> dict[str, Any]:
    """The report of a run with two repeats."""
    complete_run(store, [outage(), outage(2.0)], EXPECTATIONS)
    aggregate(store, "run-1")
    return build_report(store, "run-1")


@pytest.fixture
def scenario(report: dict[str, Any]) -> dict[str, Any]:
    """Its only scenario."""
    return report["results"]["basic_operations"]


def test_the_head_says_what_was_run_where(report: dict[str, Any]) -> None:
    """Run, seed, code, labels, environment and workers are there, times in ISO 8601."""
    assert report["run_id"] == "run-1"
    assert report["seed"] == 42
    assert report["code_version"] == {
        "name": "abc1234",
        "dirty": False,
        "committed": "2023-11-14T22:13:20.000Z",
        "branch": None,
    }
    assert (report["excluded"], report["notes"]) == (None, [])
    assert datetime.fromisoformat(report["timestamp"]).tzinfo is not None
    assert report["environment"]["environment_class"] == "2 cores"
    assert report["environments"][0]["fingerprint"] == {"cpu": "abacus", "cores": 2}
    assert report["workers"] == [
        {"worker_id": "worker-1", "host": "host-1", "pid": 11, "attempts": 2}
    ]
    assert report["benchmark_suite"]
    assert report["labels"] == {}


def test_the_summary_adds_up(report: dict[str, Any]) -> None:
    """Tests, times and jobs are those of all scenarios."""
    summary = report["summary"]
    assert summary["overall_success"] is False
    assert summary["verdict"] == "fail"
    assert summary["total_execution_time_seconds"] == pytest.approx(3.0)
    assert summary["success_rate"] == 0.0
    counts = [summary[f"tests_{verdict}"] for verdict in ("passed", "failed", "unknown")]
    assert counts == [1, 1, 1]
    assert (summary["jobs"]["total"], summary["jobs"]["completed"]) == (2, 2)
    assert (summary["aggregated"], summary["cancelled"]) == (True, False)


def test_a_scenario_has_the_seeds_keys_and_every_metric(scenario: dict[str, Any]) -> None:
    """Metrics stand flat under their own names, merged over repeats."""
    assert scenario["success"] is False
    assert scenario["verdict"] == "fail"
    assert scenario["execution_time_seconds"] == pytest.approx(3.0)
    assert (scenario["tests_passed"], scenario["tests_failed"]) == (1, 1)
    assert scenario["l1_avg_response_time_ms"] == pytest.approx((1 + 2 + 3 + 2 + 2 + 3) / 6)
    assert scenario["l2_avg_response_time_ms"] == pytest.approx(4)
    assert scenario["throughput_ops_per_second"] == pytest.approx(10 / 8)
    assert scenario["l1_hit_ratio"] == pytest.approx(6 / 8)
    assert scenario["jobs"] == {
        "planned": 2,
        "accepted": 2,
        "attempts": 2,
        "failed": 0,
        "invalid": 0,
    }
    assert set(scenario["phases"]) == {"load", "outage"}


def test_repeats_have_their_own_figures(scenario: dict[str, Any]) -> None:
    """Each repeat has its metrics and the worker that did it."""
    first, second = scenario["repeats"]
    assert (first["repeat"], first["worker"], first["operations"]) == (0, "worker-1", 5)
    assert second["avg_response_time_ms"] > first["avg_response_time_ms"]
    assert set(first) - set(METRICS) == {"repeat", "worker", "environment_class", "shared"}


def test_percentiles_by_operation_and_tier(scenario: dict[str, Any]) -> None:
    """Each operation has all tiers together and each by itself; warm-up has none."""
    assert set(scenario["percentiles"]) == {"get"}
    gets = scenario["percentiles"]["get"]
    assert list(gets) == ["all", "l1", "l2", "none"]
    assert gets["all"]["count"] == 10
    assert gets["none"]["max_ms"] == 9
    columns = [gets["all"][name] for name in ("p50_ms", "p95_ms", "p99_ms", "p99_9_ms", "max_ms")]
    assert all(lower <= higher for lower, higher in pairwise(columns))


def test_expectations_have_expected_and_actual(scenario: dict[str, Any]) -> None:
    """In the scenario's order, with the verdict and its reason."""
    passed, failed, unknown = scenario["expectations"]
    assert passed["expected"] == "<= 50"
    assert (passed["verdict"], passed["reason"]) == ("pass", "")
    assert (failed["phase"], failed["actual"], failed["verdict"]) == ("outage", 1, "fail")
    assert (unknown["actual"], unknown["verdict"]) == (None, "unknown")


def test_fault_windows_have_moments_and_offsets(scenario: dict[str, Any]) -> None:
    """What never came has neither; what came has both, an offset apart."""
    window = scenario["fault_windows"][0]
    assert (window["kind"], window["phase"], window["repeat"]) == ("l2_kill", "outage", 0)
    assert window["cleared"] is window["cleared_s"] is None
    requested, effective = (
        datetime.fromisoformat(window[name]) for name in ("requested", "effective")
    )
    assert (effective - requested).total_seconds() == pytest.approx(1.0, abs=0.002)
    assert window["requested_s"] == 3.6


def test_the_timeline_goes_second_by_second(scenario: dict[str, Any]) -> None:
    """Phases are in their order, seconds of repeats are merged, faults are marked."""
    seconds = scenario["timeline"]
    assert [(each["phase"], each["second"]) for each in seconds] == [
        ("fill", 0),
        ("load", 0),
        ("load", 1),
        ("outage", 0),
        ("outage", 1),
    ]
    assert seconds[3]["faults"] == ["l2_kill requested"]
    assert seconds[4]["faults"] == ["l2_kill effective"]
    assert (seconds[4]["operations"], seconds[4]["errors"]) == (2, 2)
    assert seconds[2]["tiers"] == {"l2": {"operations": 2, "errors": 0, "p99_ms": 4.0}}
    assert scenario["errors_by_kind"] == {"TimeoutError": 2}


def test_a_report_is_json_in_a_stable_order(store: Store, report: dict[str, Any]) -> None:
    """Built twice it is the same text."""
    assert json.dumps(build_report(store, "run")) == json.dumps(report)


def test_a_second_attempt_is_seen(store: Store) -> None:
    """After a worker's death the report shows both attempts and who did them."""
    job = a_job(expectations=(Expectation(metric="operations", equals=1),))
    plan(store, [job])
    take(store, job, period_s=0)
    store.release_expired(store.expired_claims())
    complete(store, job, worker=OTHER_WORKER)
    aggregate(store, "run-1")
    scenario = build_report(store, "run-1")["results"]["basic_operations"]
    assert [(each["number"], each["worker"], each["outcome"]) for each in scenario["attempts"]] == [
        (1, "worker-1", "lost"),
        (2, "worker-2", "accepted"),
    ]
    lost, accepted = scenario["attempts"]
    assert "no sign of life" in lost["reason"]
    assert lost["after"] == []
    assert accepted["after"] == [{"number": 1, "outcome": "lost", "reason": lost["reason"]}]
    assert scenario["jobs"]["attempts"] == 2
    assert scenario["success"]


def test_failed_and_invalid_jobs_are_told_apart(store: Store) -> None:
    """An error fails a scenario; a measurement that can't be trusted leaves it unknown."""
    jobs = [
        a_job(position=0, scenario="raises"),
        a_job(position=1, scenario="saturates", max_attempts=1),
    ]
    plan(store, jobs)
    complete(store, jobs[0], a_result(error="KeyError: 'x'"))
    complete(store, jobs[1], a_result(invalid_reason="generator saturated"))
    aggregate(store, "run-1")
    results = build_report(store, "run-1")["results"]
    assert (results["raises"]["verdict"], results["saturates"]["verdict"]) == ("fail", "unknown")
    assert (results["raises"]["jobs"]["failed"], results["raises"]["jobs"]["invalid"]) == (1, 0)
    assert (results["saturates"]["jobs"]["failed"], results["saturates"]["jobs"]["invalid"]) == (
        0,
        1,
    )
    assert results["raises"]["job_errors"] == [{"job": "run-1-0", "error": "KeyError: 'x'"}]


FINDING = Finding(
    kind="lost_writes",
    phase="load",
    count=2,
    text="revision 3 of key-1 was not there at the end",
    example=(
        {
            "operation": "write",
            "key": "key-1",
            "value": 3,
            "worker": 0,
            "began_s": 2.0,
            "ended_s": 2.001,
        },
    ),
)
STRUCK = a_result(
    phases=(PhaseSpan(phase="load", warmup=False, start_s=0.5, end_s=9.0),),
    fault_windows=(window(),),
    window_times=(times("before", 1.0), times("during", 5.0), times("after", 2.0)),
    window_figures=figures(
        before__length_s=1,
        before__loads=1,
        during__length_s=2,
        during__loads=6,
        during__max_staleness_ms=40,
        during__lost_writes=2,
        detect_s=0.1,
        unrecovered_s=3.0,
    ),
    changes=(Change(at_s=2.2, what="l2 breaker", state="open", reason="5 failures"),),
    findings=(FINDING, replace(FINDING, kind="never_read_writes", text="nobody has read it")),
    promises={"max_response_time_ms": 2000.0},
)


def test_what_a_fault_did_is_reported(store: Store) -> None:
    """Its figures, what was found with its proof, the turns, and the bound as it was promised."""
    promised = Expectation(metric="max_response_time_ms")
    complete_run(store, [STRUCK], (promised, Expectation(metric="time_to_recover_s")))
    aggregate(store, "run-1")
    scenario = build_report(store, "run-1")["results"]["basic_operations"]
    (fault,) = scenario["resilience"]
    assert (fault["kind"], fault["availability"], fault["amplification"]) == ("l2_kill", 1.0, 3.0)
    assert scenario["findings"][0] == {
        "repeat": 0,
        **{name: getattr(FINDING, name) for name in ("kind", "phase", "count", "text")},
        "example": [dict(operation) for operation in FINDING.example],
    }
    (change,) = scenario["changes"]
    assert change["at"].endswith("Z")
    assert (change["at_s"], change["what"], change["state"]) == (2.2, "l2 breaker", "open")
    assert scenario["promises"] == {"max_response_time_ms": 2000.0}
    kept, unknown = scenario["expectations"]
    assert (kept["expected"], kept["promised"]) == ("<= 2000, as promised", True)
    assert (kept["verdict"], kept["actual"]) == ("pass", 1.0)
    assert (unknown["expected"], unknown["verdict"]) == ("as promised", "not_supported")


def test_windows_and_turns_say_whose_they_are(sqlite_store: Store) -> None:
    """Of a group, in which each worker may meet a fault of its own."""
    complete_run(sqlite_store, [STRUCK], shard=2)
    aggregate(sqlite_store, "run-1")
    scenario = build_report(sqlite_store, "run-1")["results"]["basic_operations"]
    assert [scenario[name][0]["shard"] for name in ("fault_windows", "changes")] == [2, 2]


def test_a_run_that_an_older_tierbench_aggregated_is_reported(sqlite_store: Store) -> None:
    """What it did not know of is empty."""
    complete_run(sqlite_store, [STRUCK])
    aggregate(sqlite_store, "run-1")
    with sqlite_store.database.write() as connection:
        details = connection.execute(select(summaries.c.details)).scalars().first()
        older = {
            name: value
            for name, value in details.items()
            if name not in ("resilience", "findings", "changes", "promises")
        }
        connection.execute(update(summaries).values(details=older))
    scenario = build_report(sqlite_store, "run-1")["results"]["basic_operations"]
    assert scenario["fault_windows"][0]["kind"] == "l2_kill"
    assert [scenario[name] for name in ("resilience", "findings", "changes")] == [[], [], []]
    assert scenario["promises"] == {}


OPEN_LOOP = a_result(
    intervals=(
        an_interval(10.0, 20.0, service=a_histogram(1.0, 2.0)),
        an_interval(90.0, outcome="TimeoutError", service=a_histogram(9.0), second=1),
        an_interval(5.0, phase="closed"),
    ),
    observations=(
        Observation(metric="offered_operations", value=4, phase="load"),
        Observation(metric="dropped_operations", value=1, phase="load"),
        Observation(metric="server_commands", value=12, phase="load"),
        Observation(metric="recorder_cost_us", value=0.3),
        Observation(metric="calibration_loop_ms", value=4.0),
        Observation(metric="distinct_keys", value=7),
    ),
    phases=(
        PhaseSpan(phase="fill", warmup=True, start_s=0.0, end_s=0.5),
        PhaseSpan(phase="load", warmup=False, loop="open", start_s=0.5, end_s=2.5),
        PhaseSpan(phase="closed", warmup=False, start_s=2.5, end_s=3.0),
    ),
    distributions=(
        Distribution(
            name="schedule_lag", phase="load", warmup=False, histogram=a_histogram(0.1, 0.4)
        ),
    ),
    readings=(
        Reading(name="memory_mib", phase="load", second=0, value=50.0),
        Reading(name="cpu_ratio", phase="load", second=2, value=0.5),
    ),
    trials=(
        SearchTrial(phase="load", number=0, rate=500, achieved_rate=499, p99_ms=2.5, held=True),
    ),
)


@pytest.fixture
def open_loop(sqlite_store: Store) -> dict[str, Any]:
    """The scenario of a run with an open loop and two repeats."""
    complete_run(sqlite_store, [OPEN_LOOP, OPEN_LOOP])
    aggregate(sqlite_store, "run-1")
    return build_report(sqlite_store, "run-1")["results"]["basic_operations"]


def test_every_figure_says_which_loop_it_came_from(open_loop: dict[str, Any]) -> None:
    """The loop stands by phase, warm-up too, and of all that was measured together."""
    assert open_loop["loops"] == {"fill": "closed", "load": "open", "closed": "closed"}
    assert open_loop["loop"] == "open, closed"


def test_intended_and_service_times_stand_beside_each_other(open_loop: dict[str, Any]) -> None:
    """Each of all outcomes and of successes apart."""
    times = open_loop["percentiles"]["get"]["all"]
    assert (times["count"], times["max_ms"]) == (8, 90)
    assert (times["ok"]["count"], times["ok"]["max_ms"]) == (6, 20)
    assert (times["service"]["count"], times["service"]["max_ms"]) == (8, 9)
    assert (times["service"]["ok"]["count"], times["service"]["ok"]["max_ms"]) == (6, 5)
    assert open_loop["phases"]["load"]["max_service_time_ms"] == 9


def test_what_was_kept_beside_the_operations_is_reported(open_loop: dict[str, Any]) -> None:
    """Lag, drops, distributions, search trials, server, recorder, calibration and keys."""
    lag = open_loop["distributions"]["schedule_lag"]
    assert (lag["all"]["count"], lag["all"]["max_ms"]) == (4, 0.4)
    assert list(lag["phases"]) == ["load"]
    assert (open_loop["offered_operations"], open_loop["dropped_operations"]) == (8, 2)
    assert [(trial["repeat"], trial["held"]) for trial in open_loop["search"]] == [
        (0, True),
        (1, True),
    ]
    assert open_loop["server_commands"] == 24
    assert (open_loop["recorder_cost_us"], open_loop["calibration_loop_ms"]) == (0.3, 4)
    assert open_loop["distinct_keys"] == 7
    assert open_loop["spread"]["throughput_ops_per_second"] == {
        "min": pytest.approx(4 / 2.5),
        "median": pytest.approx(4 / 2.5),
        "max": pytest.approx(4 / 2.5),
    }


def test_the_machine_is_part_of_the_timeline(open_loop: dict[str, Any]) -> None:
    """Its readings stand at their second, one without an operation too."""
    machines = {(row["phase"], row["second"]): row["machine"] for row in open_loop["timeline"]}
    assert machines == {
        ("load", 0): {"memory_mib": 50.0},
        ("load", 1): {},
        ("load", 2): {"cpu_ratio": 0.5},
        ("closed", 0): {},
    }


@pytest.mark.parametrize("result", [outage(), OPEN_LOOP])
def test_an_aggregated_run_is_reported_without_its_raw_records(
    sqlite_store: Store, result: AttemptResult
) -> None:
    """What aggregation kept says it all; without it the raw records say the same."""
    complete_run(sqlite_store, [result, result], EXPECTATIONS)
    aggregate(sqlite_store, "run-1")
    kept = build_report(sqlite_store, "run-1")
    with sqlite_store.database.write() as connection:
        connection.execute(update(summaries).values(details=null()))
    assert build_report(sqlite_store, "run-1") == kept
    aggregate(sqlite_store, "run-1")
    with sqlite_store.database.write() as connection:
        for table in (intervals, observations, readings, distributions, phases, fault_windows):
            connection.execute(delete(table))
    assert build_report(sqlite_store, "run-1") == kept


def test_peers_decide_nothing(sqlite_store: Store) -> None:
    """The first subject alone is counted in the summary; what a peer came to stays visible."""
    expected = (Expectation(metric="max_response_time_ms", at_most=2),)
    jobs = [
        a_job(position=place, subject=subject, expectations=expected)
        for place, subject in enumerate(("peer", "mine"))
    ]
    plan(sqlite_store, jobs, subjects=("mine", "peer"))
    for job, time_ms in zip(jobs, (3.0, 1.0), strict=True):
        complete(sqlite_store, job, a_result(intervals=(an_interval(time_ms),)))
    aggregate(sqlite_store, "run-1")
    report = build_report(sqlite_store, "run-1")
    summary, scenario = report["summary"], report["results"]["basic_operations"]
    assert (summary["verdict"], summary["overall_success"]) == ("pass", True)
    assert (summary["success_rate"], summary["tests_passed"], summary["tests_failed"]) == (1, 1, 0)
    assert [(name, each["verdict"]) for name, each in scenario["subjects"].items()] == [
        ("mine", "pass"),
        ("peer", "fail"),
    ]
    assert [each["peer"] for each in scenario["subjects"].values()] == [False, True]
    assert (scenario["subject"], scenario["comparison"]["first"]) == ("mine", "mine")


def test_invalid_attempts_are_never_unnoticed(sqlite_store: Store) -> None:
    """Their number and reasons stand in the summary and in the scenario, whatever came after."""
    jobs = [a_job(position=position, repeat=position) for position in range(2)]
    plan(sqlite_store, jobs)
    complete(sqlite_store, jobs[0], a_result(invalid_reason="generator saturated"))
    complete(sqlite_store, jobs[1], a_result(invalid_reason="generator saturated"))
    complete(sqlite_store, jobs[1], a_result(invalid_reason="swapped"))
    for job in jobs:
        complete(sqlite_store, job)
    aggregate(sqlite_store, "run-1")
    report = build_report(sqlite_store, "run-1")
    told = {"count": 3, "reasons": {"generator saturated": 2, "swapped": 1}}
    assert report["summary"]["invalid_attempts"] == told
    assert report["results"]["basic_operations"]["invalid_attempts"] == told


def test_an_expectation_says_what_kind_of_threshold_it_has(sqlite_store: Store) -> None:
    """Absolute, or relative to a phase, a subject or the calibration."""
    wanted = (
        Expectation(metric="errors", equals=0),
        Expectation(metric="avg_response_time_ms", relative_to_calibration="loop", at_most=1),
        Expectation(metric="avg_response_time_ms", relative_to_subject="null", at_most=1),
        Expectation(metric="errors", phase="load", relative_to_phase="load", at_most=1),
    )
    complete_run(sqlite_store, [OPEN_LOOP], wanted)
    aggregate(sqlite_store, "run-1")
    said = build_report(sqlite_store, "run-1")["results"]["basic_operations"]["expectations"]
    assert [each["threshold"] for each in said] == [
        "absolute",
        "relative to calibration loop",
        "relative to subject null",
        "relative to phase load",
    ]
    assert said[1]["actual"] == pytest.approx((10 + 20 + 90 + 5) / 4 / 4)


def test_a_scenario_shows_its_first_subject_and_all(store: Store) -> None:
    """The first planned subject's figures stand in front; each has the same shape."""
    jobs = [
        a_job(position=position, subject=subject)
        for position, subject in enumerate(("multilevel", "null"))
    ]
    plan(store, jobs, subjects=("multilevel", "null"))
    for job, time_ms in zip(jobs, (3.0, 1.0), strict=True):
        complete(store, job, a_result(intervals=(an_interval(time_ms),)))
    aggregate(store, "run-1")
    scenario = build_report(store, "run-1")["results"]["basic_operations"]
    first, second = scenario["subjects"].values()
    assert list(scenario["subjects"]) == ["multilevel", "null"]
    others = {"subjects", "comparison"}
    assert {key: value for key, value in scenario.items() if key not in others} == first
    assert set(first) == set(second)
    assert (first["max_response_time_ms"], second["max_response_time_ms"]) == (3, 1)


def test_what_a_subject_lacks_is_no_test(store: Store) -> None:
    """It is neither passed nor failed nor unknown, and the scenario passes."""
    expectations = (
        Expectation(metric="operations", at_least=1),
        Expectation(metric="l2_hit_ratio", at_least=0.5),
    )
    complete_run(store, [a_result(unsupported=("l2",))], expectations)
    aggregate(store, "run-1")
    scenario = build_report(store, "run-1")["results"]["basic_operations"]
    assert scenario["success"]
    counts = [scenario[f"tests_{verdict}"] for verdict in ("passed", "failed", "unknown")]
    assert counts == [1, 0, 0]
    assert scenario["expectations"][1]["verdict"] == "not_supported"


def test_a_run_under_way_is_reported_without_a_verdict(store: Store) -> None:
    """Its jobs and expectations are there, nothing is judged."""
    job = a_job(expectations=EXPECTATIONS)
    plan(store, [job])
    take(store, job)
    report = build_report(store, "run-1")
    assert report["summary"]["verdict"] == "unknown"
    assert report["summary"]["tests_unknown"] == 3
    assert not report["summary"]["aggregated"]
    assert report["environment"] is None
    reasons = {each["reason"] for each in report["results"]["basic_operations"]["expectations"]}
    assert reasons == {"the run is not aggregated yet"}


def test_an_empty_run_passes_nothing(store: Store) -> None:
    """A run without jobs has no success."""
    complete_run(store, [])
    aggregate(store, "run-1")
    summary = build_report(store, "run-1")["summary"]
    assert (summary["verdict"], summary["success_rate"]) == ("unknown", 0.0)
    with pytest.raises(UnknownRunError):
        build_report(store, "run-2")


def test_observations_and_cpu_stand_among_the_metrics(store: Store) -> None:
    """What workers observe is reported by its metric's name."""
    seen = a_result(observations=(Observation(metric="worker_cpu_ratio", value=0.3),))
    complete_run(store, [seen])
    aggregate(store, "run-1")
    assert build_report(store, "run-1")["results"]["basic_operations"]["worker_cpu_ratio"] == 0.3
