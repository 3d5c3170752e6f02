"""How long a reader waits for a flight, and what it gets if that is not long enough.

a fallback that still serves            -> at once
soft timeout, and a fallback that covers -> the fallback; the load goes on
hard timeout                            -> the fallback, else an error; the load goes on
"""

import asyncio
from typing import Final

from cache.errors import ClosedError, LoadTimeoutError
from cache.flight import MISSED, Fallback, Flight, Landing, Request
from cache.tier import MISS
from cache.tiers import Tiers

REFRESHING: Final = "it is being refreshed"


class Patience:
    """Waits for flights as long as the settings say.

    Args:
        tiers: Whose settings, clock and counts.
    """

    def __init__(self, tiers: Tiers) -> None:
        config = tiers.config
        self._clock = tiers.clock
        self._stats = tiers.stats
        self._soft_s = config.load_soft_timeout_s
        self._hard_s = config.load_timeout_s
        self._is_patient = self._soft_s is None and self._hard_s is None

    async def landing(self, flight: Flight, request: Request) -> Landing:
        """Return what a flight lands with, or what is served instead of it by now."""
        fallback = flight.fallback
        is_served = fallback is not None and fallback.serves_until > self._clock()
        if fallback is not None and is_served and request.loader is not None:
            return fallback.served(REFRESHING)
        waiter = flight.join(asyncio.get_running_loop())
        return await (waiter if self._is_patient else self._in_time(flight, waiter))

    async def _in_time(self, flight: Flight, waiter: asyncio.Future[Landing]) -> Landing:
        """Wait for a landing until the soft timeout, where there is a fallback, or the hard one."""
        soft_s, hard_s = self._soft_s, self._hard_s
        if soft_s is not None:
            await asyncio.wait({waiter}, timeout=soft_s)
            fallback = self._covering(flight)
            if not waiter.done() and fallback is not None:
                self._stats.soft_timeouts += 1
                return fallback.served("the load is slow")
        if hard_s is None:
            return await waiter
        await asyncio.wait({waiter}, timeout=max(0.0, hard_s - (soft_s or 0.0)))
        if waiter.done():
            return waiter.result()
        self._stats.hard_timeouts += 1
        fallback = self._covering(flight)
        if fallback is not None:
            return fallback.served("the load timed out")
        late = LoadTimeoutError(f"the load took longer than load_timeout_s={hard_s:g}")
        return Landing(MISS, "miss", late)

    def _covering(self, flight: Flight) -> Fallback | None:
        fallback = flight.fallback
        if fallback is None or fallback.covers_until <= self._clock():
            return None
        return fallback


def checked(landing: Landing, request: Request) -> Landing:
    """Return a landing, or raise what its load raised, unless it was another caller's loader.

    Raises:
        ClosedError: The cache was closed.
        LoadTimeoutError: The load took longer than ``load_timeout_s``; it goes on.
        BaseException: What the loader raised.
    """
    error = landing.error
    if error is None:
        return landing
    if request.loader is None and not isinstance(error, ClosedError):
        return MISSED
    raise error
