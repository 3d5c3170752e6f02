"""The watch over the worker's own loop, memory and processor."""

import asyncio
import gc
import time
from collections import Counter

import pytest

from workers import counters
from workers.machine import MachineWatch


async def test_a_blocked_loop_is_seen_at_each_moment_that_it_was_due() -> None:
    """A loop that stands still for a fifth of a second is late some twenty times, not once."""
    async with MachineWatch() as watch:
        await asyncio.sleep(0.03)
        time.sleep(0.2)  # noqa: ASYNC251 - it is the blocking that is looked for
        await asyncio.sleep(0.03)
    lags_ms = watch.view().loop_lag_ns / 1e6
    assert lags_ms.max() > 150
    assert (lags_ms > 50).sum() >= 10


async def test_a_body_that_never_gives_way_is_seen_too() -> None:
    """The sampler itself never woke; what it was due at counts all the same."""
    async with MachineWatch() as watch:
        time.sleep(0.1)  # noqa: ASYNC251 - it is the blocking that is looked for
    assert watch.view().loop_lag_ns.max() > 50_000_000


async def test_collections_processor_time_and_memory_are_seen() -> None:
    """Each collection is one pause; time and memory are this process's own."""
    async with MachineWatch() as watch:
        gc.collect()
        gc.collect()
        _work(0.05)
    view = watch.view()
    assert view.gc_collections >= 2
    assert (view.gc_pauses_ns > 0).all()
    assert view.cpu_s >= 0.05
    assert view.memory_mib > 5
    assert view.voluntary_context_switches >= 0


async def test_each_second_has_its_readings() -> None:
    """A second has one reading of each name, and the one with the stall says so."""
    async with MachineWatch() as watch:
        await asyncio.sleep(1.05)  # into the next second, since readings are by the second
        time.sleep(0.1)  # noqa: ASYNC251 - it is the blocking that is looked for
    readings = watch.view().readings
    assert set(Counter((name, second) for name, second, _value in readings).values()) == {1}
    figures = {(name, second): value for name, second, value in readings}
    for second in (0, 1):
        assert figures["memory_mib", second] > 5
        assert figures["cpu_ratio", second] >= 0
        assert figures["involuntary_context_switches", second] >= 0
    assert figures["loop_lag_ms", 1] > 50


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
async def test_nothing_is_left_behind_by_a_body_that_raises(error: type[BaseException]) -> None:
    """Neither its callback nor its task outlives the body."""
    callbacks, tasks = list(gc.callbacks), asyncio.all_tasks()
    with pytest.raises(error):
        await _raise_while_watched(error)
    assert gc.callbacks == callbacks
    assert asyncio.all_tasks() == tasks


async def _raise_while_watched(error: type[BaseException]) -> None:
    async with MachineWatch():
        await asyncio.sleep(0)
        raise error


def _work(cpu_s: float) -> None:
    end_s = time.process_time() + cpu_s
    while time.process_time() < end_s:
        pass


async def test_what_the_system_does_not_tell_is_no_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without /proc, as on macOS, swap and stolen time are unknown, not 0."""
    for name in ("_STATUS", "_VMSTAT", "_STAT"):
        monkeypatch.setattr(counters, name, counters._STAT / "missing")
    async with MachineWatch() as watch:
        await asyncio.sleep(0)
    view = watch.view()
    assert view.swapped_bytes is None
    assert view.stolen_ratio is None
    assert view.memory_mib > 5
