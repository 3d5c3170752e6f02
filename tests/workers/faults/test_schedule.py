"""One coming of a fault: its moments in order, and undone whatever happens."""

import asyncio
import itertools
import time
from time import perf_counter_ns

import pytest

from pipeline.fault import Fault
from tests.support.waiting import wait_until_async
from tests.workers.faults.pretended import PretendedFault
from workers.errors import FaultError
from workers.faults import schedule
from workers.faults.schedule import ScheduledFault


def _scheduled(broken: PretendedFault, *, duration_s: float = 0.02) -> ScheduledFault:
    return ScheduledFault(
        Fault(kind="l2_kill", at_s=0.01, duration_s=duration_s),
        0.01,
        "one",
        broken,
        now_s=time.perf_counter,
        numbers=itertools.count(3),
        turn=asyncio.Lock(),
    )


async def test_its_window_has_every_moment_in_order() -> None:
    """Requested, effective, and for so long; then cleared."""
    began_s = time.perf_counter()
    broken = PretendedFault()
    fault = _scheduled(broken)
    assert fault.window is None
    await fault.run()
    window = fault.window
    assert window is not None
    assert (window.number, window.kind, window.phase) == (3, "l2_kill", "one")
    assert window.effective_s is not None
    assert window.cleared_s is not None
    assert began_s + 0.01 <= window.requested_s <= window.effective_s
    assert window.effective_s + 0.02 <= window.cleared_s
    assert broken.told == ["it injected", "it undone"]
    assert fault.doubt is None


async def test_one_without_effect_is_undone_at_once_and_doubted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody waits for it to last."""
    monkeypatch.setattr(schedule, "EFFECTIVE_WITHIN_S", 0.02)
    broken = PretendedFault(has_effect=False)
    fault = _scheduled(broken, duration_s=3_600.0)
    await fault.run()
    assert broken.told == ["it injected", "it undone"]
    assert fault.doubt == "phase one: the fault l2_kill had no effect"
    assert fault.window is not None
    assert fault.window.effective_s is None


async def test_one_that_does_not_go_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was undone, and yet somebody sees it."""
    monkeypatch.setattr(schedule, "CLEARED_WITHIN_S", 0.02)
    fault = _scheduled(PretendedFault(goes=False))
    with pytest.raises(FaultError, match="after it was undone, not all is as before"):
        await fault.run()


async def test_it_is_undone_to_the_end_however_often_it_is_cancelled() -> None:
    """A job that is stopped once more does not leave a fault half mended."""
    broken = PretendedFault(undo_takes_s=0.05)
    running = asyncio.create_task(_scheduled(broken, duration_s=3_600.0).run())
    await wait_until_async(lambda: broken.told)
    running.cancel()
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert broken.told == ["it injected", "it undone"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_could_not_be_undone_is_told_also_where_it_was_stopped() -> None:
    """A cancellation hides no leftover."""
    broken = PretendedFault(undo_raises=FaultError("it stays"))
    running = asyncio.create_task(_scheduled(broken, duration_s=3_600.0).run())
    await wait_until_async(lambda: broken.told)
    running.cancel()
    with pytest.raises(FaultError, match="it stays"):
        await running


class _SeenAfterwards(PretendedFault):
    since_ns = 0

    async def inject(self) -> None:
        await super().inject()
        self.since_ns = perf_counter_ns()
        await asyncio.sleep(0.05)


async def test_one_that_nobody_sees_while_it_lasts_has_its_own_begin() -> None:
    """Its window begins when it began, and lasts no longer for having been seen late."""
    began_s = time.perf_counter()
    fault = _scheduled(_SeenAfterwards(), duration_s=0.05)
    await fault.run()
    assert fault.effective_s is not None
    assert fault.requested_s is not None
    assert fault.cleared_s is not None
    assert began_s < fault.effective_s
    assert fault.effective_s - fault.requested_s < 0.05 <= fault.cleared_s - fault.effective_s
