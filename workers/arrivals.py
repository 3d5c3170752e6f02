"""When the operations of an open loop are due: a pure function of load, seed and place.

All but constant gaps are a Poisson process whose rate changes with time. It is made from one of
rate 1 by inverting the expected number of arrivals since the begin, piece by piece: if E1, E2, ...
are the arrivals of a process of rate 1, then A(t) = E1, A(t) = E2, ... are those of a process
whose expected number is A(t) (Cinlar, Introduction to Stochastic Processes, 1975, chapter 4.7).
"""

import math

import numpy as np
from numpy.typing import NDArray

from pipeline.load import OpenLoad
from workers.randomness import ARRIVALS, random_stream

NS_PER_S = 1e9

Seconds = NDArray[np.float64]


def due_times(load: OpenLoad, *, seed: int, place: tuple[int, ...]) -> NDArray[np.int64]:
    """When each operation of all workers is due.

    Args:
        load: The rates.
        seed: The job's seed.
        place: What tells this schedule from the job's others, such as the phase's position.

    Returns:
        Nanoseconds from the phase's begin, ascending, shape (operations,).
    """
    if load.arrivals == "constant":
        due_s = np.arange(math.ceil(load.rate * load.duration_s - 1e-9)) / load.rate
    else:
        random = random_stream(seed, ARRIVALS, *place)
        due_s = _poisson_s(*_rates(load), random)
    return (due_s * NS_PER_S).astype(np.int64)


def _rates(load: OpenLoad) -> tuple[Seconds, Seconds, Seconds]:
    """The load in pieces: where each begins and ends, and its rates there.

    Returns:
        Knots, shape (n + 1,); rates at each piece's begin and at its end, shape (n,).
    """
    end_s, rate = load.duration_s, load.rate
    to_rate = rate if load.to_rate is None else load.to_rate
    if load.arrivals == "ramped":
        return np.array([0.0, end_s]), np.array([rate]), np.array([to_rate])
    if load.arrivals == "stepped":
        levels = np.linspace(rate, to_rate, load.steps)
        return np.linspace(0.0, end_s, load.steps + 1), levels, levels
    if load.arrivals == "bursty":
        knots = _burst_knots(load)
        levels = np.where(np.arange(len(knots) - 1) % 2, to_rate, rate)
        return knots, levels, levels
    return np.array([0.0, end_s]), np.array([rate]), np.array([rate])


def _burst_knots(load: OpenLoad) -> Seconds:
    """Where calm and bursts meet: calm comes first, and each has the next piece's begin as end."""
    ends = np.arange(1, math.ceil(load.duration_s / load.burst_every_s) + 1) * load.burst_every_s
    knots = np.column_stack((ends - load.burst_s, ends)).ravel()
    return np.concatenate(([0.0], knots[knots < load.duration_s], [load.duration_s]))


def _poisson_s(
    knots: Seconds, rates: Seconds, to_rates: Seconds, random: np.random.Generator
) -> Seconds:
    expected = np.concatenate(([0.0], np.cumsum(np.diff(knots) * (rates + to_rates) / 2)))
    unit = _unit_arrivals(expected[-1], random)
    pieces = np.searchsorted(expected, unit, side="right") - 1
    beyond = unit - expected[pieces]
    rate = rates[pieces]
    # Within a piece A(t) = rate t + slope t^2 / 2, solved in the form that also takes a slope of 0.
    slope = ((to_rates - rates) / np.diff(knots))[pieces]
    return knots[pieces] + 2 * beyond / (rate + np.sqrt(rate**2 + 2 * slope * beyond))


def _unit_arrivals(until: float, random: np.random.Generator) -> Seconds:
    """The arrivals of a Poisson process of rate 1 before `until`."""
    arrivals = np.cumsum(random.standard_exponential(_enough(until)))
    while arrivals[-1] < until:
        more = np.cumsum(random.standard_exponential(_enough(until - arrivals[-1])))
        arrivals = np.concatenate((arrivals, arrivals[-1] + more))
    return arrivals[arrivals < until]


def _enough(expected: float) -> int:
    return math.ceil(expected + 6 * math.sqrt(expected)) + 16
