"""Subjects side by side, on cases that can be worked by hand."""

import math

import pytest

from results.aggregate import aggregate
from results.attempt_result import Observation
from results.compare import NOT_SUPPORTED, SubjectFigures, compare, ratio_interval
from results.report import build_report
from results.store import Store
from tests.results.build import a_job, a_result, an_interval, complete, plan

P50 = "p50_response_time_ms"


def a_subject(
    name: str, merged: float, *repeats: float, metric: str = P50, **changes: frozenset[str]
) -> SubjectFigures:
    """A subject with one figure."""
    return SubjectFigures(
        name=name,
        unsupported=changes.get("unsupported", frozenset()),
        merged={None: {metric: merged}, "load": {metric: merged}},
        repeats={
            number: {None: {metric: value}, "load": {metric: value}}
            for number, value in enumerate(repeats)
        },
    )


def test_the_interval_of_a_worked_case() -> None:
    """Log ratios ln 2, ln 2 and ln 4: mean 0.9242, s 0.4002, t(2) 4.3027, reach 0.9942."""
    low, high = ratio_interval([(2, 1), (6, 3), (4, 1)]) or (0, 0)
    assert low == pytest.approx(math.exp(0.9242 - 0.9942), rel=0.001)
    assert high == pytest.approx(math.exp(0.9242 + 0.9942), rel=0.001)


def test_pairs_take_out_what_both_share() -> None:
    """A machine that slows down by half touches both; the ratio stays as sure as it was."""
    assert ratio_interval([(2, 1), (4, 2), (8, 4)]) == pytest.approx((2, 2))


@pytest.mark.parametrize("pairs", [[], [(2.0, 1.0)], [(2.0, 1.0), (0.0, 1.0)], [(1.0, 0.0)] * 3])
def test_no_interval(pairs: list[tuple[float, float]]) -> None:
    """Fewer than two pairs, or a figure of 0, have none."""
    assert ratio_interval(pairs) is None


def test_each_is_compared_with_the_first() -> None:
    """The merged figures' ratio, the interval over repeats, and how many pairs it stands on."""
    found = compare([a_subject("ours", 2.0, 2.0, 2.0), a_subject("theirs", 5.0, 4.0, 6.0)])
    assert (found["first"], found["confidence"]) == ("ours", 0.95)
    ours, theirs = found["figures"][P50].values()
    assert ours == {"value": 2.0, "ratio": 1.0, "interval": None, "pairs": 0}
    assert (theirs["value"], theirs["ratio"], theirs["pairs"]) == (5.0, 2.5, 2)
    low, high = theirs["interval"]
    assert low < math.sqrt(6) < high
    assert found["phases"]["load"][P50] == found["figures"][P50]


def test_only_repeats_that_both_have_are_pairs() -> None:
    """A repeat that one of them did not finish is left out."""
    found = compare([a_subject("ours", 2.0, 2.0), a_subject("theirs", 2.0, 2.0, 3.0)])
    assert found["figures"][P50]["theirs"]["pairs"] == 1


def test_counts_are_compared_by_repeat() -> None:
    """A subject that lost one of three repeats has not done a third less."""
    ours = a_subject("ours", 30.0, 10.0, 10.0, 10.0, metric="loads")
    theirs = a_subject("theirs", 20.0, 10.0, 10.0, metric="loads")
    found = compare([ours, theirs])["figures"]["loads"]["theirs"]
    assert (found["value"], found["ratio"]) == (20.0, 1.0)
    assert found["interval"] == pytest.approx([1.0, 1.0])


def test_what_a_subject_lacks_is_not_zero() -> None:
    """A cache without L2 has no ratio of hits there, and neither has a ratio to it."""
    lacking = a_subject("ours", 0.0, metric="l2_hit_ratio", unsupported=frozenset({"l2"}))
    having = a_subject("theirs", 0.8, metric="l2_hit_ratio")
    found = compare([lacking, having])["figures"]["l2_hit_ratio"]
    assert found["ours"]["value"] == NOT_SUPPORTED
    assert (found["theirs"]["value"], found["theirs"]["ratio"]) == (0.8, None)
    reverse = compare([having, lacking])["figures"]["l2_hit_ratio"]["ours"]
    assert (reverse["value"], reverse["ratio"]) == (NOT_SUPPORTED, None)
    assert compare([lacking, lacking])["figures"] == {}


def test_a_ratio_to_nothing_is_none() -> None:
    """No errors at all are nothing that another's could be a multiple of."""
    found = compare([a_subject("a", 0.0, metric="errors"), a_subject("b", 3.0, metric="errors")])
    assert found["figures"]["errors"]["b"] == {
        "value": 3.0,
        "ratio": None,
        "interval": None,
        "pairs": 0,
    }


def test_memory_below_what_can_be_measured_has_no_ratio() -> None:
    """Two subjects that hardly keep anything are not hundreds of times as large as each other."""
    metric = "subject_memory_mib"
    few = a_subject("few", 0.02, 0.01, 0.02, metric=metric)
    more = a_subject("more", 5.6, 5.6, 0.8, metric=metric)
    found = compare([few, more])["figures"][metric]["more"]
    assert (found["value"], found["ratio"], found["interval"]) == (5.6, None, None)
    large = compare([a_subject("a", 20.0, metric=metric), a_subject("b", 60.0, metric=metric)])
    assert large["figures"][metric]["b"]["ratio"] == 3.0


def test_a_report_compares_the_subjects_of_a_run(sqlite_store: Store) -> None:
    """Figures by metric and subject over all phases and by phase; alone there is nothing."""
    jobs = [
        a_job(position=place, repeat=place // 2, subject=("multilevel", "plain")[place % 2])
        for place in range(4)
    ]
    plan(sqlite_store, jobs, subjects=("multilevel", "plain"), repeats=2)
    for job, time_ms in zip(jobs, (1.0, 3.0, 2.0, 4.0), strict=True):
        lacks = ("l2",) if job.subject == "plain" else ()
        seen = (
            Observation(metric="server_memory_mib", value=7.0),
            Observation(metric="worker_memory_mib", value=time_ms, phase="load"),
        )
        complete(
            sqlite_store,
            job,
            a_result(intervals=(an_interval(time_ms),), observations=seen, unsupported=lacks),
        )
    aggregate(sqlite_store, "run-1")
    found = build_report(sqlite_store, "run-1")["results"]["basic_operations"]["comparison"]
    slower = found["figures"]["p99_9_response_time_ms"]["plain"]
    assert (slower["value"], slower["ratio"], slower["pairs"]) == (4.0, 2.0, 2)
    assert slower["interval"] == pytest.approx(list(ratio_interval([(3, 1), (4, 2)]) or ()))
    assert found["figures"]["server_memory_mib"]["plain"]["value"] == NOT_SUPPORTED
    assert found["figures"]["worker_memory_mib"]["multilevel"]["value"] == 2.0
    assert found["phases"]["load"]["p99_9_response_time_ms"]["plain"] == slower


def test_a_subject_alone_is_compared_with_nothing(sqlite_store: Store) -> None:
    """The report of a run with one subject has no comparison."""
    job = a_job()
    plan(sqlite_store, [job])
    complete(sqlite_store, job)
    aggregate(sqlite_store, "run-1")
    assert "comparison" not in build_report(sqlite_store, "run-1")["results"]["basic_operations"]
