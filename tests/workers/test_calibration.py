"""The machine's own quickness."""

import pytest

from workers.calibration import calibrate, quickest_loop_ns
from workers.errors import ServerError


async def test_it_times_the_loop_the_server_and_the_recorder(redis_url: str) -> None:
    """Each takes some time; a PING far less than a second, recording far less than a PING."""
    calibration = await calibrate(redis_url)
    assert calibration.ping_ns is not None
    assert 10_000 < calibration.loop_ns < 1_000_000_000
    assert 0 < calibration.recorder_cost_ns < calibration.ping_ns < 1_000_000_000


async def test_a_subject_without_l2_has_no_round_trip() -> None:
    """What is not there is not timed."""
    assert (await calibrate(None)).ping_ns is None


async def test_a_server_that_does_not_answer_is_told() -> None:
    """The line says what was asked."""
    with pytest.raises(ServerError, match="L2 does not answer PING"):
        await calibrate("redis://127.0.0.1:1/0")


async def test_the_loop_is_the_same_each_time() -> None:
    """Its quickest times agree, so that a machine that slows down stands out."""
    first, second = await quickest_loop_ns(), await quickest_loop_ns()
    assert max(first, second) / min(first, second) < 5
