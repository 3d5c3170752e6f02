"""The read path below L1: L2, then L3, then the caller's loader, and what was found goes up.

reader --(L1 missed)--> flight of the key? --yes--> wait for its landing
                               | no
                               v
task:  L2 --miss--> L3 --miss--> loader
        |            |             |
        +--> L1      +--> L2, L1   +--> L3, L2, L1   (unless a write overtook the flight)
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

from cache.codec import encode
from cache.copying import copied
from cache.deadline import end
from cache.errors import ClosedError, EncodeError
from cache.flight import MISSED, Flight, Landing
from cache.gate import Reading
from cache.loader import Loader, load
from cache.tier import MISS, Entry, Write
from cache.tiers import Tiers
from cache.ttl import TTLs

_CLOSED: Final = "the cache was closed during a load"


class Reader:
    """Finds keys that L1 does not hold, with one load for each key at a time."""

    def __init__(self, tiers: Tiers) -> None:
        self._tiers = tiers
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def find(self, key: str, loader: Loader | None, ttls: TTLs) -> Landing:
        """Return where a key was found.

        Raises:
            BaseException: What the loader raised.
        """
        while True:
            flight = self._tiers.flights.find(key)
            if flight is None:
                return _checked(await self._start(key, loader, ttls), loader)
            landing = _checked(await asyncio.shield(flight.landed), loader)
            # The flight that was joined may have had no loader to fall back to.
            if landing.value is not MISS or loader is None:
                return Landing(copied(landing.value), landing.level)

    async def find_many(self, keys: Collection[str], ttls: TTLs) -> dict[str, Landing]:
        """Return where each key was found, in one round trip to each tier."""
        flights = {key: self._tiers.flights.find(key) for key in keys}
        own = [key for key, flight in flights.items() if flight is None]
        started = self._launch(own, None, ttls)
        landings = {}
        for key, flight in flights.items():
            landing = await asyncio.shield((flight or started[key]).landed)
            landing = _checked(landing, None)
            landings[key] = Landing(copied(landing.value), landing.level) if flight else landing
        return landings

    async def close(self) -> None:
        """End the loads on their way; whoever waits for one gets ``ClosedError``."""
        self._closed = True
        await end(self._tasks)

    async def _start(self, key: str, loader: Loader | None, ttls: TTLs) -> Landing:
        flight = self._launch([key], loader, ttls)[key]
        return await asyncio.shield(flight.landed)

    def _launch(
        self, keys: Collection[str], loader: Loader | None, ttls: TTLs
    ) -> dict[str, Flight]:
        """Start one load of ``keys`` in a task that outlives whoever waits for it.

        While a key is written its tiers may differ, so what is found then is not stored.
        """
        if self._closed:
            raise ClosedError(_CLOSED)
        order = self._tiers.order
        flights = {
            key: self._tiers.flights.begin(key, fresh=not order.is_writing(key)) for key in keys
        }
        if flights:
            task = asyncio.create_task(self._fly(flights, loader, ttls))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            # A task that is cancelled before its first step runs none of its code.
            task.add_done_callback(lambda _: self._land(flights, {}, _closed()))
        return flights

    async def _fly(self, flights: Mapping[str, Flight], loader: Loader | None, ttls: TTLs) -> None:
        failure = MISSED
        landings: dict[str, Landing] = {}
        try:
            await self._search(flights, loader, ttls, landings)
        except asyncio.CancelledError:
            failure = _closed()
        except BaseException as error:
            failure = Landing(MISS, "miss", error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._land(flights, landings, failure)

    def _land(
        self, flights: Mapping[str, Flight], landings: Mapping[str, Landing], otherwise: Landing
    ) -> None:
        for key, flight in flights.items():
            self._tiers.flights.land(key, flight, landings.get(key, otherwise))

    async def _search(
        self,
        flights: Mapping[str, Flight],
        loader: Loader | None,
        ttls: TTLs,
        landings: dict[str, Landing],
    ) -> None:
        in_l2 = await self._tiers.l2.read(flights.keys())
        for key, flight in flights.items():
            entry = in_l2.entries.get(key)
            if entry is not None:
                self._keep_in_l1(key, flight, entry.value, ttls.l1_under_l2(entry.ttl_s))
                landings[key] = Landing(entry.value, "l2")
        rest = [key for key in flights if key not in landings]
        if not rest:
            return
        in_l3 = await self._tiers.l3.read(rest)
        found = {key: in_l3.entries[key] for key in rest if key in in_l3.entries}
        await self._promote(flights, found, ttls, l2_answered=in_l2.answered)
        landings.update({key: Landing(entry.value, "l3") for key, entry in found.items()})
        if loader is not None:
            for key in rest:
                if key not in found:
                    value = await load(loader, key)
                    await self._keep(key, flights[key], value, ttls, (in_l3, in_l2))
                    landings[key] = Landing(value, "origin")

    async def _promote(
        self,
        flights: Mapping[str, Flight],
        found: Mapping[str, Entry],
        ttls: TTLs,
        *,
        l2_answered: bool,
    ) -> None:
        """Copy what L3 had into L2 and L1."""
        left = {key: ttls.under_l3(entry.ttl_s) for key, entry in found.items()}
        writes = {
            key: Write(encode(entry.value), left[key].l2_s)
            for key, entry in found.items()
            if flights[key].fresh
        }
        if writes and l2_answered:
            await self._tiers.l2.write(writes)
        for key, entry in found.items():
            self._keep_in_l1(key, flights[key], entry.value, left[key].l1_s)

    async def _keep(
        self,
        key: str,
        flight: Flight,
        value: object,
        ttls: TTLs,
        readings: tuple[Reading, Reading],
    ) -> None:
        """Store what the loader returned, in L3 first; a write since then wins."""
        own = copied(value)
        payload = self._encoded(own)
        lower = zip(self._tiers.lower(), readings, (ttls.l3_s, ttls.l2_s), strict=True)
        for gate, reading, ttl_s in lower:
            if not flight.fresh:
                return
            if reading.answered:
                await gate.write({key: Write(payload, ttl_s)})
            else:
                gate.pass_by([key])
        self._keep_in_l1(key, flight, own, ttls.l1_s)

    def _keep_in_l1(self, key: str, flight: Flight, value: object, ttl_s: float | None) -> None:
        if flight.fresh:
            self._tiers.l1.set(key, value, ttl_s)

    def _encoded(self, value: object) -> bytes | None:
        try:
            return encode(value)
        except EncodeError:
            self._tiers.stats.unencodable += 1
            return None


def _closed() -> Landing:
    return Landing(MISS, "miss", ClosedError(_CLOSED))


def _checked(landing: Landing, loader: Loader | None) -> Landing:
    """Raise what the load raised, unless it was another caller's loader."""
    error = landing.error
    if error is None:
        return landing
    if loader is None and not isinstance(error, ClosedError):
        return MISSED
    raise error
