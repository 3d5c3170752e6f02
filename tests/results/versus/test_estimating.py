"""Estimates on cases that can be worked by hand."""

import math
from dataclasses import replace
from statistics import stdev

import pytest

from results.versus.estimate import Basis, Scale
from results.versus.estimating import Surroundings, estimate
from results.versus.run_spread import Spread
from results.versus.side import RunFigures
from tests.results.versus.sides import a_side

ALONE = Surroundings()
QUIET = (100.0, 101.0, 100.0, 101.0, 100.0, 101.0)


def test_two_runs_by_their_repeats() -> None:
    """Welch on logs: means ln 1 and ln 2, and each side's variance is ln(2)^2."""
    found = estimate(a_side([0.5, 1.0, 2.0]), a_side([1.0, 2.0, 4.0], first="b"), ALONE)
    assert (found.scale, found.basis, found.samples) == (Scale.LOG, Basis.REPEATS, (3, 3))
    assert found.change == pytest.approx(math.log(2))
    assert found.error == pytest.approx(math.log(2) * math.sqrt(2 / 3))
    assert found.degrees == 4
    assert found.reach == pytest.approx(2.776 * found.error, rel=0.001)
    assert found.ratio == pytest.approx(2)


def test_p_is_that_of_the_table() -> None:
    """The case above has t = sqrt(3 / 2) with 4 degrees of freedom."""
    found = estimate(a_side([0.5, 1.0, 2.0]), a_side([1.0, 2.0, 4.0], first="b"), ALONE)
    assert found.p == pytest.approx(0.2879, abs=0.0005)


def test_unequal_spreads_have_fewer_degrees_of_freedom() -> None:
    """Welch and Satterthwaite: all scatter on one side of three is as good as two degrees."""
    found = estimate(a_side([1.0, 1.0, 1.0]), a_side([0.5, 1.0, 2.0], first="b"), ALONE)
    assert found.degrees == 2


def test_one_repeat_against_several_borrows_their_spread() -> None:
    """Student with a pooled variance, of which one side knows all."""
    found = estimate(a_side([1.0]), a_side([0.5, 1.0, 2.0], first="b"), ALONE)
    assert found.error == pytest.approx(math.log(2) * math.sqrt(1 + 1 / 3))
    assert found.degrees == 2


def test_one_repeat_each_says_nothing() -> None:
    """There is no error, no interval and no p."""
    found = estimate(a_side([1.0]), a_side([2.0], first="b"), ALONE)
    assert (found.error, found.interval, found.p, found.ratio_interval) == (None,) * 4
    assert found.ratio == pytest.approx(2)


def test_several_runs_count_by_their_medians() -> None:
    """Ten repeats of one run are not ten runs."""
    a = a_side([1.0, 1.0, 9.0], [2.0, 2.0, 2.0])
    b = a_side([4.0], [8.0], first="b", begin_s=10)
    found = estimate(a, b, ALONE)
    assert (found.basis, found.samples) == (Basis.RUNS, (2, 2))
    assert (found.a, found.b) == (pytest.approx(math.sqrt(2)), pytest.approx(math.sqrt(32)))
    assert found.error == pytest.approx(math.log(2) / math.sqrt(2))


def test_a_single_run_against_several_counts_as_one() -> None:
    """Its repeats do not know how runs differ."""
    found = estimate(a_side([1.0], [2.0], [4.0]), a_side([2.0] * 9, first="b", begin_s=9), ALONE)
    assert found.samples == (3, 1)
    assert found.error == pytest.approx(math.log(2) * math.sqrt(4 / 3))


def test_subjects_of_the_same_runs_are_paired() -> None:
    """A run that was slow for both takes nothing from what their ratio says."""
    a, b = a_side([1.0, 10.0], [100.0, 50.0]), a_side([2.0, 20.0], [200.0, 100.0])
    found = estimate(a, b, ALONE)
    assert (found.basis, found.samples) == (Basis.PAIRS, (4, 4))
    assert found.ratio_interval == pytest.approx((2, 2))


def test_runs_that_took_turns_are_paired() -> None:
    """ABBA: a machine that slows down steadily touches both of each pair."""
    a = a_side([1.0], [4.0], [16.0], begin_s=0, step_s=2)
    b = a_side([2.0], [8.0], [32.0], first="b", begin_s=1, step_s=2)
    found = estimate(a, b, ALONE)
    assert (found.basis, found.ratio_interval) == (Basis.TURNS, pytest.approx((2, 2)))
    # A at 0, 3 and 4, B between: the other way about in every second pair.
    a = replace(a, runs=tuple(map(_at, a.runs, (0.0, 3.0, 4.0))))
    b = replace(b, runs=tuple(map(_at, b.runs, (1.0, 2.0, 5.0))))
    assert estimate(a, b, ALONE).ratio_interval == pytest.approx((2, 2))
    one_after_another = a_side([2.0], [8.0], [32.0], first="b", begin_s=100)
    assert estimate(a, one_after_another, ALONE).basis is Basis.RUNS


def _at(run: RunFigures, at_s: float) -> RunFigures:
    return replace(run, at_s=at_s)


def test_history_says_how_far_runs_lie_apart() -> None:
    """Repeats that agree to the last digit are no surer than two runs of the past."""
    tau = 1.4826 * math.log(1.01) / math.sqrt(2)
    known = Surroundings(history=QUIET)
    found = estimate(a_side([100.0] * 3), a_side([102.0] * 3, first="b"), known)
    assert (found.basis, found.samples, found.degrees) == (Basis.HISTORY, (1, 1), 3)
    assert found.error == pytest.approx(tau * math.sqrt(2))


def test_repeats_that_scatter_more_than_history_count() -> None:
    """The larger of both errors is the one that is told."""
    a, b = [50.0, 100.0, 200.0], [60.0, 110.0, 220.0]
    found = estimate(a_side(a), a_side(b, first="b"), Surroundings(history=QUIET))
    assert found.basis is Basis.REPEATS


def test_own_runs_and_history_know_the_same_spread() -> None:
    """Two runs a side have two degrees of freedom; six others add three."""
    a, b = a_side([100.0], [101.0]), a_side([110.0], [111.0], first="b", begin_s=9)
    found = estimate(a, b, Surroundings(history=QUIET))
    assert (found.basis, found.degrees) == (Basis.RUNS, 1 + 3)


def test_noise_of_the_machine_stands_in() -> None:
    """Where there are no repeats and no history."""
    known = Surroundings(noise=Spread(0.1, 4))
    found = estimate(a_side([1.0]), a_side([2.0], first="b"), known)
    assert (found.basis, found.error, found.degrees) == (Basis.NOISE, 0.1, 4)


def test_a_percentile_of_few_operations_is_less_sure() -> None:
    """The wider interval counts."""
    sides = a_side([1.0, 1.01, 1.0]), a_side([1.0, 1.01, 1.0], first="b")
    assert estimate(*sides, Surroundings(sampling=0.2)).basis is Basis.OPERATIONS
    assert estimate(*sides, Surroundings(sampling=0.0001)).basis is Basis.REPEATS


def test_zeros_are_compared_as_differences() -> None:
    """From 0 s to 1.5 s there is no ratio, and constant figures have no variance."""
    found = estimate(a_side([0.0] * 3), a_side([1.5] * 3, first="b"), ALONE)
    assert (found.scale, found.change, found.error, found.p) == (Scale.PLAIN, 1.5, 0.0, 0.0)
    assert (found.ratio, found.ratio_interval) == (None, None)


def test_equal_counts_are_not_surely_equal() -> None:
    """0, 0, 0 against 1, 1, 1 may be chance; against 50, 50, 50 it is not."""
    counts = Surroundings(is_count=True)
    few = estimate(a_side([0.0] * 3), a_side([1.0] * 3, first="b"), counts)
    many = estimate(a_side([0.0] * 3), a_side([50.0] * 3, first="b"), counts)
    none = estimate(a_side([0.0] * 3), a_side([0.0] * 3, first="b"), counts)
    assert few.error == pytest.approx(0.5 * math.sqrt(2 / 3))
    assert (few.p or 0) > 0.05
    assert (many.p or 1) < 1e-6
    assert none.p == 1.0


def test_counts_above_zero_have_the_same_floor_as_shares() -> None:
    """Half a count of 1 is much, half a count of 100 is little."""
    counts = Surroundings(is_count=True)
    found = estimate(a_side([1.0] * 4), a_side([2.0] * 4, first="b"), counts)
    assert found.error == pytest.approx(math.hypot(0.5, 0.25) / 2)


def test_the_spread_of_a_side_is_that_of_its_samples() -> None:
    """A slow oracle: standard deviations by the library."""
    a, b = [3.0, 4.0, 5.0, 7.0], [2.0, 2.5, 9.0]
    found = estimate(a_side(a), a_side(b, first="b"), ALONE)
    squares = [stdev(map(math.log, side)) ** 2 / len(side) for side in (a, b)]
    assert found.error == pytest.approx(math.sqrt(sum(squares)))
