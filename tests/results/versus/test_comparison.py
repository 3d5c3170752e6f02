"""Verdicts, their order, and that unchanged runs are left in peace."""

import math

import numpy as np
import pytest

from results.histogram import Histogram
from results.versus.comparison import compare
from results.versus.estimating import Surroundings
from results.versus.headline import named
from results.versus.machine import times_slower
from results.versus.shift import shift
from results.versus.verdicts import Limits, Verdict
from tests.perf.unchanged import comparisons
from tests.results.versus.sides import P50, a_question, a_side

THROUGHPUT = "throughput_ops_per_second"
FLAT = [100.0, 101.0, 99.0, 100.0, 100.5]


def times(factor: float) -> list[float]:
    """The same repeats, all larger by a factor."""
    return [factor * value for value in FLAT]


def verdict_of(name: str, a: list[float], b: list[float], **limits: float) -> Verdict | None:
    """The verdict on one metric alone."""
    question = a_question(a_side(a), a_side(b, first="b"), name)
    return compare([question], Limits(**limits)).findings[0].verdict


@pytest.mark.parametrize(
    ("name", "factor", "verdict"),
    [
        (P50, 1.2, "worse"),
        (P50, 0.8, "better"),
        (THROUGHPUT, 1.2, "better"),
        (THROUGHPUT, 0.8, "worse"),
        (P50, 1.0, "same"),
        (P50, 1.06, "worse"),
        ("operations", 1.2, None),
    ],
)
def test_verdicts_by_direction(name: str, factor: float, verdict: str | None) -> None:
    """Which way is better is the metric's own; where neither is there is no verdict."""
    assert verdict_of(name, FLAT, times(factor)) == verdict


def test_a_sure_change_that_does_not_matter_is_the_same() -> None:
    """Half a per cent, to the last digit, is not worse unless somebody cares for so little."""
    a, b = [100.0, 100.01, 99.99], [100.5, 100.51, 100.49]
    assert verdict_of(P50, a, b) == "same"
    assert verdict_of(P50, a, b, smallest=0.001) == "worse"
    assert verdict_of(P50, a, b, margin=0.001) == "unknown"


def test_recovery_that_was_instant_and_is_not() -> None:
    """0 s against 1.5 s is surely worse."""
    assert verdict_of("time_to_recover_s", [0.0] * 3, [1.5] * 3) == "worse"
    assert verdict_of("time_to_recover_s", [1.5] * 3, [0.0] * 3) == "better"
    assert verdict_of("time_to_recover_s", [0.0] * 3, [0.0] * 3) == "same"


def test_what_scatters_is_unknown_and_says_what_would_help() -> None:
    """Neither a change nor its absence is shown."""
    question = a_question(a_side([1.0, 1.1, 1.2]), a_side([1.05, 1.15, 1.25], first="b"))
    finding = compare([question], Limits()).findings[0]
    assert finding.verdict == "unknown"
    assert "a change of 5 % would take about" in finding.reason


def test_many_metrics_are_corrected_for() -> None:
    """What would be worse alone is not among a hundred others; it is if it is sure enough."""
    slight = a_question(a_side(FLAT), a_side([102.5, 101.0, 101.5, 103.0, 101.4], first="b"))
    sure = a_question(a_side(FLAT), a_side(times(1.3), first="b"))
    others = [a_question(a_side(FLAT), a_side(FLAT[::-1], first="b")) for _ in range(100)]
    assert compare([slight], Limits()).counts[Verdict.WORSE] == 1
    assert compare([slight, *others], Limits()).counts[Verdict.WORSE] == 0
    assert compare([sure, *others], Limits()).counts[Verdict.WORSE] == 1


def test_metrics_without_direction_do_not_count_in_the_correction() -> None:
    """Nobody asks whether they are worse."""
    slight = a_question(a_side(FLAT), a_side([102.5, 101.0, 101.5, 103.0, 101.4], first="b"))
    plain = [
        a_question(a_side(FLAT), a_side(FLAT[::-1], first="b"), "operations") for _ in range(100)
    ]
    assert compare([slight, *plain], Limits()).counts[Verdict.WORSE] == 1


def test_another_machine_tells_nothing_of_times() -> None:
    """Of what is no time it does."""
    slower = a_question(a_side(FLAT), a_side(times(1.5), first="b"))
    fewer = a_question(a_side([0.9] * 4), a_side([0.7] * 4, first="b"), "hit_ratio")
    of_time, of_hits = sorted(
        compare([slower, fewer], Limits(machine=1.4)).findings, key=lambda each: each.question.name
    )[::-1]
    assert (of_time.verdict, of_hits.verdict) == ("unknown", "worse")
    assert of_time.reason == "the machine itself was 1.4 times slower for B"


def test_when_a_machine_is_another_one() -> None:
    """By more than 5 % and by more than its own scatter."""
    assert times_slower([10.0, 10.1], [14.0, 14.1]) == pytest.approx(14.05 / 10.05)
    assert times_slower([10.0, 10.1], [10.3, 10.4]) is None
    assert times_slower([5.0, 15.0], [9.0, 16.0]) is None
    assert times_slower([10.0], [14.0]) == pytest.approx(1.4)
    assert times_slower([], [14.0]) is None


def test_counts_that_grow_with_the_work_are_not_worse_for_it() -> None:
    """A quicker cache loads more in the same time, though not more for each operation."""
    a, b = a_side([1000.0] * 4), a_side([1300.0] * 4, first="b")
    more = a_question(a, b, "loads", more_operations=math.log(1.3))
    assert compare([more], Limits()).findings[0].verdict == "same"
    as_many = a_question(a, b, "loads")
    assert compare([as_many], Limits()).findings[0].verdict == "worse"
    fewer = a_question(b, a, "loads", more_operations=math.log(1.3))
    assert compare([fewer], Limits()).findings[0].verdict == "better"


def test_whole_distributions_tell_by_how_much_one_is_longer() -> None:
    """Their effect is Cliff's delta."""
    found = shift(*(Histogram.of(np.array(each)) for each in ([1, 2], [3, 4])))
    question = a_question(a_side(FLAT), a_side(times(2), first="b"), "times", shift=found)
    finding = compare([question], Limits()).findings[0]
    assert (finding.verdict, finding.effect) == ("worse", 1.0)


def test_what_matters_comes_first() -> None:
    """Worse, better, unknown, same; then headline metrics; then by size."""
    names = {
        "max_gc_pause_ms": times(3.0),
        P50: times(1.2),
        THROUGHPUT: times(1.1),
        "p95_response_time_ms": times(1.0),
        "p99_response_time_ms": [50.0, 100.0, 200.0, 90.0, 120.0],
        "worker_memory_mib": times(1.4),
    }
    asked = [a_question(a_side(FLAT), a_side(b, first="b"), name) for name, b in names.items()]
    assert [each.question.name for each in compare(asked, Limits()).findings] == [
        P50,
        "max_gc_pause_ms",
        "worker_memory_mib",
        THROUGHPUT,
        "p99_response_time_ms",
        "p95_response_time_ms",
    ]


def test_history_keeps_a_slow_hour_from_being_an_alarm() -> None:
    """Runs of the past lay 10 % apart: so may these two, however alike their repeats are."""
    history = [100.0, 111.0, 99.0, 110.0, 101.0, 109.0, 98.0, 108.0]
    sides = a_side(FLAT), a_side(times(1.1), first="b")
    around = Surroundings(history=history)
    assert compare([a_question(*sides)], Limits()).findings[0].verdict == "worse"
    assert compare([a_question(*sides, around=around)], Limits()).findings[0].verdict == "unknown"


def test_unchanged_runs_are_left_in_peace() -> None:
    """98 % of metrics of every kind of A/A comparison are the same or unknown."""
    findings = [each for found in comparisons(2) for each in found.findings]
    accused = [each for each in findings if each.verdict in (Verdict.WORSE, Verdict.BETTER)]
    assert len(findings) == 1_440
    assert len(accused) <= 0.02 * len(findings)


def test_metrics_by_name() -> None:
    """Names, unique beginnings and patterns; `times` is the whole distributions."""
    assert named(["p50", "times"]) == {P50, "times"}
    assert {"errors", "error_rate"} <= named(["err*"])
