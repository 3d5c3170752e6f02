"""Spaces calls evenly, so that a stated number of them a second is never exceeded."""

from collections.abc import Callable


class Budget:
    """A token bucket that holds one token: in any ``t`` seconds, ``t`` x the rate and one.

    Args:
        per_s: Turns in a second; 0 is none at all.
        clock: Seconds, never going back.
    """

    def __init__(self, per_s: float, clock: Callable[[], float]) -> None:
        self._gap_s = 1 / per_s if per_s else None
        self._clock = clock
        self._next_at = clock()

    def reserve(self, within_s: float) -> float | None:
        """Take the next turn, and return in how many seconds it is.

        Args:
            within_s: How long the caller would wait; None is returned, and no turn is taken, if
                the next one is later.
        """
        if self._gap_s is None:
            return None
        now = self._clock()
        turn_at = max(now, self._next_at)
        if turn_at - now > within_s:
            return None
        self._next_at = turn_at + self._gap_s
        return turn_at - now
