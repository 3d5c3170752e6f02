"""When operations are due."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.load import OpenLoad
from workers.arrivals import due_times

S = 1e9
VARIED = [
    OpenLoad(rate=2_000.0, duration_s=10.0),
    OpenLoad(rate=500.0, to_rate=3_500.0, arrivals="stepped", steps=4, duration_s=10.0),
    OpenLoad(rate=3_500.0, to_rate=500.0, arrivals="ramped", duration_s=10.0),
    OpenLoad(rate=500.0, to_rate=3_500.0, arrivals="ramped", duration_s=10.0),
    OpenLoad(
        rate=500.0,
        to_rate=9_000.0,
        arrivals="bursty",
        burst_every_s=2.0,
        burst_s=0.5,
        duration_s=9.7,
    ),
]


def _due_s(load: OpenLoad, seed: int = 1) -> NDArray[np.float64]:
    return due_times(load, seed=seed, place=(0,)) / S


def _rate_at(load: OpenLoad, t: float) -> float:
    """The rate of each kind of arrivals, as its documentation says."""
    to_rate = load.to_rate or load.rate
    if load.arrivals == "stepped":
        step = int(t / load.duration_s * load.steps)
        return load.rate + (to_rate - load.rate) * step / (load.steps - 1)
    if load.arrivals == "ramped":
        return load.rate + (to_rate - load.rate) * t / load.duration_s
    if load.arrivals == "bursty":
        return to_rate if t % load.burst_every_s >= load.burst_every_s - load.burst_s else load.rate
    return load.rate


def test_constant_arrivals_have_equal_gaps() -> None:
    """The first is due at once; the last one gap before the end."""
    load = OpenLoad(rate=300.0, arrivals="constant", duration_s=0.1)
    due_ns = due_times(load, seed=1, place=(0,))
    assert due_ns.dtype == np.int64
    assert np.array_equal(due_ns, (np.arange(30) / 300 * S).astype(np.int64))
    assert len(_due_s(OpenLoad(rate=3.0, arrivals="constant", duration_s=0.5))) == 2


@pytest.mark.parametrize("load", VARIED, ids=lambda load: f"{load.arrivals}-{load.rate:g}")
def test_arrivals_come_at_the_rate_of_their_moment(load: OpenLoad) -> None:
    """In 97 slices of the time a chi-squared statistic stays below its 99.99 % quantile, 155."""
    due_s = _due_s(load)
    assert (np.diff(due_s) >= 0).all()
    edges = np.linspace(0, load.duration_s, 98)
    observed, _ = np.histogram(due_s, edges)
    assert observed.sum() == len(due_s)
    steps = np.linspace(0, load.duration_s, 97 * 500, endpoint=False)
    rates = np.array([_rate_at(load, step) for step in steps])
    expected = rates.reshape(97, 500).mean(axis=1) * load.duration_s / 97
    assert ((observed - expected) ** 2 / expected).sum() < 155


@pytest.mark.parametrize("load", VARIED, ids=lambda load: f"{load.arrivals}-{load.rate:g}")
def test_the_gaps_between_arrivals_are_exponential(load: OpenLoad) -> None:
    """Measured in expected arrivals, a gap is 1 on average and longer than x in exp(-x) of cases.

    The largest distance to that law stays below Kolmogorov's 99.99 % bound, 2.23 / sqrt(n).
    """
    due_s = _due_s(load)
    steps = np.linspace(0, load.duration_s, 200_001)
    rates = np.array([_rate_at(load, step) for step in steps])
    passed = np.concatenate(([0.0], np.cumsum(rates[:-1] * np.diff(steps))))
    gaps = np.sort(np.diff(np.interp(due_s, steps, passed)))
    law = 1 - np.exp(-gaps)
    distance = np.abs(np.arange(1, len(gaps) + 1) / len(gaps) - law).max()
    assert distance < 2.23 / math.sqrt(len(gaps))
    assert not np.abs(np.arange(len(gaps)) / len(gaps) - (1 - np.exp(-1.1 * gaps))).max() < 0.015


def test_a_schedule_depends_on_load_seed_and_place_alone() -> None:
    """The same again; another seed or another phase is another schedule."""
    load = OpenLoad(rate=100.0, duration_s=1.0)
    first = due_times(load, seed=1, place=(0,)).tolist()
    assert first == due_times(load, seed=1, place=(0,)).tolist()
    others = [due_times(load, seed=2, place=(0,)), due_times(load, seed=1, place=(1,))]
    assert all(first != other.tolist() for other in others)


def test_a_rate_that_expects_less_than_one_arrival_may_have_none() -> None:
    """Nothing is due, and nothing goes wrong."""
    assert len(_due_s(OpenLoad(rate=0.001, duration_s=0.1))) == 0
    assert len(_due_s(OpenLoad(rate=0.001, arrivals="constant", duration_s=0.1))) == 1
