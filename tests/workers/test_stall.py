"""A subject that stands still in an open loop, and a loop that does."""

import asyncio
import time
from time import perf_counter_ns

import numpy as np
import pytest

from pipeline.load import OpenLoad
from pipeline.scenario import Phase
from tests.workers.scenarios import DictSubject, a_stage
from workers.measured import MeasuredPhase
from workers.phase import run_phase
from workers.subjects.base import Loader, Served
from workers.validity import doubts

pytestmark = pytest.mark.performance

STALL_FROM_NS, STALL_UNTIL_NS = 4_000_000_000, 5_000_000_000
LOAD = OpenLoad(rate=1_000.0, arrivals="constant", duration_s=10.0, max_in_flight=8)


class _Stalls(DictSubject):
    """Its calls wait until a second has passed that begins 4 s after the first of them."""

    def __init__(self) -> None:
        super().__init__()
        self._began_ns = 0

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        self._began_ns = self._began_ns or perf_counter_ns()
        since_ns = perf_counter_ns() - self._began_ns
        if STALL_FROM_NS <= since_ns < STALL_UNTIL_NS:
            await self.stand_still((STALL_UNTIL_NS - since_ns) / 1e9)
        return await super().get(key, loader)

    async def stand_still(self, seconds: float) -> None:
        """Await, as for a server that does not answer."""
        await asyncio.sleep(seconds)


class _BlocksTheLoop(_Stalls):
    async def stand_still(self, seconds: float) -> None:
        """Nothing else can run meanwhile, the generator neither."""
        time.sleep(seconds)  # noqa: ASYNC251 - what is to be found out


async def _measured(subject: DictSubject) -> MeasuredPhase:
    return await run_phase(a_stage(subject), 0, Phase(name="stalled", load=LOAD))


async def test_a_stall_of_a_second_shows_in_what_was_due_and_hardly_in_what_was_sent() -> None:
    """8 slots stand still, and a thousand arrivals wait: the attempt is valid and says so."""
    measured = await _measured(_Stalls())
    service_s = measured.samples.duration_ns / 1e9
    assert 0.85 < np.percentile(measured.samples.intended_ns, 99) / 1e9 < 1.1
    assert np.percentile(service_s, 99) < 0.05
    assert 1 <= (service_s > 0.5).sum() <= 8
    assert (len(service_s), measured.offered, measured.dropped) == (10_000, 10_000, 0)
    assert doubts(measured) == []


async def test_a_loop_that_is_blocked_for_a_second_makes_the_attempt_invalid() -> None:
    """The generator itself was late: what it measured is its own stall."""
    (doubt,) = doubts(await _measured(_BlocksTheLoop()))
    assert "generator blocked" in doubt
