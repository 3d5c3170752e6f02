"""Decides whether a tier is asked at all: closed, open, or half-open for exactly one probe."""

import enum
import time
from collections.abc import Callable


class BreakerState(enum.Enum):
    """Closed lets calls through, open lets none, half-open is one probe on its way."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitBreaker:
    """A circuit breaker (Nygard, Release It!, 2007) whose probe is not a caller's call.

    Args:
        threshold: Failures in a row that open it.
        retry_after_s: Seconds from a failed probe to the next; the first follows at once.
        clock: Seconds, never going back.
    """

    def __init__(
        self,
        *,
        threshold: int = 3,
        retry_after_s: float = 0.25,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = BreakerState.CLOSED
        self.reason = ""
        self.times_opened = 0
        self.on_change: Callable[[BreakerState, BreakerState, str], None] = _tell_nobody
        self._threshold = threshold
        self._retry_after_s = retry_after_s
        self._clock = clock
        self.failures_in_a_row = 0
        self._probe_at = clock()

    @property
    def is_closed(self) -> bool:
        """Whether calls go through."""
        return self.state is BreakerState.CLOSED

    def succeed(self) -> None:
        """Note an answer; while open, only the probe's counts (see ``close``)."""
        self.failures_in_a_row = 0

    def fail(self, reason: str) -> None:
        """Note a failed call and open at the threshold."""
        self.reason = reason
        self.failures_in_a_row += 1
        if self.failures_in_a_row >= self._threshold:
            self.trip(reason)

    def trip(self, reason: str) -> None:
        """Open now."""
        self.reason = reason
        if self.state is BreakerState.CLOSED:
            self.times_opened += 1
            self._probe_at = self._clock()
        self._turn(BreakerState.OPEN)

    def begin_probe(self) -> bool:
        """Turn half-open for whoever gets True; until that probe ends, others get False."""
        if self.state is not BreakerState.OPEN or self._clock() < self._probe_at:
            return False
        self._turn(BreakerState.HALF_OPEN)
        return True

    def fail_probe(self, reason: str) -> None:
        """Open again and wait before the next probe."""
        self.reason = reason
        self._turn(BreakerState.OPEN)
        self._probe_at = self._clock() + self._retry_after_s

    def close(self) -> None:
        """Let calls through again."""
        self.reason = ""
        self.failures_in_a_row = 0
        self._turn(BreakerState.CLOSED)

    def _turn(self, state: BreakerState) -> None:
        before, self.state = self.state, state
        if before is not state:
            self.on_change(before, state, self.reason)


def _tell_nobody(_before: BreakerState, _after: BreakerState, _reason: str) -> None:
    """Do nothing."""
