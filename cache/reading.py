"""The read path below L1: what one loop tick asks for is searched for together.

reader --(L1 missed)--> flight of the key? --yes--> wait for its landing
                               | no
                               v
a tick's flights:  L2 --miss--> L3 --miss--> a load each (see ``loading``)
                    |            |
                    +--> L1      +--> L1, then L2
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

from msgspec.structs import replace

from cache.deadline import end
from cache.errors import ClosedError
from cache.flight import MISSED, Fallback, Flight, Landing, Request
from cache.loading import Loads, Missed
from cache.patience import REFRESHING, Patience, checked
from cache.tier import MISS, UNCOMMITTED, Entry, Found, Write
from cache.tiers import Tiers
from cache.ttl import TTLs

_CLOSED: Final = "the cache was closed during a load"


class Reader:
    """Finds keys that L1 does not hold, with one search for each key at a time."""

    def __init__(self, tiers: Tiers) -> None:
        self._tiers = tiers
        self._flights = tiers.flights
        self._is_writing = tiers.order.is_writing
        self._loads = Loads(tiers, self.reread)
        self._patience = Patience(tiers)
        self.count_hits: Callable[[list[str], str, int], None] = lambda _keys, _level, _ns: None
        """Counts the hits of a batch of plain reads."""
        self._boarding: dict[str, Flight] = {}
        self._boarding_since_ns = 0
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
            return self._patience.landing(flight, request)
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
            self._boarding_since_ns = time.perf_counter_ns()
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
        task = asyncio.create_task(self._fly(flights, self._boarding_since_ns))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step runs none of its code.
        task.add_done_callback(lambda _: self._land_rest(flights, _closed()))

    async def _joined(
        self, key: str, flight: Flight, request: Request, fallback: Fallback | None
    ) -> Landing:
        landing = await self._patience.landing(flight, request)
        if landing.value is MISS and landing.error is None and request.loader is not None:
            # The flight that was joined may have had no loader to fall back to.
            return await self.find(key, request, fallback)
        return landing

    async def _fly(self, flights: dict[str, Flight], since_ns: int) -> None:
        otherwise = MISSED
        try:
            await self._search(flights, since_ns)
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

    async def _search(self, flights: dict[str, Flight], since_ns: int) -> None:
        """Land the flights whose keys are found, and hand the others to their loaders."""
        in_l2 = await self._tiers.l2.read(flights)
        if in_l2 is not None:
            self._land_found(flights, in_l2, "l2", since_ns)
        if not flights:
            return
        in_l3 = await self._tiers.l3.read(flights)
        missed = {key: Missed.of(key, in_l2, in_l3) for key in flights}
        promotions: dict[str, Write] = {}
        if in_l3 is not None:
            in_l3 = _not_older(in_l3, in_l2)
            promotions = self._promotions(flights, in_l2, in_l3)
            self._land_found(flights, in_l3, "l3", since_ns)
        self._load(flights, missed)
        await self._promote(promotions)

    def _load(self, flights: dict[str, Flight], missed: Mapping[str, Missed]) -> None:
        for key in [key for key, flight in flights.items() if flight.request.loader is not None]:
            self._loads.start(key, flights.pop(key), missed[key])
        if flights:
            self._land_rest(flights, MISSED)

    def _land_found(
        self, flights: dict[str, Flight], found: Found, level: str, since_ns: int
    ) -> None:
        # The path of an L2 hit: nothing in it is called that could be written out.
        kept: list[tuple[str, Entry, float | None]] = []
        hits: list[tuple[str, Flight, Landing]] = []
        plain: list[str] = []
        for key, entry in found.entries.items():
            flight = flights.get(key)
            if flight is None or entry.value is MISS or entry.version <= flight.request.newer_than:
                continue
            request, fresh_s = flight.request, entry.fresh_s
            if fresh_s is None or fresh_s > 0:
                waiter = flight.waiter
                is_own = request.is_plain and waiter is not None and not waiter.done()
                if is_own:
                    plain.append(key)
                landing = Landing(entry.value, level, None, entry.age_s, False, "", is_own)  # noqa: FBT003 - keywords would take as long as all the rest
                hits.append((key, flight, landing))
                if flight.keepable:
                    kept.append((key, entry, request.ttls.l1_s))
            elif not self._offer_stale(key, flight, entry, level, -fresh_s):
                continue
            del flights[key]
        if plain:
            self.count_hits(plain, level, time.perf_counter_ns() - since_ns)
        land = self._flights.land
        for key, flight, landing in hits:
            land(key, flight, landing)
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
            if flight is not None and flight.fresh and _is_promotable(entry):
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


def _is_promotable(entry: Entry) -> bool:
    """Tell whether L2 should have what L3 has: a fresh value that is committed."""
    is_fresh = entry.fresh_s is None or entry.fresh_s > 0
    return is_fresh and entry.value is not MISS and entry.version < UNCOMMITTED


def _not_older(in_l3: Found, in_l2: Found | None) -> Found:
    """Return what L3 has without what L2 knows to be out of date: L3 was away for its end."""
    if in_l2 is None:
        return in_l3
    known, floor = in_l2.entries, in_l2.floor
    newer = {
        key: entry
        for key, entry in in_l3.entries.items()
        if entry.version > floor and (key not in known or known[key].version <= entry.version)
    }
    return Found(newer, in_l3.floor)


def _closed() -> Landing:
    return Landing(MISS, "miss", ClosedError(_CLOSED))
