"""The breaker's three states, by a clock set by hand."""

from cache.breaker import BreakerState, CircuitBreaker
from tests.cache.conftest import ManualClock


def test_opens_after_failures_in_a_row(clock: ManualClock) -> None:
    """Only an unbroken row of failures opens it."""
    breaker = CircuitBreaker(threshold=3, clock=clock)
    for _ in range(2):
        breaker.fail("no answer")
    breaker.succeed()
    for _ in range(2):
        breaker.fail("no answer")
    assert breaker.is_closed
    breaker.fail("no answer")
    assert breaker.state is BreakerState.OPEN
    assert breaker.reason == "no answer"
    assert breaker.times_opened == 1


def test_half_open_lets_exactly_one_probe_through(clock: ManualClock) -> None:
    """The first who asks may probe; until it ends nobody else may."""
    breaker = CircuitBreaker(retry_after_s=1, clock=clock)
    breaker.trip("gone")
    assert [breaker.begin_probe() for _ in range(5)] == [True, False, False, False, False]
    breaker.fail_probe("still gone")
    assert breaker.reason == "still gone"
    assert not breaker.begin_probe()
    clock.advance(1)
    assert [breaker.begin_probe() for _ in range(3)] == [True, False, False]
    breaker.close()
    assert breaker.is_closed
    assert not breaker.begin_probe()


def test_a_late_success_does_not_close_it(clock: ManualClock) -> None:
    """An answer to a call from before the failure proves nothing."""
    breaker = CircuitBreaker(clock=clock)
    breaker.trip("gone")
    breaker.succeed()
    assert not breaker.is_closed
