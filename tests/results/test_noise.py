"""What an A/A run says of a machine, on cases worked by hand."""

import math

import pytest

from results.aggregate import aggregate
from results.attempt_result import AttemptResult, Environment
from results.expectation import Expectation, Verdict
from results.noise import SCENARIO, log_ratios, noise_of, noise_of_machine, smallest_change
from results.report import build_report
from results.store import Store
from tests.results.build import a_job, a_result, an_interval, complete, complete_run, plan


def took(*times_ms: float, **changes: object) -> AttemptResult:
    """An attempt with that many reads of those times."""
    return a_result(intervals=(an_interval(*times_ms),), **changes)


def test_the_smallest_change_of_a_worked_case() -> None:
    """Three pairs with s = 0.02: (4.3027 + 1.0607) * 0.02 / sqrt(3) = 0.06193."""
    change = smallest_change([-0.02, 0.0, 0.02])
    assert change == pytest.approx(math.expm1(0.06193), abs=0.00002)


def test_more_pairs_see_less() -> None:
    """The scatter is known from the A/A run; four times as many pairs halve what they can see."""
    ratios = [-0.02, 0.0, 0.02]
    few, many = smallest_change(ratios, pairs=3), smallest_change(ratios, pairs=12)
    assert math.log1p(few) == pytest.approx(2 * math.log1p(many))


def test_one_pair_does_not_scatter() -> None:
    """Nothing can be said of a single pair."""
    with pytest.raises(ValueError, match="two or more"):
        smallest_change([0.1])


def test_even_repeats_are_paired_with_the_odd_ones_after_them() -> None:
    """What has no partner, or is 0, is left out."""
    found = log_ratios({0: 1.0, 1: 2.0, 2: 4.0, 3: 2.0, 4: 7.0, 6: 0.0, 7: 1.0, 9: 3.0})
    assert found == pytest.approx([math.log(2), math.log(0.5)])


@pytest.fixture
def noisy(sqlite_store: Store) -> Store:
    """A database with an A/A run of three pairs whose times scatter by about a tenth."""
    times_ms = (10.0, 11.0, 10.0, 10.0, 10.0, 9.0)
    complete_run(sqlite_store, [took(time_ms) for time_ms in times_ms], (), "aa", scenario=SCENARIO)
    aggregate(sqlite_store, "aa")
    return sqlite_store


def test_the_noise_of_a_run(noisy: Store) -> None:
    """Each metric has the change that its own pairs can show."""
    found = {each.metric: each for each in noise_of(noisy, "a")}
    assert list(found) == [
        "throughput_ops_per_second",
        "p50_response_time_ms",
        "p95_response_time_ms",
        "p99_response_time_ms",
    ]
    ratios = [math.log(1.1), 0.0, math.log(0.9)]
    p99 = found["p99_response_time_ms"]
    assert (p99.unit, p99.pairs) == ("ms", 3)
    assert p99.smallest_change_percent == pytest.approx(100 * smallest_change(ratios), rel=0.01)
    assert found["throughput_ops_per_second"].smallest_change_percent == pytest.approx(0)


def test_a_run_without_pairs_says_nothing(sqlite_store: Store) -> None:
    """Other scenarios are no A/A run, and a single pair is too few."""
    complete_run(sqlite_store, [took(1.0)] * 4)
    complete_run(sqlite_store, [took(1.0)] * 2, (), "aa", scenario=SCENARIO)
    for run_id in ("run-1", "aa"):
        aggregate(sqlite_store, run_id)
        assert noise_of(sqlite_store, run_id) == []


def test_the_newest_run_on_the_same_class_of_machine_counts(noisy: Store) -> None:
    """Another machine's noise says nothing of this one; an older run is forgotten."""
    elsewhere = Environment(environment_class="64 cores", fingerprint={})
    quiet = [took(10.0, environment=elsewhere)] * 4
    complete_run(noisy, quiet, (), "other", scenario=SCENARIO)
    aggregate(noisy, "other")
    metric = "p99_response_time_ms"
    with noisy.database.read() as connection:
        assert noise_of_machine(connection, "2 cores", 3)[metric] > 0.3
        assert noise_of_machine(connection, "64 cores", 3)[metric] == pytest.approx(0)
        assert noise_of_machine(connection, "1 core", 3) == {}
        assert noise_of_machine(connection, None, 3) == {}


@pytest.mark.parametrize(
    ("at_most", "verdict"), [(1.2, Verdict.UNKNOWN), (5.0, Verdict.PASS), (0.2, Verdict.FAIL)]
)
def test_a_bound_below_the_noise_is_unknown(noisy: Store, at_most: float, verdict: Verdict) -> None:
    """A gate tighter than what this machine can see answers unknown, and says why."""
    expected = Expectation(
        metric="p50_response_time_ms", relative_to_subject="null", at_most=at_most
    )
    jobs = [
        a_job(position=place, subject=subject, expectations=(expected,))
        for place, subject in enumerate(("multilevel", "null"))
    ]
    plan(noisy, jobs, subjects=("multilevel", "null"))
    for job in jobs:
        complete(noisy, job, took(*[2.0] * 10))
    aggregate(noisy, "run-1")
    scenario = build_report(noisy, "run-1")["results"]["basic_operations"]
    (judged,) = scenario["expectations"]
    assert judged["verdict"] == verdict
    assert judged["threshold"] == "relative to subject null"
    assert judged["actual"] == 1
    if verdict is Verdict.UNKNOWN:
        assert judged["reason"] == "below this machine's noise of 71 %"
