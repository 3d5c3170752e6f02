"""How many repeats or runs would tell, against the change that so many do tell."""

import math

import pytest

from results.noise import smallest_change
from results.versus.estimate import t_quantile
from results.versus.estimating import Surroundings, estimate
from results.versus.needed import needed, needed_in_words, smallest_seen
from tests.results.versus.sides import a_side

SCATTER = [0.97, 1.0, 1.04, 0.99]


def test_the_smallest_change_seen_is_that_of_the_noise() -> None:
    """Pairs are what `results.noise` judges an A/A run by: both say the same."""
    sides = a_side([1.0] * 4), a_side(SCATTER)
    found = estimate(*sides, Surroundings())
    logs = [math.log(value) for value in SCATTER]
    assert smallest_seen(found) == pytest.approx(smallest_change(logs))


def test_enough_is_enough_and_one_less_is_not() -> None:
    """The number at which the smallest change that is seen gets as small as wanted."""
    found = estimate(a_side(SCATTER), a_side(SCATTER[::-1], first="b"), Surroundings())
    for share in (0.01, 0.05, 0.2):
        number = needed(found, found.distance(share)) or 0
        assert _seen(found.error or 0, 4, number) <= share
        assert number == 2 or _seen(found.error or 0, 4, number - 1) > share


def _seen(error: float, samples: int, number: int) -> float:
    degrees = 2 * number - 2
    times = t_quantile(0.975, degrees) + t_quantile(0.8, degrees)
    return math.expm1(times * error * math.sqrt(samples / number))


def test_said_in_words() -> None:
    """What is counted depends on what the sureness stands on."""
    apart = a_side(SCATTER), a_side(SCATTER[::-1], first="b")
    repeats = estimate(*apart, Surroundings())
    said = needed_in_words(repeats, repeats.distance(0.05), 0.05)
    assert said.startswith("a change of 5 % would take about ")
    assert said.endswith(" repeats on each side")
    history = estimate(*apart, Surroundings(history=[1, 1.3, 1, 1.3, 1, 1.3]))
    assert needed_in_words(history, history.distance(0.05), 0.05).endswith(" runs on each side")
    tiny = needed_in_words(repeats, repeats.distance(0.0001), 0.0001)
    assert tiny == "a change of 0.01 % would take more than 1,000 repeats on each side"
    sampled = estimate(*apart, Surroundings(sampling=0.5))
    assert needed_in_words(sampled, sampled.distance(0.05), 0.05).endswith(" operations")


def test_one_repeat_each_is_told_to_repeat() -> None:
    """Nothing is known of the spread."""
    found = estimate(a_side([1.0]), a_side([2.0], first="b"), Surroundings())
    assert needed_in_words(found, 0.05, 0.05) == "one repeat each: run with --repeat 5"
    assert (needed(found, 0.05), smallest_seen(found)) == (None, None)
