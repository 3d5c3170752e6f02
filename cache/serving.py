"""Answers the reads that a fresh copy in L1 can't: what is due in L1, and what L1 does not hold.

copy in L1, early refresh due -> served; loaded anew in the background
copy in L1, stale             -> served while it is loaded anew, or kept as a fallback, or neither
none                          -> the search below (see ``reading``)
"""

import time

from msgspec.structs import replace

from cache.events import Hit, Missed
from cache.flight import Fallback, Landing, Request
from cache.l1.slot import Held
from cache.patience import REFRESHING, checked
from cache.patterns import AccessPatterns
from cache.reading import Reader
from cache.tier import MISS
from cache.tiers import Tiers


class Serving:
    """Serves reads past L1's fast path, counts them, and tells who listens.

    Args:
        tiers: The cache's tiers.
        reader: The search below L1.
        patterns: What is read how often, and what its misses cost.
    """

    def __init__(self, tiers: Tiers, reader: Reader, patterns: AccessPatterns) -> None:
        self._tiers = tiers
        self._l1 = tiers.l1
        self._stats = tiers.stats
        self._events = tiers.events
        self._reader = reader
        reader.count_hits = self.count_hits
        self._missed = patterns.missed
        self._patterns = patterns
        self._while_revalidate_s = tiers.config.stale_while_revalidate_s

    async def find(self, key: str, request: Request) -> Landing:
        """Answer one read.

        Raises:
            Exception: What the loader raised, or ``LoadTimeoutError``.
        """
        landing, fallback = self.at_hand(key, request)
        if landing is not None:
            return landing
        started_ns = time.perf_counter_ns()
        landing = await self._reader.find(key, request, fallback)
        return self.answered(key, landing, request, started_ns)

    def answered(self, key: str, landing: Landing, request: Request, started_ns: int) -> Landing:
        """Count the answer to a search that L1 could not spare, and return it.

        Raises:
            Exception: What the loader raised, or ``LoadTimeoutError``.
        """
        if landing.error is not None:
            landing = self._checked(landing, request)
        if not landing.is_counted:
            self.record(key, landing, time.perf_counter_ns() - started_ns)
        elif self._events.listened:
            self.tell(key, landing)
        return landing

    def at_hand(self, key: str, request: Request) -> tuple[Landing | None, Fallback | None]:
        """Return what L1 answers, or the stale value that there is to fall back to."""
        held = self._l1.held(key)
        if held is None:
            return None, None
        value = self._l1.fresh(key)
        if value is MISS:
            landing = self._served(key, held, request)
        else:
            landing = Landing(value, "l1", None, held.age_s)
        if landing is not None:
            self.tell(key, landing)
            return landing, None
        if not held.stale or request.loader is None:
            return None, None
        stale = Landing(held.value, "l1", None, held.age_s, stale=True)
        return None, self._fallback(held, stale)

    def _checked(self, landing: Landing, request: Request) -> Landing:
        try:
            return checked(landing, request)
        except Exception:
            # The loader may raise anything; it is counted and passed on unchanged.
            self._stats.failed_reads += 1
            raise

    def record(self, key: str, landing: Landing, duration_ns: int) -> None:
        """Count an answer from below L1, unless its batch was counted."""
        if landing.is_counted:
            if self._events.listened:
                self.tell(key, landing)
            return
        level = landing.level
        if level == "l1":
            # A stale copy was served after all, because its load failed.
            self._l1.get(key)
        else:
            stats = self._stats
            stats.answers[level] += 1
            stats.read_times[level].record(duration_ns)
        self._missed(key, duration_ns * 1e-9, level)
        if landing.stale:
            self._stats.stale_served += 1
        if self._events.listened:
            self.tell(key, landing)

    def count_hits(self, keys: list[str], level: str, duration_ns: int) -> None:
        """Count the plain reads that one answer of a tier served."""
        self._stats.answers[level] += len(keys)
        self._stats.read_times[level].record(duration_ns, len(keys))
        self._patterns.missed_many(keys, duration_ns * 1e-9)

    def tell(self, key: str, landing: Landing) -> None:
        """Tell who listens to hits and misses."""
        if landing.level in {"miss", "origin"}:
            if self._events.wants(Missed):
                self._events.emit(Missed(key))
        elif self._events.wants(Hit):
            self._events.emit(Hit(key, landing.level, landing.age_s, landing.stale))

    def _served(self, key: str, held: Held, request: Request) -> Landing | None:
        """Serve a copy whose refresh is due, or that is not stale for too long."""
        if held.stale and (request.loader is None or held.stale_s > self._while_revalidate_s):
            return None
        value = self._l1.get(key)
        if value is MISS:
            return None
        reason = REFRESHING if held.stale else "fresh"
        landing = Landing(value, "l1", None, held.age_s, held.stale, reason)
        if held.stale:
            self._stats.stale_served += 1
        if request.loader is not None:
            newer = replace(request, newer_than=held.version)
            fallback = self._fallback(held, landing)
            if self._reader.refresh(key, newer, fallback) and not held.stale:
                self._stats.early_refreshes += 1
            if not held.stale:
                self._l1.postpone_refresh(key)
        return landing

    def _fallback(self, held: Held, landing: Landing) -> Fallback:
        overdue_s = held.stale_s if held.stale else -held.lasts_s
        return Fallback(landing, *self._tiers.lives.service_ends(self._tiers.clock(), overdue_s))
