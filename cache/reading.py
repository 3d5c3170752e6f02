"""The read path below L1: what one loop tick asks for is searched for together.

reader --(L1 missed)--> flight of the key? --yes--> wait for its landing
                               | no
                               v
a tick's flights:  L2 --miss--> L3 --miss--> a load each (see ``loading``)
                    |            |
                    +--> L1      +--> L1, then L2
"""

import asyncio
from collections.abc import Awaitable, Collection, Mapping
from typing import Final

from msgspec.structs import replace

from cache.deadline import end
from cache.errors import ClosedError, LoadTimeoutError
from cache.flight import MISSED, Fallback, Flight, Landing, Request
from cache.loading import Loads, Missed
from cache.tier import MISS, Entry, Found, Write
from cache.tiers import Tiers
from cache.ttl import TTLs

_CLOSED: Final = "the cache was closed during a load"
REFRESHING: Final = "it is being refreshed"


class Reader:
    """Finds keys that L1 does not hold, with one search for each key at a time."""

    def __init__(self, tiers: Tiers) -> None:
        config = tiers.config
        self._tiers = tiers
        self._flights = tiers.flights
        self._is_writing = tiers.order.is_writing
        self._loads = Loads(tiers, self.reread)
        self._soft_s = config.load_soft_timeout_s
        self._hard_s = config.load_timeout_s
        self._is_patient = self._soft_s is None and self._hard_s is None
        self._boarding: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def find(
        self, key: str, request: Request, fallback: Fallback | None = None
    ) -> Awaitable[Landing]:
        """Return what waits for where a key was found.

        Args:
            key: The key.
            request: What is asked for.
            fallback: A stale value that L1 has.

        Returns:
            What is to be given to ``checked`` when it has landed.
        """
        flight = self._flights.find(key)
        if flight is None:
            flight = self._board(key, request)
            flight.fallback = fallback
            if request.loader is None:
                # A lone future: a coroutine for each key would be the dearest part of a hit.
                return flight.join(asyncio.get_running_loop())
            return self._landing(flight, request)
        return self._joined(key, flight, request, fallback)

    async def find_many(self, keys: Collection[str], request: Request) -> dict[str, Landing]:
        """Return where each key was found, in one round trip to each tier."""
        if self._closed:
            raise ClosedError(_CLOSED)
        landings = await asyncio.gather(*[self.find(key, request) for key in keys])
        return {
            key: landing if landing.error is None else checked(landing, request)
            for key, landing in zip(keys, landings, strict=True)
        }

    def refresh(self, key: str, request: Request, current: Fallback) -> bool:
        """Load a key anew in the background and tell whether that was begun here.

        Args:
            key: The key.
            request: Its ``newer_than`` is the version of the current value.
            current: The current value, which is served meanwhile.
        """
        if self._closed or self._flights.find(key) is not None:
            return False
        flight = self._board(key, request)
        flight.fallback = current
        self._tiers.stats.background_refreshes += 1
        return True

    async def reread(self, keys: Collection[str], ttls: TTLs) -> None:
        """Read keys into L1 from L2, which has just stored them."""
        if not self._closed:
            await self.find_many(keys, Request(None, ttls))

    def reread_later(self, keys: Collection[str]) -> None:
        """Begin to read keys into L1, because the push of a promotion took them out."""
        for key in keys:
            if not self._closed and self._flights.find(key) is None:
                self._board(key, Request(None, self._tiers.ttls))

    async def close(self) -> None:
        """End the searches on their way; whoever waits for one gets ``ClosedError``."""
        self._closed = True
        for key, flight in self._boarding.items():
            self._flights.land(key, flight, _closed())
        self._boarding.clear()
        await end(self._tasks)
        await self._loads.close()

    def _board(self, key: str, request: Request) -> Flight:
        """Begin a flight that leaves at the end of this tick.

        While a key is written its tiers may differ, so what is found then is not stored.
        """
        if self._closed:
            raise ClosedError(_CLOSED)
        flight = self._flights.begin(key, request, fresh=not self._is_writing(key))
        if not self._boarding:
            asyncio.get_running_loop().call_soon(self._depart)
        elif key in self._boarding:
            # An overtaken flight of the same key still waits to leave: it leaves by itself.
            self._depart()
            asyncio.get_running_loop().call_soon(self._depart)
        self._boarding[key] = flight
        return flight

    def _depart(self) -> None:
        if not self._boarding:
            return
        flights, self._boarding = self._boarding, {}
        task = asyncio.create_task(self._fly(flights))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step runs none of its code.
        task.add_done_callback(lambda _: self._land_rest(flights, _closed()))

    async def _joined(
        self, key: str, flight: Flight, request: Request, fallback: Fallback | None
    ) -> Landing:
        landing = await self._landing(flight, request)
        if landing.value is MISS and landing.error is None and request.loader is not None:
            # The flight that was joined may have had no loader to fall back to.
            return await self.find(key, request, fallback)
        return landing

    async def _landing(self, flight: Flight, request: Request) -> Landing:
        fallback = flight.fallback
        is_served = fallback is not None and fallback.serves_until > self._tiers.clock()
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
                self._tiers.stats.soft_timeouts += 1
                return fallback.served("the load is slow")
        if hard_s is None:
            return await waiter
        await asyncio.wait({waiter}, timeout=max(0.0, hard_s - (soft_s or 0.0)))
        if waiter.done():
            return waiter.result()
        self._tiers.stats.hard_timeouts += 1
        fallback = self._covering(flight)
        if fallback is not None:
            return fallback.served("the load timed out")
        late = LoadTimeoutError(f"the load took longer than load_timeout_s={hard_s:g}")
        return Landing(MISS, "miss", late)

    def _covering(self, flight: Flight) -> Fallback | None:
        fallback = flight.fallback
        if fallback is None or fallback.covers_until <= self._tiers.clock():
            return None
        return fallback

    async def _fly(self, flights: dict[str, Flight]) -> None:
        otherwise = MISSED
        try:
            await self._search(flights)
        except asyncio.CancelledError:
            otherwise = _closed()
        except BaseException as error:
            otherwise = Landing(MISS, "miss", error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._land_rest(flights, otherwise)

    def _land_rest(self, flights: dict[str, Flight], otherwise: Landing) -> None:
        """Land what was neither found nor handed to a load."""
        for key, flight in flights.items():
            self._flights.land(key, flight, otherwise)
        flights.clear()

    async def _search(self, flights: dict[str, Flight]) -> None:
        """Land the flights whose keys are found, and hand the others to their loaders."""
        in_l2 = await self._tiers.l2.read(flights)
        if in_l2 is not None:
            self._land_found(flights, in_l2, "l2")
        if not flights:
            return
        in_l3 = await self._tiers.l3.read(flights)
        missed = {key: Missed.of(key, in_l2, in_l3) for key in flights}
        promotions: dict[str, Write] = {}
        if in_l3 is not None:
            in_l3 = _not_older(in_l3, in_l2)
            promotions = self._promotions(flights, in_l2, in_l3)
            self._land_found(flights, in_l3, "l3")
        self._load(flights, missed)
        await self._promote(promotions)

    def _load(self, flights: dict[str, Flight], missed: Mapping[str, Missed]) -> None:
        for key in [key for key, flight in flights.items() if flight.request.loader is not None]:
            self._loads.start(key, flights.pop(key), missed[key])
        if flights:
            self._land_rest(flights, MISSED)

    def _land_found(self, flights: dict[str, Flight], found: Found, level: str) -> None:
        # The path of an L2 hit: nothing in it is called that could be written out.
        land = self._flights.land
        kept: list[tuple[str, Entry, float | None]] = []
        for key, entry in found.entries.items():
            flight = flights.get(key)
            value = entry.value
            if flight is None or value is MISS or entry.version <= flight.request.newer_than:
                continue
            fresh_s = entry.fresh_s
            if fresh_s is None or fresh_s > 0:
                if flight.keepable:
                    kept.append((key, entry, flight.request.ttls.l1_s))
                land(key, flight, Landing(value, level, None, entry.age_s))
            elif not self._offer_stale(key, flight, entry, level, -fresh_s):
                continue
            del flights[key]
        # Nothing is awaited in between: who is woken finds L1 filled.
        self._tiers.keep_many(kept)

    def _offer_stale(
        self, key: str, flight: Flight, entry: Entry, level: str, stale_s: float
    ) -> bool:
        request, config = flight.request, self._tiers.config
        if request.loader is None:
            return False
        stale = Landing(entry.value, level, None, entry.age_s, stale=True, reason=REFRESHING)
        fallback = Fallback(stale, *self._tiers.lives.service_ends(self._tiers.clock(), stale_s))
        if stale_s <= config.stale_while_revalidate_s:
            self._flights.land(key, flight, stale)
            self.refresh(key, replace(request, newer_than=entry.version), fallback)
            return True
        flight.fallback = fallback
        return False

    def _promotions(
        self, flights: Mapping[str, Flight], in_l2: Found | None, in_l3: Found
    ) -> dict[str, Write]:
        """Return what L2 is to hold of what L3 had; no version below a newer one can win there."""
        if in_l2 is None:
            return {}
        promotions = {}
        for key, entry in in_l3.entries.items():
            flight = flights.get(key)  # The answer is also that to other searches.
            is_fresh = entry.fresh_s is None or entry.fresh_s > 0
            if flight is not None and flight.fresh and is_fresh and entry.value is not MISS:
                ttls = flight.request.ttls
                promotions[key] = self._tiers.promotion(entry, ttls, in_l2.floor)
        return promotions

    async def _promote(self, promotions: Mapping[str, Write]) -> None:
        if not promotions:
            return
        self._tiers.coherence.expect_echo(promotions)
        stored = await self._tiers.l2.write(promotions)
        self._tiers.coherence.forget_echo(
            key for key in promotions if stored is None or key not in stored
        )


def _not_older(in_l3: Found, in_l2: Found | None) -> Found:
    """Return what L3 has without what L2 knows to be out of date: L3 was away for its end."""
    if in_l2 is None or not in_l2.entries:
        return in_l3
    newest = in_l2.entries
    return Found(
        {
            key: entry
            for key, entry in in_l3.entries.items()
            if key not in newest or newest[key].version <= entry.version
        },
        in_l3.floor,
    )


def _closed() -> Landing:
    return Landing(MISS, "miss", ClosedError(_CLOSED))


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
