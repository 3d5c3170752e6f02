"""Who is loading and who is writing a key right now, so that loads are shared and writes win.

A *flight* is one search for one key; later readers join it. A write *overtakes* the flight of its
key when it begins and again when it ends, so that nothing read before or during it is stored.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from msgspec.structs import replace

from cache.l1.copying import copied
from cache.loader import Loader
from cache.tier import MISS
from cache.ttl import TTLs


class Landing(msgspec.Struct, frozen=True, gc=False):
    """How a search ended: a value and the level it came from, or the loader's exception.

    Attributes:
        value: The value, or ``MISS``.
        level: Where it came from.
        error: What the search raised.
        age_s: How long ago the value was written or loaded.
        stale: Whether its time is over.
        reason: Why this value, in a few words.
        is_counted: Whether the first who waited was counted with its whole batch.
    """

    value: Any
    level: str
    error: BaseException | None = None
    age_s: float = 0.0
    stale: bool = False
    reason: str = ""
    is_counted: bool = False


MISSED = Landing(MISS, "miss")


class Request(msgspec.Struct, frozen=True, gc=False):
    """What a reader asks for.

    Attributes:
        loader: What to call where no tier has the key.
        ttls: The times to live of a value that is loaded.
        tags: What a value that is loaded can be invalidated by.
        newer_than: A value of this version or an older one is not an answer, but to be replaced.
        is_plain: It is a caller's, and asks for nothing of the kind.
    """

    loader: Loader | None
    ttls: TTLs
    tags: tuple[str, ...] = ()
    newer_than: int = -1
    is_plain: bool = False


class Fallback(msgspec.Struct, frozen=True, gc=False):
    """A value that is about to end or has ended, and until when it may be served all the same.

    Attributes:
        landing: The value.
        serves_until: Until then nobody needs to wait for a newer one. Times are L1's clock's.
        covers_until: Until then it is served where the load of a newer one fails or is slow.
    """

    landing: Landing
    serves_until: float
    covers_until: float

    def served(self, reason: str) -> Landing:
        """Return a reader's own copy of the value, and why it is served."""
        landing = self.landing
        return replace(landing, value=copied(landing.value), reason=reason)


class Flight(msgspec.Struct, gc=False, eq=False):
    """One search on its way. The garbage collector need not visit it: it lives for a moment.

    Attributes:
        request: What is searched for.
        fresh: No write of this process has overtaken it: what is loaded may be stored.
        keepable: Nobody's write was reported since it began: what is found may enter L1.
        fallback: A value to be served instead of what is searched for.
        landing: How it ended; None while it is on its way.
        waiter: The first who waits.
        others: The others who wait.
    """

    request: Request
    fresh: bool
    keepable: bool
    fallback: Fallback | None = None
    landing: Landing | None = None
    waiter: asyncio.Future[Landing] | None = None
    others: list[asyncio.Future[Landing]] | None = None

    def join(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[Landing]:
        """Return a future of one waiter's own, whose cancellation concerns nobody else."""
        waiter: asyncio.Future[Landing] = loop.create_future()
        if self.landing is not None:
            waiter.set_result(_with_own_value(self.landing))
        elif self.waiter is None:
            self.waiter = waiter
        elif self.others is None:
            self.others = [waiter]
        else:
            self.others.append(waiter)
        return waiter

    def land(self, landing: Landing, *, copy_values: bool) -> None:
        """Hand the result to everyone who waits; all but the first get copies of their own."""
        self.landing = landing
        first, others = self.waiter, self.others
        self.waiter = self.others = None
        if first is not None and not first.done():
            first.set_result(landing)
        for waiter in others or ():
            if not waiter.done():
                waiter.set_result(_with_own_value(landing, is_copied=copy_values))


def _with_own_value(landing: Landing, *, is_copied: bool = True) -> Landing:
    value = copied(landing.value) if is_copied else landing.value
    return replace(landing, value=value, is_counted=False)


class Flights:
    """The searches of this process by key.

    Args:
        copy_values: Whether each of several waiters gets a copy of its own.
    """

    def __init__(self, *, copy_values: bool = True) -> None:
        self._flights: dict[str, Flight] = {}
        self._copy_values = copy_values
        self.find: Callable[[str], Flight | None] = self._flights.get
        """Returns the flight that a reader of a key can join."""

    def begin(self, key: str, request: Request, *, fresh: bool) -> Flight:
        """Register and return a new flight; one that is not fresh will store nothing."""
        flight = self._flights[key] = Flight(request, fresh, fresh)
        return flight

    def land(self, key: str, flight: Flight, landing: Landing) -> None:
        """Hand over the result, and let the next reader begin anew."""
        flights = self._flights
        if flights.get(key) is flight:
            del flights[key]
        if flight.landing is not None:
            return
        waiter = flight.waiter
        if flight.others is None and waiter is not None and not waiter.done():
            flight.landing = landing
            waiter.set_result(landing)
        else:
            flight.land(landing, copy_values=self._copy_values)

    def leave(self, key: str, flight: Flight) -> None:
        """Let the next reader begin anew, before the flight has landed."""
        if self._flights.get(key) is flight:
            del self._flights[key]

    def overtake(self, keys: Iterable[str]) -> None:
        """Keep the flights of ``keys`` from storing what they load."""
        for key in keys:
            flight = self._flights.pop(key, None)
            if flight is not None:
                flight.fresh = flight.keepable = False

    def overtake_all(self) -> None:
        """Keep every flight from storing what it loads."""
        self.overtake(list(self._flights))

    def report(self, keys: Collection[str] | None) -> None:
        """Keep the flights of ``keys`` (None: all) out of L1, because somebody wrote them.

        Who asks from now on begins anew: what these flights find may be older than that write.
        """
        if not self._flights:
            return
        for key in list(self._flights) if keys is None else keys:
            flight = self._flights.pop(key, None)
            if flight is not None:
                flight.keepable = False

    def tagged(self, tags: Collection[str]) -> list[str]:
        """Return the keys that are being loaded under any of ``tags``."""
        wanted = set(tags)
        return [
            key for key, flight in self._flights.items() if wanted.intersection(flight.request.tags)
        ]


class WriteOrder:
    """Lets writes of one key happen one after another, in the order in which they were asked."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Future[None]] = {}
        self.is_writing: Callable[[str], bool] = self._last.__contains__
        """Tells whether a write of a key is on its way or waits for its turn."""

    @asynccontextmanager
    async def turn(self, keys: Collection[str]) -> AsyncIterator[None]:
        """Wait for the earlier writes of any of ``keys``.

        A write queues for all its keys in one step, so two of them can't wait for each other.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        earlier = {self._last[key] for key in keys if key in self._last}
        self._last.update(dict.fromkeys(keys, done))
        try:
            if earlier:
                await asyncio.wait(earlier)
            yield
        finally:
            done.set_result(None)
            for key in keys:
                if self._last.get(key) is done:
                    del self._last[key]
