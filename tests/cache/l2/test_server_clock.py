"""The server's time, never later than it certainly is not, never earlier than it certainly is."""

import time

import pytest

from cache.l2.server_clock import ServerClock


async def _measured(
    monkeypatch: pytest.MonkeyPatch, sent_s: float, arrived_s: float, server_s: float
) -> ServerClock:
    moments = iter([sent_s, arrived_s])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    clock = ServerClock()

    async def ask_time() -> tuple[bytes, bytes]:
        seconds, microseconds = divmod(round(server_s * 1e6), 1_000_000)
        return str(seconds).encode(), str(microseconds).encode()

    await clock.measure(ask_time)
    return clock


@pytest.mark.parametrize("answered_s", [100.0, 100.1, 100.4])
async def test_the_truth_lies_between_its_bounds(
    monkeypatch: pytest.MonkeyPatch, answered_s: float
) -> None:
    """Whenever in the round trip the server looked at its clock, which is days ahead."""
    ahead_s = 500_000.0
    clock = await _measured(monkeypatch, 100.0, 100.4, answered_s + ahead_s)
    monkeypatch.setattr(time, "monotonic", lambda: 107.0)
    true_ms = (107.0 + ahead_s) * 1000
    assert clock.earliest_ms() <= true_ms + 0.001
    assert clock.latest_ms() >= true_ms - 0.001
    assert clock.latest_ms() - clock.earliest_ms() == pytest.approx(400)
