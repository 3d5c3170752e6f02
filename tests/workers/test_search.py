"""The search for the highest rate."""

import asyncio
import math
from time import perf_counter_ns

import pytest

from pipeline.load import SearchLoad
from pipeline.scenario import Phase
from tests.workers.scenarios import DictSubject, a_stage
from workers import open_loop
from workers.measured import MeasuredPhase
from workers.phase import run_phase
from workers.search import next_rate
from workers.subjects.base import Loader, Served


def _rates(load: SearchLoad, limit: float) -> list[float]:
    """The rates that a search tries on what holds up to `limit`."""
    held, failed, tried = 0.0, math.inf, [load.from_rate]
    while True:
        if tried[-1] <= limit:
            held = tried[-1]
        else:
            failed = tried[-1]
        following = next_rate(load, held, failed)
        if following is None:
            return tried
        tried.append(following)


def test_rates_double_until_one_fails_and_are_halved_between_then() -> None:
    """Worked by hand: 700 lies between 675 and 700 of the rates that a search from 100 tries."""
    load = SearchLoad(p99_below_ms=1.0, from_rate=100.0, to_rate=10_000.0, resolution=0.05)
    assert _rates(load, 690.0) == [100, 200, 400, 800, 600, 700, 650, 675]


def test_a_search_ends_at_its_last_rate_and_goes_down_from_a_first_that_fails() -> None:
    """Nothing above `to_rate` is tried, and nothing below a sixteenth of `from_rate`."""
    load = SearchLoad(p99_below_ms=1.0, from_rate=100.0, to_rate=500.0)
    assert _rates(load, 9_999.0) == [100, 200, 400, 500]
    assert _rates(load, 40.0)[:4] == [100, 50, 25, 37.5]
    assert _rates(load, 5.0) == [100, 50, 25, 12.5, 6.25]


class _OneServer(DictSubject):
    """Serves one read after the other, each for 10 ms: at most 100 a second."""

    def __init__(self) -> None:
        super().__init__()
        self._free_at_ns = 0

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        now_ns = perf_counter_ns()
        self._free_at_ns = max(self._free_at_ns, now_ns) + 10_000_000
        await asyncio.sleep((self._free_at_ns - now_ns) / 1e9)
        return await super().get(key, loader)


async def _searched(subject: DictSubject, load: SearchLoad) -> MeasuredPhase:
    return await run_phase(a_stage(subject), 0, Phase(name="limit", load=load))


@pytest.mark.parametrize(("rate", "held"), [(15.0, True), (300.0, False)])
async def test_a_server_of_a_hundred_a_second_holds_what_it_can_serve(
    rate: float, *, held: bool
) -> None:
    """At three times as much a queue grows to more than half a second."""
    load = SearchLoad(p99_below_ms=300.0, from_rate=rate, to_rate=rate, trial_s=0.3)
    trial, *_lower = (await _searched(_OneServer(), load)).trials
    assert (trial.held, trial.rate, trial.p99_ms < 300.0) == (held, rate, held)
    assert trial.achieved_rate < 120.0


async def test_all_that_a_search_did_is_among_its_phases_samples() -> None:
    """Each operation of each trial with its own due time; the trials judge themselves."""
    load = SearchLoad(p99_below_ms=60_000.0, from_rate=100.0, to_rate=400.0, trial_s=0.05)
    measured = await _searched(DictSubject(), load)
    assert [trial.number for trial in measured.trials] == list(range(len(measured.trials)))
    assert len(measured.samples) == len(measured.samples.due_ns) > 0
    assert (measured.samples.intended_ns >= measured.samples.duration_ns).all()
    assert (measured.offered, measured.dropped, measured.lag_ns) == (None, 0, None)
    assert measured.span.loop == "search"


class _Refuses(DictSubject):
    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        raise ConnectionError("the server is gone")


async def test_quick_failures_hold_no_rate() -> None:
    """What fails never ends, so a subject that refuses everything at once has no limit."""
    load = SearchLoad(p99_below_ms=150.0, from_rate=200.0, trial_s=0.1)
    trials = (await _searched(_Refuses(), load)).trials
    assert {(trial.held, trial.p99_ms) for trial in trials} == {(False, None)}


class _KeepsOneWaiting(DictSubject):
    """Its third read never ends; all others do at once."""

    def __init__(self) -> None:
        super().__init__()
        self._reads = 0

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        self._reads += 1
        if self._reads == 3:
            await asyncio.sleep(3_600)  # never: it is cut off
        return await super().get(key, loader)


async def test_what_never_ended_is_part_of_a_trials_percentile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One of some twenty was cut off: the 99th percentile has no end."""
    monkeypatch.setattr(open_loop, "DRAIN_S", 0.05)
    load = SearchLoad(p99_below_ms=150.0, from_rate=200.0, trial_s=0.1)
    trial, *_lower = (await _searched(_KeepsOneWaiting(), load)).trials
    assert (trial.held, trial.p99_ms) == (False, None)


async def test_a_trial_without_arrivals_holds_nothing() -> None:
    """Nothing was due, so nothing is known."""
    load = SearchLoad(p99_below_ms=150.0, from_rate=0.001, trial_s=0.001)
    trial, *_lower = (await _searched(DictSubject(), load)).trials
    assert (trial.held, trial.p99_ms, trial.achieved_rate) == (False, None, 0.0)
