"""A load: the lease, the caller's loader, and the fills, each of which gives way to any write.

lease --another holds it--> wait --> its value, or the lease after all
  | granted, or L2 is away
  v
loader --> L3 (while its version is the one that was missed) --> L2 (while the lease stands) --> L1
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from cache.codec import encode
from cache.deadline import end
from cache.errors import ClosedError, EncodeError, InvalidValueError
from cache.events import Loaded
from cache.flight import Flight, Landing
from cache.l1.copying import copied
from cache.leases import Leases
from cache.loader import load
from cache.tier import MISS, Entry, Found, Lease, LeaseRequest, Write
from cache.tiers import Tiers
from cache.ttl import TTLs


class Missed(msgspec.Struct, frozen=True, gc=False):
    """What the tiers said of a key that has to be loaded; a floor of None: they said nothing.

    Attributes:
        l2_floor: L2's floor.
        l2_version: The version of the stale value that L2 holds; 0 where it holds none.
        l3_floor: L3's floor.
        l3_version: The version of the row in L3, whatever it is; 0 where there is none.
    """

    l2_floor: int | None = None
    l2_version: int = 0
    l3_floor: int | None = None
    l3_version: int = 0

    @classmethod
    def of(cls, key: str, in_l2: Found | None, in_l3: Found | None) -> "Missed":
        """Return what two answers say of a key."""
        l2_entry = None if in_l2 is None else in_l2.entries.get(key)
        l3_entry = None if in_l3 is None else in_l3.entries.get(key)
        return cls(
            None if in_l2 is None else in_l2.floor,
            0 if l2_entry is None or l2_entry.value is MISS else l2_entry.version,
            None if in_l3 is None else in_l3.floor,
            0 if l3_entry is None else l3_entry.version,
        )


Reread = Callable[[Collection[str], TTLs], Awaitable[None]]
"""Has the read path put keys into L1 from L2."""


class Loads:
    """Runs loads in tasks of their own, which outlive whoever waits for them.

    Args:
        tiers: Where values come from and go to.
        reread: Has the read path put keys into L1 from L2.
    """

    def __init__(self, tiers: Tiers, reread: Reread) -> None:
        self._tiers = tiers
        self._reread = reread
        self._leases = Leases(tiers.l2, tiers.coherence, tiers.config.lease_s, tiers.stats)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, key: str, flight: Flight, missed: Missed) -> None:
        """Load a key and land its flight."""
        one = _Load(key, flight, missed, self._tiers, self._leases, self._reread)
        task = asyncio.create_task(one.run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step runs none of its code.
        task.add_done_callback(lambda _: self._tiers.flights.land(key, flight, _closed()))

    async def close(self) -> None:
        """End the loads; whoever waits for one gets ``ClosedError``."""
        await end(self._tasks)
        await self._leases.close()


@dataclass(slots=True, eq=False)
class _Load:
    """One load of one key."""

    key: str
    flight: Flight
    missed: Missed
    tiers: Tiers
    leases: Leases
    reread: Reread
    lease: Lease | None = None

    async def run(self) -> None:
        """Load, store, and land the flight whatever happens."""
        landing = _closed()
        try:
            landing = await self._landing()
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            landing = self._failed(error)
            if not isinstance(error, Exception):
                raise
        finally:
            await self.leases.release(self.key)
            self.tiers.flights.land(self.key, self.flight, landing)

    async def _landing(self) -> Landing:
        request = self.flight.request
        if request.tags and self.missed.l3_floor is not None:
            await self.tiers.expect(self.key, request.tags)
        found = await self._take_lease()
        if found is not None:
            if self.flight.keepable:
                self.tiers.keep(self.key, found, request.ttls.l1_s)
            return Landing(found.value, "l2", None, found.age_s)
        value, cost_s = await self._loaded()
        await self._keep(value, cost_s)
        return Landing(value, "origin")

    async def _take_lease(self) -> Entry | None:
        """Return what another process has loaded meanwhile; else the lease is ours, or L2 away."""
        if self.missed.l2_floor is None:
            return None
        request = self.flight.request
        newer_than = max(request.newer_than, self.missed.l2_version, 0)
        answer = await self.leases.take(self.key, LeaseRequest(newer_than, request.tags))
        if isinstance(answer, Lease):
            self.lease = answer
            return None
        return answer

    async def _loaded(self) -> tuple[Any, float]:
        """Return the loader's value and how many seconds it took."""
        loader = self.flight.request.loader
        if loader is None:
            raise TypeError("a load needs a loader")
        self.tiers.stats.loads += 1
        started_s = time.perf_counter()
        try:
            value = await load(loader, self.key)
        except BaseException as error:
            self.tiers.stats.load_failures += 1
            self._tell(time.perf_counter() - started_s, type(error).__name__)
            raise
        cost_s = time.perf_counter() - started_s
        self._tell(cost_s, None)
        return value, cost_s

    def _tell(self, duration_s: float, error: str | None) -> None:
        if self.tiers.events.wants(Loaded):
            self.tiers.events.emit(Loaded(self.key, duration_s, error))

    def _failed(self, error: BaseException) -> Landing:
        """Return the stale value where one may be served, else the failure."""
        fallback = self.flight.fallback
        covers = fallback is not None and fallback.covers_until > self.tiers.clock()
        if fallback is None or not covers or isinstance(error, InvalidValueError):
            return Landing(MISS, "miss", error)
        return fallback.served(f"the load failed: {type(error).__name__}")

    async def _keep(self, value: object, cost_s: float) -> None:
        """Store what the loader returned, in L3 first; a write since the miss wins."""
        own = copied(value)
        payload = self._encoded(own)
        size_bytes = 0 if payload is None else len(payload)
        if size_bytes > self.tiers.config.max_value_bytes:
            self.tiers.stats.oversized += 1
            return
        request = self.flight.request
        life = self.tiers.lives.draw(request.ttls, negative=own is None)
        write = Write(payload, None, life.fresh_s, cost_s=cost_s, tags=request.tags)
        version = await self._fill_l3(write, life.l3_s)
        if version is None:
            return
        stored = await self._fill_l2(replace(write, ttl_s=life.l2_s, version=version))
        if stored:
            # L2 pushes what a script stored back to its writer: L1 gets it by reading it again.
            self.tiers.flights.leave(self.key, self.flight)
            await self.reread([self.key], request.ttls)
        elif stored is None and self.flight.keepable:
            tags = request.tags
            entry = Entry(
                own, life.l1_s, version, life.fresh_s, 0.0, cost_s, tags, size_bytes, payload
            )
            self.tiers.keep(self.key, entry, life.l1_s)

    async def _fill_l3(self, write: Write, ttl_s: float | None) -> int | None:
        """Return the version that L3 gave the value (0: none), or None where it was refused."""
        missed = self.missed
        if not self.flight.fresh:
            return None
        if missed.l3_floor is None:
            # L3 did not answer. Its row stays: a load is no write, and may not cost one.
            return 0
        if write.payload is None and not missed.l3_version:
            return 0
        fill = replace(write, ttl_s=ttl_s, seen=missed.l3_version, floor=missed.l3_floor)
        versions = await self.tiers.l3.write({self.key: fill})
        if versions is None:
            return 0
        if self.key not in versions:
            self.tiers.stats.fills_refused += 1
        return versions.get(self.key)

    async def _fill_l2(self, write: Write) -> bool | None:
        """Fill L2 and tell whether it took the value; None: L1 has to do without an answer."""
        l2 = self.tiers.l2
        if not self.flight.fresh:
            return False
        if self.lease is None:
            # Where L3 has no newer value, what L2 holds may be all there is.
            l2.pass_by([self.key] if write.version else [])
            return None
        if write.payload is None:
            if self.missed.l2_version:
                await l2.write({self.key: Write(None, version=write.version)})
            return None
        lease = self.lease
        stored = await l2.write({self.key: replace(write, lease=lease.token, floor=lease.floor)})
        if stored is None:
            return None
        self.leases.used(self.key)
        if self.key not in stored:
            self.tiers.stats.fills_refused += 1
            return False
        return True if self.tiers.coherence.is_up else None

    def _encoded(self, value: object) -> bytes | None:
        try:
            return encode(value)
        except EncodeError:
            self.tiers.stats.unencodable += 1
            return None


def _closed() -> Landing:
    return Landing(MISS, "miss", ClosedError("the cache was closed during a load"))
