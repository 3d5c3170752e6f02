"""Keeps L1 true to what others write: L2 tells of each write, on the connection of the data.

push of a key    -> out of L1, and no search that is on its way may put it back
null push        -> L1 is emptied (somebody flushed the server, or cleared the namespace)
connection lost  -> what L1 holds lives for the rest of the staleness bound, no longer
connected again  -> L1 is emptied
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable
from typing import Final

from cache.config import CacheConfig
from cache.events import Events, Invalidated, Origin
from cache.flight import Flights
from cache.l1.memory import MemoryTier
from cache.stats import CacheStats

_MOST_ECHOES: Final = 100_000


class Coherence:
    """What L1 may hold, and for how long.

    Own writes by script are pushed back to their writer, and one push may stand for another's
    write too. So none is swallowed: the key leaves L1 and is read again.

    Args:
        config: The staleness bound, and whether there is a channel at all.
        l1: The tier that is kept true.
        flights: The searches on their way.
        stats: What is counted.
        events: Who is told.
    """

    def __init__(
        self,
        config: CacheConfig,
        l1: MemoryTier,
        flights: Flights,
        stats: CacheStats,
        events: Events,
    ) -> None:
        self.is_enabled = bool(config.enable_l2) and config.coherence == "tracking"
        self.is_up = False
        self.reason = "not connected yet"
        self.cap_s: float | None = config.max_staleness_s if self.is_enabled else None
        self.reread: Callable[[list[str]], None] = lambda _keys: None
        self._bound_s = config.max_staleness_s
        self._l1 = l1
        self._flights = flights
        self._stats = stats
        self._events = events
        self._echoes: set[str] = set()
        self._sleepers: dict[str, list[asyncio.Future[None]]] = {}
        self._alive_at_s = time.monotonic()
        self._watchdog: asyncio.TimerHandle | None = None

    def alive(self, since_s: float) -> None:
        """Note that the channel has delivered everything that was sent until ``since_s``."""
        if not self.is_enabled:
            return
        if not self.is_up:
            self.restored()
        self._watch(since_s)

    def invalidated(self, keys: Collection[str] | None) -> None:
        """Take a push: somebody, perhaps this process, wrote ``keys`` (None: all of them)."""
        self._stats.invalidations_received += 1
        if keys is None:
            self._empty("push")
            return
        self._stats.keys_invalidated += len(keys)
        self._flights.report(keys)
        self._l1.delete_many(keys)
        if self._events.wants(Invalidated):
            self._events.emit(Invalidated(frozenset(keys), "push"))
        if self._sleepers:
            self._wake(keys)
        if self._echoes:
            own = [key for key in keys if key in self._echoes]
            if own:
                self._echoes.difference_update(own)
                self.reread(own)

    def expect_echo(self, keys: Iterable[str]) -> None:
        """Have ``keys`` read into L1 again when the push of their promotion has come."""
        if self.is_up:
            self._echoes.update(keys)
            if len(self._echoes) > _MOST_ECHOES:
                self._echoes.clear()

    def forget_echo(self, keys: Iterable[str]) -> None:
        """Expect nothing: the write was refused or failed."""
        self._echoes.difference_update(keys)

    def forget_echoes(self) -> None:
        """Have nothing read into L1 again: it was emptied on purpose."""
        self._echoes.clear()

    def lost(self, reason: str) -> None:
        """Bound what L1 serves: others' writes are not heard of any more."""
        if not self.is_enabled or not self.is_up:
            return
        self.is_up = False
        self.reason = reason
        self.cap_s = self._bound_s
        silent_s = time.monotonic() - self._alive_at_s
        self._l1.cap(max(0.0, self._bound_s - silent_s))

    def restored(self) -> None:
        """Begin anew: what was written meanwhile was not heard of."""
        if not self.is_enabled:
            return
        self.is_up = True
        self.reason = ""
        self.cap_s = None
        self._empty("reconnect")
        self._watch(time.monotonic())

    def close(self) -> None:
        """Watch no longer."""
        if self._watchdog is not None:
            self._watchdog.cancel()

    async def written(self, key: str, within_s: float) -> None:
        """Wait until somebody is seen to write ``key``, but no longer than ``within_s``."""
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.setdefault(key, []).append(sleeper)
        try:
            await asyncio.wait({sleeper}, timeout=within_s)
        finally:
            sleepers = self._sleepers.get(key, [])
            if sleeper in sleepers:
                sleepers.remove(sleeper)
            if not sleepers:
                self._sleepers.pop(key, None)

    def _watch(self, since_s: float) -> None:
        """Do not wait longer than the bound for a sign of life, however long a call may take."""
        self._alive_at_s = since_s
        self.close()
        left_s = max(0.0, since_s + self._bound_s - time.monotonic())
        loop = asyncio.get_running_loop()
        self._watchdog = loop.call_later(left_s, self.lost, "no sign of life in time")

    def _empty(self, origin: Origin) -> None:
        self._flights.report(None)
        self._l1.clear()
        self._echoes.clear()
        self._wake(list(self._sleepers))
        if self._events.wants(Invalidated):
            self._events.emit(Invalidated(None, origin))

    def _wake(self, keys: Collection[str]) -> None:
        for key in keys:
            for sleeper in self._sleepers.pop(key, ()):
                if not sleeper.done():
                    sleeper.set_result(None)
