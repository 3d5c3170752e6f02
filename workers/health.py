"""Watches the subject's own health beside a load, and tells how soon it followed the faults."""

import asyncio
from collections.abc import Callable, Iterable, Iterator

from results.attempt_result import Change, FaultWindow
from workers.subjects.base import Subject

EVERY_S = 0.05
HEALTHY = "healthy"


class HealthWatch:
    """Asks a subject for its health again and again.

    Args:
        subject: The cache under test.
        now_s: Seconds since the attempt began.
    """

    def __init__(self, subject: Subject, now_s: Callable[[], float]) -> None:
        self._subject = subject
        self._now_s = now_s
        self.seen: list[tuple[float, str]] = []

    async def run(self) -> None:
        """Ask until cancelled; a subject that can't say is asked once."""
        while (health := await self._subject.health()) is not None:
            self.seen.append((self._now_s(), health))
            await asyncio.sleep(EVERY_S)

    def turned_s(self, windows: Iterable[FaultWindow]) -> float | None:
        """The longest time from a fault's effect to a health that says so; None: never."""
        return self._longest([window.effective_s for window in windows], healthy=False)

    def recovered_s(self, windows: Iterable[FaultWindow]) -> float | None:
        """The longest time from a fault's end to a health that says so; None: never."""
        return self._longest([window.cleared_s for window in windows], healthy=True)

    def _longest(self, moments_s: list[float | None], *, healthy: bool) -> float | None:
        delays_s = [self._delay_s(moment_s, healthy=healthy) for moment_s in moments_s]
        known = [delay_s for delay_s in delays_s if delay_s is not None]
        return max(known) if known and len(known) == len(delays_s) else None

    def _delay_s(self, since_s: float | None, *, healthy: bool) -> float | None:
        if since_s is None:
            return None
        looks = ((at_s, said == HEALTHY) for at_s, said in self.seen)
        followed = (at_s - since_s for at_s, was in looks if at_s >= since_s and was is healthy)
        return next(followed, None)


def turns_of(seen: Iterable[tuple[float, str]]) -> Iterator[Change]:
    """Each look at which a subject's health was another than before; at first it is healthy.

    Args:
        seen: Seconds since the attempt began, and what the health was, in order.
    """
    before = HEALTHY
    for at_s, said in seen:
        if said != before:
            yield Change(at_s=at_s, what="health", state=said)
        before = said
