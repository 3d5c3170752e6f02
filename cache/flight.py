"""Who is loading and who is writing a key right now, so that loads are shared and writes win.

A *flight* is one load of one key; later readers join it. A write *overtakes* the flight of its
key when it begins and again when it ends, so that nothing read before or during it is stored.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cache.tier import MISS


@dataclass(frozen=True, slots=True)
class Landing:
    """How a load ended: a value and the level it came from, or the loader's exception."""

    value: Any
    level: str
    error: BaseException | None = None


MISSED = Landing(MISS, "miss")


@dataclass(slots=True, eq=False)
class Flight:
    """One load on its way."""

    landed: asyncio.Future[Landing] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    fresh: bool = True


class Flights:
    """The loads of this process by key."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight] = {}

    def find(self, key: str) -> Flight | None:
        """Return the flight that a reader of ``key`` can join."""
        return self._flights.get(key)

    def begin(self, key: str, *, fresh: bool) -> Flight:
        """Register and return a new flight; one that is not fresh will store nothing."""
        flight = self._flights[key] = Flight(fresh=fresh)
        return flight

    def land(self, key: str, flight: Flight, landing: Landing) -> None:
        """Hand the result to everyone who waits, and let the next reader begin anew."""
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.landed.done():
            flight.landed.set_result(landing)

    def overtake(self, keys: Iterable[str]) -> None:
        """Keep the flights of ``keys`` from storing what they load."""
        for key in keys:
            flight = self._flights.pop(key, None)
            if flight is not None:
                flight.fresh = False

    def overtake_all(self) -> None:
        """Keep every flight from storing what it loads."""
        self.overtake(list(self._flights))


class WriteOrder:
    """Lets writes of one key happen one after another, in the order in which they were asked."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Future[None]] = {}

    def is_writing(self, key: str) -> bool:
        """Tell whether a write of ``key`` is on its way or waits for its turn."""
        return key in self._last

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
